-- Tables of the SQL platform on PostgreSQL. `object` and `number` are public: people query and
-- edit them by plain SQL. The triggers see to it that such an edit is noticed: they raise the
-- tenant's revision and the row's version and sign it 'direct SQL as ROLE'. Their functions
-- keep the search path of this migration, so that an edit from another path finds our tables.

CREATE TABLE tenant (
    tenant   text PRIMARY KEY CHECK (tenant <> ''),
    revision bigint NOT NULL CHECK (revision >= 0)
)
--;;
CREATE TABLE object (
    tenant     text NOT NULL CHECK (tenant <> ''),
    kind       text NOT NULL CHECK (kind <> ''),
    name       text NOT NULL CHECK (name <> ''),
    spec       jsonb NOT NULL CHECK (jsonb_typeof(spec) = 'object'),
    version    bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    managed    boolean NOT NULL DEFAULT false,
    updated_at text NOT NULL DEFAULT '',
    updated_by text DEFAULT '',
    PRIMARY KEY (tenant, kind, name)
)
--;;
CREATE TABLE unique_key (
    space  text NOT NULL,
    scope  text NOT NULL,
    value  text NOT NULL,
    tenant text NOT NULL,
    kind   text NOT NULL,
    name   text NOT NULL,
    PRIMARY KEY (space, scope, value)
)
--;;
CREATE INDEX unique_key_by_object ON unique_key (tenant, kind, name)
--;;
CREATE TABLE number (
    e164           text COLLATE "C" PRIMARY KEY CHECK (e164 ~ '^\+[1-9][0-9]{1,14}$'),
    state          text NOT NULL DEFAULT 'available' CHECK (state IN (
        'available', 'reserved', 'assigned', 'ordered', 'porting_in', 'quarantined', 'released')),
    tenant         text NOT NULL DEFAULT '',
    connector      text NOT NULL DEFAULT '',
    country        text NOT NULL DEFAULT '',
    type           text NOT NULL DEFAULT '',
    protect        boolean NOT NULL DEFAULT false,
    quarantined_at text NOT NULL DEFAULT '',
    release_after  text NOT NULL DEFAULT '',
    version        bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    updated_at     text NOT NULL DEFAULT '',
    updated_by     text DEFAULT '',
    CHECK (tenant <> '' OR state NOT IN ('assigned', 'quarantined'))
)
--;;
CREATE INDEX number_by_tenant ON number (tenant)
--;;
CREATE TABLE published_version (
    tenant       text NOT NULL CHECK (tenant <> ''),
    kind         text NOT NULL,
    name         text NOT NULL,
    version      bigint NOT NULL CHECK (version >= 1),
    graph        jsonb NOT NULL CHECK (jsonb_typeof(graph) = 'object'),
    digest       text NOT NULL,
    published_at text NOT NULL,
    published_by text NOT NULL,
    PRIMARY KEY (tenant, kind, name, version)
)
--;;
CREATE TABLE secret (
    tenant  text NOT NULL,
    kind    text NOT NULL,
    name    text NOT NULL,
    field   text NOT NULL,
    token   text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant, kind, name, field)
)
--;;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$
--;;
-- A revision that fell back would make a changed tenant look unchanged.
CREATE TRIGGER tenant_stays BEFORE DELETE ON tenant
FOR EACH ROW EXECUTE FUNCTION refuse('a tenant row stays: its revision must never come again')
--;;
CREATE TRIGGER tenant_revision_rises BEFORE UPDATE ON tenant
FOR EACH ROW WHEN (NEW.tenant <> OLD.tenant OR NEW.revision <= OLD.revision)
EXECUTE FUNCTION refuse('a revision only rises')
--;;
-- TRUNCATE runs no row trigger: refused, use DELETE.
CREATE TRIGGER tenant_not_truncated BEFORE TRUNCATE ON tenant
FOR EACH STATEMENT EXECUTE FUNCTION refuse('a tenant row stays: its revision must never come again')
--;;
CREATE TRIGGER object_not_truncated BEFORE TRUNCATE ON object
FOR EACH STATEMENT EXECUTE FUNCTION refuse('TRUNCATE would not be noticed: use DELETE')
--;;
CREATE TRIGGER number_not_truncated BEFORE TRUNCATE ON number
FOR EACH STATEMENT EXECUTE FUNCTION refuse('TRUNCATE would not be noticed: use DELETE')
--;;
CREATE TRIGGER published_version_not_truncated BEFORE TRUNCATE ON published_version
FOR EACH STATEMENT EXECUTE FUNCTION refuse('TRUNCATE would not be noticed: use DELETE')
--;;
CREATE TRIGGER published_version_immutable BEFORE UPDATE ON published_version
FOR EACH ROW EXECUTE FUNCTION refuse('a published version never changes: publish another')
--;;
CREATE FUNCTION sign_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version > OLD.version THEN
            RETURN NEW;
        END IF;
        NEW.version := OLD.version + 1;
        IF NEW.updated_by IS NOT DISTINCT FROM OLD.updated_by THEN
            NEW.updated_by := '';
        END IF;
    ELSIF coalesce(NEW.updated_by, '') <> '' THEN
        RETURN NEW;
    END IF;
    NEW.updated_at := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    NEW.updated_by := coalesce(nullif(NEW.updated_by, ''), 'direct SQL as ' || session_user);
    RETURN NEW;
