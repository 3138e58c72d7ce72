-- Auto Scaling groups whose new instances cannot be bootstrapped: how many in a row, and whether launching was stopped for that.
CREATE TABLE group_breakers (
    app_id TEXT PRIMARY KEY, failures INTEGER NOT NULL, state INTEGER NOT NULL, suspended INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
