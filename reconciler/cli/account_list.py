"""`connectors list`: what each carrier account is, without asking it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.cli.holdings import Ours, coming, ours_by_connector, without_connector
from reconciler.cli.purses import purse_of
from reconciler.cli.session import Session
from reconciler.errors import InvalidConfig, ReconcilerError, Unavailable
from reconciler.protocols import NUMBER, Capabilities, Snapshot
from reconciler.report.connectors import Account, Counted, Credential, Mode
from reconciler.settings import Connector
from reconciler.settings.connectors import NamedDestination
from reconciler.settings.references import named


def listed_accounts(session: Session) -> tuple[tuple[Account, ...], dict[str, dict[str, int]]]:
    """Describe every connector of the project.

    Returns:
        Them, and how much of ours, by kind, is at each connector that it does not have.

    Raises:
        Unavailable: The platform or the ledger cannot be read.
    """
    ours = ours_by_connector(session)
    on_their_way = coming(session)
    snapshots = session.ledger.snapshots()
    known = session.project.settings.connectors
    accounts = tuple(
        _described(session, name, settings, snapshots.get(name), ours.get(name, {}), on_their_way)
        for name, settings in known.items()
    )
    left = without_connector(session)
    return accounts, {
        name: Counter(sorted(kind for kind, _ in held)) for name, held in left.items()
    }


def _described(
    session: Session,
    name: str,
    settings: Connector,
    snapshot: Snapshot | None,
    ours: Ours,
    on_their_way: frozenset[str],
) -> Account:
    credentials = tuple(_credentials(session, name, settings))
    account, trouble, purse = "", "", None
    opens = all(each.resolved == "present" for each in credentials)
    if opens:
        try:
            carrier = session.carriers[name]
            account, purse = carrier.account(), purse_of(session, carrier)
        except InvalidConfig as error:
            trouble = " ".join(problem.detail for problem in error.problems)
        except Unavailable as error:
            trouble = error.message
    known = snapshot.account if snapshot is not None else ""
    return Account(
        name=name,
        kind=settings.kind,
        mode=_mode(settings),
        account=account or known,
        handoff=_handoff(settings),
        capabilities=_capabilities(settings),
        credentials=credentials,
        counted=_counted(snapshot, account or known, ours, on_their_way),
        trouble=trouble,
        purse=purse,
    )


def _mode(settings: Connector) -> Mode:
    return "sandbox" if settings.sandbox else "real"


def _handoff(settings: Connector) -> str:
    handoff = settings.numbers.handoff
    if isinstance(handoff, NamedDestination):
        return f"{handoff.type} {handoff.name}"
    return handoff or ""


def _capabilities(settings: Connector) -> Capabilities | None:
    from reconciler import carriers  # noqa: PLC0415 - brings HTTP, needed only where there is one

    module = carriers.find(settings.kind)
    if module is None:
        return None
    known: Capabilities = module.capabilities_of(settings.options())
    return known


def _credentials(session: Session, name: str, settings: Connector) -> Iterator[Credential]:
    for field, reference in settings.credentials.items():
        if reference.exec is not None:
            yield Credential(field, named(reference), "not tried", "a program is not run")
            continue
        try:
            session.vault.resolve_project(reference, f"connectors.{name}.credentials.{field}")
        except ReconcilerError as error:
            yield Credential(field, named(reference), "missing", error.message)
        else:
            yield Credential(field, named(reference), "present")


def _counted(
    snapshot: Snapshot | None, account: str, ours: Ours, on_their_way: frozenset[str]
) -> Counted | None:
    """Count what was last read; nothing of another account that had the name before."""
    if snapshot is None or (account and snapshot.account != account):
        return None
    known = _numbers(ours)
    there = snapshot.e164s
    return Counted(
        snapshot.at, len(there & known), len(there - known), len(known - there - on_their_way)
    )


def _numbers(ours: Ours) -> set[str]:
    return {name for kind, name in ours if kind == NUMBER}
