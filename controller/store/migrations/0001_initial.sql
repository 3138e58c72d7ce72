CREATE TABLE apps (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    name TEXT AS (json_extract(doc, '$.name')) VIRTUAL,
    env TEXT AS (json_extract(doc, '$.env')) VIRTUAL,
    role TEXT AS (json_extract(doc, '$.role')) VIRTUAL,
    color TEXT AS (coalesce(json_extract(doc, '$.blue_green.color'), '')) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX apps_identity ON apps (name, env, role, color);
CREATE INDEX apps_updated ON apps (updated_us);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    resumes INTEGER NOT NULL DEFAULT 0,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    app_id TEXT AS (json_extract(doc, '$.app_id')) VIRTUAL,
    command TEXT AS (json_extract(doc, '$.command')) VIRTUAL,
    status TEXT AS (json_extract(doc, '$.status')) VIRTUAL
) STRICT;
CREATE INDEX jobs_status ON jobs (status, created_us);
CREATE INDEX jobs_app ON jobs (app_id, status);
CREATE INDEX jobs_updated ON jobs (updated_us);

CREATE TABLE job_steps (
    job_id TEXT NOT NULL, step TEXT NOT NULL, state INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (job_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_streams (
    task_id TEXT PRIMARY KEY, job_id TEXT NOT NULL, next_line INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX log_streams_job ON log_streams (job_id);
CREATE TABLE log_tails (
    job_id TEXT PRIMARY KEY, position INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT;

CREATE TABLE deployments (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    app_id TEXT AS (json_extract(doc, '$.app_id')) VIRTUAL,
    module TEXT AS (json_extract(doc, '$.module')) VIRTUAL,
    timestamp INTEGER AS (json_extract(doc, '$.timestamp')) VIRTUAL
) STRICT;
CREATE INDEX deployments_module ON deployments (app_id, module, timestamp);
CREATE INDEX deployments_time ON deployments (timestamp);

CREATE TABLE instances (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    instance_id TEXT AS (json_extract(doc, '$.instance_id')) VIRTUAL,
    app_id TEXT AS (json_extract(doc, '$.app_id')) VIRTUAL,
    state TEXT AS (json_extract(doc, '$.state')) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX instances_instance ON instances (instance_id);
CREATE INDEX instances_app ON instances (app_id, state);

CREATE TABLE document_versions (
    collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, etag TEXT NOT NULL,
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (collection, id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    app_id TEXT NOT NULL, module TEXT NOT NULL, manifest_sha256 TEXT NOT NULL,
    PRIMARY KEY (app_id, module)
) STRICT, WITHOUT ROWID;
CREATE INDEX releases_package ON releases (manifest_sha256);

CREATE TABLE agents (
    id TEXT PRIMARY KEY, app_id TEXT NOT NULL, instance_id TEXT NOT NULL, fingerprint TEXT NOT NULL,
    former_fingerprint TEXT NOT NULL DEFAULT '', revoked INTEGER NOT NULL DEFAULT 0, created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_instance ON agents (instance_id, created_us);

CREATE TABLE join_tokens (
    hash TEXT PRIMARY KEY, app_id TEXT NOT NULL, job_id TEXT NOT NULL, purpose TEXT NOT NULL,
    instance_id TEXT NOT NULL DEFAULT '', request_sha256 TEXT NOT NULL DEFAULT '', expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    task_id TEXT PRIMARY KEY, job_id TEXT NOT NULL, agent_id TEXT NOT NULL, message BLOB NOT NULL, created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX receipts_job ON receipts (job_id);

CREATE TABLE users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password_hash TEXT NOT NULL, created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, user TEXT NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL, expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
