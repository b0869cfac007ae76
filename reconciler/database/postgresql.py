"""PostgreSQL: connecting, and what the server says when it will not.

No message holds the URL: it may have a password in it, and libpq quotes what it cannot read.
Sources: PostgreSQL manual, appendix A (SQLSTATE), 34.1.1 (connection strings).
"""

from __future__ import annotations

from typing import Any

from reconciler.database.connection import Database, Dialect
from reconciler.errors import Unavailable
from reconciler.protocols import Checkpoint

CONNECT_SECONDS = 10
GUIDE = "docs/howto/postgresql.md"

_AGAIN = "Run the command again; what was under way is in the journal, and is looked for."
_CLASSES: tuple[tuple[str, str, str], ...] = (
    (
        "42501",
        "The database role may not do this",
        f"Grant it the rights that {GUIDE} lists.",
    ),
    (
        "25006",
        "The database takes no writes now",
        "Connect to the primary server, or lift default_transaction_read_only for this role.",
    ),
    ("57014", "The database server ended a statement", "Raise statement_timeout for this role."),
    ("55P03", "Another session held a lock for too long", _AGAIN),
    ("40", "The database ended a transaction in favour of another", _AGAIN),
    ("53", "The database server has no room", "Give it disk, memory or connections. " + _AGAIN),
    ("57P", "The database server is going down or starting", _AGAIN),
    ("08", "The connection to the database was lost", _AGAIN),
    (
        "3F",
        "permission denied or no such schema: none on the search_path can be used",
        f"Create the schema and grant the role its use; see {GUIDE}.",
    ),
    (
        "42P01",
        "A table of the store is missing",
        "Look at it: reconciler store check; see also the role's search_path.",
    ),
)
_OTHER = ("The database failed", "Look at it: reconciler store check.")


def open_postgresql(url: str, checkpoint: Checkpoint) -> Database:
    """Connect.

    Raises:
        Unavailable: The server cannot be reached or refuses, or psycopg is not installed.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra, and 0.3 s of start-up
    except ImportError:
        raise Unavailable(
            "PostgreSQL needs the package psycopg.",
            'Install it: pip install "reconciler[postgresql]".',
        ) from None
    try:
        told = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise Unavailable(
            "platform.url or ledger.url cannot be read: it is no connection string of PostgreSQL.",
            "Write postgresql://USER@HOST/DATABASE, special characters as %40; the password in"
            f" a passfile. See {GUIDE}.",
        ) from None
    if "service" not in told:  # what a service says would be overridden
        told.setdefault("connect_timeout", CONNECT_SECONDS)
    told.setdefault("fallback_application_name", "reconciler")
    told["client_encoding"] = "UTF8"
    secret = str(told.get("password") or "")
    connect: Any = psycopg.connect  # what the string says is typed by psycopg itself
    try:
        connection = connect(autocommit=True, **told)
    except psycopg.Error as error:
        raise _not_connected(str(error), secret) from None
    _require_utf8(connection)
    return Database(connection, _dialect(psycopg, connection), checkpoint)


def _not_connected(words: str, secret: str) -> Unavailable:
    sentence = " ".join(words.split())
    if secret:
        sentence = sentence.replace(secret, "***")
    return Unavailable(
        f"The database cannot be reached: {sentence.rstrip('.')}.",
        f"Check platform.url, the server and the passfile; see {GUIDE}.",
    )


def _require_utf8(connection: Any) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise Unavailable(
            f"The database is encoded in {encoding}, which cannot hold every name.",
            "Create it with ENCODING 'UTF8'.",
        )


def _dialect(psycopg: Any, connection: Any) -> Dialect:
    return Dialect(
        engine="postgresql",
        refused=(psycopg.IntegrityError, psycopg.errors.RaiseException),
        broken=(psycopg.Error,),
        words=words,
        failure=lambda error: _failure(error, lost=bool(connection.closed)),
    )


def words(error: Exception) -> str:
    """The server's first sentence; its details name values of the row."""
    diagnosis = getattr(error, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    return str(primary or str(error).partition("\n")[0])


def _failure(error: Exception, *, lost: bool) -> Unavailable:
    state = "08" if lost else str(getattr(error, "sqlstate", None) or "")
    sentence, hint = next(
        ((text, hint) for start, text, hint in _CLASSES if state.startswith(start)), _OTHER
    )
    return Unavailable(f"{sentence}: {words(error).rstrip('.')}.", hint)
