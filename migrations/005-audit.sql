-- Every order that somebody gave over the admin API, whether it was carried out or not.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL,
  actor TEXT NOT NULL, reason TEXT NOT NULL,
  action TEXT NOT NULL,                                -- switch|release|failback|drain|undrain|reload|check|…
  record TEXT,                                         -- without the final dot; NULL: it concerns no single record
  detail TEXT NOT NULL CHECK (json_valid(detail)),     -- JSON: what was ordered beyond that
  outcome TEXT NOT NULL                                -- done, or why not
) STRICT;

CREATE INDEX audit_at ON audit (at);
