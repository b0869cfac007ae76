"""Where calls are handled: the floor of the implementations of `protocols.Platform`.

`sql` keeps objects, published versions and sealed secrets in tables of SQLite or PostgreSQL,
`pool` the number records beside them. Each passes the suite in `tests/conformance`.
"""
