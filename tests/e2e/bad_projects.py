"""Bad project files, connector URLs that lead elsewhere, and command lines that make no sense."""

from __future__ import annotations

from tests.e2e.case import (
    ACME,
    APPLY,
    MAKE_PLAN,
    VALIDATE,
    Case,
    gone,
    project,
)

OPTION = "sandbox: true\n"
REAL = "credentials: {api_key: {env: CARRIER_KEY}}\n"


def url(text: str) -> dict[str, str]:
    """The project with a real carrier account at some URL."""
    return dict(project(OPTION, f"url: '{text}'\n    {REAL}"))


REFUSED_URLS = (
    ("http", "http://api.voicetel.com"),
    ("file", "file:///etc/passwd"),
    ("gopher", "gopher://api.voicetel.com"),
    ("a user", "https://user:canary-pw@api.voicetel.com"),
    ("another domain", "https://api.voicetel.com.evil.example"),
    ("a user that looks like a host", "https://api.voicetel.com@evil.example"),
    ("a backslash", "https://evil.example\\@api.voicetel.com"),
    ("a look-alike letter", "https://api.voicetel.c\u043em"),
    ("a short IP address", "https://127.1"),
    ("a hexadecimal address", "https://0x7f000001"),
    ("a decimal address", "https://2852039166"),
    ("IPv4 in IPv6", "https://[::ffff:127.0.0.1]"),
    ("the metadata service", "https://169.254.169.254"),
    ("a carrier's private network", "https://100.64.0.1"),
    ("an IPv6 zone", "https://[fe80::1%25eth0]"),
    ("port 22", "https://api.voicetel.com:22"),
    ("a trailing dot", "https://api.voicetel.com."),
    ("a query", "https://api.voicetel.com/?x=1"),
    ("a path that climbs", "https://api.voicetel.com/../x"),
)

URLS = tuple(
    Case(
        f"12.6 {what}",
        url(text),
        "E147",
        "reconciler.yaml:6:10",
        "https://api.voicetel.com",
        absent=("canary-pw",),
    )
    for what, text in REFUSED_URLS
)

SETTINGS = (
    Case(
        "12.6 a sandbox elsewhere",
        project(OPTION, f"{OPTION}    url: https://evil.example\n"),
        "E147",
        "reconciler.yaml:7:10",
        "Write https://api.voicetel.com.",
    ),
    Case(
        "12.6 no credentials",
        project(OPTION, "url: https://api.voicetel.com\n"),
        "E146",
        "reconciler.yaml:4:3",
        "Add api_key: {env: NAME} under credentials.",
    ),
    Case(
        "project: a limit with a typing mistake",
        project("lock_timeout", "limitz: {deletes: 5}\nlock_timeout"),
        "E145",
        "reconciler.yaml:14:1",
        'Did you mean "limits"?',
    ),
    Case(
        "project: an unknown carrier",
        project("kind: voicetel", "kind: voicetle"),
        "E146",
        "reconciler.yaml:5:11",
        'Did you mean "voicetel"?',
    ),
    Case(
        "project: a database that is none",
        project("connectors:\n", "platform: {kind: sql, url: 'mysql://h/d'}\nconnectors:\n"),
        "E147",
        "reconciler.yaml:3:28",
        "Write sqlite:///.reconciler/reconciler.db or",
    ),
    Case(
        "project: a setting of the wrong form",
        project("lock_timeout: 0s", "lock_timeout: soon"),
        "E146",
        "reconciler.yaml:14:15",
        "`reconciler schema` prints the form of the project file.",
    ),
    Case(
        "project: empty",
        {"reconciler.yaml": ""},
        "E102",
        "reconciler.yaml:1:1",
        "take its entries out",
    ),
    Case(
        "project: a tag",
        project("lock_timeout: 0s", "lock_timeout: !!python/name:os.system 0s"),
        "E105",
        "reconciler.yaml:14:15",
        "Remove the tag; where the ! belongs to a text, quote the text.",
    ),
    Case(
        "project: a newer form",
        project("schema: 1", "schema: 99"),
        "E146",
        "reconciler.yaml:1:9",
        "`reconciler schema` prints the form of the project file.",
    ),
)

