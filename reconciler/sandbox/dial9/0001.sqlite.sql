CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)
--;;
CREATE TABLE number (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    context TEXT NOT NULL CHECK (context IN ('incoming', 'utility')),
    state TEXT NOT NULL CHECK (state IN ('active', 'deleted', 'sold')),
    facts TEXT NOT NULL
)
--;;
CREATE INDEX number_by_number ON number (number)
--;;
CREATE TABLE object (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    facts TEXT NOT NULL
)
--;;
CREATE TABLE token (
    token TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    until REAL NOT NULL
)
--;;
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
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
CREATE TABLE event (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    tn TEXT NOT NULL,
    detail TEXT NOT NULL
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
