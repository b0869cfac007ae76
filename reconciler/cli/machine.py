"""What `doctor` looks at on this machine: Python, libraries, time zones, terminal."""

from __future__ import annotations

import importlib
import importlib.metadata
import locale
import platform
import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime

from reconciler.cli.findings import Finding
from reconciler.errors import Exit

GROUP = "machine"
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 38, 0)
"""RETURNING came with 3.35, the operator ->> with 3.38 (SQLite release history)."""

_REQUIRED = re.compile(r"^([A-Za-z0-9._-]+)[^;]*?>=\s*([0-9][0-9.]*)[^;]*(;.*)?$")
_OLDEST_TIME_ZONES_YEARS = 2


def machine(now: datetime) -> Iterator[Finding]:
    """Look at the machine. Reads only, and asks nobody."""
    yield _python()
    yield from _libraries()
    yield _libyaml()
    yield _sqlite()
    yield _phone_numbers()
    yield _time_zones(now)
    yield _holidays()
    yield _terminal()


def _python() -> Finding:
    found = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Finding(
            GROUP, "python", "fail", f"{found} is older than 3.11.", "Install Python 3.11 or newer."
        )
    return Finding(GROUP, "python", "ok", f"{found} on {platform.platform(terse=True)}")


def _libraries() -> Iterator[Finding]:
    """Everything that the package says it needs, against what is installed."""
    wanted = dict(_floors())
    if not wanted:
        yield Finding(GROUP, "libraries", "skipped", "reconciler is not installed as a package.")
        return
    told = []
    for name, floor in sorted(wanted.items()):
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield _library(name, f"{name} is not installed.")
            continue
        told.append(f"{name} {found}")
        if _parts(found) < _parts(floor):
            yield _library(name, f"{name} {found} is older than {floor}.")
    yield Finding(GROUP, "libraries", "ok", ", ".join(told))


def _library(name: str, detail: str) -> Finding:
    return Finding(GROUP, name, "fail", detail, "Install reconciler again.", Exit.UNAVAILABLE)


def _floors() -> Iterator[tuple[str, str]]:
    try:
        required = importlib.metadata.requires("reconciler") or ()
    except importlib.metadata.PackageNotFoundError:
        return
    for text in required:
        match = _REQUIRED.match(text)
        if match and not match[3]:
            yield match[1], match[2]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3])


def _libyaml() -> Finding:
    yaml = importlib.import_module("yaml")
    if not getattr(yaml, "__with_libyaml__", False):
        return Finding(
            GROUP,
            "libyaml",
            "fail",
            "PyYAML is installed without libyaml, which reads the files.",
            "Install a wheel: pip install --force-reinstall --only-binary :all: pyyaml",
            Exit.UNAVAILABLE,
        )
    version = importlib.import_module("yaml._yaml").get_version_string()
    return Finding(GROUP, "libyaml", "ok", str(version))


def _sqlite() -> Finding:
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding(
            GROUP,
            "sqlite",
            "fail",
            f"{found} is older than 3.38.",
            "Use a Python built with a newer SQLite, or PostgreSQL.",
            Exit.UNAVAILABLE,
        )
    return Finding(GROUP, "sqlite", "ok", found)


def _phone_numbers() -> Finding:
    """`phonenumbers` and `phonenumberslite` are one import name and overwrite each other."""
    name = "phone numbers"
    there = {one: _version(one) for one in ("phonenumberslite", "phonenumbers")}
    if all(there.values()):
        return Finding(
            GROUP,
            name,
            "warn",
            "phonenumbers and phonenumberslite are both installed; each overwrites the other.",
            "pip uninstall phonenumbers, then install phonenumberslite again.",
        )
    told = [f"{package} {version}" for package, version in there.items() if version]
    return Finding(GROUP, name, "ok", ", ".join(told) or "none")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _time_zones(now: datetime) -> Finding:
    name = "time zones"
    try:
        found = str(importlib.import_module("tzdata").IANA_VERSION)
    except ImportError:
        return Finding(
            GROUP, name, "fail", "tzdata is not installed.", "Install it.", Exit.UNAVAILABLE
        )
    year = int(found[:4]) if found[:4].isdigit() else 0
    if now.year - year >= _OLDEST_TIME_ZONES_YEARS:
        return Finding(
            GROUP, name, "warn", f"tzdata {found} is old: clocks may have changed since.",
            "pip install --upgrade tzdata",
        )  # fmt: skip
    return Finding(GROUP, name, "ok", f"tzdata {found}")


def _holidays() -> Finding:
    version = _version("holidays")
    if not version:
        return Finding(GROUP, "holidays", "skipped", "The package holidays is not installed.")
    return Finding(GROUP, "holidays", "ok", version)


def _terminal() -> Finding:
    encoding = (getattr(sys.stdout, "encoding", None) or "none").lower()
    shown = f"{encoding}, locale {locale.setlocale(locale.LC_CTYPE) or 'C'}"
    if encoding.replace("-", "") != "utf8":
        return Finding(
            GROUP, "output", "warn", f"{shown}: signs and names are written as escapes.",
            "export PYTHONUTF8=1",
        )  # fmt: skip
    return Finding(GROUP, "output", "ok", shown)
