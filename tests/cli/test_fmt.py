"""`fmt`, through the command line."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.cli.main import Context
from reconciler.cli.session import session_of
from reconciler.loader.edits.layout import Layout
from tests.cli.projects import MAIN, PROJECT, TENANT
from tests.loader.yaml_texts import loaded

UNTIDY = (
    TENANT.replace(f'"{MAIN}"', MAIN)
    .replace('"101":', "101:")
    .replace("after: 25s, to: voicemail_box/101", 'after: 1m, to: "101"')
    .replace("[extension/101, extension/102]", '["101", extension/102]  # both  ')
    .replace("country: US\nloc", "country:  US\t# here\nloc")
    .replace('postcode: "02110"', "postcode: 02110")
)


@pytest.fixture
def acme(project):
    return project.root / "tenants" / "acme.yaml"


def test_a_file_gets_its_form_and_keeps_its_meaning(project, acme):
    project.write(UNTIDY)
    plan = project.ok("plan", "-o", "json").document["content_digest"]

    ended = project.ok("fmt")

    assert acme.read_text() == TENANT.replace(
        "after: 25s, to: voicemail_box/101", "after: 60s, to: extension/101"
    ).replace("extension/102]", "extension/102]  # both").replace(
        "country: US\nloc", "country:  US # here\nloc"
    )
    assert "formatted         tenants/acme.yaml" in ended.out
    assert project.ok("plan", "-o", "json").document["content_digest"] == plan


def test_a_file_that_needs_nothing_is_not_written(project, acme):
    os.utime(acme, ns=(1, 1))
    before = acme.stat()

    ended = project.ok("fmt")

    assert (acme.stat().st_mtime_ns, acme.stat().st_ino) == (1, before.st_ino)
    assert ended.out == "2 files: 2 in their form.   Next:  reconciler validate\n"


@pytest.mark.parametrize("flags", [("--check",), ("--diff",), ("--check", "--diff")])
def test_looking_writes_nothing(project, acme, flags):
    project.write(UNTIDY)

    ended = project.run("fmt", *flags)

    assert ended.status == 2
    assert acme.read_text() == UNTIDY
    assert "needs formatting  tenants/acme.yaml" in ended.out
    assert (f'+  "{MAIN}"' in ended.out) == ("--diff" in flags)
    project.ok("fmt")
    assert project.ok("fmt", *flags).out.count("\n") == 1


def test_a_file_with_errors_is_left_alone_and_others_are_not(project, acme):
    broken = UNTIDY.replace("country:", "contry:").replace("tenant: acme", "tenant: bolt")
    (project.root / "tenants" / "bolt.yaml").write_text(broken)
    project.write(UNTIDY)

    ended = project.run("fmt")

    assert ended.status == 3
    assert "error[E121]" in ended.err or "error[E120]" in ended.err
    assert "left alone        tenants/bolt.yaml: it has errors" in ended.out
    assert (project.root / "tenants" / "bolt.yaml").read_text() == broken
    assert acme.read_text() != UNTIDY


@pytest.mark.parametrize("file", ["tenants/acme.yaml", "tenants", "./tenants/../tenants", "."])
def test_files_and_folders_can_be_named(project, acme, file):
    project.write(UNTIDY)
    untidy = PROJECT + "\n\n"
    (project.root / "reconciler.yaml").write_text(untidy)

    project.ok("fmt", file)

    assert acme.read_text() != UNTIDY
    assert ((project.root / "reconciler.yaml").read_text() == untidy) == (file != ".")


def test_the_project_file_gets_its_form(project):
    path = project.root / "reconciler.yaml"
    path.write_text(PROJECT.replace('"50.00"', "50.00  ") + "quarantine_days: 45")

    project.ok("fmt", "reconciler.yaml")

    assert path.read_text().startswith(PROJECT.split("monthly")[0])
    assert path.read_text().endswith("lock_timeout: 0s\nquarantine_days: 45\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.yaml", "nothing.yaml is no file of this project."),
        ("/etc/passwd", "/etc/passwd is not in the project"),
        ("../../x", "../../x is not in the project"),
        ("ten\x1b[2Jants", "ten\\x1b[2Jants is no file"),
    ],
)
def test_what_is_no_file_of_the_project_is_wrong_usage(project, name, said):
    ended = project.run("fmt", name)
    assert ended.status == 64
    assert said in ended.err


def test_a_link_is_refused_and_what_it_points_at_stays(project, acme, tmp_path):
    acme.rename(tmp_path / "elsewhere.yaml")
    (tmp_path / "elsewhere.yaml").write_text(UNTIDY)
    acme.symlink_to(tmp_path / "elsewhere.yaml")

    ended = project.run("fmt")

    assert ended.status == 3
    assert "E140" in ended.err
    assert acme.is_symlink()
    assert (tmp_path / "elsewhere.yaml").read_text() == UNTIDY


def test_machines_are_told_the_same(project):
    project.write(UNTIDY)
    told = project.run("fmt", "--check", "-o", "json").document
    assert told["files"] == [
        {"file": "reconciler.yaml", "state": "unchanged"},
        {"file": "tenants/acme.yaml", "state": "needs_formatting"},
    ]
    assert told["problems"] == []


def test_digits_that_reach_two_things_stay(project, acme):
    two = UNTIDY.replace("  sales:\n", '  sales:\n    pilot: "101"\n')
    project.write(two)
    assert project.run("fmt").status == 3
    assert acme.read_text() == two


def test_defaults_and_shared_boxes_are_spelled_like_the_rest(project, acme):
    text = TENANT + 'defaults: {ring_group: {ring: 2m}}\nfallback: "102"\n'
    project.write(text)

    project.ok("fmt")

    assert acme.read_text() == text.replace("2m", "120s").replace('"102"\n', "extension/102\n")


def test_a_secret_is_shown_in_no_difference(project):
    project.write(TENANT.replace("name: Acme\n", "name: Acme  \n# password: hunter2\n"))
    ended = project.run("fmt", "--diff")
    assert "not shown: it may hold a secret" in ended.out
    assert "hunter2" not in ended.out + ended.err


# Random tenants: the same thing written in many ways.

SPELLINGS = {
    "20s": ["20s", '"20s"', "'20s'", "020s", "20000ms", "20.0s"],
    "extension/101": ["extension/101", '"extension/101"', '"101"', "101"],
    "extension/102": ["extension/102", "'102'", "102"],
    '"02110"': ['"02110"', "'02110'", "02110"],
    '"101":': ['"101":', "101:", "'101':", '"101" :'],
    "country: US\nloc": ["country: US\nloc", "country: 'US'  \nloc", "country:   US  # a \t\nloc"],
    "name: Front desk": ["name: Front desk", "name: 1234", 'name: "NO"', "name: NO", "name: 1e3"],
    "    location: hq\n": ["    location: hq\n", "\n\n    # note  \n    location: hq   \n"],
    "dialplan: {extension_length: 3}\n": [
        "dialplan: {extension_length: 3}\n",
        "dialplan:\n  extension_length: 3 # x\n\n\n",
        "dialplan: {extension_length:\t3}",
    ],
    f'"{MAIN}"': [f'"{MAIN}"', MAIN, f"'{MAIN}'"],
}


@st.composite
def spelled(draw):
    text = TENANT.replace("ring_groups:", "defaults: {ring_group: {ring: 20s}}\nring_groups:")
    for plain, ways in SPELLINGS.items():
        pieces = text.split(plain)
        text = pieces[0] + "".join(draw(st.sampled_from(ways)) + piece for piece in pieces[1:])
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def comments(text):
    layout = Layout(loaded(text))
    return [layout.text[start:end].rstrip() for start, end in layout.comments]


def meaning(project):
    """Every object's spec, None where there are errors."""
    context = Context(project.environment, project.root)
    desired = session_of(context).desired(files_only=True)
    specs = {at: want.spec for one in desired.tenants for at, want in one.objects.items()}
    return specs or None


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=spelled())
def test_however_it_is_written_the_form_is_one_and_means_the_same(project, acme, text):
    acme.write_bytes(text.encode())
    before = meaning(project)
    assert before is not None

    project.ok("fmt")
    once = acme.read_bytes()
    os.utime(acme, ns=(1, 1))
    project.ok("fmt")

    assert acme.read_bytes() == once
    assert acme.stat().st_mtime_ns == 1
    assert comments(once.decode()) == comments(text)
    assert meaning(project) == before


