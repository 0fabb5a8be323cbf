PRAGMA application_id = 1718580836;
PRAGMA user_version = 5;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO failover_history VALUES(1,'2026-07-31T12:00:03.456Z','app.example.com','failover','primary','backup','["192.0.2.10"]','["198.51.100.20"]','primary 192.0.2.10: status 503 ×3','{"rule":"active down, another up","probes":[{"endpointId":"192.0.2.10 http://app.example.com/healthz #1a2b3c4d","trigger":"interval","outcome":{"outcome":"fail","reason":"status","phase":"headers","detail":"503"},"startedAtEpochMs":1785499200123,"startedAtMs":1000,"elapsedMs":12.345,"phasesMs":{"connect":1.06,"headers":10.2},"status":503,"bodySample":"down for maintenance","bodySha256":"abababababababababababababababababababababababababababababababab"}],"targets":{"primary":"down","backup":"up"}}','prober',1,'2026-07-31T12:00:00.123Z',3333);
CREATE TABLE meta (
  key TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
  transition_id INTEGER REFERENCES failover_history ON DELETE SET NULL, override_is_drill INTEGER NOT NULL DEFAULT 0 CHECK (override_is_drill IN (0, 1)),  -- what led to this state
  PRIMARY KEY (record, family)
) STRICT, WITHOUT ROWID;
INSERT INTO record_state VALUES('app.example.com','','backup','["198.51.100.20"]',0,'2026-07-31T12:00:03.456Z',NULL,NULL,NULL,NULL,NULL,'[]',0,NULL,1,0);
CREATE TABLE zone_serials (
  zone TEXT PRIMARY KEY, serial INTEGER NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO zone_serials VALUES('example.com',1,'2026-07-31T12:00:03.456Z');
CREATE TABLE endpoints (
  id INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL UNIQUE,                          -- "192.0.2.10 http://app.example.com/healthz #1a2b3c4d"
  status TEXT CHECK (status IN ('up', 'down')),
  since TEXT,
  probed_at TEXT
) STRICT;
INSERT INTO endpoints VALUES(1,'192.0.2.10 http://app.example.com/healthz #1a2b3c4d','down','2026-07-31T12:00:00.123Z','2026-07-31T12:00:00.123Z');
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
INSERT INTO probe_log VALUES(1,1785499200123,1,NULL,'fail','status','headers','503',12.30000000000000071,'{"connect":1.1,"headers":10.2}',503,'down for maintenance','abababababababababababababababababababababababababababababababab',NULL);
CREATE TABLE writers (
  writer TEXT PRIMARY KEY, applied INTEGER NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO writers VALUES('71ab18a5-dabc-48e2-8555-ef8446cb9d4d',1,'2026-11-25T13:38:29.563Z');
CREATE TABLE zone_records (
  zone TEXT NOT NULL, owner TEXT NOT NULL,             -- names without the final dot
  type TEXT NOT NULL, ttl INTEGER NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  PRIMARY KEY (zone, owner, type, data)
) STRICT, WITHOUT ROWID;
INSERT INTO zone_records VALUES('example.com','app.example.com','A',10,'{"type":"A","address":"198.51.100.20"}');
INSERT INTO zone_records VALUES('example.com','example.com','SOA',10,'{"type":"SOA","mname":"ns1.example.com.","rname":"hostmaster.example.com.","serial":1,"refreshSeconds":3600,"retrySeconds":600,"expireSeconds":1209600,"minimumSeconds":10}');
CREATE TABLE zone_changes (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  zone TEXT NOT NULL,
  from_serial INTEGER NOT NULL, serial INTEGER NOT NULL,
  removed TEXT NOT NULL CHECK (json_valid(removed)),   -- JSON: [{"owner": …, "ttlSeconds": …, "rdata": {"type": …, …}}, …]
  added TEXT NOT NULL CHECK (json_valid(added))
) STRICT;
INSERT INTO zone_changes VALUES(1,'2026-07-31T12:00:03.456Z','example.com',0,1,'[{"owner":"example.com.","ttlSeconds":10,"rdata":{"type":"SOA","mname":"ns1.example.com.","rname":"hostmaster.example.com.","serial":0,"refreshSeconds":3600,"retrySeconds":600,"expireSeconds":1209600,"minimumSeconds":10}},{"owner":"app.example.com.","ttlSeconds":10,"rdata":{"type":"A","address":"192.0.2.10"}}]','[{"owner":"example.com.","ttlSeconds":10,"rdata":{"type":"SOA","mname":"ns1.example.com.","rname":"hostmaster.example.com.","serial":1,"refreshSeconds":3600,"retrySeconds":600,"expireSeconds":1209600,"minimumSeconds":10}},{"owner":"app.example.com.","ttlSeconds":10,"rdata":{"type":"A","address":"198.51.100.20"}}]');
CREATE TABLE serial_log (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  zone TEXT NOT NULL, serial INTEGER NOT NULL,
  event TEXT NOT NULL CHECK (event IN ('published', 'acknowledged', 'served')),
  secondary TEXT                                       -- its address and port; NULL for published
) STRICT;
INSERT INTO serial_log VALUES(1,'2026-07-31T12:00:03.500Z','example.com',1,'published',NULL);
INSERT INTO serial_log VALUES(2,'2026-07-31T12:00:03.700Z','example.com',1,'served','198.51.100.53:53');
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
INSERT INTO notifications VALUES(1,'2026-07-31T12:00:03.456Z','msg_1','hook','failover','app.example.com','{"kind":"transition"}','pending',NULL,0);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  actor TEXT NOT NULL, reason TEXT NOT NULL,
  action TEXT NOT NULL,                                -- switch|release|failback|drain|undrain|reload|check|…
  record TEXT,                                         -- without the final dot; NULL: it concerns no single record
  detail TEXT NOT NULL CHECK (json_valid(detail)),     -- JSON: what was ordered beyond that
  outcome TEXT NOT NULL                                -- done, or why not
) STRICT;
INSERT INTO audit VALUES(1,'2026-07-31T12:00:00.000Z','ada','a new certificate','switch','app.example.com','{"target":"backup"}','done');
CREATE INDEX failover_history_record ON failover_history (record);
CREATE INDEX failover_history_at ON failover_history (at);
CREATE TRIGGER failover_history_no_update BEFORE UPDATE ON failover_history
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;
CREATE TRIGGER failover_history_no_delete BEFORE DELETE ON failover_history
WHEN OLD.at >= coalesce((SELECT value FROM meta WHERE key = 'transitions_kept_from'), '')
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;
CREATE TRIGGER failover_history_no_replace BEFORE INSERT ON failover_history
WHEN EXISTS (SELECT 1 FROM failover_history WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'failover_history is append-only');
END;
CREATE INDEX record_state_transition ON record_state (transition_id);
CREATE INDEX probe_log_endpoint ON probe_log (endpoint_id, at_ms);
CREATE VIEW probes AS
  SELECT p.id, strftime('%Y-%m-%dT%H:%M:%fZ', p.at_ms / 1000.0, 'unixepoch') AS at, e.endpoint,
         coalesce(p.trigger, 'interval') AS trigger, p.outcome, p.reason, p.phase, p.detail, p.elapsed_ms, p.phases_ms,
         p.http_status, p.body_sample, p.body_sha256, p.certificate_expires_at, p.at_ms
    FROM probe_log AS p JOIN endpoints AS e ON e.id = p.endpoint_id;
CREATE INDEX zone_changes_zone ON zone_changes (zone, id);
CREATE VIEW overrides AS
  SELECT record, family, override_target AS target, override_reason AS reason, override_actor AS actor,
         override_set_at AS set_at, override_expires_at AS expires_at, override_is_drill AS is_drill
    FROM record_state WHERE override_target IS NOT NULL;
CREATE INDEX serial_log_zone ON serial_log (zone, at);
CREATE INDEX serial_log_at ON serial_log (at);
CREATE INDEX notifications_pending ON notifications (id) WHERE status = 'pending';
CREATE INDEX notifications_alarms ON notifications (sink, subject, id) WHERE event = 'alarm';
CREATE INDEX audit_at ON audit (at);
COMMIT;
