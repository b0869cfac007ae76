-- The tables are documented where they are written: journal.py, leases.py, audit.py, budget.py.
CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0];
END $$;
--;;
CREATE TABLE ledger (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  lineage TEXT NOT NULL CHECK (length(lineage) = 32),
  serial BIGINT NOT NULL,
  schema_version INTEGER NOT NULL,
  last_time TEXT COLLATE "C" NOT NULL
);
--;;
CREATE TRIGGER ledger_goes_on BEFORE UPDATE ON ledger
FOR EACH ROW WHEN (NEW.lineage <> OLD.lineage OR NEW.serial < OLD.serial)
EXECUTE FUNCTION ledger_refuses('the lineage stays and the serial grows');
--;;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('the lineage stays and the serial grows');
--;;
CREATE TABLE lease (
  scope TEXT PRIMARY KEY,
  epoch BIGINT NOT NULL,
  owner TEXT NOT NULL,
  run_id TEXT NOT NULL,
  nonce TEXT NOT NULL CHECK (nonce <> ''),
  ttl_seconds DOUBLE PRECISION NOT NULL,
  expires_at DOUBLE PRECISION NOT NULL
);
--;;
CREATE TRIGGER lease_epoch_grows BEFORE UPDATE OF epoch ON lease
FOR EACH ROW WHEN (NEW.epoch < OLD.epoch)
EXECUTE FUNCTION ledger_refuses('epoch went back');
--;;
CREATE TRIGGER lease_stays BEFORE DELETE ON lease
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('leases are not deleted: their epoch would start again');
--;;
CREATE TABLE run (
  run_id TEXT PRIMARY KEY,
  started_at TEXT COLLATE "C" NOT NULL,
  finished_at TEXT COLLATE "C" NOT NULL DEFAULT '',
  who TEXT NOT NULL,
  command TEXT NOT NULL,
  exit_code INTEGER,
  plan_id TEXT NOT NULL
);
--;;
CREATE INDEX run_by_start ON run (started_at);
--;;
CREATE TABLE plan_used (
  plan_id TEXT NOT NULL,
  part TEXT NOT NULL,
  digest TEXT NOT NULL,
  run_id TEXT NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (plan_id, part)
);
--;;
CREATE INDEX plan_used_by_run ON plan_used (run_id);
--;;
CREATE TRIGGER plan_used_is_final BEFORE UPDATE ON plan_used
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('a used part stays used');
--;;
CREATE TRIGGER plan_used_stays BEFORE DELETE ON plan_used
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('a used part stays used');
--;;
-- Lists of words are written out: SQLite makes a table of each IN list, at every write.
CREATE TABLE operation (
  op_id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  part TEXT NOT NULL,
  seq INTEGER NOT NULL,
  op TEXT NOT NULL,
  address TEXT NOT NULL,
  tenant TEXT NOT NULL,
  home TEXT NOT NULL,
  account TEXT NOT NULL,
  resource_key TEXT NOT NULL,
  action TEXT NOT NULL,
  reversibility TEXT NOT NULL CHECK (reversibility IN ('reversible', 'lossy', 'irreversible')),
  charge TEXT NOT NULL CHECK (charge IN ('free', 'paid', 'unknown')),
  state TEXT NOT NULL CHECK (state = 'intended' OR state = 'sent' OR state = 'done'
    OR state = 'failed' OR state = 'unknown' OR state = 'verified' OR state = 'parked'),
  attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  idem_key TEXT CHECK (length(idem_key) BETWEEN 1 AND 128),
  body_digest TEXT CHECK (body_digest <> ''),
  response_digest TEXT NOT NULL DEFAULT '',
  epoch BIGINT,
  first_sent_at TEXT COLLATE "C",
  sent_at TEXT COLLATE "C",
  deadline TEXT COLLATE "C",
  external_id TEXT NOT NULL DEFAULT '',
  external_acquired_at TEXT NOT NULL DEFAULT '',
  amount TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT '',
  sends INTEGER NOT NULL DEFAULT 0 CHECK (sends >= 0),
  absent_at TEXT COLLATE "C" NOT NULL DEFAULT '',
  waiting TEXT NOT NULL DEFAULT '',
  doubt INTEGER NOT NULL DEFAULT 0 CHECK (doubt IN (0, 1)),
  note TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL,
  serial BIGINT NOT NULL,
  moved_at TEXT COLLATE "C" NOT NULL,
  UNIQUE (plan_id, part, seq),
  FOREIGN KEY (plan_id, part) REFERENCES plan_used,
  CHECK (state = 'intended' OR state = 'failed' OR state = 'verified' OR
         (epoch IS NOT NULL AND idem_key IS NOT NULL AND body_digest IS NOT NULL
          AND sent_at IS NOT NULL AND first_sent_at IS NOT NULL AND deadline IS NOT NULL)),
  CHECK (state <> 'unknown' OR doubt = 1),
  CHECK (state <> 'verified' OR waiting = '')
);
--;;
CREATE UNIQUE INDEX one_open_paid_operation ON operation (account, resource_key)
  WHERE (charge <> 'free' OR reversibility = 'irreversible')
    AND state <> 'failed' AND state <> 'verified';
