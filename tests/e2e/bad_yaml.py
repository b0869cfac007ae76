"""Bad YAML, bad names and paths, and what tries to be more than text."""

from __future__ import annotations

from tests.e2e.case import (
    ACME,
    EVERYWHERE,
    TENANT,
    Case,
    acme,
    folder,
    gone,
    link,
    pipe,
    project,
    second_name,
)

CANARY = "canary-7d1f"
MIB = 1024 * 1024


def nested(opening: str, closing: str, levels: int = 50_000) -> str:
    return f"{TENANT}notes: {opening * levels}x{closing * levels}\n"


def named(name: str, text: str = TENANT) -> dict[str, str]:
    """The tenant file under another name, the tenant called so too."""
    return {f"tenants/{name}.yaml": text.replace("tenant: acme", f'tenant: "{name}"')}


LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))

YAML = (
    Case("12.1 empty file", {ACME: ""}, "E102", f"{ACME}:1:1", "remove it from git"),
    Case("12.1 comments only", {ACME: "# nothing\n"}, "E102", f"{ACME}:1:1", "remove it from git"),
    Case("12.1 blanks only", {ACME: "\n\n   \n"}, "E102", f"{ACME}:1:1", "remove it from git"),
    Case("12.1 an empty document", {ACME: "---\n...\n"}, "E102", "?", "?"),
    Case("12.1 null at the top", {ACME: "~\n"}, "E10", "?", "?"),
    Case("12.1 byte order mark", {ACME: b"\xef\xbb\xbf" + TENANT.encode()}, "E111", "?", "without"),
    Case("12.1 UTF-16", {ACME: TENANT.encode("utf-16")}, "E111", "?", "UTF-8"),
    Case("12.1 UTF-16 without a mark", {ACME: TENANT.encode("utf-16-le")}, "E111", "?", "UTF-8"),
    Case("12.1 invalid UTF-8", {ACME: TENANT.encode().replace(b"Desk 2", b"D\xe9sk 2")}, "E111", "?", "UTF-8"),
    Case("12.1 overlong UTF-8", {ACME: TENANT.encode().replace(b"Desk 2", b"D\xc0\xafk")}, "E111", "?", "UTF-8"),
    Case("12.1 NUL", {ACME: TENANT.encode().replace(b"Desk 2", b"Des\x00k")}, "E114", "?", "?"),
    Case("12.1 NUL as an escape", acme("Desk 2", '"Desk\\0"'), "E114", "?", "?"),
    Case("12.1 tab as indentation", acme('  "4202"', '\t"4202"'), "E113", "?", "?"),
    Case("12.1 two documents", {ACME: f"{TENANT}---\n{TENANT}"}, "E107", "?", "?"),
    Case("12.1 unknown directive", {ACME: f"%YAML 9.9\n---\n{TENANT}"}, "E108", "?", "?"),
    Case("12.1 a list", {ACME: "- tenant: acme\n"}, "E101", "?", "?"),
    Case("12.1 a word", {ACME: "acme\n"}, "E101", "?", "?"),
    Case("12.1 duplicate section", {ACME: f"{TENANT}numbers: {{}}\n"}, "E103", "?", "?"),
    Case("12.1 duplicate key deep inside", acme("members:", 'pilot: "6001", members:'), "E103", "?", "?"),
    Case("12.1 duplicate key in quotes", acme("name: Acme", 'name: Acme\n"name": Acme2'), "E103", "?", "?"),
    Case("12.1 duplicate key after NFC", acme("name: Acme", "caf\u00e9: 1\ncafe\u0301: 2"), "E103", "?", "?"),
    Case("12.1 a mapping as key", {ACME: f"{TENANT}{{a: b}}: c\n"}, "E110", "?", "?"),
    Case("12.1 a list as key", {ACME: f"{TENANT}? [a]\n: c\n"}, "E110", "?", "?"),
    Case("12.1 on as a key is text", {ACME: f"{TENANT}on: 1\n"}, "E120", "?", "?"),
    Case("12.1 billion laughs", {ACME: f"l0: &l0 lol\n{LAUGHS}{TENANT}"}, "E106", "?", "?"),
    Case("12.1 an alias of itself", {ACME: f"{TENANT}a: &a [*a]\n"}, "E106", "?", "?"),
    Case("12.1 an alias to nothing", {ACME: f"{TENANT}a: *nowhere\n"}, "E106", "?", "?"),
    Case("12.1 merge key", {ACME: f"{TENANT}<<: {{a: b}}\n"}, "E104", "?", "?"),
    Case("12.1 python object", acme("Desk 2", "!!python/object/apply:os.system [touch pwned]"), "E105", "?", "?"),
    Case("12.1 !!binary", acme("Desk 2", "!!binary RGVzaw=="), "E105", "?", "?"),
    Case("12.1 !include", acme("Desk 2", "!include /etc/passwd"), "E105", "?", "?", absent=("root:",)),
    Case("12.1 !vault", acme("Desk 2", "!vault abc"), "E105", "?", "?"),
    Case("12.1 50,000 brackets", {ACME: nested("[", "]")}, "E109", "?", "?"),
    Case("12.1 50,000 braces", {ACME: nested("{a: ", "}")}, "E109", "?", "?"),
    Case("12.1 2,000 indents", {ACME: TENANT + "".join(f"{' ' * n}a:\n" for n in range(2000))}, "E109", "?", "?"),
    Case("12.1 a million nodes", {ACME: f"{TENANT}notes: [{'1,' * MIB}1]\n"}, "E109", "?", "?"),
    Case("12.1 6 MiB in one value", {ACME: f"{TENANT}notes: {'x' * 6 * MIB}\n"}, "E109", "?", "?"),
    Case("12.1 70 KiB in one value", acme("Desk 2", "x" * 70 * 1024), "E109", "?", "?"),
    Case("12.1 not a number where a length is", acme("after: 40s", "after: .inf"), "E123", "?", "?"),
    Case("12.1 1e999 where a length is", acme("after: 40s", "after: 1e999"), "E123", "?", "?"),
    Case("12.1 merge conflict", acme("country: US", "<<<<<<< HEAD\ncountry: US\n=======\ncountry: CA\n>>>>>>> b"), "E116", "?", "?"),
    Case("12.1 cut in the middle", {ACME: TENANT[:-30]}, "E118", "?", "?"),
    Case("12.1 a lone quote", acme('"4202"', '"4202'), "E118", "?", "?"),
    Case("12.1 a bare star", acme("country: US", "country: US\ndialplan: {feature_codes: {voicemail: *97}}"), "E117", "?", "?"),
    Case("12.1 a bare hash", acme("after: 40s", "after: #"), "E1", "?", "?"),
    Case("12.1 CRLF is accepted", {ACME: TENANT.replace("\n", "\r\n")}, exit=0),
    Case("12.1 CRLF keeps its places", {ACME: TENANT.replace("6000", "911").replace("\n", "\r\n")}, "TEL105", "?", "Give it other digits"),
    Case("12.1 lone CR", {ACME: TENANT.replace("\n", "\r")}, "E115", "?", "?"),
    Case("12.1 NEL as a line end", acme("Acme\ntimezone", "Acme\x85timezone"), "E115", "?", "?"),
    Case("12.1 LS as a line end", acme("Acme\ntimezone", "Acme\u2028timezone"), "E115", "?", "?"),
)

