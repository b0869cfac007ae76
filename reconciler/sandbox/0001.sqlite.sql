CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)
--;;
CREATE TABLE number (
    tn TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'held', 'released', 'sold')),
    route INTEGER NOT NULL DEFAULT 4,
    translated TEXT NOT NULL,
    cnam INTEGER NOT NULL DEFAULT 0,
    forward_to TEXT,
    porting INTEGER NOT NULL DEFAULT 0
)
--;;
CREATE TABLE gateway (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL,
    prefix TEXT NOT NULL DEFAULT '',
    channels INTEGER,
    system INTEGER NOT NULL DEFAULT 0
)
--;;
CREATE TABLE acl (
    cidr TEXT PRIMARY KEY
)
--;;
CREATE TABLE charge (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    amount TEXT NOT NULL,
    reason TEXT NOT NULL,
    tn TEXT NOT NULL,
    order_id TEXT NOT NULL
)
--;;
CREATE TABLE remembered (
    key TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    at REAL NOT NULL
)
--;;
CREATE TABLE cached (
    query TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    at REAL NOT NULL
)
--;;
CREATE TABLE event (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    tn TEXT NOT NULL,
    detail TEXT NOT NULL
)
--;;
CREATE TABLE hit (
    at REAL NOT NULL,
    peer TEXT NOT NULL
)
--;;
CREATE TABLE fault (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    times INTEGER NOT NULL,
    options TEXT NOT NULL
)
