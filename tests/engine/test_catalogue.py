"""The table of rules: for each code YAML that breaks it, with its places, and YAML that does not.

The table stands in `catalogue/*.txt`. A case is::

    == CODE SEVERITY [HEAD]: what is wrong
    YAML, in which » stands before every place that the code is told of
    -- what is right
    YAML that just does not break it

HEAD says what stands above: an American tenant, a `british` one, or the `project` file. YAML after
`++` is a second tenant's. `== CODE decided by COMMAND` is for what no file can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli.codes import CODES, DECIDED_BY
from reconciler.cli.main import run
from reconciler.engine.desired import build
from reconciler.engine.rules.uniqueness import across_tenants
from reconciler.errors import Severity
from reconciler.loader.yaml_text import parse_yaml
from reconciler.model.document import ConnectorFacts, ProjectFacts
from reconciler.model.secret_rules import SecretRules
from reconciler.settings import parse_settings
from reconciler.settings.connectors import KNOWN

MARK = "»"
TABLE = Path(__file__).parent / "catalogue"
FACTS = ProjectFacts(
    connectors={
        "voicetel": ConnectorFacts(
            "voicetel", "pbx", frozenset({"pbx"}), ports=KNOWN["voicetel"].ports
        ),
        "sandbox": ConnectorFacts("voicetel", "pbx", frozenset({"pbx"}), sandbox=True),
    },
    secrets=SecretRules(("VM_*",), (), ()),
    zones=frozenset({"America/New_York", "Europe/London"}),
    today="2026-11-22",
)
TOLD = "dialplan: {emergency: {notify_email: [safety@acme.example]}}\n"
AMERICAN = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
country: US
"""
BOSTON = """\
  hq: {caller_name: A, street: 1 Main St, city: Boston, region: MA, postcode: "02110", country: US}
"""
BRITISH = """\
schema: 1
tenant: acme
name: Acme
timezone: Europe/London
country: GB
"""
LONDON = """\
  hq: {caller_name: A, street: 1 Wharf Rd, city: London, postcode: N1 7GR, country: GB}
"""
HEADS = {"american": (AMERICAN, BOSTON), "british": (BRITISH, LONDON), "project": ("", "")}
HEADING = re.compile(r"^== (TEL[0-9]{3}) (error|warning|info)(?: \[([a-z]+)\])?: (.+)$")
LATER = re.compile(r"^== (TEL[0-9]{3}) decided by ([a-z]+)$")