PATHS = (
    Case("12.3 tenant ..", named(".."), "E15", "?", "?"),
    Case("12.3 tenant ../x in the file", acme("tenant: acme", "tenant: ../x"), "E153", "?", "?"),
    Case("12.3 tenant with a NUL", acme("tenant: acme", 'tenant: "a\\0b"'), "E114", "?", "?"),
    Case("12.3 tenant con", named("con"), "E152", "?", "?"),
    Case("12.3 tenant of 100 characters", named("a" * 100), "E152", "?", "?"),
    Case("12.3 tenant with a trailing dot", named("acme."), "E152", "?", "?"),
    Case("12.3 tenant with a blank", named("ac me"), "E152", "?", "?"),
    Case("12.3 tenant in capitals", named("Bolt"), "E152", "?", "?"),
    Case("12.3 two names that differ in case", named("Acme"), "E154", "?", "?"),
    Case("12.3 Cyrillic look-alike", named("\u0430cme"), "E152", "?", "?"),
    Case("12.3 escape codes in a file name", named("a\x1b[2Jb"), "E152", "?", "?", absent=("\x1b",)),
    Case("12.3 right-to-left in a file name", named("a\u202eb"), "E152", "?", "?", absent=("\u202e",)),
    Case("12.3 symlink to /etc/passwd", {"tenants/evil.yaml": link("/etc/passwd")}, "E140", "?", "?", absent=("root:",)),
    Case("12.3 dangling symlink", {"tenants/evil.yaml": link("nowhere")}, "E140", "?", "?"),
    Case("12.3 symlink to itself", {"tenants/evil.yaml": link("evil.yaml")}, "E140", "?", "?"),
    Case("12.3 symlink to another tenant", {"tenants/evil.yaml": link("acme.yaml")}, "E140", "?", "?"),
    Case("12.3 symlink to a folder", {"tenants/evil": link("../keys"), **project("tenants/*.yaml", "tenants/*")}, "E140", "?", "?"),
    Case("12.3 the tenants' folder is a symlink", {"elsewhere": link("tenants"), **project("tenants/*.yaml", "elsewhere/*.yaml")}, "E140", "?", "?"),
    Case("12.3 the project file is a symlink", {"other.yaml": "schema: 1\n", "reconciler.yaml": link("other.yaml")}, "E140", "?", "?"),
    Case("12.3 hard link", {"tenants/evil.yaml": second_name("elsewhere.txt")}, "E142", "?", "?"),
    Case("12.3 named pipe", {"tenants/evil.yaml": pipe}, "E141", "?", "?"),
    Case("12.3 device", {"tenants/evil.yaml": link("/dev/zero")}, "E140", "?", "?"),
    Case("12.3 a folder called so", {"tenants/evil.yaml": folder}, "E141", "?", "?"),
    Case("12.3 an empty tenant folder", {"tenants/evil": folder, **project("tenants/*.yaml", "tenants/*")}, "E157", "?", "?"),
    Case("12.3 .yml", {"tenants/evil.yml": TENANT}, "E156", "?", "?"),
    Case("12.3 a pattern that leads outside", project("tenants/*.yaml", "../*.yaml"), "E144", "?", "?"),
    Case("12.3 an absolute pattern", project("tenants/*.yaml", "/etc/*.yaml"), "E144", "?", "?"),
    Case("12.3 a wildcard in a folder", project("tenants/*.yaml", "*/*.yaml"), "E158", "?", "?"),
    Case("12.3 hidden and backup files are not read", {"tenants/.evil.yaml": "[", "tenants/acme.yaml~": "["}, exit=0),
    Case("12.3 no tenant at all", {ACME: gone}, "E151", "?", "?"),
    Case("12.3 no project file", {"reconciler.yaml": gone}, "E150", "?", "?"),
)