--;;
CREATE INDEX operation_open ON operation (tenant)
  WHERE state <> 'failed' AND state <> 'verified';
--;;
CREATE INDEX operation_supply ON operation (account, action, resource_key);
--;;
CREATE TABLE legal_transition (
  old TEXT NOT NULL,
  new TEXT NOT NULL,
  PRIMARY KEY (old, new)
);
--;;
INSERT INTO legal_transition (old, new) VALUES
  ('intended', 'sent'), ('intended', 'verified'), ('intended', 'failed'),
  ('sent', 'done'), ('sent', 'failed'), ('sent', 'intended'), ('sent', 'unknown'),
  ('done', 'verified'), ('done', 'unknown'),
  ('unknown', 'verified'), ('unknown', 'sent'), ('unknown', 'intended'), ('unknown', 'parked'),
  ('parked', 'verified'), ('parked', 'failed');
--;;
CREATE TRIGGER operation_starts BEFORE INSERT ON operation
FOR EACH ROW WHEN (NEW.state <> 'intended')
EXECUTE FUNCTION ledger_refuses('an operation starts as intended');
--;;
CREATE FUNCTION operation_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM legal_transition AS legal
                 WHERE legal.old = OLD.state AND legal.new = NEW.state) THEN
    RAISE EXCEPTION 'illegal transition';
  END IF;
  RETURN NEW;
END $$;
--;;
CREATE TRIGGER operation_moves BEFORE UPDATE OF state ON operation
FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION operation_moves();
--;;
CREATE TRIGGER operation_is_sent_once BEFORE UPDATE OF sent_at ON operation
FOR EACH ROW WHEN (OLD.state NOT IN ('intended', 'unknown')
  AND NEW.sent_at IS DISTINCT FROM OLD.sent_at)
EXECUTE FUNCTION ledger_refuses('illegal transition');
--;;
CREATE TRIGGER operation_key_is_bound BEFORE UPDATE OF idem_key, body_digest ON operation
FOR EACH ROW WHEN (NEW.idem_key = OLD.idem_key AND NEW.body_digest IS DISTINCT FROM OLD.body_digest)
EXECUTE FUNCTION ledger_refuses('same key, other body');
--;;
CREATE TRIGGER operation_attempt_is_bound BEFORE UPDATE OF attempt, idem_key ON operation
FOR EACH ROW WHEN (NEW.attempt < OLD.attempt
  OR (NEW.attempt = OLD.attempt AND NEW.idem_key <> OLD.idem_key))
EXECUTE FUNCTION ledger_refuses('an attempt has one key, and attempts grow');
--;;
CREATE TRIGGER operation_remembers BEFORE UPDATE OF doubt, first_sent_at ON operation
FOR EACH ROW WHEN (NEW.doubt < OLD.doubt
  OR (OLD.first_sent_at IS NOT NULL AND NEW.first_sent_at IS DISTINCT FROM OLD.first_sent_at))
EXECUTE FUNCTION ledger_refuses('a doubt and the first sending stay');
--;;
CREATE TRIGGER operation_is_as_planned BEFORE UPDATE OF
  op_id, run_id, plan_id, part, seq, op, address, tenant, home, account, resource_key, action,
  reversibility, charge, body, serial ON operation
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('an operation stays as it was planned');
--;;
CREATE TRIGGER operation_stays BEFORE DELETE ON operation
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('journal rows are not deleted');
--;;
CREATE TABLE applied (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  macs TEXT NOT NULL,
  run_id TEXT NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, name)
);
--;;
CREATE INDEX applied_by_name ON applied (kind, name);
--;;
CREATE TABLE approval (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  detail TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT COLLATE "C" NOT NULL
);
--;;
CREATE TABLE carrier_budget (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  bucket TEXT NOT NULL,
  at TEXT COLLATE "C" NOT NULL
);
--;;
CREATE INDEX carrier_budget_window ON carrier_budget (bucket, at);
--;;
CREATE TABLE audit (
  n BIGINT PRIMARY KEY CHECK (n > 0),
  body TEXT NOT NULL,
  prev TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE
);
--;;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('audit is insert-only');
--;;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
FOR EACH ROW
EXECUTE FUNCTION ledger_refuses('audit is insert-only');
