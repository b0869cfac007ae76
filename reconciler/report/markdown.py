"""Reports as Markdown for pull requests and job summaries, within what GitHub takes.

What is dangerous stands first and is never cut; details are folded tenant by tenant, and of
the longest the middle goes first. GitHub refuses a comment of more than 65,536 characters.
Names and answers from elsewhere are shown as code, so that they neither form nor address
anything.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.engine.plan import Part, tenant_of
from reconciler.errors import Problem, by_place
from reconciler.model.address import ACCOUNT
from reconciler.report.accounts import AccountNumbers
from reconciler.report.drift import TenantDrift, tenant_drift
from reconciler.report.problems import Checked, counts
from reconciler.report.text import number_of, printable
from reconciler.report.values import field_name, sides_text

LIMIT = 65_536
"""Characters that GitHub takes in a comment."""

BUDGET = 60_000
"""Characters that we use of them, so that a frame of the caller's fits as well."""

MOST_ROWS = 100
MOST_NAMES = 10
MOST_DANGERS = 20
_SENTENCE = 400
_LEAST = 300
"""Characters below which a cut detail is left out whole."""

_FORMS = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


@dataclass(frozen=True, slots=True)
class Fold:
    """What is folded under a title: lines of a fence."""

    title: str
    lines: tuple[str, ...]
    language: str = "text"


def marker(what: str, scope: object = "all") -> str:
    """The line that names a report, by which a comment is found again."""
    names = sorted(map(str, scope)) if isinstance(scope, list | tuple) else []
    tenants = ",".join(names) or "*"
    if len(names) > MOST_NAMES:
        tenants = f"{len(names)}-{hashlib.sha256(tenants.encode()).hexdigest()[:8]}"
    return f"<!-- reconciler:{what} tenant={code_free(tenants)} v1 -->"


def part_name(name: str) -> str:
    """The name of a part of a plan; that of an account as code, so that it names no person."""
    if not name.startswith(ACCOUNT):
        return code_free(name)
    account = tenant_of(name)
    return f"<code>{ACCOUNT}{code_free(account)}{name.removeprefix(account)}</code>"


def code_free(text: str) -> str:
    """A text of the characters that names of tenants have, for a comment in HTML."""
    return re.sub(r"[^a-z0-9,*-]", "", text)


def words(text: str) -> str:
    """A sentence from elsewhere: it forms nothing, and addresses nobody."""
    shown = printable(" ".join(text.split()))
    shown = shown if len(shown) <= _SENTENCE else f"{shown[: _SENTENCE - 1]}…"
    return html.escape(_FORMS.sub(r"\\\1", shown), quote=False).replace("@", "@\u200b")


def code(text: str) -> str:
    """A name as code, in a table as well."""
    shown = printable(text)
    ticks = "`" * (_longest_run(shown) + 1)
    blank = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{blank}{shown}{blank}{ticks}".replace("|", r"\|")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose first column is text and whose others are figures; at most 100 rows."""
    if not rows:
        return []
    frame = ["---", *("--:" for _ in heads[1:])]
    shown = [f"| {' | '.join(cells)} |" for cells in (heads, frame, *rows[:MOST_ROWS])]
    more = len(rows) - MOST_ROWS
    return [*shown, *([f"\n… {more} more are not listed."] if more > 0 else []), ""]


def alert(kind: str, lines: Sequence[str]) -> list[str]:
    """A coloured block, as `CAUTION` or `WARNING`; its first lines, and how many more."""
    if not lines:
        return []
    more = len(lines) - MOST_DANGERS
    shown = [f"> {text}" for text in lines[:MOST_DANGERS]]
    return [f"> [!{kind}]", *shown, *([f"> … and {more} more."] if more > 0 else []), ""]


def composed(head: Sequence[str], folds: Sequence[Fold], end: Sequence[str]) -> str:
    """The whole, its folds cut down to what there is room for."""
    before, after = "\n".join(head), "\n".join(end)
    room = BUDGET - len(before) - len(after) - 2
    told = _fitted(folds, room)
    return f"{before}\n{told}{after}\n"


def _fitted(folds: Sequence[Fold], room: int) -> str:
    """Share the room: the short ones are whole, the long ones get equal parts."""
    room -= 200  # for the sentence that says what is missing
    texts: dict[int, str] = {}
    by_size = sorted(range(len(folds)), key=lambda n: len(_unfolded(folds[n], None)))
    for done, n in enumerate(by_size):
        share = room // (len(folds) - done)
        text = _unfolded(folds[n], share)
        if text:
            texts[n] = text
            room -= len(text)
    missing = len(folds) - len(texts)
    note = f"\n{number_of(missing, 'tenant')} without room here are left out.\n" if missing else ""
    return "".join(texts[n] for n in sorted(texts)) + note


