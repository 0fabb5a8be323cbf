-- Zone transfer: what was published last, and how it came to be. Only of zones that have secondaries.

-- The zone as it was published last, its SOA among the records.
CREATE TABLE zone_records (
  zone TEXT NOT NULL, owner TEXT NOT NULL,             -- names without the final dot
  type TEXT NOT NULL, ttl INTEGER NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  PRIMARY KEY (zone, owner, type, data)
) STRICT, WITHOUT ROWID;

-- The last 1,000 changes of each zone, for IXFR. removed and added begin with the SOA of before and of after.
CREATE TABLE zone_changes (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  zone TEXT NOT NULL,
  from_serial INTEGER NOT NULL, serial INTEGER NOT NULL,
  removed TEXT NOT NULL CHECK (json_valid(removed)),   -- JSON: [{"owner": …, "ttlSeconds": …, "rdata": {"type": …, …}}, …]
  added TEXT NOT NULL CHECK (json_valid(added))
) STRICT;

CREATE INDEX zone_changes_zone ON zone_changes (zone, id);
