"""What was last read of each carrier account, for lists that ask nobody."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from reconciler.database import Database
from reconciler.protocols import KeptFact, Snapshot

AT_ONCE: Final = 500
"""Topics in one query: databases take so many parameters at least."""

_KEEP = (
    "INSERT INTO carrier_snapshot (connector, account, at, numbers) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (connector) DO UPDATE SET account = excluded.account, at = excluded.at,"
    " numbers = excluded.numbers"
)

_KEEP_FACT = (
    "INSERT INTO carrier_fact (connector, topic, account, at, value) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (connector, topic) DO UPDATE SET account = excluded.account,"
    " at = excluded.at, value = excluded.value"
)


def keep(database: Database, snapshot: Snapshot) -> None:
    """Put one in place of the last one of that connector."""
    numbers = json.dumps(sorted(snapshot.e164s))
    with database.transaction("snapshot"):
        database.execute(_KEEP, (snapshot.connector, snapshot.account, snapshot.at, numbers))


def kept(database: Database) -> dict[str, Snapshot]:
    """The last one of each connector."""
    rows = database.execute("SELECT connector, account, at, numbers FROM carrier_snapshot")
    return {
        connector: Snapshot(connector, account, at, frozenset(json.loads(numbers)))
        for connector, account, at, numbers in rows
    }


def keep_fact(database: Database, fact: KeptFact) -> None:
    """Put one in place of the last one of that connector and topic."""
    with database.transaction("fact"):
        database.execute(
            _KEEP_FACT, (fact.connector, fact.topic, fact.account, fact.at, fact.value)
        )


def forget_facts(database: Database, connector: str, topics: Collection[str]) -> None:
    """Keep none of a connector about some topics."""
    with database.transaction("fact"):
        for topic in sorted(topics):
            database.execute(
                "DELETE FROM carrier_fact WHERE connector = ? AND topic = ?", (connector, topic)
            )


def fact(database: Database, connector: str, topic: str) -> KeptFact | None:
    """The last one of a connector and topic; None for none."""
    return facts(database, connector, (topic,)).get(topic)


def facts(database: Database, connector: str, topics: Collection[str]) -> dict[str, KeptFact]:
    """The last one of each of these topics, by topic."""
    found: dict[str, KeptFact] = {}
    asked = sorted(topics)
    for at in range(0, len(asked), AT_ONCE):
        some = asked[at : at + AT_ONCE]
        rows = database.execute(
            "SELECT topic, account, at, value FROM carrier_fact"
            f" WHERE connector = ? AND topic IN ({', '.join('?' * len(some))})",
            (connector, *some),
        )
        found |= {topic: KeptFact(connector, topic, *told) for topic, *told in rows}
    return found