TENANTS = (
    Case(
        "tenant: asked for, not there",
        {},
        "E151",
        "tenants/*.yaml:1:1",
        "Did you mean",
        commands=(("validate", "acne"), ("plan", "acne"), ("apply", "--yes", "--tenant", "acne")),
    ),
    Case(
        "tenant: asked for by a path",
        {},
        "E151",
        "tenants/*.yaml:1:1",
        'Did you mean "acme"?',
        commands=(("validate", "../acme"), ("plan", "../acme")),
    ),
    Case(
        "tenant: escape codes asked for",
        {},
        "E151",
        "tenants/*.yaml:1:1",
        "Check the name.",
        commands=(("plan", "\x1b[2J"),),
        absent=("\x1b",),
    ),
    Case(
        "tenant: its file is gone",
        {ACME: gone, "tenants/bolt.yaml": "schema: 1\ntenant: bolt\nname: Bolt\ntimezone: UTC\n"},
        "E160",
        "tenants/*.yaml:1:1",
        "Put its file back",
        commands=(MAKE_PLAN, APPLY, ("drift",)),
        before=(APPLY,),
    ),
    Case(
        "tenant: its file is gone, the others go on",
        {ACME: gone, "tenants/bolt.yaml": "schema: 1\ntenant: bolt\nname: Bolt\ntimezone: UTC\n"},
        exit=0,
        commands=(VALIDATE, ("plan", "bolt")),
        before=(APPLY,),
    ),
    Case(
        "tenant: its file is hidden",
        {
            ACME: gone,
            "tenants/acme.yaml~": "",
            "tenants/bolt.yaml": "schema: 1\ntenant: bolt\nname: Bolt\ntimezone: UTC\n",
        },
        "E160",
        "tenants/*.yaml:1:1",
        "Put its file back",
        commands=(MAKE_PLAN, APPLY),
        before=(APPLY,),
    ),
)


def usage(name: str, *command: str, hint: str) -> Case:
    return Case(f"command: {name}", {}, "", "", hint, exit=64, commands=(command,))


COMMANDS = (
    usage("an unknown command", "plann", hint='Did you mean "plan"?'),
    usage("an unknown option", "plan", "--detailed-exitcod", hint="--detailed-exitcode"),
    usage("an unknown format", "plan", "-o", "yaml", hint="it has text, json, concise"),
    usage("a plan and a tenant", "apply", "plan.json", "--tenant", "acme", hint="Leave --tenant"),
    usage("a plan that is not there", "apply", "nowhere.json", hint="reconciler plan --out"),
    usage("a plan that is a folder", "show", "tenants", hint="Name a file saved by plan --out."),
    usage("a plan that is a device", "show", "/dev/null", hint="Name a file"),
    usage(
        "an approval of everything",
        "apply",
        "--yes",
        "--approve",
        "all",
        hint="--approve release:+",
    ),
    usage("no such limit", "apply", "--yes", "--allow", "everything=1", hint="The limits are"),
    usage(
        "a limit that is no number",
        "apply",
        "--yes",
        "--allow",
        "deletes=many",
        hint="--allow deletes=N",
    ),
    usage(
        "a limit in other digits",
        "apply",
        "--yes",
        "--allow",
        "deletes=٣",
        hint="--allow deletes=N",
    ),
    usage("nobody to ask", "apply", hint="--yes"),
    usage("an unknown code", "explain", "Q77", hint="List what there is: reconciler explain"),
    usage("no such run", "runs", "show", "nowhere", hint="List them: reconciler runs list"),
    usage(
        "a report to nowhere",
        "plan",
        "-o",
        "json=nowhere/plan.json",
        hint="no such folder",
    ),
    usage("a plan to nowhere", "plan", "--out", "nowhere/plan.json", hint="Name a file"),
    Case(
        "command: another plan is expected",
        {},
        "",
        "",
        "Look at it",
        exit=6,
        commands=(("apply", "--expect", "0000-0000"),),
    ),
    Case(
        "command: no such run to resume",
        {},
        "",
        "",
        "reconciler runs",
        exit=64,
        commands=(("resume", "nowhere"), ("runs", "show", "nowhere")),
    ),
)

CASES = (*URLS, *SETTINGS, *TENANTS, *COMMANDS)
