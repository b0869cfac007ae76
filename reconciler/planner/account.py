"""One carrier account: what is known of its own objects, and its two parts of a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.engine.diff import Scene
from reconciler.engine.plan import Held, Part
from reconciler.engine.planning import Question, make_account_parts
from reconciler.engine.unheld import unheld
from reconciler.errors import Unavailable
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Action
from reconciler.model.address import Address
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, DesiredTenant, Observed, Wanted
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.observe import Accounts, emptied_kinds, read_accounts
from reconciler.planner.orders import OPEN
from reconciler.planner.sources import Coming, Policy, Sources
from reconciler.planner.tenant import able_at, priced_by
from reconciler.planner.unfinished import Taken, open_at, settling_of
from reconciler.protocols import NUMBER, Listing, NotChecked

SETTINGS_SECONDS = 3600.0
"""How old what an account says of its settings may be: its carrier may be asked seldom."""


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What becomes of one account.

    Attributes:
        connector: Its connector.
        coming: What it gets by the first part, as `kind/name`, without what waits for an
            approval.
        leaving: What is there, ours and not wanted any more, as a number's setting names it.
        first: The part that comes before all tenants.
        last: The part that removes, which comes after them.
        held: What is there of what was in git when it was last applied, by `kind/name`.
    """

    connector: str
    coming: frozenset[str]
    leaving: frozenset[str]
    first: Part
    last: Part
    held: Mapping[str, Spec]


def plan_account(
    sources: Sources, desired: DesiredTenant, connector: str, accounts: Accounts, policy: Policy
) -> AccountPlan | None:
    """Make one account's parts of a plan; None where nothing of it is or was in git."""
    known = sources.ledger.applied(desired.tenant)
    left = {at: one for at, one in known.items() if at.kind in sources.kinds}
    begun = open_at(sources, desired.tenant)
    if not (desired.objects or left or begun.held or begun.settling):
        return None
    unchecked = read_accounts(accounts, {connector})
    observed = {} if unchecked else dict(_observed(sources, connector, desired, left, accounts))
    seldom = _Seldom({})
    taken: tuple[Taken, ...] = ()
    if not unchecked:
        taken = tuple(_taken(desired, accounts.listing(connector)))
        seldom = _Seldom.read(sources, connector, desired, left, accounts)
        observed |= seldom.observed
    applied, moved = _by_identity(sources, desired, left, observed)
    observed = {at: replace(one, managed=at in applied) for at, one in observed.items()}
    able = able_at(sources, {connector} - unchecked.keys(), observed)
    beyond = unheld(sources.kinds, desired.objects, applied.keys() | observed.keys(), able)
    going = applied.keys() - desired.objects.keys()
    staying = () if unchecked else tuple(_staying(sources, connector, going, left, accounts))
    scene = Scene(
        kinds=sources.kinds,
        desired=desired.objects,
        observed=observed,
        applied=applied,
        supply={},
        frozen=begun.frozen | seldom.unread | beyond.left,
        reverts_drift=policy.reverts_drift,
    )
    question = Question(
        tenant=desired.tenant,
        scene=scene,
        limits=policy.limits,
        held=(*begun.held, *seldom.held, *beyond.held, *staying),
        unchecked=unchecked,
        unread=emptied_kinds(accounts, left, unchecked),
        settling=(*begun.settling, *settling_of(sources, taken, applied, begun.frozen)),
        price=priced_by(sources, accounts.facts, policy.prices),
        kept=moved,
        staying=frozenset(line.address for line in staying),
    )
    first, last = make_account_parts(question)
    return AccountPlan(
        connector,
        _coming(first),
        frozenset(f"{at.kind}:{at.name}" for at in applied.keys() - desired.objects.keys()),
        first,
        last,
        _held(connector, observed, accounts),
    )


