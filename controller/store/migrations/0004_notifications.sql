-- What is still to be told to people and programs about jobs. An event keeps what it tells of: job and
-- application may be changed or gone when it is told.
CREATE TABLE notification_events (
    id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, doc TEXT NOT NULL, expanded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX notification_events_new ON notification_events (id) WHERE expanded = 0;

-- One to a recipient; gone when it was taken, kept for a while when it was given up.
CREATE TABLE notification_deliveries (
    id TEXT PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES notification_events, channel TEXT NOT NULL,
    recipient TEXT NOT NULL, given_up INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    created_us INTEGER NOT NULL, next_us INTEGER NOT NULL, last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notification_deliveries_due ON notification_deliveries (given_up, channel, next_us);
CREATE INDEX notification_deliveries_event ON notification_deliveries (event_id);
