-- Where a task's output stands survives a restart; a receipt counts only for the agent that gave it.
ALTER TABLE log_streams ADD COLUMN stream_bytes INTEGER NOT NULL DEFAULT 0;

CREATE TABLE receipts_by_agent (
    task_id TEXT NOT NULL, job_id TEXT NOT NULL, agent_id TEXT NOT NULL, message BLOB NOT NULL, created_us INTEGER NOT NULL,
    PRIMARY KEY (task_id, agent_id)
) STRICT;
INSERT INTO receipts_by_agent SELECT task_id, job_id, agent_id, message, created_us FROM receipts;
DROP TABLE receipts;
ALTER TABLE receipts_by_agent RENAME TO receipts;
CREATE INDEX receipts_job ON receipts (job_id);
