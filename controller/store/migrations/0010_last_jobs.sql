-- The last job of each application, for lists of applications: by the end of an index instead of all its jobs.
CREATE INDEX jobs_of_app ON jobs (app_id);
