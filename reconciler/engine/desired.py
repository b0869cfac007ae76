"""From what a tenant's files say to its desired state, or to everything that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from reconciler.engine.codes import CODES
from reconciler.engine.draft import Draft, Finding, Path, called, written
from reconciler.engine.entries import Entries
from reconciler.engine.policy import Judged, Policies
from reconciler.engine.reading import (
    fields_of,
    looks_secret,
    mistakes,
    remedy,
    secretive,
    zones_of,
)
from reconciler.engine.rules import EXPLAINED, RULES
from reconciler.engine.rules.uniqueness import Claim, claims_in, claims_of
from reconciler.engine.unbuilt import UNBUILT_SECTIONS, later
from reconciler.errors import (
    Edit,
    Fix,
    Location,
    Problem,
    ReplaceText,
    SetValue,
    Severity,
    by_place,
)
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.address import Address
from reconciler.model.document import ProjectFacts, TenantSource
from reconciler.model.near import one_near
from reconciler.model.pointing import references_in
from reconciler.model.reference import EXTERNAL, Dialled, Reference
from reconciler.model.secret import SecretReference
from reconciler.model.secret_rules import shown
from reconciler.model.state import DesiredTenant, Wanted
from reconciler.model.tenant import TenantHeader

_SUGGESTED = 50
"""How many unknown references get a "did you mean": each costs a look at every name."""


def build(
    source: TenantSource, facts: ProjectFacts
) -> tuple[DesiredTenant | None, tuple[Problem, ...]]:
    """Read, type and check one tenant, by the rules as they are. Pure.

    Returns:
        The desired state, None when there is any error; and all problems by place, with
        warnings among them.

    """
    desired, judged, _ = check(source, facts, Policies())
    return desired, judged.problems


def check(
    source: TenantSource, facts: ProjectFacts, policies: Policies
) -> tuple[DesiredTenant | None, Judged, tuple[Claim, ...]]:
    """Read, type and check one tenant, and judge by the project's policies. Pure.

    Returns:
        The desired state, None when there is any error left; all problems by place; and what
        the tenant claims among all tenants, mistakes or not.

    """
    told = _Told(source)
    entries = Entries(source.tenant, source.value, facts, told.add)
    header, unread = _header(source, entries.dialled, told)
    _unknown_sections(source.value, facts, told)
    entries.read()
    draft = Draft(
        source.tenant,
        header or _stand_in(source, unread, entries.dialled),
        entries.objects,
        entries.origins,
        facts,
        frozenset(entries.undecided) | unread,
    )
    for finding in _findings(draft):
        told.add(finding)
    judged = policies.judge(source.tenant, told.problems())
    problems = judged.problems
    if any(problem.severity is Severity.ERROR for problem in problems) or header is None:
        return None, judged, tuple(claims_in(draft, lambda path: source.place(path, key=True)))
    desired = _desired(source, draft, problems)
    return desired, judged, tuple(claims_of(desired, draft))


def _findings(draft: Draft) -> Iterator[Finding]:
    yield from _time_zone(draft)
    yield from _secrets(draft)
    yield from _references(draft)
    for rule in RULES:
        yield from rule(draft)


def _desired(source: TenantSource, draft: Draft, problems: tuple[Problem, ...]) -> DesiredTenant:
    wanted = {address: _wanted(source, draft, address) for address in draft.objects}
    return DesiredTenant(
        source.tenant,
        draft.header,
        {**dict(_alongside(wanted)), **wanted},
        source.place(("tenant",)),
        dict(source.digests),
        problems,
    )


def _wanted(source: TenantSource, draft: Draft, address: Address) -> Wanted:
    made, origin = draft.objects[address], draft.origins[address]
    completed = made.completed(draft.named)
    same = completed is made
    return Wanted(
        completed,
        draft.specs[address] if same else completed.spec(),
        source.place(origin.path, key=True),
        origin.entry,
        address._replace(name=origin.was) if origin.was else None,
        draft.points_at[address] if same else None,
    )


def _alongside(wanted: Mapping[Address, Wanted]) -> Iterator[tuple[Address, Wanted]]:
    """What has to be there beside entries; an entry of its own by the same name goes before."""
    for address, want in wanted.items():
        for part in want.resource.alongside(address.name):
            made = KINDS[part.kind].model_validate(part.values)
            at = address._replace(kind=part.kind, name=part.name)
            yield at, Wanted(made, made.spec(), want.location, want.entry)


# Problems, with their places.


class _Told:
    """Collects findings and turns them into problems; lines with secrets are not shown."""

    def __init__(self, source: TenantSource) -> None:
        self._source = source
        self._found: dict[tuple[str, Path, str], Problem] = {}
        self._hidden: set[tuple[str, int]] = set()

    def add(self, finding: Finding) -> None:
        """Take a finding; the same one is kept once."""
        location = self._source.place(finding.path, key=finding.key)
        if finding.secret:
            self._hidden.add((location.file, location.line))
        ident = (finding.code, finding.path, finding.detail)
        if ident not in self._found:
            summary = (CODES.get(finding.code) or EXPLAINED[finding.code])[0]
            self._found[ident] = Problem(
                finding.code,
                summary,
                finding.detail,
                finding.hint,
                location,
                finding.severity,
                tuple((self._source.place(path), words) for path, words in finding.related),
                str(finding.address) if finding.address else "",
                self._placed(finding.fix),
            )

    def _placed(self, fix: Fix | None) -> Fix | None:
        """Say of each edit which file it is for, and where a short form stands for a long one."""
        if fix is None:
            return None
        return replace(fix, edits=tuple(map(self._placed_edit, fix.edits)))

    def _placed_edit(self, edit: Edit) -> Edit:
        if isinstance(edit, ReplaceText):
            return edit
        path, node = edit.path, self._source.value
        for depth, step in enumerate(edit.path):
            if isinstance(node, str) and isinstance(edit, SetValue):
                path = edit.path[:depth]
                break
            node = _inside(node, step)
        return replace(edit, path=path, file=self._source.place(path).file)

    def problems(self) -> tuple[Problem, ...]:
        """All of them, by place."""
        return by_place(
            replace(
                problem,
                location=self._veiled(problem.location),
                related=tuple((self._veiled(at), words) for at, words in problem.related),
            )
            for problem in self._found.values()
        )

    def _veiled(self, location: Location) -> Location:
        hidden = (location.file, location.line) in self._hidden
        return replace(location, text="") if hidden else location


def _inside(node: Any, step: str | int) -> Any:
    try:
        return node[step]
    except (LookupError, TypeError):
        return None


# The top of the file.


def _header(
    source: TenantSource, dialled: Dialled, told: _Told
) -> tuple[TenantHeader | None, frozenset[str]]:
    """Type the top of the file; None where it has a mistake, and the fields that have one."""
    names = fields_of(TenantHeader)
    given = {name: value for name, value in source.value.items() if name in names}
    given.setdefault("tenant", source.tenant)
    try:
        return TenantHeader.model_validate(given, context=dialled), frozenset()
    except ValidationError as error:
        unread = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        for wrong in mistakes(TenantHeader, given, error):
            told.add(
                Finding(
                    wrong.code,
                    wrong.path,
                    wrong.detail,
                    wrong.hint,
                    key=wrong.key,
                    secret=wrong.secret,
                    fix=remedy(wrong, ()),
                )
            )
    return None, frozenset(unread)


def _stand_in(source: TenantSource, unread: frozenset[str], dialled: Dialled) -> TenantHeader:
    """Make a header for the rules where the real one could not be read: of what can be."""
    stands: dict[str, Any] = {"tenant": source.tenant, "name": source.tenant, "timezone": "UTC"}
    names = fields_of(TenantHeader)
    given = {k: v for k, v in source.value.items() if k in names and k not in unread}
    try:
        return TenantHeader.model_validate({**stands, **given}, context=dialled)
    except ValidationError:
        return TenantHeader.model_construct(**stands)


def _unknown_sections(value: Mapping[str, Any], facts: ProjectFacts, told: _Told) -> None:
    known = [*fields_of(TenantHeader), *SECTIONS, *UNBUILT_SECTIONS]
    for name in value:
        if name == "connectors" and not facts.allow_own_carriers:
            told.add(
                Finding(
                    "TEL410",
                    (name,),
                    "A tenant brings connectors of its own, and the platform does not allow it.",
                    "Declare them in the project file, or set platform.allow_own_carriers there.",
                    key=True,
                )
            )
        elif name in UNBUILT_SECTIONS:
            detail, hint = later(f"The section `{name}`")
            told.add(Finding("E130", (name,), detail, hint, key=True))
        elif name not in known:
            near = get_close_matches(name, known, 1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(known)}."
            detail = f'There is no section "{name[:60]}".'
            meant = one_near(name, known)
            fix = called((name,), meant) if meant and meant not in value else None
            secret = looks_secret(name)
            told.add(Finding("E120", (name,), detail, hint, key=True, secret=secret, fix=fix))


def _time_zone(draft: Draft) -> Iterator[Finding]:
    """Find time zones that there are not (E129): the tenant's, and those of its objects."""
    zones, own = draft.facts.zones, draft.header.timezone
    if not zones:
        return
    if own not in zones:
        yield _no_zone(zones, own, ("timezone",), None)
    for address, made in draft.objects.items():
        for name in zones_of(type(made)):
            zone = getattr(made, name)
            if zone not in zones and zone != own:
                yield _no_zone(zones, zone, draft.path(address, name), address)


