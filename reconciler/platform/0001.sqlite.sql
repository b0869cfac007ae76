-- Tables of the SQL platform on SQLite. `object` and `number` are public: people query and edit
-- them by plain SQL. The triggers see to it that such an edit is noticed: they raise the
-- tenant's revision and the row's version and sign it 'direct SQL'. None relies on foreign
-- keys or on recursive triggers, as the sqlite3 shell has both off.

CREATE TABLE tenant (
    tenant   TEXT PRIMARY KEY NOT NULL CHECK (tenant <> ''),
    revision INTEGER NOT NULL CHECK (typeof(revision) = 'integer' AND revision >= 0)
)
--;;
CREATE TABLE object (
    tenant     TEXT NOT NULL CHECK (tenant <> ''),
    kind       TEXT NOT NULL CHECK (kind <> ''),
    name       TEXT NOT NULL CHECK (name <> ''),
    spec       TEXT NOT NULL CHECK (
        CASE WHEN typeof(spec) = 'text' AND json_valid(spec) THEN json_type(spec) = 'object'
             ELSE 0 END),
    version    INTEGER NOT NULL DEFAULT 1 CHECK (typeof(version) = 'integer' AND version >= 1),
    managed    INTEGER NOT NULL DEFAULT 0 CHECK (managed IN (0, 1)),
    updated_at TEXT NOT NULL DEFAULT '',
    updated_by TEXT DEFAULT '',
    PRIMARY KEY (tenant, kind, name)
)
--;;
CREATE TABLE unique_key (
    space  TEXT NOT NULL,
    scope  TEXT NOT NULL,
    value  TEXT NOT NULL,
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    PRIMARY KEY (space, scope, value)
)
--;;
CREATE INDEX unique_key_by_object ON unique_key (tenant, kind, name)
--;;
CREATE TABLE number (
    e164           TEXT PRIMARY KEY NOT NULL CHECK (
        e164 GLOB '+[1-9]*' AND substr(e164, 2) NOT GLOB '*[^0-9]*'
        AND length(e164) BETWEEN 3 AND 16),
    state          TEXT NOT NULL DEFAULT 'available' CHECK (state IN (
        'available', 'reserved', 'assigned', 'ordered', 'porting_in', 'quarantined', 'released')),
    tenant         TEXT NOT NULL DEFAULT '',
    connector      TEXT NOT NULL DEFAULT '',
    country        TEXT NOT NULL DEFAULT '',
    type           TEXT NOT NULL DEFAULT '',
    protect        INTEGER NOT NULL DEFAULT 0 CHECK (protect IN (0, 1)),
    quarantined_at TEXT NOT NULL DEFAULT '',
    release_after  TEXT NOT NULL DEFAULT '',
    version        INTEGER NOT NULL DEFAULT 1 CHECK (typeof(version) = 'integer' AND version >= 1),
    updated_at     TEXT NOT NULL DEFAULT '',
    updated_by     TEXT DEFAULT '',
    CHECK (tenant <> '' OR state NOT IN ('assigned', 'quarantined'))
)
--;;
CREATE INDEX number_by_tenant ON number (tenant)
--;;
CREATE TABLE published_version (
    tenant       TEXT NOT NULL CHECK (tenant <> ''),
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    version      INTEGER NOT NULL CHECK (typeof(version) = 'integer' AND version >= 1),
    graph        TEXT NOT NULL CHECK (
        CASE WHEN typeof(graph) = 'text' AND json_valid(graph) THEN json_type(graph) = 'object'
             ELSE 0 END),
    digest       TEXT NOT NULL,
    published_at TEXT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, name, version)
)
--;;
CREATE TABLE secret (
    tenant  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    field   TEXT NOT NULL,
    token   TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, name, field)
)
--;;
-- A revision that fell back would make a changed tenant look unchanged.
CREATE TRIGGER tenant_stays BEFORE DELETE ON tenant
BEGIN
    SELECT RAISE(ABORT, 'a tenant row stays: its revision must never come again');
END
--;;
CREATE TRIGGER tenant_revision_rises BEFORE UPDATE ON tenant
WHEN NEW.tenant <> OLD.tenant OR NEW.revision <= OLD.revision
BEGIN
    SELECT RAISE(ABORT, 'a revision only rises');
END
--;;
-- INSERT OR REPLACE throws a row away without running its delete triggers: refused, use UPDATE.
CREATE TRIGGER tenant_not_replaced BEFORE INSERT ON tenant
WHEN EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant)
BEGIN
    SELECT RAISE(ABORT, 'the tenant is there already');
END
--;;
CREATE TRIGGER object_not_replaced BEFORE INSERT ON object
WHEN EXISTS (
    SELECT 1 FROM object WHERE tenant = NEW.tenant AND kind = NEW.kind AND name = NEW.name)
BEGIN
    SELECT RAISE(ABORT, 'the object is there already: UPDATE it');
END
--;;
CREATE TRIGGER number_not_replaced BEFORE INSERT ON number
WHEN EXISTS (SELECT 1 FROM number WHERE e164 = NEW.e164)
BEGIN
    SELECT RAISE(ABORT, 'the number is there already: UPDATE it');
