"""The reconciler's own records: runs, leases, the journal of acts, what was applied, the audit.

The floor of memory. An act is announced here, on disk, before its first byte leaves, and what
became of it is written here afterwards; whoever comes next, after whatever kill, goes on from
these tables alone. The rules that must hold whatever the code above does stand in the database
itself, as constraints and triggers: which move of an operation is legal, that a key belongs to
one body, that an object has one open paid act, that epochs grow and records stay.

`sql.SqlLedger` implements `protocols.Ledger`. It shares the platform's database by default, so
that a platform's write and its journal rows are one transaction.
"""