def _no_zone(zones: Collection[str], zone: str, path: Path, address: Address | None) -> Finding:
    near = get_close_matches(zone, zones, 1)
    hint = f'Did you mean "{near[0]}"?' if near else "Write an IANA name, such as Europe/London."
    return Finding("E129", path, f'There is no time zone "{zone[:60]}".', hint, address=address)


# Secrets.


def _secrets(draft: Draft) -> Iterator[Finding]:
    for address, made in draft.objects.items():
        for steps, secret in _secrets_in(made) if secretive(type(made)) else ():
            refusal = draft.facts.secrets.refusal(secret)
            if refusal:
                refusal = f"{shown(secret)} may not be used here: {refusal}."
                path = (*draft.path(address, *steps), secret.form)
                hint = "Use what `secrets.allow` in the project file lists, or have it added there."
                yield Finding("E131", path, refusal, hint, address=address)


def _secrets_in(model: BaseModel, path: Path = ()) -> Iterator[tuple[Path, SecretReference]]:
    """Find each reference to a secret, with the way to it as an author writes it."""
    for name, as_written in secretive(type(model)):
        value = getattr(model, name)
        if isinstance(value, SecretReference):
            yield (*path, as_written), value
        elif isinstance(value, BaseModel):
            yield from _secrets_in(value, (*path, as_written))


