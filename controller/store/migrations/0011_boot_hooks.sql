-- What instances of an application bootstrap with: its boot hooks and variables as of its last updatelifecyclehooks.
CREATE TABLE boot_hooks (app_id TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
