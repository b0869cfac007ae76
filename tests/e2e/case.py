"""One bad input: what is put into a good project, what is run, and what must be said."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  sandbox:
    kind: voicetel
    sandbox: true
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "sip.example.net:5060"}}
secrets:
  keys: [{file: keys/fernet}]
  mac_key: {file: keys/mac}
  sink: {file: .reconciler/generated.ndjson}
  allow: {env: [VM_*], files: [tenant-secrets], exec: [pass]}
lock_timeout: 0s
"""

LOCATION = (
    '  office: {caller_name: Acme, street: 1 Main St, city: Boston, region: MA, postcode: "02110",'
    " country: US}\n"
)

DESK = (
    '  "4201": {name: Desk 1, location: office, devices: {desk: {}}, voicemail: {},'
    " email: a@example.com}\n"
)

GROUP = (
    '  sales: {pilot: "6000", members: [extension/4201, extension/4202],'
    " overflow: {after: 40s, to: voicemail_box/4201}}\n"
)

TENANT = f"""\
dialplan: {{emergency: {{notify_email: [safety@example.com]}}}}
tenant: acme
name: Acme
timezone: America/New_York
country: US
locations:
{LOCATION}numbers:
  "+16175550100": {{connector: sandbox, to: ring_group/sales}}
extensions:
{DESK}  "4202": {{name: Desk 2, location: office, devices: {{desk: {{}}}}}}
ring_groups:
{GROUP}"""
"""The good tenant: line 9 has its number, 11 and 12 its extensions, 14 its group."""

ACME = "tenants/acme.yaml"
PLAN = "plan.json"

VALIDATE = ("validate",)
MAKE_PLAN = ("plan",)
SAVE_PLAN = ("plan", "--out", PLAN)
APPLY = ("apply", "--yes")
APPLY_PLAN = ("apply", PLAN)
EVERYWHERE = (VALIDATE, MAKE_PLAN, APPLY)
"""What has to say the same of a bad tenant file."""

Put = Callable[[Path], None]
"""Puts something other than text at a path, such as a link or a pipe."""


def link(target: str) -> Put:
    """A symbolic link."""
    return lambda path: path.symlink_to(target)


def second_name(of: str) -> Put:
    """A hard link to a file of the project, given from its root."""

    def put(path: Path) -> None:
        source = path.parents[1] / of
        source.write_text(TENANT, encoding="utf-8")
        path.hardlink_to(source)

    return put


def pipe(path: Path) -> None:
    """A named pipe: whoever opens it to read waits for ever."""
    os.mkfifo(path)


def folder(path: Path) -> None:
    """An empty folder."""
    path.mkdir()


def gone(path: Path) -> None:
    """Nothing: what stood there is removed."""
    del path


def rewritten(change: Callable[[bytes], bytes]) -> Put:
    """What stood there, changed."""
    return lambda path: _rewrite(path, change)


def _rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.with_name(path.name + ".before").read_bytes()))


def acme(old: str, new: str) -> Mapping[str, str]:
    """The good tenant with one thing changed."""
    return {ACME: swapped(TENANT, old, new)}


def project(old: str, new: str) -> Mapping[str, str]:
    """The good project file with one thing changed."""
    return {"reconciler.yaml": swapped(PROJECT, old, new)}


def swapped(text: str, old: str, new: str) -> str:
    """`text` with its one `old` replaced."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} stands {text.count(old)} times in the text, not once")
    return text.replace(old, new)


@dataclass(frozen=True)
class Case:
    """A bad input and everything that is said of it.

    Attributes:
        name: The section of the catalogue, and what is wrong.
        files: What is put into the good project, by path.
        code: Of the problem that must be told, "" where none is.
        place: Where, as file:line:column; "" for no place.
        hint: Some words of the next step.
        exit: The exit status.
        commands: Each is run, and each must say all of this.
        absent: What may appear in no output.
        environment: Variables of the process.
        first: Files that are put into the good project first,
        before: and commands that are run in it then.
    """

    name: str
    files: Mapping[str, str | bytes | Put]
    code: str = ""
    place: str = ""
    hint: str = ""
    exit: int = 3
    commands: tuple[tuple[str, ...], ...] = EVERYWHERE
    absent: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    before: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that would be green whatever is said."""
        if self.exit and not self.hint:
            raise ValueError(f"{self.name}: no next step is given")