END $$
--;;
CREATE TRIGGER object_signed BEFORE INSERT OR UPDATE ON object
FOR EACH ROW EXECUTE FUNCTION sign_row()
--;;
CREATE TRIGGER number_signed BEFORE INSERT OR UPDATE ON number
FOR EACH ROW EXECUTE FUNCTION sign_row()
--;;
CREATE FUNCTION raise_revision() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    concerned text;
BEGIN
    -- In one order for everybody, so that two moves between two tenants do not deadlock.
    FOR concerned IN
        SELECT DISTINCT t FROM unnest(ARRAY[
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.tenant END,
            CASE WHEN TG_OP <> 'DELETE' THEN NEW.tenant END]) AS t
        WHERE t <> '' ORDER BY t
    LOOP
        INSERT INTO tenant (tenant, revision) VALUES (concerned, 1)
            ON CONFLICT (tenant) DO UPDATE SET revision = tenant.revision + 1;
    END LOOP;
    RETURN NULL;
END $$
--;;
CREATE TRIGGER object_revision AFTER INSERT OR UPDATE OR DELETE ON object
FOR EACH ROW EXECUTE FUNCTION raise_revision()
--;;
CREATE TRIGGER number_revision AFTER INSERT OR UPDATE OR DELETE ON number
FOR EACH ROW EXECUTE FUNCTION raise_revision()
--;;
CREATE TRIGGER published_version_revision AFTER INSERT OR DELETE ON published_version
FOR EACH ROW EXECUTE FUNCTION raise_revision()
--;;
-- What belongs to an object follows it to another name, and goes with it.
CREATE FUNCTION follow_object() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE unique_key
        SET space = CASE space WHEN '' THEN '' ELSE NEW.tenant END,
            tenant = NEW.tenant, kind = NEW.kind, name = NEW.name
        WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    UPDATE secret SET tenant = NEW.tenant, kind = NEW.kind, name = NEW.name
        WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    INSERT INTO published_version
        SELECT NEW.tenant, NEW.kind, NEW.name, version, graph, digest, published_at, published_by
        FROM published_version
        WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    DELETE FROM published_version
        WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    RETURN NULL;
END $$
--;;
CREATE TRIGGER object_renamed AFTER UPDATE OF tenant, kind, name ON object
FOR EACH ROW WHEN ((NEW.tenant, NEW.kind, NEW.name) <> (OLD.tenant, OLD.kind, OLD.name))
EXECUTE FUNCTION follow_object()
--;;
CREATE FUNCTION leave_with_object() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM unique_key WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    DELETE FROM secret WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    DELETE FROM published_version WHERE (tenant, kind, name) = (OLD.tenant, OLD.kind, OLD.name);
    RETURN NULL;
END $$
--;;
CREATE TRIGGER object_deleted AFTER DELETE ON object
FOR EACH ROW EXECUTE FUNCTION leave_with_object()
