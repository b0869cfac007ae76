"""Files that `fmt` and `fix` must leave alone, and command lines that make no sense."""

from __future__ import annotations

from tests.e2e.case import (
    ACME,
    PROJECT,
    TENANT,
    Case,
    acme,
    folder,
    link,
    pipe,
    second_name,
    swapped,
)

EDITS = (("fmt",), ("fmt", "--check"), ("fix",), ("fix", "--diff"))

CASES = (
    Case(
        "edit: a symbolic link",
        {"tenants/evil.yaml": link("/etc/passwd")},
        "E140",
        "tenants/evil.yaml:1:1",
        "Put a copy of what it points at in its place.",
        commands=(*EDITS, ("fmt", "tenants/evil.yaml")),
        absent=("root:",),
    ),
    Case(
        "edit: a second name",
        {"tenants/acme.yaml": second_name("other.yaml")},
        "E142",
        "tenants/acme.yaml:1:1",
        "Copy it",
        commands=EDITS,
    ),
    Case(
        "edit: a named pipe",
        {"tenants/evil.yaml": pipe},
        "E141",
        "tenants/evil.yaml:1:1",
        "Put a regular file there.",
        commands=EDITS,
    ),
    Case(
        "edit: a byte order mark",
        {ACME: b"\xef\xbb\xbf" + TENANT.encode()},
        "E111",
        "tenants/acme.yaml:1:1",
        "Save the file as UTF-8 without BOM",
        commands=EDITS,
    ),
    Case(
        "edit: an empty file",
        {ACME: ""},
        "E102",
        "tenants/acme.yaml:1:1",
        "Put back what it said.",
        commands=EDITS,
    ),
    Case(
        "edit: an escape sequence",
        acme("Desk 1", '"\x1b[2J"'),
        "E114",
        "tenants/acme.yaml:11:19",
        "Remove it.",
        commands=EDITS,
        absent=("\x1b",),
    ),
    Case(
        "edit: a number that is one digit off",
        acme("members: [extension/4201,", "members: [extension/4203,"),
        "TEL201",
        "tenants/acme.yaml:14:36",
        "Did you mean",
        commands=EDITS,
    ),
    Case(
        "edit: a literal secret beside a slip",
        {ACME: swapped(TENANT, "voicemail: {},", "voicemail: {pin: canary4711},")},
        "TEL321",
        "tenants/acme.yaml:11:82",
        "Write one of",
        commands=EDITS,
        absent=("canary4711",),
    ),
    Case(
        "edit: another folder",
        {},
        hint="Name files of this project, or another one with --project.",
        exit=64,
        commands=(("fmt", "/etc/passwd"), ("fix", "../x.yaml:3")),
    ),
    Case(
        "edit: no file of the project",
        {},
        hint="Its files are reconciler.yaml",
        exit=64,
        commands=(("fmt", "keys/fernet"), ("fix", "nothing.yaml"), ("fmt", "a\0b")),
    ),
    Case(
        "edit: a project is there",
        {"reconciler.yaml": PROJECT},
        hint="Name an empty folder",
        exit=64,
        commands=(("init",), ("init", "--example")),
    ),
    Case(
        "edit: a folder in the way",
        {"new/reconciler.yaml": folder},
        hint="Name an empty folder",
        exit=64,
        commands=(("init", "new", "--example"),),
    ),
)