# References.


def _references(draft: Draft) -> Iterator[Finding]:
    """Find pointers to what is not there: once for each target, with every use of it."""
    uses: dict[tuple[str, str], list[tuple[Path, Address | None, Reference]]] = {}
    for path, address, reference in _loose(draft):
        uses.setdefault((reference.reference, reference.missing), []).append(
            (path, address, reference)
        )
    for count, ((target, code), found) in enumerate(uses.items()):
        path, address, reference = found[0]
        related = tuple((other, "used here too") for other, _, _ in found[1:] if other != path)
        detail = _absent(draft, code, reference)
        hint = _suggestion(draft, reference) if count < _SUGGESTED else ""
        hint = hint or f"Declare {target}, or point somewhere else."
        fix = _remedy(draft, reference, [at for at, _, _ in found]) if count < _SUGGESTED else None
        yield Finding(code, path, detail, hint, address=address, related=related, fix=fix)


def _absent(draft: Draft, code: str, reference: Reference) -> str:
    if code == "TEL201":
        return f'"{reference.reference}" does not exist in tenant "{draft.tenant}".'
    return f'"{reference.name}" is not a {reference.kind} of tenant "{draft.tenant}".'


def _remedy(draft: Draft, reference: Reference, paths: list[Path]) -> Fix | None:
    """Make the fix that points all uses at the one object of the kind that can be meant."""
    prefix = f"{reference.kind}/"
    names = [name.removeprefix(prefix) for name in draft.names if name.startswith(prefix)]
    meant = one_near(reference.name, names)
    if not meant:
        return None
    return written(paths, meant if reference != reference.reference else prefix + meant)


def _suggestion(draft: Draft, reference: Reference) -> str:
    prefix = f"{reference.kind}/"
    same = [name.removeprefix(prefix) for name in draft.names if name.startswith(prefix)]
    # Names alone: with the kind before them all extensions look alike.
    near = [f"{prefix}{name}" for name in get_close_matches(reference.name, same, 1)]
    if not near:
        near = [name for name in draft.names if name.endswith(f"/{reference.name}")][:1]
        near = [name for name in near if reference == reference.reference]
    if not near:
        return ""
    short = reference != reference.reference
    return f'Did you mean "{near[0].partition("/")[2] if short else near[0]}"?'


def _loose(draft: Draft) -> Iterator[tuple[Path, Address | None, Reference]]:
    """Every reference to what is not in the file: the tenant's own, then those of objects."""
    for name in ("fallback", "intercept", "dialplan"):
        for path, reference in references_in(getattr(draft.header, name, None), (name,)):
            if reference.kind != EXTERNAL and not draft.has(reference.reference):
                yield path, None, reference
    for address, steps, reference in draft.dangling:
        yield draft.path(address, *steps), address, reference
