-- Of each tenant, what a plan last found nothing to do for; and what it claims among all tenants.
-- A memory that may be thrown away at any time.
CREATE TABLE planned (
  tenant TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  revision INTEGER NOT NULL,
  connectors TEXT NOT NULL,
  holdings TEXT NOT NULL,
  part TEXT NOT NULL,
  problems TEXT NOT NULL
) STRICT
--;;
CREATE TABLE claimed (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  value TEXT NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  position INTEGER NOT NULL
) STRICT
--;;
CREATE INDEX claimed_by_value ON claimed (value)
--;;
CREATE INDEX claimed_by_tenant ON claimed (tenant)
