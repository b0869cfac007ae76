"""Settings: the project file, its precedence, its URLs and its allow-list."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from reconciler.errors import Location, Problem, Severity
from reconciler.loader.yaml_text import parse_yaml
from reconciler.model.secret import SecretReference
from reconciler.settings import (
    CODES,
    OVERRIDES,
    Allow,
    NamedDestination,
    Project,
    Settings,
    connector_fault,
    database_fault,
    database_url,
    not_allowed,
    origins,
    parse_settings,
    shown_url,
)

CANARY = "cAnArY-7f3a9b1c"

FULL = """\
schema: 1
tenants: tenants/*.yaml
platform:
  kind: sql
  url: sqlite:///.reconciler/reconciler.db
  allow_own_carriers: false
ledger:
  url: same
connectors:
  voicetel:
    kind: voicetel
    url: https://api.voicetel.com
    credentials: {api_key: {env: VOICETEL_API_KEY}}
    account: {timezone: America/New_York, notify: true, notify_threshold: 50}
    auth: {mode: digest_and_acl}
    acl: [203.0.113.0/24]
    gateways:
      pbx: {host: "sip.example.net:5060", limit: 100}
    numbers: {handoff: pbx}
    brands:
      harbor: {id: BMQ8L9X, name: Harbor Dental}
    campaigns:
      reminders: {id: CH5K5IZ, brand: harbor, description: Appointment reminders}
  dial9:
    kind: dial9
    edition: telcom
    url: https://talk.telcom.io/api/v2
    credentials: {token: {file: secrets/dial9-token}, secret: {exec: [pass, show, dial9-secret]}}
    numbers: {handoff: {type: Extension, name: pbx-trunk}}
  sandbox:
    kind: voicetel
    sandbox: true
drift: revert
secrets:
  keys: [{env: RECONCILER_KEY}]
  mac_key: {env: RECONCILER_MAC_KEY}
  sink: {file: .reconciler/generated.ndjson}
  allow:
    env: [VM_*, CONF_*, SIP_*]
    files: [secrets/tenants/]
    exec: []
prices: prices.yaml
policies: policies.yaml
limits:
  deletes: {percent: 20, count: 25}
  quarantines: {percent: 20, count: 5}
  reroutes: {percent: 50}
  monthly_increase: {USD: "250.00", GBP: "200.00"}
quarantine_days: 45
"""


def parsed(
    text: str, environment: Mapping[str, str] | None = None, **overrides: str
) -> tuple[Settings | None, tuple[Problem, ...], Any]:
    loaded = parse_yaml(text.encode(), "reconciler.yaml")
    assert loaded.document is not None, loaded.problems
    document = loaded.document
    flags = {key.replace("__", "."): value for key, value in overrides.items()}
    return *parse_settings(document.value, document.place, environment or {}, flags), document.place


def settings_of(
    text: str, environment: Mapping[str, str] | None = None, **overrides: str
) -> Settings:
    settings, problems, _ = parsed(text, environment, **overrides)
    assert settings is not None, problems
    return settings


def errors_of(text: str, environment: Mapping[str, str] | None = None) -> list[Problem]:
    settings, problems, _ = parsed(text, environment)
    errors = [each for each in problems if each.severity is Severity.ERROR]
    assert (settings is None) is bool(errors)
    return errors


def only_error(text: str) -> Problem:
    (problem,) = errors_of(text)
    assert problem.detail.endswith(".")
    assert problem.hint
    return problem


def connector(**fields: str) -> str:
    lines = {
        "kind": "voicetel",
        "url": "https://api.voicetel.com",
        "credentials": "{api_key: {env: VOICETEL_API_KEY}}",
        **fields,
    }
    inner = "".join(f"    {name}: {value}\n" for name, value in lines.items() if value != "-")
    return f"schema: 1\nconnectors:\n  main:\n{inner}"


# The whole file.


def test_documented_file_is_read_whole() -> None:
    settings = settings_of(FULL)

    assert settings.connectors["voicetel"].gateways["pbx"].limit == 100
    assert settings.connectors["voicetel"].numbers.handoff == "pbx"
    assert settings.connectors["dial9"].numbers.handoff == NamedDestination(
        type="Extension", name="pbx-trunk"
    )
    assert settings.connectors["dial9"].credentials["secret"].exec == (
        "pass",
        "show",
        "dial9-secret",
    )
    assert settings.connectors["sandbox"].sandbox is True
    assert settings.limits.monthly_increase == {"USD": Decimal("250.00"), "GBP": Decimal("200.00")}
    assert settings.secrets.sink is not None
    assert settings.secrets.sink.file == ".reconciler/generated.ndjson"


def test_the_whole_form_has_no_problem() -> None:
    _, problems, _ = parsed(FULL)

    assert problems == ()


def test_defaults_are_the_documented_ones() -> None:
    settings = settings_of("schema: 1\n")

    assert settings.platform.url == "sqlite:///.reconciler/reconciler.db"
    assert (settings.limits.deletes.percent, settings.limits.deletes.count) == (20, 25)
    assert (settings.limits.quarantines.percent, settings.limits.quarantines.count) == (20, 5)
    assert (settings.limits.reroutes.percent, settings.limits.reroutes.count) == (50, None)
    assert settings.limits.unknown_cost.count == 0
    assert settings.quarantine_days == 45
    assert settings.drift.of("acme", "device") == "revert"
    assert settings.platform.allow_own_carriers is False
    assert settings.secrets.allow == Allow()


def test_half_a_limit_keeps_the_other_half() -> None:
    limits = settings_of("limits:\n  deletes: {percent: 90}\n").limits

    assert (limits.deletes.percent, limits.deletes.count) == (90, 25)


def test_options_hold_no_credentials() -> None:
    options = settings_of(FULL).connectors["voicetel"].options()

    assert "credentials" not in options
    assert options["gateways"] == {
        "pbx": {"host": "sip.example.net:5060", "limit": 100, "prefix": ""}
    }


def test_all_problems_come_at_once() -> None:
    text = (
        "schema: 1\n"
        "tennants: x\n"
        "platform: {kind: sqll}\n"
        "connectors:\n"
        "  one: {kind: voicetell, url: 'https://api.voicetel.com'}\n"
        "  two: {kind: voicetel, url: 'http://api.voicetel.com', gatways: {}}\n"
        "  three: {kind: voicetel, url: 'http://voicetel.com', credentials: {api_key: {env: A}}}\n"
        "limits: {deletes: {percent: 101}}\n"
        "quarantine_days: 0\n"
    )

    found = [(each.location.line, each.code) for each in errors_of(text)]

    assert found == [
        (2, "E145"), (3, "E146"), (5, "E146"), (6, "E145"), (7, "E147"), (8, "E146"), (9, "E146"),
    ]  # fmt: skip


CLOSE = {
    "top": ("limitz: {}\n", 'Did you mean "limits"?'),
    "schema": ("schemas: 1\n", 'Did you mean "schema"?'),
    "gateway": (connector(gateways="{pbx: {hots: a.example.net}}"), 'Did you mean "host"?'),
    "word": ("drift: {default: rebort}\n", 'Did you mean "report"?'),
    "kind": (connector(kind="voicetell"), 'Did you mean "voicetel"?'),
    "handoff": (
        connector(gateways="{pbx: {host: a.example.net}}", numbers="{handoff: pbxx}"),
        'Did you mean "pbx"?',
    ),
}


@pytest.mark.parametrize(("text", "hint"), CLOSE.values(), ids=CLOSE)
def test_typing_mistake_is_answered_with_the_nearest_word(text: str, hint: str) -> None:
    assert hint in {each.hint for each in errors_of(text)}


INVALID = {
    "percent above 100": "limits: {deletes: {percent: 101}}\n",
    "negative count": "limits: {deletes: {count: -1}}\n",
    "amount as words": "limits: {monthly_increase: {USD: lots}}\n",
    "exponent in an amount": "limits: {monthly_increase: {USD: 1e9}}\n",
    "not a number": "limits: {monthly_increase: {USD: .nan}}\n",
    "currency in small letters": "limits: {monthly_increase: {usd: 1}}\n",
    "no days of quarantine": "quarantine_days: 0\n",
    "yes for a flag": "platform: {allow_own_carriers: yes}\n",
    "duration without unit": "lock_timeout: 90\n",
    "empty section": "limits:\n",
    "other schema": "schema: 2\n",
    "list for a mapping": "connectors: []\n",
    "name with capitals": "connectors: {VoiceTel: {kind: voicetel, sandbox: true}}\n",
    "gateway that is a URI": connector(gateways="{pbx: {host: 'sip:a@b'}}"),
    "gateway limit": connector(gateways="{pbx: {host: a.example.net, limit: 1001}}"),
    "no url": connector(url="-"),
    "no credentials": connector(credentials="-"),
    "generated credential": connector(credentials="{api_key: {generate: true}}"),
    "secret as in a plan": connector(credentials="{api_key: {$secret: x}}"),
    "sealed key": "secrets: {keys: [{sealed: abc}]}\n",
    "prices outside": "prices: ../prices.yaml\n",
    "policies absolute": "policies: /etc/policies.yaml\n",
    "allowed folder outside": "secrets: {allow: {files: [../]}}\n",
    "allowed root folder": "secrets: {allow: {files: [/]}}\n",
    "wildcard alone": "secrets: {allow: {env: ['*']}}\n",
    "wildcard inside": "secrets: {allow: {env: ['A*B']}}\n",
    "program with a blank": "secrets: {allow: {exec: [pass show]}}\n",
    "shell line": "secrets: {mac_key: {exec: pass show x}}\n",
}


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_invalid_value_is_refused_at_its_place(text: str) -> None:
    problem = only_error(text)

    assert problem.code == "E146"
    assert problem.location.file == "reconciler.yaml"


def test_place_of_a_bad_value_is_exact() -> None:
    location = only_error("limits:\n  deletes: {percent: 200}\n").location

    assert (location.line, location.column) == (2, 22)


def test_codes_are_explained_and_clear_of_the_loader() -> None:
    from reconciler.loader.codes import CODES as LOADER  # noqa: PLC0415

    assert not set(CODES) & set(LOADER)
    assert all(summary and explanation.endswith(".") for summary, explanation in CODES.values())


# Precedence.


def test_flag_wins_over_variable_wins_over_file() -> None:
    text = "platform: {url: 'sqlite:///a.db'}\n"
    environment = {"RECONCILER_PLATFORM_URL": "sqlite:///b.db"}

    assert settings_of(text).platform.url == "sqlite:///a.db"
    assert settings_of(text, environment).platform.url == "sqlite:///b.db"
    flagged = settings_of(text, environment, platform__url="sqlite:///c.db")
    assert flagged.platform.url == "sqlite:///c.db"


@pytest.mark.parametrize("override", OVERRIDES, ids=lambda each: each.variable)
def test_each_variable_is_read_and_an_empty_one_says_nothing(override: Any) -> None:
    value = {"lock_timeout": "5s", "output": "json"}.get(override.key, "sqlite:///x.db")
    plain, said = settings_of("schema: 1\n"), settings_of("schema: 1\n", {override.variable: value})

    assert said != plain
    assert settings_of("schema: 1\n", {override.variable: ""}) == plain


def test_problem_of_a_variable_is_placed_at_the_variable() -> None:
    (problem,) = errors_of("schema: 1\n", {"RECONCILER_PLATFORM_URL": "mysql://x"})

    assert problem.code == "E147"
    assert problem.location == Location("RECONCILER_PLATFORM_URL")


def test_variable_with_a_typing_mistake_is_warned_of() -> None:
    _, problems, _ = parsed("schema: 1\n", {"RECONCILER_PLATFROM_URL": "x", "RECONCILER_KEY": "y"})

    assert [(each.location.file, each.severity) for each in problems] == [
        ("RECONCILER_PLATFROM_URL", Severity.WARNING)
    ]


def test_project_tells_where_each_limit_is_set() -> None:
    settings, _, place = parsed("schema: 1\nlimits:\n  deletes: {count: 3}\n")
    assert settings is not None
    project = Project(settings, "/srv/pbx", place)

    assert project.limit_places()["deletes"] == "reconciler.yaml:3"
    assert project.limit_places()["reroutes"] == "default"
    assert project.where(("limits", "deletes", "count")) == "reconciler.yaml:3"
    assert project.where(("limits", "deletes", "percent")) == "default"
    assert project.where(("schema",)) == "reconciler.yaml:1"


def test_project_names_the_variable_behind_a_setting() -> None:
    environment = {"RECONCILER_PLATFORM_URL": "sqlite:///b.db"}
    settings, _, place = parsed("schema: 1\n", environment)
    assert settings is not None
    project = Project(settings, "/srv/pbx", place, origins(environment, {"output": "json"}))

    assert project.where(("platform", "url")) == "RECONCILER_PLATFORM_URL"
    assert project.where(("output",)) == "--output"


# Databases.


def test_sqlite_path_is_relative_to_the_project() -> None:
    settings, _, place = parsed("schema: 1\n")
    assert settings is not None
    project = Project(settings, "/srv/pbx", place)

    assert project.platform_url == "sqlite:////srv/pbx/.reconciler/reconciler.db"
    assert project.ledger_url == project.platform_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a/b.db", "sqlite:////srv/a/b.db"),
        ("sqlite:////var/x.db", "sqlite:////var/x.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://me@db/x", "postgresql://me@db/x"),
    ],
)
def test_database_url_is_made_absolute(url: str, expected: str) -> None:
    assert database_fault(url) == ""
    assert database_url(url, "/srv") == expected


@pytest.mark.parametrize(
    "url", ["sqlite://x.db", "sqlite:///", "mysql://h/d", "/x.db", "sqlite:///a\x00"]
)
def test_other_database_urls_are_refused(url: str) -> None:
    assert database_fault(url)


@pytest.mark.parametrize(
    "url",
    [f"postgresql://me:{CANARY}@db/x", f"postgresql://db/x?user=me&password={CANARY}"],
)
def test_password_in_a_database_url_belongs_in_a_variable(url: str) -> None:
    problem = only_error(f"platform: {{url: '{url}'}}\n")

    assert problem.code == "TEL321"
    assert CANARY not in repr(problem)
    assert CANARY not in shown_url(url)
    settings = settings_of("schema: 1\n", {"RECONCILER_PLATFORM_URL": url})
    assert settings.platform.url == url
    assert CANARY not in repr(settings) + str(settings)


# Connectors.

HTTPS = "https://"
REFUSED = {
    "http": "http://api.voicetel.com",
    "file": "file:///etc/passwd",
    "gopher": "gopher://api.voicetel.com",
    "ftp": "ftp://api.voicetel.com",
    "no scheme": "api.voicetel.com",
    "scheme in capitals": "HTTPS://api.voicetel.com",
    "user": "https://user@api.voicetel.com",
    "user and password": f"https://user:{CANARY}@api.voicetel.com",
    "host after @": "https://api.voicetel.com@evil.example",
    "suffix": "https://api.voicetel.com.evil",
    "glued suffix": "https://evilvoicetel.com",
    "another carrier": "https://connectapi.dial9.co.uk",
    "backslash": "https://api.voicetel.com\\@evil.example",
    "backslashes for slashes": "https:\\\\api.voicetel.com",
    "homoglyph": "https://api.v\u043eicetel.com",
    "full-width dot": "https://api\uff0evoicetel.com",
    "punycode": "https://api.xn--vicetel-vng.com",
    "127.0.0.1": "https://127.0.0.1",
    "127.1": "https://127.1",
    "hexadecimal": "https://0x7f000001",
    "hexadecimal part": "https://127.0.0.0x1",
    "octal": "https://0177.0.0.1",
    "decimal": "https://2852039166",
    "IPv6": "https://[::1]",
    "mapped IPv6": "https://[::ffff:127.0.0.1]",
    "IPv6 with zone": "https://[fe80::1%25eth0]",
    "IPv6 with bare zone": "https://[fe80::1%eth0]",
    "metadata": "https://169.254.169.254/latest",
    "carrier-grade NAT": "https://100.64.0.1",
    "private": "https://10.0.0.1",
    "localhost": "https://localhost",
    "single word": "https://voicetel",
    "port 22": "https://api.voicetel.com:22",
    "port 8443": "https://api.voicetel.com:8443",
    "port 0443": "https://api.voicetel.com:0443",
    "port 65979": "https://api.voicetel.com:65979",
    "empty port": "https://api.voicetel.com:",
    "port and user": "https://api.voicetel.com:443@evil.example",
    "trailing dot": "https://api.voicetel.com.",
    "empty label": "https://api..voicetel.com",
    "no host": "https:///v2.2",
    "query": "https://api.voicetel.com?x=https://evil.example",
    "fragment": "https://api.voicetel.com#x",
    "escaped slash": "https://api.voicetel.com%2f.evil.example",
    "blank": "https://api.voicetel.com evil.example",
    "line break": "https://api.voicetel.com\r\nX: y",
    "line break at the end": "https://api.voicetel.com\n",
    "NUL": "https://api.voicetel.com\x00.evil.example",
    "dots in the path": "https://api.voicetel.com/a/../b",
    "two slashes in the path": "https://api.voicetel.com//evil.example",
    "empty": "",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_url_that_could_lead_elsewhere_is_refused(url: str) -> None:
    fault = connector_fault(url, domains=("voicetel.com",))

    assert fault
    assert CANARY not in fault
    assert (
        connector_fault(url, domains=("voicetel.com",), sandbox=True)
        or "127." in url
        or (url in {"https://localhost", "https://[::1]"})
    )


REASONS = {
    "user": "names a user",
    "host after @": "names a user",
    "homoglyph": "only look like",
    "trailing dot": "ends with a dot",
    "query": "query",
    "fragment": "fragment",
    "escaped slash": "escaped",
    "IPv6 with zone": "escaped",
    "backslash": "backslash",
    "port 22": "port",
    "127.1": "IP addresses",
    "suffix": "voicetel.com",
    "http": "https://",
    "dots in the path": "path",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items(), ids=REASONS)
def test_refusal_of_a_url_tells_its_reason(name: str, reason: str) -> None:
    assert reason in connector_fault(REFUSED[name], domains=("voicetel.com",))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.voicetel.com",
        "https://api.voicetel.com/",
        "https://api.voicetel.com:443/v2.2",
        "https://voicetel.com",
        "https://API.VoiceTel.com",
    ],
)
def test_url_of_the_carrier_is_taken(url: str) -> None:
    assert connector_fault(url, domains=("voicetel.com",)) == ""


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/v2.2", True),
        ("http://[::1]:8080", True),
        ("https://api.voicetel.com", False),
        ("http://127.1", False),
        ("http://0.0.0.0:80", False),
        ("http://10.0.0.1", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1:0", False),
        ("http://127.0.0.1:99999", False),
        ("http://127.0.0.1:\u0661", False),
    ],
)
def test_sandbox_is_on_this_machine_only(url: str, *, taken: bool) -> None:
    assert (connector_fault(url, sandbox=True, domains=("voicetel.com",)) == "") is taken


@pytest.mark.parametrize(
    "url", ["http://api.voicetel.com", "https://127.0.0.1", "https://voicetel.evil"]
)
def test_refused_url_is_a_problem_at_its_place(url: str) -> None:
    problem = only_error(connector(url=f'"{url}"'))

    assert problem.code == "E147"
    assert problem.location.line == 5


def test_password_in_a_refused_url_is_not_shown() -> None:
    problem = only_error(connector(url=f'"https://me:{CANARY}@api.voicetel.com"'))

    assert problem.code == "E147"
    assert CANARY not in repr(problem)


def test_platform_over_http_is_not_built() -> None:
    text = "platform: {kind: ucaas, url: 'https://pbx.example.net/api/v1/ucaas'}\n"

    assert only_error(text).code == "E148"


@pytest.mark.parametrize("days", [1, 6])
def test_short_quarantine_is_warned_of(days: int) -> None:
    settings, problems, _ = parsed(f"quarantine_days: {days}\n")

    assert settings is not None
    found = {(each.code, each.severity) for each in problems}
    assert found == {("E159", Severity.WARNING), ("TEL414", Severity.INFO)}


@pytest.mark.parametrize(
    ("days", "codes"), [(7, ["TEL414"]), (45, []), (365, []), (366, ["TEL414"])]
)
def test_aging_outside_the_law_is_told(days: int, codes: list[str]) -> None:
    assert [each.code for each in parsed(f"quarantine_days: {days}\n")[1]] == codes


DRIFT = [
    ("drift: report\n", "acme", "device", "report"),
    ("drift: {default: report, tenants: {acme: revert}}\n", "acme", "device", "revert"),
    ("drift: {tenants: {acme: report}}\n", "other", "device", "revert"),
    ("drift: {kinds: {device: report}}\n", "acme", "device", "report"),
    ("drift: {tenants: {acme: revert}, kinds: {device: report}}\n", "acme", "device", "report"),
    ("drift: {tenants: {acme: report}, kinds: {device: revert}}\n", "acme", "device", "report"),
]


@pytest.mark.parametrize(("text", "tenant", "kind", "expected"), DRIFT)
def test_drift_is_answered_per_tenant_and_kind(
    text: str, tenant: str, kind: str, expected: str
) -> None:
    assert settings_of(text).drift.of(tenant, kind) == expected


# Secrets in the project file.

LITERALS = {
    "credential": connector(credentials=f"{{api_key: {CANARY}}}"),
    "credential as a key": connector(credentials=f"{{{CANARY}}}"),
    "unknown form": connector(credentials=f"{{api_key: {{{CANARY}: x}}}}"),
    "unknown form beside a known one": connector(
        credentials=f"{{api_key: {{env: A, {CANARY}: x}}}}"
    ),
    "unknown form of a key": f"secrets: {{keys: [{{{CANARY}: x}}]}}\n",
    "two forms": connector(credentials=f"{{api_key: {{env: A, file: {CANARY}}}}}"),
    "value for a name": connector(credentials=f"{{api_key: {{env: '{CANARY}'}}}}"),
    "key": f"secrets: {{keys: [{CANARY}]}}\n",
    "mac key": f"secrets:\n  mac_key: {CANARY}\n",
    "unknown field": connector(credentials="-", api_key=CANARY),
    "beside a mistake": (
        f"connectors: {{m: {{kind: voicetel, gatways: {{}}, credentials: {{key: {CANARY}}}}}}}\n"
    ),
}


@pytest.mark.parametrize("text", LITERALS.values(), ids=LITERALS)
def test_value_of_a_secret_is_in_no_problem(text: str) -> None:
    problems = errors_of(text)

    assert problems
    assert CANARY not in repr(problems)
    assert CANARY not in "".join(each.location.text for each in problems)


def test_secret_as_plain_text_has_its_own_code() -> None:
    problem = only_error(LITERALS["credential"])

    assert problem.code == "TEL321"
    assert all(
        f"{{{form}: ...}}" in problem.hint for form in ("env", "file", "exec", "sealed", "generate")
    )


def test_unknown_provider_is_told_the_five_forms() -> None:
    problem = only_error(connector(credentials="{api_key: {vault: secret/x}}"))

    assert all(form in problem.hint for form in ("env", "file", "exec", "sealed", "generate"))


def test_tenants_are_kept_from_what_the_project_uses() -> None:
    allow = "secrets: {allow: {env: ['VOICETEL_*'], files: [], exec: []}}\n"

    assert only_error(connector() + allow).code == "E146"
    assert "VOICETEL_API_KEY" in only_error(connector() + allow).detail


def test_a_carriers_key_file_may_not_stand_in_an_allowed_folder() -> None:
    text = connector(credentials="{api_key: {file: secrets/key}}")
    open_folder = text + "secrets: {allow: {files: [secrets/]}}\n"

    assert "secrets/key" in only_error(open_folder).detail
    assert errors_of(text + "secrets: {allow: {files: [secrets/tenants/]}}\n") == []


def test_a_program_of_the_project_on_the_list_is_warned_of() -> None:
    text = connector(credentials="{api_key: {exec: [pass, show, x]}}")
    settings, problems, _ = parsed(text + "secrets: {allow: {exec: [pass]}}\n")

    assert settings is not None
    assert [(each.code, each.severity) for each in problems] == [("E159", Severity.WARNING)]


ALLOW = Allow(
    env=("VM_*", "PIN", "P*", "GIT*", "R*"),
    files=("secrets/tenants/", "more"),
    exec=("pass", "/bin/x"),
)
REFERENCES = [
    ({"env": "VM_FRONT"}, True),
    ({"env": "PIN"}, True),
    ({"env": "PRIVATE"}, True),
    ({"env": "PATH"}, False),
    ({"env": "PYTHONPATH"}, False),
    ({"env": "GITHUB_TOKEN"}, False),
    ({"env": "RECONCILER_KEY"}, False),
    ({"env": "AWS_SECRET_ACCESS_KEY"}, False),
    ({"env": "vm_front"}, False),
    ({"file": "secrets/tenants/pin"}, True),
    ({"file": "secrets/tenants/acme/pin"}, True),
    ({"file": "more/pin"}, True),
    ({"file": "secrets/tenants"}, False),
    ({"file": "secrets/tenants/../../key"}, False),
    ({"file": "../../key"}, False),
    ({"file": "secrets/tenants/./pin"}, False),
    ({"file": "secrets//tenants/pin"}, False),
    ({"file": "secrets/tenants-other/pin"}, False),
    ({"file": "secrets/dial9-token"}, False),
    ({"file": "/proc/self/environ"}, False),
    ({"file": "/secrets/tenants/pin"}, False),
    ({"file": "secrets/tenants/a\0b"}, False),
    ({"exec": ["pass", "show", "x"]}, True),
    ({"exec": ["/bin/x"]}, True),
    ({"exec": ["/usr/bin/pass"]}, False),
    ({"exec": ["pass show x"]}, False),
    ({"exec": ["sh", "-c", "pass"]}, False),
    ({"exec": ["Pass"]}, False),
    ({"sealed": "token"}, True),
    ({"generate": True}, True),
]


@pytest.mark.parametrize(
    ("written", "taken"), REFERENCES, ids=[str(each[0]) for each in REFERENCES]
)
def test_allow_list_decides_by_text_alone(written: dict[str, Any], *, taken: bool) -> None:
    reference = SecretReference.model_validate(written)

    assert (ALLOW.refusal(reference) == "") is taken
    problem = not_allowed(ALLOW, reference, Location("t.yaml", 4), "acme/device/4201-desk")
    assert (problem is None) is taken
    if problem is not None:
        assert (problem.code, problem.location.line) == ("E149", 4)


def test_machine_variable_is_allowed_when_listed_by_its_own_name() -> None:
    assert Allow(env=("GITHUB_TOKEN",)).refusal(SecretReference(env="GITHUB_TOKEN")) == ""


def test_nothing_is_allowed_by_default() -> None:
    for written in ({"env": "VM_X"}, {"file": "secrets/x"}, {"exec": ["pass"]}):
        assert Allow().refusal(SecretReference.model_validate(written))


DIAL9 = """\
connectors:
  d9:
    kind: dial9
    edition: telcom
    url: https://talk.telcom.io/api/v2
    credentials: {token: {env: T}, secret: {env: S}}
    numbers: {handoff: {type: Extension, name: pbx-trunk}}
"""


def test_a_connector_of_dial_9_is_taken() -> None:
    _, problems, _ = parsed(DIAL9)

    assert problems == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("    edition: telcom\n", "", "E146", "edition is missing"),
        ("edition: telcom", "edition: telcon", "E146", "no edition"),
        ("https://talk.telcom.io/api/v2", "https://api.voicetel.com", "E147", "telcom.io"),
        ("    url: https://talk.telcom.io/api/v2\n", "", "E146", "https://talk.telcom.io/api/v2"),
        (", secret: {env: S}", "", "E146", "secret is missing"),
        ("secret:", "api_key:", "E145", "no such credential"),
        ("{type: Extension, name: pbx-trunk}", "pbx", "E146", "something else"),
    ],
)
def test_what_a_connector_of_dial_9_lacks_is_said(old: str, new: str, code: str, says: str) -> None:
    assert old in DIAL9
    _, problems, _ = parsed(DIAL9.replace(old, new))

    assert code in {each.code for each in problems}
    assert says in "".join(f"{each.detail} {each.hint}" for each in problems)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("    edition: telcom\n", "voicetel has no edition"),
        ("    numbers: {handoff: {type: Extension, name: x}}\n", "something else"),
    ],
)
def test_what_only_another_carrier_has_is_refused(more: str, says: str) -> None:
    problem = only_error(f"connectors:\n  vt:\n    kind: voicetel\n    sandbox: true\n{more}")

    assert problem.code == "E146"
    assert says in problem.detail


# Where a carrier sends calls, and its time zone.


@pytest.mark.parametrize(
    "host",
    [
        "sip.example.net",
        "sip.example.net:5060",
        "SIP.Example.COM:65535",
        "h.example",
        "203.0.113.5",
        "8.8.8.8:5080",
        "[2001:db8::5]:5060",
    ],
)
def test_a_public_host_is_taken_and_so_is_one_for_examples(host: str) -> None:
    gateways = f'{{pbx: {{host: "{host}"}}}}'

    assert settings_of(connector(gateways=gateways)).connectors["main"].gateways["pbx"].host == host


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("localhost", "no public name"),
        ("localhost:5060", "no public name"),
        ("pbx", "no public name"),
        ("pbx.local", "no public name"),
        ("pbx.lan:5060", "no public name"),
        ("10.1.2.3:5060", "not a public one"),
        ("192.168.1.1", "not a public one"),
        ("127.0.0.1:5060", "not a public one"),
        ("100.64.0.1", "not a public one"),
        ("224.0.0.1", "not a public one"),
        ("[::1]:5060", "not a public one"),
        ("[fd00::1]", "not a public one"),
        ("10.1.2", "no IP address"),
        ("256.1.1.1", "no IP address"),
        ("sip.example.net:99999", "from 1 to 65535"),
        ("sip.example.net:0", "from 1 to 65535"),
    ],
)
def test_a_host_that_no_carrier_reaches_is_refused_offline(host: str, words: str) -> None:
    problem = only_error(connector(gateways=f'{{pbx: {{host: "{host}"}}}}'))

    assert words in problem.detail
    assert problem.location.line == 7
    assert "gateways.pbx.host" in problem.detail


def zoned(zone: str) -> tuple[Problem, ...]:
    document = parse_yaml(connector(account=f"{{timezone: {zone}}}").encode(), "x.yaml").document
    assert document is not None
    zones = ("America/New_York", "America/Chicago")
    return parse_settings(document.value, document.place, {}, {}, lambda: zones)[1]


def test_a_time_zone_that_there_is_not_is_refused_offline() -> None:
    (problem,) = zoned("America/New_Yorks")

    assert problem.code == "E146"
    assert 'there is no time zone "America/New_Yorks"' in problem.detail
    assert "America/New_York" in problem.hint
    assert problem.location.line == 7
    assert zoned("America/Chicago") == ()


def test_time_zones_are_looked_up_for_an_account_that_has_one_only() -> None:
    document = parse_yaml(connector().encode(), "x.yaml").document
    assert document is not None

    def unexpected() -> tuple[str, ...]:
        raise AssertionError

    assert parse_settings(document.value, document.place, {}, {}, unexpected)[1] == ()