TEXT = (
    Case("12.4 ESC in a name", acme("Desk 2", '"\\x1b[2J\\x1b]0;owned\\a"'), "E114", "?", "?", absent=("\x1b",)),
    Case("12.4 raw ESC", {ACME: TENANT.encode().replace(b"Desk 2", b"\x1b[2J")}, "E114", "?", "?", absent=("\x1b",)),
    Case("12.4 OSC 8 in a comment", {ACME: TENANT + "# \x1b]8;;http://evil\x1b\\\n"}, "E114", "?", "?", absent=("\x1b",)),
    Case("12.4 C1", acme("Desk 2", '"\\x9b2J"'), "E114", "?", "?", absent=("\x9b",)),
    Case("12.4 carriage return", acme("Desk 2", '"Desk\\rAll good"'), "E114", "?", "?", absent=("\r",)),
    Case("12.4 right-to-left override", acme("Desk 2", "Desk \u202e2"), "E114", "?", "?", absent=("\u202e",)),
    Case("12.4 zero width", acme("Desk 2", "De\u200bsk 2"), "E114", "?", "?", absent=("\u200b",)),
    Case("12.4 a newline that forges a line", acme("Desk 2", '"Desk\\nerror[E999]: forged"'), "E1", "?", "?", absent=("\nerror[E999]",)),
    Case("12.4 a SIP header in a display name", acme("Desk 2", '"Desk\\r\\nX-Evil: 1"'), "E114", "?", "?"),
    Case("12.4 quotes in a display name", acme("Desk 2", "'Desk \"2\" <sip:a@b>'"), "E123", "?", "?"),
    Case("12.4 a SIP URI as destination", acme("to: ring_group/sales", "to: sip:a@b;x"), "E125", "?", "?"),
    Case("12.4 Markdown is text", acme("Desk 2", "'![](http-evil) | @team ``` </details>'"), exit=0),
    Case("12.4 templates are text", acme("Desk 2", "'{{7*7}} %s {0.__class__} ${jndi:x}'"), exit=0, absent=("49 ",)),
    Case("12.4 SQL is text", acme("Desk 2", "\"'; DROP TABLE object\""), exit=0),
    Case("12.4 a formula is text", acme("Desk 2", "\"=cmd|'/C calc'!A0\""), exit=0),
)

CASES = (*YAML, *PATHS, *TEXT)
_ = (EVERYWHERE, CANARY)
