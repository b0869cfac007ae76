-- Of each tenant, what a plan last found nothing to do for; and what it claims among all tenants.
-- A memory that may be thrown away at any time.
CREATE TABLE planned (
  tenant text PRIMARY KEY,
  key text NOT NULL,
  revision bigint NOT NULL,
  connectors text NOT NULL,
  holdings text NOT NULL,
  part text NOT NULL,
  problems text NOT NULL
)
--;;
CREATE TABLE claimed (
  tenant text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  scope text NOT NULL,
  value text NOT NULL,
  file text NOT NULL,
  line bigint NOT NULL,
  position bigint NOT NULL
)
--;;
CREATE INDEX claimed_by_value ON claimed (value)
--;;
CREATE INDEX claimed_by_tenant ON claimed (tenant)
