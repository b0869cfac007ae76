-- What a plan last found nothing to do for: a memory that may be thrown away at any time.
CREATE TABLE unchanged (
  scope TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  revisions TEXT NOT NULL,
  holdings TEXT NOT NULL,
  report TEXT NOT NULL
) STRICT