END
--;;
CREATE TRIGGER published_version_not_replaced BEFORE INSERT ON published_version
WHEN EXISTS (
    SELECT 1 FROM published_version
    WHERE tenant = NEW.tenant AND kind = NEW.kind AND name = NEW.name AND version = NEW.version)
BEGIN
    SELECT RAISE(ABORT, 'a published version never changes: publish another');
END
--;;
CREATE TRIGGER published_version_immutable BEFORE UPDATE ON published_version
BEGIN
    SELECT RAISE(ABORT, 'a published version never changes: publish another');
END
--;;
-- The missing row is made by INSERT ... WHERE NOT EXISTS, not by an upsert: inside a trigger
-- the OR REPLACE of somebody's outer statement would take the upsert's place.
CREATE TRIGGER object_inserted AFTER INSERT ON object
BEGIN
    INSERT INTO tenant (tenant, revision)
        SELECT NEW.tenant, 0 WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant);
    UPDATE tenant SET revision = revision + 1 WHERE tenant = NEW.tenant;
    UPDATE object
        SET updated_by = 'direct SQL', updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
        WHERE tenant = NEW.tenant AND kind = NEW.kind AND name = NEW.name
          AND coalesce(NEW.updated_by, '') = '';
END
--;;
-- The last condition leaves out the signing of a new row by its insert trigger: no change.
CREATE TRIGGER object_updated AFTER UPDATE ON object
BEGIN
    INSERT INTO tenant (tenant, revision)
        SELECT NEW.tenant, 0 WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant);
    UPDATE tenant SET revision = revision + 1 WHERE tenant IN (OLD.tenant, NEW.tenant);
    UPDATE object
        SET version = OLD.version + 1,
            updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
            updated_by = CASE
                WHEN NEW.updated_by IS OLD.updated_by OR coalesce(NEW.updated_by, '') = ''
                THEN 'direct SQL' ELSE NEW.updated_by END
        WHERE tenant = NEW.tenant AND kind = NEW.kind AND name = NEW.name
          AND NEW.version <= OLD.version
          AND NOT (NEW.updated_by IS 'direct SQL' AND coalesce(OLD.updated_by, '') = '');
END
--;;
-- What belongs to an object follows it to another name.
CREATE TRIGGER object_renamed AFTER UPDATE OF tenant, kind, name ON object
WHEN NEW.tenant <> OLD.tenant OR NEW.kind <> OLD.kind OR NEW.name <> OLD.name
BEGIN
    UPDATE unique_key
        SET space = CASE space WHEN '' THEN '' ELSE NEW.tenant END,
            tenant = NEW.tenant, kind = NEW.kind, name = NEW.name
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
    UPDATE secret SET tenant = NEW.tenant, kind = NEW.kind, name = NEW.name
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
    INSERT INTO published_version
        SELECT NEW.tenant, NEW.kind, NEW.name, version, graph, digest, published_at, published_by
        FROM published_version
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
    DELETE FROM published_version
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
END
--;;
CREATE TRIGGER object_deleted AFTER DELETE ON object
BEGIN
    UPDATE tenant SET revision = revision + 1 WHERE tenant = OLD.tenant;
    DELETE FROM unique_key
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
    DELETE FROM secret
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
    DELETE FROM published_version
        WHERE tenant = OLD.tenant AND kind = OLD.kind AND name = OLD.name;
END
--;;
CREATE TRIGGER number_inserted AFTER INSERT ON number
BEGIN
    INSERT INTO tenant (tenant, revision)
        SELECT NEW.tenant, 0 WHERE NEW.tenant <> ''
        AND NOT EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant);
    UPDATE tenant SET revision = revision + 1 WHERE tenant = NEW.tenant;
    UPDATE number
        SET updated_by = 'direct SQL', updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
        WHERE e164 = NEW.e164 AND coalesce(NEW.updated_by, '') = '';
END
--;;
CREATE TRIGGER number_updated AFTER UPDATE ON number
BEGIN
    INSERT INTO tenant (tenant, revision)
        SELECT NEW.tenant, 0 WHERE NEW.tenant <> ''
        AND NOT EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant);
    UPDATE tenant SET revision = revision + 1 WHERE tenant IN (OLD.tenant, NEW.tenant);
    UPDATE number
        SET version = OLD.version + 1,
            updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
            updated_by = CASE
                WHEN NEW.updated_by IS OLD.updated_by OR coalesce(NEW.updated_by, '') = ''
                THEN 'direct SQL' ELSE NEW.updated_by END
        WHERE e164 = NEW.e164
          AND NEW.version <= OLD.version
          AND NOT (NEW.updated_by IS 'direct SQL' AND coalesce(OLD.updated_by, '') = '');
END
--;;
CREATE TRIGGER number_deleted AFTER DELETE ON number
BEGIN
    UPDATE tenant SET revision = revision + 1 WHERE tenant = OLD.tenant;
END
--;;
CREATE TRIGGER published_version_inserted AFTER INSERT ON published_version
BEGIN
    INSERT INTO tenant (tenant, revision)
        SELECT NEW.tenant, 0 WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE tenant = NEW.tenant);
    UPDATE tenant SET revision = revision + 1 WHERE tenant = NEW.tenant;
END
--;;
CREATE TRIGGER published_version_deleted AFTER DELETE ON published_version
BEGIN
    UPDATE tenant SET revision = revision + 1 WHERE tenant = OLD.tenant;
END
