"""What Dial 9's sandbox remembers beside what every sandbox keeps: numbers and destinations."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from reconciler.database import Component
from reconciler.protocols import Clock
from reconciler.sandbox.books import Books
from reconciler.sandbox.dial9.protocol import is_read
from reconciler.sandbox.dial9.settings import SETTINGS

TELCOM: Final = "telcom"
CONNECT: Final = "connect"
EDITIONS: Final = (TELCOM, CONNECT)

ACTIVE: Final = "active"
DELETED: Final = "deleted"
SOLD: Final = "sold"
STATES: Final = (ACTIVE, DELETED, SOLD)

INCOMING: Final = "incoming"
UTILITY: Final = "utility"

FIRST_ID: Final = 4243
IDS_PER_SEED: Final = 100_000

SUBSCRIBER: Final = (
    "first_name",
    "name",
    "address1",
    "address2",
    "address3",
    "address4",
    "postcode",
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that somebody has or had. Times are seconds since the epoch.

    Attributes:
        id: The carrier's; a number that is acquired again gets another one.
        number: As it is written there: national digits, or what colleagues dial.
        context: `incoming`, or `utility` for what only colleagues dial.
        state: `active` on the account, `deleted`, or `sold` to somebody else.
        acquired: When it was bought; None for a utility number.
        subscriber: Who is shown to 999, by field.
        pushed: When the address's validation ends; None when it was never sent in.
        address_fails: Whether that validation ends badly.
    """

    id: int
    number: str
    context: str = INCOMING
    state: str = ACTIVE
    name: str | None = None
    created: float = 0.0
    updated: float = 0.0
    acquired: float | None = None
    recording: bool = True
    caller_id_prefix: str | None = None
    passthrough: bool = True
    destination_type: str | None = None
    destination_id: int | None = None
    subscriber: Mapping[str, str | None] = field(
        default_factory=lambda: dict.fromkeys(SUBSCRIBER, None)
    )
    pushed: float | None = None
    address_fails: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a number may lead to: an extension, a menu, a group, a mailbox."""

    id: int
    type: str
    name: str
    facts: Mapping[str, Any]


_COLUMNS = ("id", "number", "context", "state")

SEEDED: Final[tuple[Thing, ...]] = (
    Thing(262, "Menu", "Main Menu", {"extension_access": True}),
    Thing(900, "CallGroup", "Sales", {"members": [2902], "noanswer_timeout": 20}),
    Thing(2902, "Extension", "Front desk", {"exten": "201", "username": "frontdesk"}),
    Thing(2903, "Extension", "pbx-trunk", {"exten": "299", "username": "pbx"}),
    Thing(410, "VoicemailBox", "General", {"number": "101"}),
    Thing(77, "Followme", "On call", {}),
)


class Account(Books):
    """One unit of the carrier. Not for two threads at once."""

    component = Component("sandbox-dial9", "reconciler.sandbox.dial9")
    tables = ("setting", "number", "object", "token", "counter", "charge", "event", "fault")
    kept = frozenset({"object"})
    settings = SETTINGS

    def __init__(self, path: str, clock: Clock | None = None, edition: str = "") -> None:
        super().__init__(path, clock)
        self._edition = edition
        with self._db.transaction():
            for thing in SEEDED:
                self._db.execute(
                    "INSERT OR IGNORE INTO object (id, type, name, facts) VALUES (?, ?, ?, ?)",
                    (thing.id, thing.type, thing.name, json.dumps(thing.facts)),
                )

    @staticmethod
    def is_change(method: str, path: str) -> bool:
        """Whether an action changes anything, by its name: the method says nothing here."""
        del method
        return not is_read(path)

    @property
    def edition(self) -> str:
        """Which of the two documented editions it speaks."""
        return self.named_edition or TELCOM

    @property
    def named_edition(self) -> str:
        """The edition that a switch or its section names; "" where neither is known."""
        return str(self.setting("edition")) or self._edition

    # Numbers.

    def numbers(self, state: str = ACTIVE) -> tuple[Number, ...]:
        """All numbers in a state, by id."""
        rows = self._db.execute(
            "SELECT id, number, context, state, facts FROM number WHERE state = ? ORDER BY id",
            (state,),
        )
        return tuple(map(_number, rows))

    def index(self, contexts: Sequence[str]) -> list[tuple[int, str, str | None]]:
        """Id, number and name of every active number of these contexts, by id."""
        marks = ", ".join("?" for _ in contexts)
        rows = self._db.execute(
            "SELECT id, number, json_extract(facts, '$.name') FROM number"
            f" WHERE state = 'active' AND context IN ({marks}) ORDER BY id",
            tuple(contexts),
        )
        return [(int(row[0]), str(row[1]), row[2]) for row in rows]

    def number(self, id_: object) -> Number | None:
        """One number of the account by its id."""
        rows = self._db.execute(
            "SELECT id, number, context, state, facts FROM number"
            " WHERE id = ? AND state = 'active'",
            (id_ if isinstance(id_, int) else -1,),
        )
        return _number(rows[0]) if rows else None

    def was_deleted(self, id_: int) -> bool:
        """Whether there was a number of this id once."""
        rows = self._db.execute("SELECT 1 FROM number WHERE id = ? AND state = 'deleted'", (id_,))
        return bool(rows)

    def holders(self, number: str) -> tuple[Number, ...]:
        """Every record of a number that is not free: ours, or sold to somebody else."""
        rows = self._db.execute(
            "SELECT id, number, context, state, facts FROM number"
            " WHERE number = ? AND state <> 'deleted' ORDER BY id",
            (number,),
        )
        return tuple(map(_number, rows))

    def save(self, number: Number, what: str) -> Number:
        """Write a number and the event that changed it."""
        facts = {name: value for name, value in asdict(number).items() if name not in _COLUMNS}
        self._db.execute(
            "INSERT INTO number (id, number, context, state, facts) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET number = excluded.number,"
            " context = excluded.context, state = excluded.state, facts = excluded.facts",
            (number.id, number.number, number.context, number.state, json.dumps(facts)),
        )
        self.tell(what, number.number)
        return number

    def next_id(self) -> int:
        """An id that was never given before; the seed decides where they start."""
        given = self.count("id")
        return FIRST_ID + IDS_PER_SEED * (int(self.setting("seed")) - 1) + given - 1

    def count(self, name: str) -> int:
        """How often this was asked, this time included."""
        self._db.execute(
            "INSERT INTO counter (name, value) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1",
            (name,),
        )
        rows = self._db.execute("SELECT value FROM counter WHERE name = ?", (name,))
        return int(rows[0][0])

    # Destinations.

    def things(self, type_: str) -> tuple[Thing, ...]:
        """All objects of a type, by id."""
        rows = self._db.execute(
            "SELECT id, type, name, facts FROM object WHERE type = ? ORDER BY id", (type_,)
        )
        return tuple(Thing(row[0], row[1], row[2], json.loads(row[3])) for row in rows)

    def thing(self, type_: object, id_: object) -> Thing | None:
        """One object by its type and id; a utility number is one, too."""
        if type_ == "InternalNumber":
            number = self.number(id_)
            if number is None or number.context != UTILITY:
                return None
            return Thing(number.id, "InternalNumber", number.name or number.number, {})
        known = self.things(str(type_))
        return next((thing for thing in known if thing.id == id_), None)

    def names(self) -> dict[tuple[str, int], str]:
        """The name of everything that a number may lead to, by its type and id."""
        found = {
            ("InternalNumber", id_): name or number for id_, number, name in self.index((UTILITY,))
        }
        rows = self._db.execute("SELECT type, id, name FROM object")
        return found | {(str(row[0]), int(row[1])): str(row[2]) for row in rows}

    def ensure_thing(self, type_: str, name: str) -> Thing:
        """Make an object, unless one of that type and name is there."""
        for thing in self.things(type_):
            if thing.name == name:
                return thing
        rows = self._db.execute("SELECT max(id) FROM object")
        made = Thing(int(rows[0][0]) + 1, type_, name, {})
        self._db.execute(
            "INSERT INTO object (id, type, name, facts) VALUES (?, ?, ?, ?)",
            (made.id, made.type, made.name, "{}"),
        )
        return made

    # Calls.

    def add_call(self, source: str, destination: str, began: int, seconds: int) -> None:
        """Let somebody have called somebody: both in E.164."""
        rows = self._db.execute("SELECT max(id) FROM object")
        facts = {"source": source, "destination": destination, "at": began, "seconds": seconds}
        self._db.execute(
            "INSERT INTO object (id, type, name, facts) VALUES (?, 'Call', ?, ?)",
            (int(rows[0][0]) + 1, f"call at {began}", json.dumps(facts)),
        )

    def reset(self) -> None:
        """Forget everything but what numbers may lead to."""
        super().reset()
        self._db.execute("DELETE FROM object WHERE type = 'Call'")

    # Search results.

    def offer(self, number: str) -> str:
        """Make a token that acquires a number for a while."""
        chance = random.Random(f"{self.setting('seed')}:{self.count('token')}")  # noqa: S311 - no secret
        made = f"{chance.getrandbits(128):032x}"
        until = self.seconds() + float(self.setting("token_seconds"))
        self._db.execute(
            "INSERT INTO token (token, number, until) VALUES (?, ?, ?)", (made, number, until)
        )
        return made

    def offered(self, token: object) -> str | None:
        """The number that a token acquires; None when it is unknown or has run out."""
        rows = self._db.execute(
            "SELECT number FROM token WHERE token = ? AND until > ?", (str(token), self.seconds())
        )
        return str(rows[0][0]) if rows else None


def _number(row: tuple[Any, ...]) -> Number:
    return Number(*row[:4], **json.loads(row[4]))
