-- What an explanation needs beside the transition's own row, and which switches are drills.

ALTER TABLE record_state ADD COLUMN override_is_drill INTEGER NOT NULL DEFAULT 0 CHECK (override_is_drill IN (0, 1));

DROP VIEW overrides;
CREATE VIEW overrides AS
  SELECT record, family, override_target AS target, override_reason AS reason, override_actor AS actor,
         override_set_at AS set_at, override_expires_at AS expires_at, override_is_drill AS is_drill
    FROM record_state WHERE override_target IS NOT NULL;

-- Where each serial of a zone got to, and when: handed to the DNS workers (published), taken note of by a secondary
-- (acknowledged), seen in its answer (served).
CREATE TABLE serial_log (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  zone TEXT NOT NULL, serial INTEGER NOT NULL,
  event TEXT NOT NULL CHECK (event IN ('published', 'acknowledged', 'served')),
  secondary TEXT                                       -- its address and port; NULL for published
) STRICT;

CREATE INDEX serial_log_zone ON serial_log (zone, at);
CREATE INDEX serial_log_at ON serial_log (at);
