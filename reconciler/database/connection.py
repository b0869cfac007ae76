"""One connection: statements, transactions, and failures told as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeVar

from reconciler.errors import Unavailable
from reconciler.protocols import Checkpoint

Row = tuple[Any, ...]
T = TypeVar("T")
Engine = Literal["sqlite", "postgresql"]


class Conflict(Exception):
    """A constraint or a trigger of the database refused a write."""


class Dialect(NamedTuple):
    """What differs between the two drivers.

    Attributes:
        engine: Which database it is.
        refused: What the driver raises when a constraint or trigger refuses.
        broken: What it raises for everything else.
        words: The database's own first sentence, without values of a row.
        failure: The error that stops a command, with its next step.
    """

    engine: Engine
    refused: tuple[type[Exception], ...]
    broken: tuple[type[Exception], ...]
    words: Callable[[Exception], str]
    failure: Callable[[Exception], Unavailable]


class Database:
    """One connection, used by one thread."""

    def __init__(
        self, connection: Any, dialect: Dialect, checkpoint: Checkpoint, path: str = ""
    ) -> None:
        self.engine: Engine = dialect.engine
        self.path = path
        """The file of an SQLite database, "" for another."""
        self._connection = connection
        self._dialect = dialect
        self._checkpoint = checkpoint
        self._depth = 0

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement; its rows, or an empty list when it has none.

        Raises:
            Conflict: A constraint or trigger refused it.
            Unavailable: The database is gone, full, locked for too long or read-only.
        """
        return self._run(lambda: self._fetch(self._cursor(sql, parameters)))

    def count(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run one write; how many rows it changed."""
        return self._run(lambda: int(self._cursor(sql, parameters).rowcount))

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Run one write for each row of parameters; how many rows all of them changed."""
        return self._run(lambda: self._executemany(sql, rows))

    @contextmanager
    def transaction(self, name: str = "") -> Iterator[None]:
        """Write inside one transaction; a block within a block is part of the outer one.

        The outermost passes the checkpoints ``<name>:before-begin``, ``:before-commit`` and
        ``:after-commit`` when it has a name.
        """
        if self._depth:
            yield
            return
        self._pass(name, "before-begin")
        self._run(lambda: self._connection.execute(self._begin()))
        self._depth = 1
        try:
            yield
            self._pass(name, "before-commit")
            self._run(lambda: self._connection.execute("COMMIT"))
        except BaseException:
            self._depth = 0
            self._roll_back()
            raise
        self._depth = 0
        self._pass(name, "after-commit")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """A transaction of its own that is taken back, whatever happens in it."""
        self._run(lambda: self._connection.execute(self._begin()))
        try:
            yield
        finally:
            self._roll_back()

    def script(self, statements: Iterable[str]) -> None:
        """Run statements of a migration, as they stand."""
        for statement in statements:
            self._run(lambda text=statement: self._connection.execute(text))  # type: ignore[misc]

    def raw(self, work: Callable[[Any], T]) -> T:
        """Let `work` use the driver's own connection; what fails is told as everywhere."""
        return self._run(lambda: work(self._connection))

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _begin(self) -> str:
        return "BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN"

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except (*self._dialect.refused, *self._dialect.broken):
            return  # the engine has rolled back by itself, or the connection is gone

    def _pass(self, name: str, place: str) -> None:
        if name:
            self._checkpoint(f"{name}:{place}")

    def _cursor(self, sql: str, parameters: Sequence[object]) -> Any:
        if self.engine == "postgresql":
            sql = sql.replace("?", "%s")
        return self._connection.execute(sql, tuple(parameters))

    def _fetch(self, cursor: Any) -> list[Row]:
        return list(cursor.fetchall()) if cursor.description else []

    def _executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        if self.engine == "postgresql":  # one trip to the server for all rows (its pipeline mode)
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), [tuple(row) for row in rows])
                return int(cursor.rowcount)
        return int(self._connection.executemany(sql, rows).rowcount)

    def _run(self, work: Callable[[], T]) -> T:
        # From None: a driver's error may hold a row, and a row a token or a password.
        try:
            return work()
        except self._dialect.refused as error:
            raise Conflict(self._dialect.words(error)) from None
        except self._dialect.broken as error:
            raise self._dialect.failure(error) from None