@dataclass(frozen=True, slots=True)
class _Seldom:
    """What an account tells seldom of what git wants: as it is, or that it is not known now."""

    observed: Mapping[Address, Observed]
    held: tuple[Held, ...] = ()
    unread: frozenset[Address] = frozenset()

    @classmethod
    def read(
        cls,
        sources: Sources,
        connector: str,
        desired: DesiredTenant,
        left: Mapping[Address, Applied],
        accounts: Accounts,
    ) -> _Seldom:
        """Look at what is kept of it, and ask where that is too old.

        Of a setting that it does not tell, what the last apply left stands for what is there.
        """
        kinds = sources.carriers[connector].capabilities.seldom
        wanted = sorted(at for at in desired.objects if at.kind in kinds)
        if not wanted:
            return cls({})
        told = accounts.facts.about(connector, SETTINGS_SECONDS)
        if isinstance(told, NotChecked):
            why = f"not checked: {connector}: {told.reason}"
            held = (Held(address=str(at), what="unchecked", detail=why) for at in wanted)
            return cls({}, tuple(held), frozenset(wanted))
        there = {name: value for name, value in told.settings.items() if value is not None}
        found = {}
        for at in wanted:
            sent = left[at].spec if at in left else {}
            untold = {name: value for name, value in sent.items() if name not in told.settings}
            found[at] = Observed(at, {**untold, "connector": connector, **there})
        return cls(found)


def _taken(desired: DesiredTenant, listing: Listing) -> Iterator[Taken]:
    """What git wants of an account and that account shows, with what it tells of it."""
    for address, want in sorted(desired.objects.items()):
        holding = listing.of(address.kind).get(address.name)
        if holding is not None:
            yield Taken(address, want, holding)


def _staying(
    sources: Sources,
    connector: str,
    going: Iterable[Address],
    left: Collection[Address],
    accounts: Accounts,
) -> Iterator[Held]:
    """What goes as far as git says, and cannot go yet."""
    needed = dict(_needed(sources, connector, left, accounts)) if going else {}
    awaited = {line.address: line for line in _awaited(sources, connector, going, accounts)}
    there = (at for at in going if at.name in accounts.listing(connector).of(at.kind))
    permanent = {line.address: line for line in _permanent(sources, connector, there)}
    for at in sorted(going):
        if found := permanent.get(str(at)) or awaited.get(str(at)) or needed.get(at):
            yield found


def _needed(
    sources: Sources, connector: str, left: Collection[Address], accounts: Accounts
) -> Iterator[tuple[Address, Held]]:
    """What numbers need that no tenant's file moves away: those in quarantine, and nobody's.

    What is only known by another name from now on has been left under that: they follow it.
    """
    kind = sources.kinds[NUMBER]
    users: dict[str, list[str]] = {}
    for e164, holding in sorted(accounts.listing(connector).holdings.items()):
        for reference in kind.needs_of_account(holding.spec):
            users.setdefault(reference, []).append(e164)
    at_stake = {at: users[at.reference] for at in left if at.reference in users}
    records = sources.platform.numbers({e164 for them in at_stake.values() for e164 in them})
    for at, them in at_stake.items():
        kept = [e164 for e164 in them if _is_kept(records.get(e164))]
        if kept:
            whose = ", ".join(kept[:_MOST_NAMED]) + (" and others" * (len(kept) > _MOST_NAMED))
            detail = f"{whose}, in quarantine or not ours, still needs it: it stays until none does"
            way = "reconciler quarantine"
            yield at, Held(address=str(at), what="waiting", detail=detail, next=way)


_MOST_NAMED = 5


def _is_kept(record: PoolNumber | None) -> bool:
    return record is None or record.state is NumberState.QUARANTINED


def _permanent(sources: Sources, connector: str, going: Iterable[Address]) -> Iterator[Held]:
    """What is gone from git and its carrier has no way to remove."""
    kinds = sources.carriers[connector].capabilities.permanent
    for at in sorted(at for at in going if at.kind in kinds):
        detail = f"connector {connector} has no way to remove it: it stays there, and answers"
        step = "put its line back, or remove it in the carrier's own portal and plan again"
        yield Held(address=str(at), what="unsupported", detail=detail, next=step)


def _awaited(
    sources: Sources, connector: str, going: Iterable[Address], accounts: Accounts
) -> Iterator[Held]:
    """What stays as long as an open order may bring its numbers there, where nobody would answer.

    A carrier never tells where an order was told to lead its numbers.
    """
    at_stake = sorted(at for at in going if _receives(sources, at))
    why = _open_order(sources, connector, accounts) if at_stake else ""
    if why:
        for at in at_stake:
            detail = f"{why}, and its numbers may come there: it stays until that is over"
            yield Held(address=str(at), what="waiting", detail=detail, next="reconciler ports list")


