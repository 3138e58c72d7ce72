CREATE TABLE webhooks (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    app_id TEXT AS (json_extract(doc, '$.app_id')) VIRTUAL
) STRICT;
CREATE INDEX webhooks_app ON webhooks (app_id);

CREATE TABLE webhook_invocations (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    webhook_id TEXT AS (json_extract(doc, '$.webhook_id')) VIRTUAL,
    refused INTEGER AS (json_extract(doc, '$.status.code') <> 201) VIRTUAL
) STRICT;
CREATE INDEX webhook_invocations_webhook ON webhook_invocations (webhook_id, created_us);
CREATE INDEX webhook_invocations_refused ON webhook_invocations (webhook_id, refused, created_us);

-- Apart from the documents, so that no list, version, condition or sort order can tell of them.
CREATE TABLE webhook_secrets (
    webhook_id TEXT PRIMARY KEY, secret TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a provider has told already.
CREATE TABLE webhook_deliveries (
    webhook_id TEXT NOT NULL, delivery_sha256 TEXT NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, delivery_sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_deliveries_time ON webhook_deliveries (at_us);
