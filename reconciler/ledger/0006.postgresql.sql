-- Each time a backup became the ledger again: which serials were lost, so that no plan made
-- before is taken for one of this ledger. Written by `SqlLedger.mark_restored`.
CREATE TABLE restored (
  serial BIGINT PRIMARY KEY,
  serial_was BIGINT NOT NULL,
  source TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  CHECK (serial > serial_was)
)
--;;
CREATE TRIGGER restored_is_final BEFORE UPDATE ON restored
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('that a backup was restored stays known')
--;;
CREATE TRIGGER restored_stays BEFORE DELETE ON restored
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('that a backup was restored stays known')