def _receives(sources: Sources, address: Address) -> bool:
    cls = sources.kinds[address.kind]
    return issubclass(cls, AccountObject) and cls.receives


def _open_order(sources: Sources, connector: str, accounts: Accounts) -> str:
    """Name an order that the account's carrier works on, as a clause; "" for none."""
    able = sources.carriers[connector].capabilities.held
    for kind in sorted(kind for kind in able if sources.kinds[kind].brings):
        try:
            listed = accounts.orders(connector, kind)
        except Unavailable as error:
            return f"whether a {kind} is open is not known ({error.message.rstrip('.')})"
        for name, holding in sorted(listed.items()):
            if holding.stage in OPEN:
                return f"the {kind} {name} is open"
    return ""


def _held(
    connector: str, observed: Mapping[Address, Observed], accounts: Accounts
) -> dict[str, Spec]:
    """What the carrier itself tells of what is ours there."""
    ours = [at for at, one in observed.items() if one.managed]
    told = ((at, accounts.listing(connector).of(at.kind).get(at.name)) for at in ours)
    return {at.reference: dict(holding.spec) for at, holding in told if holding is not None}


def _coming(first: Part) -> frozenset[str]:
    """What the account gets before any tenant is begun, if all goes well."""
    if first.refused:
        return frozenset()
    made = (op for op in first.operations if op.action is Action.CREATE and not op.approval)
    return frozenset(op.address.split("/", 1)[1] for op in made)


def _observed(
    sources: Sources,
    connector: str,
    desired: DesiredTenant,
    left: Mapping[Address, Applied],
    accounts: Accounts,
) -> Iterator[tuple[Address, Observed]]:
    """What the account has of the kinds that git has, or had, to do with.

    Of what the carrier never tells, what the last apply left stands for what is there.
    """
    can = sources.carriers[connector].capabilities
    listing = accounts.listing(connector)
    concerned = desired.objects.keys() | left.keys()
    for kind in sorted({at.kind for at in concerned}):
        if kind in can.unlisted:
            for at, one in left.items():
                if at.kind == kind:
                    yield at, Observed(at, one.spec)
            for at, want in desired.objects.items():
                if at.kind == kind and at not in left and _said_to_be_there(sources, at, want):
                    yield at, Observed(at, want.spec)
        for name, holding in listing.others.get(kind, {}).items():
            at = Address(desired.tenant, kind, name)
            sent = left[at].spec if at in left else {}
            yield at, Observed(at, can.with_untold(kind, holding.spec, sent))


def _said_to_be_there(sources: Sources, address: Address, want: Wanted) -> bool:
    cls = sources.kinds[address.kind]
    return issubclass(cls, AccountObject) and cls.is_said_to_be_there(want.spec)


def _by_identity(
    sources: Sources,
    desired: DesiredTenant,
    left: Mapping[Address, Applied],
    observed: Mapping[Address, Observed],
) -> tuple[dict[Address, Applied], tuple[Address, ...]]:
    """Find what we left by what the carrier tells it apart by, where its name is another's now.

    Returns:
        What the last apply left, by the names that things have now; and the new names.
    """
    applied: dict[Address, Applied] = {}
    moved: list[Address] = []
    for at, one in left.items():
        cls = sources.kinds[at.kind]
        want = desired.objects.get(at)
        if not issubclass(cls, AccountObject) or not cls.told_apart_by or want is None:
            applied.setdefault(at, one)
            continue
        identity = cls.identity(one.spec)
        if identity == cls.identity(want.spec):
            applied[at] = one
            continue
        for other, have in observed.items():
            known = other.kind == at.kind and cls.identity(have.spec) == identity
            if known and other not in desired.objects:
                applied[other] = replace(one, address=other)
                if other not in left:
                    moved.append(other)
    return applied, tuple(sorted(moved))


def coming_of(plans: Iterable[AccountPlan], *, begun: bool) -> Coming:
    """What tenants are told of the accounts' parts; `begun`: whether those are in the plan."""
    listed = tuple(plans)
    gets = {plan.connector: plan.coming for plan in listed} if begun else {}
    return Coming(gets, {plan.connector: plan.leaving for plan in listed})
