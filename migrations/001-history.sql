-- failoverd's database. docs/history.md says what each table is for and which questions it answers.
-- Times are UTC, ISO 8601 with milliseconds. Names are without the final dot. Lists of addresses or names are JSON arrays.

PRAGMA application_id = 0x666f7664;                    -- "fovd": how a foreign database is recognised

CREATE TABLE failover_history (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,            -- UTC, ISO 8601 with milliseconds
  record TEXT NOT NULL,                                -- owner name, without the final dot
  cause TEXT NOT NULL,      -- start|failover|failback|override|release|all_down|recovered|config
  from_target TEXT, to_target TEXT, from_addresses TEXT, to_addresses TEXT NOT NULL,   -- addresses: JSON arrays
  reason TEXT NOT NULL,                                -- one line for people: "primary 192.0.2.10: refused ×3"
  evidence TEXT NOT NULL,                              -- JSON: the probes that decided, with phases and timings
  actor TEXT NOT NULL,                                 -- "prober", or who ordered it
  serial INTEGER NOT NULL,                             -- the zone's serial with this answer
  first_fail_at TEXT, detected_ms INTEGER              -- first bad probe; from it to the transition
) STRICT;

CREATE INDEX failover_history_record ON failover_history (record);
CREATE INDEX failover_history_at ON failover_history (at);

-- Single facts about this database. transitions_kept_from: rows of failover_history from then on cannot be deleted;
-- without it none can (`history.transitions: forever`).
CREATE TABLE meta (
  key TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER failover_history_no_update BEFORE UPDATE ON failover_history
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;

CREATE TRIGGER failover_history_no_delete BEFORE DELETE ON failover_history
WHEN OLD.at >= coalesce((SELECT value FROM meta WHERE key = 'transitions_kept_from'), '')
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;

-- REPLACE deletes without asking the trigger above, unless recursive_triggers is on.
CREATE TRIGGER failover_history_no_replace BEFORE INSERT ON failover_history
WHEN EXISTS (SELECT 1 FROM failover_history WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;

-- What a restart restores: one row for each record, or one for each family where A and AAAA are decided apart.
CREATE TABLE record_state (
  record TEXT NOT NULL,
  family TEXT NOT NULL CHECK (family IN ('', '4', '6')),  -- '': A and AAAA together
  active_target TEXT NOT NULL,
  addresses TEXT NOT NULL CHECK (json_valid(addresses)),  -- what is answered
  all_down INTEGER NOT NULL CHECK (all_down IN (0, 1)),   -- 1: no target is up, and all_down decides the answer
  since TEXT NOT NULL,
  override_target TEXT, override_reason TEXT, override_actor TEXT,
  override_set_at TEXT, override_expires_at TEXT,
  drained TEXT NOT NULL CHECK (json_valid(drained)),      -- names of drained targets
  failback_penalty INTEGER NOT NULL,                      -- failbacks in a row that another failover followed soon
  last_failback_at TEXT,
  transition_id INTEGER REFERENCES failover_history ON DELETE SET NULL,  -- what led to this state
  PRIMARY KEY (record, family)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_state_transition ON record_state (transition_id);

CREATE VIEW overrides AS
  SELECT record, family, override_target AS target, override_reason AS reason, override_actor AS actor,
         override_set_at AS set_at, override_expires_at AS expires_at
    FROM record_state WHERE override_target IS NOT NULL;

CREATE TABLE zone_serials (
  zone TEXT PRIMARY KEY, serial INTEGER NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every endpoint that was ever probed. status and since are NULL until its first verdict.
CREATE TABLE endpoints (
  id INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL UNIQUE,                          -- "192.0.2.10 http://app.example.com/healthz #1a2b3c4d"
  status TEXT CHECK (status IN ('up', 'down')),
  since TEXT,
  probed_at TEXT
) STRICT;

-- The probes, packed: at 2,000 a second, spelling out the endpoint and the time of each costs 2.5 times the disk.
-- Read the view `probes`.
CREATE TABLE probe_log (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,                                 -- start of the attempt, milliseconds since the epoch
  endpoint_id INTEGER NOT NULL REFERENCES endpoints,
  trigger TEXT,                                           -- what called for it; NULL: its interval
  outcome TEXT NOT NULL,
  reason TEXT, phase TEXT, detail TEXT,
  elapsed_ms REAL NOT NULL,
  phases_ms TEXT,                                         -- JSON
  http_status INTEGER,
  body_sample TEXT, body_sha256 TEXT,
  certificate_expires_at TEXT
) STRICT;

CREATE INDEX probe_log_endpoint ON probe_log (endpoint_id, at_ms);

CREATE VIEW probes AS
  SELECT p.id, strftime('%Y-%m-%dT%H:%M:%fZ', p.at_ms / 1000.0, 'unixepoch') AS at, e.endpoint,
         coalesce(p.trigger, 'interval') AS trigger, p.outcome, p.reason, p.phase, p.detail, p.elapsed_ms, p.phases_ms,
         p.http_status, p.body_sample, p.body_sha256, p.certificate_expires_at, p.at_ms
    FROM probe_log AS p JOIN endpoints AS e ON e.id = p.endpoint_id;

-- How far each run of failoverd has written its commits, so that one which was confirmed late is not written twice.
CREATE TABLE writers (
  writer TEXT PRIMARY KEY, applied INTEGER NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
