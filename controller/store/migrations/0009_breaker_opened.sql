-- Since when a group's breaker is open; 0: not known, or not open.
ALTER TABLE group_breakers ADD COLUMN opened_us INTEGER NOT NULL DEFAULT 0;
