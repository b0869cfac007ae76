"""`config`: what holds, who says so, and no secret."""

import pytest

from tests.cli.projects import Project

CANARY = "canary-7d1f"


def setting(project: Project, key: str, *before: str):
    (found,) = project.ok(*before, "config", key, "-o", "json").document["settings"]
    return found


def test_each_setting_says_its_place(project):
    found = setting(project, "quarantine_days")
    assert (found["origin"], found["where"], found["value"]) == ("default", "default", 45)

    project.project("drift: revert", "drift: revert\nquarantine_days: 60")
    found = setting(project, "quarantine_days")
    assert (found["origin"], found["value"]) == ("file", 60)
    line = (project.root / "reconciler.yaml").read_text(encoding="utf-8").splitlines()
    assert found["where"] == f"reconciler.yaml:{line.index('quarantine_days: 60') + 1}"


def test_a_variable_wins_over_the_file_and_a_flag_over_both(project):
    assert setting(project, "lock_timeout")["origin"] == "file"

    project.environment["RECONCILER_LOCK_TIMEOUT"] = "7s"
    found = setting(project, "lock_timeout")
    assert (found["origin"], found["where"]) == ("environment", "RECONCILER_LOCK_TIMEOUT")
    assert found["value"] == "7s"

    url = "sqlite:///elsewhere.db"
    project.environment["RECONCILER_PLATFORM_URL"] = "sqlite:///third.db"
    found = setting(project, "platform.url", "--platform-url", url)
    assert (found["origin"], found["where"], found["value"]) == ("flag", "--platform-url", url)


def test_a_flag_before_the_command_is_what_the_command_uses(project):
    project.ok("--platform-url", "sqlite:///elsewhere.db", "plan")

    assert (project.root / "elsewhere.db").is_file()
    assert not project.database.exists()


def test_a_section_is_shown_whole(project):
    text = project.ok("config", "limits.deletes").out

    assert "limits.deletes.percent" in text
    assert "limits.deletes.count" in text
    assert "quarantine" not in text


def test_secrets_are_references_and_are_not_looked_up(project):
    project.environment |= {"CARRIER_KEY": CANARY, "RECONCILER_KEY": CANARY}
    project.project("api_key: {env: CARRIER_KEY}", "api_key: {exec: [touch, ran, secret-argument]}")

    text = project.ok("config").out + project.ok("config", "-o", "json").out

    assert "{env: RECONCILER_KEY}" in text
    assert "{exec: [touch, ...]}" in text
    assert "secret-argument" not in text
    assert CANARY not in text
    assert not (project.root / "ran").exists()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{CANARY}@host/db",
        f"postgresql://user@host/db?password={CANARY}",
        f"postgresql://user@host/db?sslmode=require&sslpassword={CANARY}",
    ],
)
def test_a_password_in_a_url_is_not_shown(project, url):
    project.environment["RECONCILER_PLATFORM_URL"] = url

    text = project.ok("config").out + project.ok("config", "-o", "json").out

    assert "postgresql://user" in text
    assert CANARY not in text


def test_what_does_not_belong_there_is_refused_and_its_value_is_not_shown(project):
    project.project(
        "    sandbox: true\n",
        f"    sandbox: true\n    auth: {{mode: digest, password: {CANARY}, "
        f"users: [{{name: x, sip_secret: {CANARY}}}]}}\n",
    )

    ended = project.run("config")

    assert ended.status == 3
    assert "connectors.sandbox.auth" in ended.err
    assert CANARY not in ended.out + ended.err


def test_a_variable_that_nothing_reads_is_told_with_what_is_meant_and_no_value(project):
    project.environment |= {"RECONCILER_PLATFROM_URL": CANARY, "RECONCILER_ZZZ": CANARY}

    ended = project.ok("config")
    document = project.ok("config", "-o", "json").document

    assert 'RECONCILER_PLATFROM_URL   Did you mean "RECONCILER_PLATFORM_URL"?' in ended.out
    assert document["unknown_variables"] == [
        {"name": "RECONCILER_PLATFROM_URL", "hint": 'Did you mean "RECONCILER_PLATFORM_URL"?'},
        {"name": "RECONCILER_ZZZ", "hint": ""},
    ]
    assert CANARY not in ended.out + str(document)


def test_variables_that_something_reads_are_not_told(project):
    project.environment |= {"RECONCILER_OUTPUT": "text", "RECONCILER_PLAIN": "1"}

    assert "nothing reads" not in project.ok("config").out
    assert project.ok("config", "-o", "json").document["unknown_variables"] == []


def test_a_setting_that_is_not_there_is_guessed(project):
    ended = project.run("config", "limits.delets")

    assert ended.status == 64
    assert 'Did you mean "limits.deletes"?' in ended.err
