"""`fix`, through the command line."""

from dataclasses import dataclass

import pytest

from tests.cli.projects import MAIN, PROJECT, TENANT


@dataclass(frozen=True)
class Case:
    good: str
    bad: str
    code: str


MENU = (
    TENANT
    + """\
auto_attendants:
  main:
    greeting: {say: Hello}
    options:
      "#": repeat
      "0": ring_group/sales
    timeout: {to: ring_group/sales}
    invalid: {to: ring_group/sales}
"""
)

CASES = {
    "a lost hash key": Case('"#": repeat', "#: repeat", "E117"),
    "a bare star": Case('options:\n      "#"', "options:\n      *: hangup\n      #", "E117"),
    "a section": Case("ring_groups:", "ring-groups:", "E120"),
    "a field": Case("    email: desk", "    emial: desk", "E121"),
    "a field in another case": Case("    email: desk", "    Email: desk", "E121"),
    "a secret's field": Case("voicemail: {pin:", "voicemail: {pinn:", "E121"),
    "a number with blanks": Case(f'"{MAIN}"', '"+1 (617) 555-0144"', "E112"),
    "a kind": Case("to: voicemail_box/101", "to: voicemailbox/101", "E125"),
    "a reference": Case("to: ring_group/sales, loc", "to: ring_group/slaes, loc", "TEL201"),
    "a word": Case('"0": ring_group/sales', '"0": hangpu', "E125"),
    "what becomes an object of its own": Case("    voicemail: {pin", "    voicemial: {pin", "E121"),
    "a truth": Case("to: ring_group/sales, loc", "to: ring_group/sales, protect: yes, loc", "E123"),
}
WRITES_SOMETHING_ELSE = {
    "a bare star": MENU.replace('      "#"', '      "*": hangup\n      "#"'),
    "a word": MENU.replace('"0": ring_group/sales', '"0": hangup'),
    "a truth": MENU.replace("sales, loc", "sales, protect: true, loc"),
}


@pytest.fixture
def acme(project):
    return project.root / "tenants" / "acme.yaml"


@pytest.mark.parametrize("name", CASES)
def test_what_has_one_certain_remedy_is_mended(project, acme, name):
    case = CASES[name]
    assert MENU.count(case.good) == 1
    project.write(MENU.replace(case.good, case.bad))
    told = project.run("validate")
    assert told.status == 3
    assert f"error[{case.code}]" in told.err + told.out
    assert "= fix: reconciler fix tenants/acme.yaml:" in told.err + told.out

    ended = project.ok("fix")

    assert acme.read_text() == WRITES_SOMETHING_ELSE.get(name, MENU)
    assert "fixed tenants/acme.yaml:" in ended.out
    assert case.code in ended.out
    project.ok("validate")


def test_all_at_once_and_each_stage_after_the_other(project, acme):
    text = MENU
    for name, case in CASES.items():
        if name not in {"a bare star", "what becomes an object of its own"}:  # overlap others
            text = text.replace(case.good, case.bad)
    project.write(text)

    project.run("fix")

    project.ok("validate")
    assert '      "#": repeat\n' in acme.read_text()


def test_looking_writes_nothing(project, acme):
    bad = MENU.replace("    email:", "    emial:")
    project.write(bad)

    ended = project.run("fix", "--diff")

    assert ended.status == 2
    assert acme.read_text() == bad
    assert "would fix tenants/acme.yaml:14:5 E121" in ended.out
    assert "-    emial: desk@acme.example\n+    email: desk@acme.example" in ended.out


LEFT = {
    "digits are never guessed": (
        "[extension/101, extension/102]",
        "[extension/101, extension/103]",
    ),
    "two that can be meant": ("ring_group/sales, loc", "ring_group/sale, loc"),
    "nothing like it": ("    email: desk", "    colour: desk"),
    "a field that is there already": ("    email: desk", "    emial: x@y.example\n    email: desk"),
    "a value that does not fit": ("    email: desk@acme.example", "    emial: nobody"),
}


@pytest.mark.parametrize(("good", "bad"), LEFT.values(), ids=LEFT)
def test_what_a_person_must_decide_is_left(project, acme, good, bad):
    text = MENU.replace(good, bad)
    if "sale," in bad:
        text = text.replace("  sales:\n", "  salem: {members: [extension/101]}\n  sales:\n")
    project.write(text)

    ended = project.run("fix")

    assert ended.status == 3
    assert acme.read_text() == text or "emial: nobody" in bad
    assert "error[" in ended.err


def test_a_remedy_that_makes_new_problems_is_left_out(project, acme):
    """`emial: nobody` would be an e-mail address that is none: as many problems as before."""
    text = MENU.replace("    email: desk@acme.example", "    emial: nobody")
    project.write(text)

    assert project.run("fix").status == 3

    assert acme.read_text() == text


def test_one_line_can_be_named(project, acme):
    project.write(MENU.replace("    email:", "    emial:").replace("ring_groups:", "ring-groups:"))

    assert project.run("fix", "tenants/acme.yaml:14").status == 3

    assert "    email:" in acme.read_text()
    assert "ring-groups:" in acme.read_text()


def test_the_project_file_is_mended(project):
    bad = PROJECT.replace("lock_timeout: 0s", "lock_timeout: *0s")
    (project.root / "reconciler.yaml").write_text(bad)

    project.run("fix")

    assert '"*0s"' in (project.root / "reconciler.yaml").read_text()


def test_a_secret_is_shown_in_no_difference(project, acme):
    project.write(
        MENU.replace("voicemail: {pin: {env: VM_PIN}}", "voicemail:\n      pinn: '4711'").replace(
            "ring_groups:", "# password: hunter2\nring-groups:"
        )
    )

    ended = project.run("fix")

    assert "      pin: '4711'\n" in acme.read_text()
    assert "# password: hunter2\nring_groups:" in acme.read_text()
    assert "not shown: it may hold a secret" in ended.out
    assert "4711" not in ended.out + ended.err
    assert "hunter2" not in ended.out + ended.err


def test_machines_are_told_the_same(project):
    project.write(MENU.replace("    email:", "    emial:"))
    told = project.run("fix", "--diff", "-o", "json").document
    assert told["files"] == ["tenants/acme.yaml"]
    assert [(one["code"], one["fix"]) for one in told["fixed"]] == [("E121", 'Call it "email".')]
    assert [one["code"] for one in told["problems"] if one["severity"] == "error"] == []
    assert told["written"] is False


def test_what_is_no_file_of_the_project_is_wrong_usage(project):
    assert project.run("fix", "nothing.yaml:3").status == 64


def test_nothing_to_fix(project, acme):
    before = acme.stat()
    assert project.ok("fix").out == "0 problems: nothing to fix.   Next:  reconciler validate\n"
    assert acme.stat().st_mtime_ns == before.st_mtime_ns
