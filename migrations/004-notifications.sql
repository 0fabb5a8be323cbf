-- The outbox: what is to be told to whom, written in one transaction with what it tells of.

CREATE TABLE notifications (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  message TEXT NOT NULL,                               -- the id that the receiver sees: "msg_…"
  sink TEXT NOT NULL,                                  -- its name, or its format and a hash: "slack #1a2b3c4d"
  event TEXT NOT NULL,                                 -- start|failover|failback|all_down|override|config|alarm
  subject TEXT NOT NULL,                               -- what it is about; within one, the order is kept
  body TEXT NOT NULL CHECK (json_valid(body)),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'expired')),
  settled_at TEXT, attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (message, sink)
) STRICT;

CREATE INDEX notifications_pending ON notifications (id) WHERE status = 'pending';
CREATE INDEX notifications_alarms ON notifications (sink, subject, id) WHERE event = 'alarm';