# The files beside the project file.

POLICIES = """\
schema: 1
severity:
  TEL206:  off
silence:
- code: TEL203
  object: acme/number/+16175550144
  reason:  a reason
  until: 2099-12-01   # the day of the port
"""


@pytest.fixture
def beside(project):
    """A project with policies that lack quotes, and blanks that nobody sees."""
    path = project.root / "reconciler.yaml"
    path.write_text(path.read_text("utf-8") + "policies: policies.yaml\n", "utf-8")
    (project.root / "policies.yaml").write_text(POLICIES.replace("code: TEL203", "code: TEL203 "))
    project.change("to: ring_group/sales", "to: hangup")
    return project


def test_policies_get_their_form_too(beside):
    assert "needs formatting  policies.yaml" in beside.run("fmt", "--check").out

    beside.ok("fmt")

    assert (beside.root / "policies.yaml").read_text() == POLICIES.replace(
        "2099-12-01", '"2099-12-01"'
    ).replace("off", '"off"')
    assert beside.run("fmt", "--check").status == 0
    assert beside.ok("fmt", "policies.yaml").out.startswith("1 file: 1 in their form.")


def test_policies_with_an_error_are_left_alone(beside):
    (beside.root / "policies.yaml").write_text("severity: {TEL1: x }\n")

    ended = beside.run("fmt", "policies.yaml")

    assert ended.status == 3
    assert "left alone        policies.yaml" in ended.out
    assert "TEL1" in ended.err
    assert (beside.root / "policies.yaml").read_text() == "severity: {TEL1: x }\n"


def test_a_file_that_the_project_does_not_name_is_none_of_it(beside):
    (beside.root / "prices.yaml").write_text("a: b \n")

    ended = beside.run("fmt", "prices.yaml")

    assert ended.status == 64
    assert "reconciler.yaml, policies.yaml" in ended.err
