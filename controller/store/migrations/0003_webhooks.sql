CREATE TABLE webhooks (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    app_id TEXT AS (json_extract(doc, '$.app_id')) VIRTUAL
) STRICT;
CREATE INDEX webhooks_app ON webhooks (app_id);

CREATE TABLE webhook_invocations (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    webhook_id TEXT AS (json_extract(doc, '$.webhook_id')) VIRTUAL
) STRICT;
CREATE INDEX webhook_invocations_webhook ON webhook_invocations (webhook_id, created_us);
