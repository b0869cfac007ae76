-- The numbers of each carrier account as they were last read: for lists that ask nobody. Nothing
-- is decided by it, and it may be thrown away at any time.
CREATE TABLE carrier_snapshot (
  connector TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  at TEXT NOT NULL,
  numbers TEXT NOT NULL
) STRICT
