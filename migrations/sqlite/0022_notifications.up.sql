-- What whoever must act is told, and whether it was sent. A notification is recorded once for each event and
-- day; each channel that was configured then has a row of its own.

CREATE TABLE sync_notifications (
    id         INTEGER PRIMARY KEY,
    event      TEXT NOT NULL,
    -- The event that is over, where event is recovered; else empty.
    about      TEXT NOT NULL,
    -- In São Paulo; of recovered, the day on which the event was told last.
    day        TEXT NOT NULL,
    run_id     TEXT,
    -- What the text is made of.
    facts      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (event, about, day)
);

CREATE TABLE sync_notification_sends (
    notification_id INTEGER NOT NULL REFERENCES sync_notifications (id) ON DELETE CASCADE,
    -- email or webhook.
    channel         TEXT NOT NULL,
    sent_at         TEXT,
    tries           INTEGER NOT NULL DEFAULT 0,
    -- When to send it, or, while a process sends it, when another may; null once it is sent or given up.
    next_try_at     TEXT,
    -- Of the last try.
    problem         TEXT,
    PRIMARY KEY (notification_id, channel)
);
CREATE INDEX sync_notification_sends_due ON sync_notification_sends (channel, next_try_at)
    WHERE next_try_at IS NOT NULL;
