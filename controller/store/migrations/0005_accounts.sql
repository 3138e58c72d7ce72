-- Users, tokens and the audit trail become collections, listed and filtered as the others; what is secret of them
-- stands apart, where no list, condition or version can reach it. Dates in documents are HTTP's.
ALTER TABLE users RENAME TO former_users;
ALTER TABLE tokens RENAME TO former_tokens;
ALTER TABLE audit RENAME TO former_audit;

CREATE TABLE users (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    name TEXT AS (json_extract(doc, '$.name')) VIRTUAL,
    role TEXT AS (json_extract(doc, '$.role')) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX users_name ON users (name);
CREATE TABLE user_passwords (name TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO users (id, doc, etag, version, created_us, updated_us)
    SELECT lower(hex(randomblob(12))), json_object('name', name, 'role', role), lower(hex(randomblob(20))), 1,
        created_us, created_us FROM former_users;
INSERT INTO user_passwords SELECT name, password_hash FROM former_users;
DROP TABLE former_users;

CREATE TABLE tokens (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    user TEXT AS (json_extract(doc, '$.user')) VIRTUAL
) STRICT;
CREATE INDEX tokens_user ON tokens (user);
CREATE TABLE token_secrets (
    hash TEXT PRIMARY KEY, token_id TEXT NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
    expires_us INTEGER NOT NULL, used_us INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX token_secrets_token ON token_secrets (token_id);
INSERT INTO token_secrets (hash, token_id, user, role, name, expires_us)
    SELECT hash, lower(hex(randomblob(12))), user, role, iif(label = '', 'token', label), expires_us FROM former_tokens;
INSERT INTO tokens (id, doc, etag, version, created_us, updated_us)
    SELECT token_id, json_object('name', name, 'user', user, 'role', role, 'expires',
        substr('SunMonTueWedThuFriSat', 1 + 3 * strftime('%w', expires_us / 1000000, 'unixepoch'), 3)
        || strftime(', %d ', expires_us / 1000000, 'unixepoch')
        || substr('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * strftime('%m', expires_us / 1000000, 'unixepoch') - 2, 3)
        || strftime(' %Y %H:%M:%S GMT', expires_us / 1000000, 'unixepoch')),
        lower(hex(randomblob(20))), 1, unixepoch() * 1000000, unixepoch() * 1000000 FROM token_secrets;
DROP TABLE former_tokens;

-- Keys of the controller's own that must outlive it.
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY, user TEXT NOT NULL, csrf_token TEXT NOT NULL, created_us INTEGER NOT NULL,
    used_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE audit (
    id TEXT PRIMARY KEY, doc TEXT NOT NULL, etag TEXT NOT NULL, version INTEGER NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    user TEXT AS (json_extract(doc, '$.user')) VIRTUAL,
    action TEXT AS (json_extract(doc, '$.action')) VIRTUAL,
    resource TEXT AS (json_extract(doc, '$.resource')) VIRTUAL,
    target TEXT AS (json_extract(doc, '$.target')) VIRTUAL
) STRICT;
CREATE INDEX audit_time ON audit (created_us);
CREATE INDEX audit_user ON audit (user, created_us);
CREATE INDEX audit_target ON audit (target, created_us);
INSERT INTO audit (id, doc, etag, version, created_us, updated_us)
    SELECT lower(hex(randomblob(12))), json_object('user', user, 'resource', substr(action, 1, instr(action, ' ') - 1),
        'action', substr(action, instr(action, ' ') + 1), 'target', object),
        lower(hex(randomblob(20))), 1, at_us, at_us FROM former_audit ORDER BY id;
DROP TABLE former_audit;
