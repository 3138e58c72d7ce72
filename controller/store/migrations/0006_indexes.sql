-- Indexes for the lists that clients ask for: each holds all columns that those lists filter by, so that rows are
-- only read for the page that is shown.
ALTER TABLE jobs ADD COLUMN user TEXT AS (json_extract(doc, '$.user')) VIRTUAL;
ALTER TABLE deployments ADD COLUMN revision TEXT AS (json_extract(doc, '$.revision')) VIRTUAL;

DROP INDEX apps_updated;
CREATE INDEX apps_newest ON apps (updated_us, name, env, role);

DROP INDEX jobs_updated;
DROP INDEX jobs_app;
CREATE INDEX jobs_newest ON jobs (updated_us, command, status, user);
CREATE INDEX jobs_kinds ON jobs (command, status, user, updated_us);
CREATE INDEX jobs_app ON jobs (app_id, status, updated_us, command, user);

DROP INDEX deployments_time;
CREATE INDEX deployments_newest ON deployments (timestamp, module, revision);
CREATE INDEX deployments_kinds ON deployments (module, timestamp);
CREATE INDEX deployments_revision ON deployments (revision, timestamp, module);

-- How many rows there are of each kind, for the totals of those lists: counting a million rows takes too long.
CREATE TABLE job_kinds (command TEXT, status TEXT, user TEXT, n INTEGER NOT NULL) STRICT;
CREATE INDEX job_kinds_kind ON job_kinds (command, status, user);
INSERT INTO job_kinds SELECT command, status, user, count(*) FROM jobs GROUP BY command, status, user;

CREATE TRIGGER jobs_inserted AFTER INSERT ON jobs BEGIN
    INSERT INTO job_kinds SELECT NEW.command, NEW.status, NEW.user, 0 WHERE NOT EXISTS (
        SELECT 1 FROM job_kinds WHERE command IS NEW.command AND status IS NEW.status AND user IS NEW.user);
    UPDATE job_kinds SET n = n + 1 WHERE command IS NEW.command AND status IS NEW.status AND user IS NEW.user;
END;
CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs BEGIN
    UPDATE job_kinds SET n = n - 1 WHERE command IS OLD.command AND status IS OLD.status AND user IS OLD.user;
    DELETE FROM job_kinds WHERE command IS OLD.command AND status IS OLD.status AND user IS OLD.user AND n = 0;
END;
CREATE TRIGGER jobs_changed AFTER UPDATE ON jobs
WHEN OLD.command IS NOT NEW.command OR OLD.status IS NOT NEW.status OR OLD.user IS NOT NEW.user BEGIN
    INSERT INTO job_kinds SELECT NEW.command, NEW.status, NEW.user, 0 WHERE NOT EXISTS (
        SELECT 1 FROM job_kinds WHERE command IS NEW.command AND status IS NEW.status AND user IS NEW.user);
    UPDATE job_kinds SET n = n + 1 WHERE command IS NEW.command AND status IS NEW.status AND user IS NEW.user;
    UPDATE job_kinds SET n = n - 1 WHERE command IS OLD.command AND status IS OLD.status AND user IS OLD.user;
    DELETE FROM job_kinds WHERE command IS OLD.command AND status IS OLD.status AND user IS OLD.user AND n = 0;
END;

-- The same for deployments.
CREATE TABLE deployment_kinds (module TEXT, n INTEGER NOT NULL) STRICT;
CREATE INDEX deployment_kinds_kind ON deployment_kinds (module);
INSERT INTO deployment_kinds SELECT module, count(*) FROM deployments GROUP BY module;

CREATE TRIGGER deployments_inserted AFTER INSERT ON deployments BEGIN
    INSERT INTO deployment_kinds SELECT NEW.module, 0
        WHERE NOT EXISTS (SELECT 1 FROM deployment_kinds WHERE module IS NEW.module);
    UPDATE deployment_kinds SET n = n + 1 WHERE module IS NEW.module;
END;
CREATE TRIGGER deployments_deleted AFTER DELETE ON deployments BEGIN
    UPDATE deployment_kinds SET n = n - 1 WHERE module IS OLD.module;
    DELETE FROM deployment_kinds WHERE module IS OLD.module AND n = 0;
END;
CREATE TRIGGER deployments_changed AFTER UPDATE ON deployments WHEN OLD.module IS NOT NEW.module BEGIN
    INSERT INTO deployment_kinds SELECT NEW.module, 0
        WHERE NOT EXISTS (SELECT 1 FROM deployment_kinds WHERE module IS NEW.module);
    UPDATE deployment_kinds SET n = n + 1 WHERE module IS NEW.module;
    UPDATE deployment_kinds SET n = n - 1 WHERE module IS OLD.module;
    DELETE FROM deployment_kinds WHERE module IS OLD.module AND n = 0;
END;
