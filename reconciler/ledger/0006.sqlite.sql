-- Each time a backup became the ledger again: which serials were lost, so that no plan made
-- before is taken for one of this ledger. Written by `SqlLedger.mark_restored`.
CREATE TABLE restored (
  serial INTEGER PRIMARY KEY,
  serial_was INTEGER NOT NULL,
  source TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL,
  CHECK (serial > serial_was)
) STRICT
--;;
CREATE TRIGGER restored_is_final BEFORE UPDATE ON restored
BEGIN SELECT RAISE(ABORT, 'that a backup was restored stays known'); END
--;;
CREATE TRIGGER restored_stays BEFORE DELETE ON restored
BEGIN SELECT RAISE(ABORT, 'that a backup was restored stays known'); END