def _unfolded(fold: Fold, room: int | None) -> str:
    """A fold as Markdown; "" where nothing useful of it fits."""
    fence = "`" * max(max((_longest_run(text) for text in fold.lines), default=0) + 1, 3)
    start = f"<details><summary>{fold.title}</summary>\n\n{fence}{fold.language}\n"
    end = f"\n{fence}\n</details>\n"
    text = "\n".join(fold.lines)
    if room is not None and len(start) + len(text) + len(end) > room:
        left = room - len(start) - len(end)
        if left < _LEAST:
            return ""
        text = _cut(fold.lines, left)
    return f"{start}{text}{end}"


def _cut(lines: Sequence[str], room: int) -> str:
    """The first and the last lines, and how many are left out between them."""
    room -= 40
    first: list[str] = []
    last: list[str] = []
    n, m = 0, len(lines)
    while n < m:
        one = lines[n] if len(first) <= len(last) * 3 else lines[m - 1]
        if room < len(one) + 1:
            break
        room -= len(one) + 1
        if len(first) <= len(last) * 3:
            first.append(one)
            n += 1
        else:
            last.insert(0, one)
            m -= 1
    return "\n".join([*first, f"… {m - n} lines are left out …", *last])


# Problems.


def problems_md(problems: Iterable[Problem], checked: Checked) -> str:
    """Problems of the files, worst first as their order in the files allows."""
    found = by_place(problems)
    tally = counts(found)
    told = ", ".join(
        number_of(tally[name], name.removesuffix("s")) for name in tally if tally[name]
    )
    head = [
        marker("problems"),
        f"### 📞 Telephony: {told or 'no problems'} in {number_of(checked.files, 'file')}",
        "",
    ]
    lines = [
        f"{p.location} {p.severity} {p.code} {printable(p.detail)} {printable(p.hint)}".rstrip()
        for p in found
    ]
    folds = [Fold("<b>where, and what to do</b>", tuple(lines))] if lines else []
    return composed(head, folds, [])


def failure_md(message: str, hint: str) -> str:
    """What stopped a command before there was a report."""
    lines = [words(text) for text in (message, hint) if text]
    return composed(["### 📞 Telephony: not done", "", *alert("WARNING", lines)], [], [])


# What drifted.

DRIFT_COLUMNS = ("tenant", "drifted", "missing", "unmanaged", "not checked", "pending")


def drift_md(
    parts: Iterable[Part], scope: object = "all", accounts: Iterable[AccountNumbers] = ()
) -> str:
    """What was changed behind git's back; what was not checked is never called clean."""
    found = [tenant_drift(part) for part in parts]
    states = Counter(item.state for item in found)
    told = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in sorted(states.items()))
    blind = [
        f"{code(item.tenant)} was not checked: {words(item.unchecked[0][1])}"
        for item in found
        if item.unchecked
    ]
    unheld = [
        f"{code(address)}: {words(why)}" for item in found for address, why in item.unsupported
    ]
    rows = [_drift_row(item) for item in found if item.state != "clean"]
    head = [
        marker("drift", scope),
        f"### 📞 Telephony drift: {number_of(len(found), 'tenant')}: {told or 'none looked at'}",
        "",
        *alert("WARNING", blind),
        *alert("NOTE", unheld),
        *table(DRIFT_COLUMNS, rows),
    ]
    folds = [_drift_fold(item) for item in found if item.drifted or item.missing or item.unmanaged]
    folds += [_account_fold(account) for account in accounts if account.unmanaged]
    ways = ["Put back with `reconciler apply`, or write it into git."] if states["drifted"] else []
    return composed(head, folds, ways)


def _account_fold(account: AccountNumbers) -> Fold:
    count = number_of(len(account.unmanaged), "number")
    lines = tuple(f"  {printable(e164)}" for e164 in account.unmanaged)
    return Fold(f"<b>@{code_free(account.connector)}</b>: {count} that nobody has", lines)


def _drift_row(item: TenantDrift) -> list[str]:
    figures = (item.drifted, item.missing, item.unmanaged, item.unchecked)
    return [code(item.tenant), *(str(len(each) or "") for each in figures), str(item.pending or "")]


def _drift_fold(item: TenantDrift) -> Fold:
    lines = []
    for each in item.drifted:
        lines += [
            f"! {printable(each.address)} {field_name(c.path)}: {sides_text(c)}"
            for c in each.changes
        ]
        lines += [f"    by {printable(each.who)}"] if each.who else []
    lines += [f"- {printable(operation.address)} is gone" for operation in item.missing]
    lines += [f"  {printable(address)} is not in git" for address in item.unmanaged]
    return Fold(f"<b>{part_name(item.tenant)}</b>: what drifted", tuple(lines), "diff")