@dataclass(frozen=True)
class Case:
    """One entry of the table."""

    code: str
    severity: Severity
    head: str
    title: str
    broken: tuple[str, ...]
    """The text of each file, with marks."""
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A tenant of one file."""

    tenant: str
    document: object
    files: tuple[str, ...] = ()
    digests: tuple = ()

    @property
    def value(self):
        return self.document.value

    def place(self, path, *, key=False):
        return self.document.place(path, key=key)


def table():
    """All cases, and the commands that decide the other codes."""
    cases, later = [], {}
    for path in sorted(TABLE.glob("*.txt")):
        for text in re.split(r"^(?===)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            first, _, body = text.partition("\n")
            decided = LATER.match(first)
            if decided:
                later[decided[1]] = decided[2]
                continue
            found = HEADING.match(first)
            assert found, first
            broken, _, kept = re.split(r"^(--) .*\n", body, maxsplit=1, flags=re.MULTILINE)
            head = found[3] or "american"
            cases.append(
                Case(
                    found[1],
                    Severity(found[2]),
                    head,
                    found[4],
                    files_of(head, broken),
                    files_of(head, kept),
                )
            )
    return cases, later


def files_of(head: str, body: str) -> tuple[str, ...]:
    """The files of a case, each with its head."""
    made = []
    for number, text in enumerate(re.split(r"^\+\+ .*\n", body, flags=re.MULTILINE)):
        top, place = HEADS[head]
        top = top.replace("acme", "globex") if number else top
        if place and "\ndialplan: " not in f"\n{text}".replace(MARK, ""):
            top += TOLD
        if place and "locations:\n" not in text:
            top += f"locations:\n{place}"
        made.append(top + text.replace("locations:\n", f"locations:\n{place}"))
    return tuple(made)


CASES, DECIDED_LATER = table()
IDS = [f"{case.code} {case.title}" for case in CASES]


def marked(files):
    """The places of all marks: file, line and column, 1-based, as without the marks."""
    places = set()
    for number, text in enumerate(files):
        for row, line in enumerate(text.splitlines(), 1):
            pieces = line.split(MARK)
            for n in range(1, len(pieces)):
                places.add((f"{number}.yaml", row, len("".join(pieces[:n])) + 1))
    return places


def told(case, files):
    """All problems of the files, as `validate` would tell them."""
    parsed = [
        parse_yaml(text.replace(MARK, "").encode(), f"{number}.yaml")
        for number, text in enumerate(files)
    ]
    for each in parsed:
        assert each.problems == (), each.problems
    if case.head == "project":
        (each,) = parsed
        return parse_settings(each.document.value, each.document.place, {}, {})[1]
    found, tenants = [], []
    for each in parsed:
        tenant, problems = build(Source(each.document.value["tenant"], each.document), FACTS)
        found += problems
        tenants += [tenant] if tenant else []
    return [*found, *across_tenants(tenants)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_broken_rule_is_told_at_every_place_and_nowhere_else(case):
    problems = [each for each in told(case, case.broken) if each.code == case.code]

    found = {(p.location.file, p.location.line, p.location.column) for p in problems}
    assert found == marked(case.broken), [str(each) for each in problems]
    assert {each.severity for each in problems} == {case.severity}
    for problem in problems:
        assert problem.detail.endswith((".", '."')), problem.detail
        assert problem.hint.endswith((".", "?", '"', "`")), problem.hint


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_rule_that_is_just_kept_is_not_told(case):
    problems = told(case, case.kept)

    assert case.code not in {each.code for each in problems}, [str(each) for each in problems]
    assert not [str(each) for each in problems if each.code.startswith("E")]


def test_a_thirteenth_menu_in_a_row_is_an_error():
    menus = (
        f"  m{n}: {{greeting: {{say: Press 1}}, timeout: {{to: hangup}}, invalid: {{to: hangup}},"
        f' options: {{"1": {f"auto_attendant/m{n + 1}" if n < 13 else "hangup"}}}}}\n'
        for n in range(1, 14)
    )
    text = AMERICAN + TOLD + "fallback: auto_attendant/m1\n" + "numbers:\n"
    text += '  "+16175550142": {connector: sandbox, to: auto_attendant/m1}\nauto_attendants:\n'
    document = parse_yaml((text + "".join(menus)).encode(), "t.yaml").document

    _, problems = build(Source("acme", document), FACTS)

    deep = [each for each in problems if " in a row" in each.detail]
    assert [each.severity for each in deep] == [Severity.WARNING] * 9 + [Severity.ERROR]
    assert deep[-1].address == "acme/auto_attendant/m13"


def test_every_rule_is_in_the_table_and_every_rule_of_the_table_is_explained():
    explained = {code for code in CODES if code.startswith("TEL")}

    assert {case.code for case in CASES} | DECIDED_LATER.keys() == explained


@pytest.mark.parametrize("code", sorted(DECIDED_LATER))
def test_what_no_file_tells_names_the_command_that_does(code, tmp_path, capsys):
    command = DECIDED_LATER[code]
    assert DECIDED_BY[code] == (command,)

    assert run(["explain", code], {"NO_COLOR": "1"}, tmp_path) == 0

    assert f"Decided by: reconciler {command}\n" in capsys.readouterr().out


def test_a_rule_that_files_decide_too_is_in_the_table():
    for code, commands in DECIDED_BY.items():
        if code.startswith("TEL"):
            assert ("validate" in commands) == (code not in DECIDED_LATER), code
