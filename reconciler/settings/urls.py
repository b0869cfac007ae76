"""Which URLs are taken, decided by their text alone: nothing is resolved here.

A name that leads to a private address, and a redirect, only show when connecting: the
transport refuses them there. Source of the tricks: OWASP, "Server-Side Request Forgery
Prevention"; RFC 3986 section 7.4 (rare IP address formats).
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Collection

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"^(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?$")
_PARTS = re.compile(r"^(https?)://(\[[^\]/]*\]|[^:/\[\]]*)(?::([0-9]*))?(/.*)?$")
_PATH = re.compile(r"^(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$")

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"^([a-z]+://[^/@:]*):([^/]*)@")
_PASSWORD_QUERY = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)
_LAST_PORT = 65535


def connector_fault(url: str, *, sandbox: bool = False, domains: Collection[str] = ()) -> str:
    """Say what is wrong with a connector's base URL, "" when nothing is.

    Args:
        url: The URL as written.
        sandbox: Whether the connector is marked so: then this machine is all it may name.
        domains: Domains that belong to the carrier; it or a name below it is taken.
    """
    fault = _writing_fault(url)
    if fault:
        return fault
    match = _PARTS.match(url)
    if match is None:
        return "it is not of the form https://HOST/PATH"
    scheme, host, port, path = match[1], match[2], match[3], match[4] or ""
    if not _PATH.match(path):
        return "its path has other characters than letters, digits, hyphens and dots in names"
    if sandbox:
        return _loopback_fault(host, port)
    return _public_fault(scheme, host, port, domains)


def _writing_fault(url: str) -> str:
    if not url.isascii():
        return "it has letters that are not ASCII and may only look like others"
    if not url.isprintable() or " " in url or "\\" in url:
        return "it has a blank, a backslash or a control character"
    if "@" in url:
        return "it names a user; credentials belong under `credentials`"
    if "?" in url or "#" in url or "%" in url:
        return "it has a query, a fragment or an escaped character"
    if not url.startswith(("https://", "http://")):
        return "it does not start with https://"
    return ""


def _loopback_fault(host: str, port: str | None) -> str:
    if port is not None and not (port.isdigit() and 1 <= int(port[:6]) <= _LAST_PORT):
        return f"its port is not a number from 1 to {_LAST_PORT}"
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    return (
        ""
        if loopback
        else "a sandbox is served on this machine only, such as http://127.0.0.1:8080"
    )


def _public_fault(scheme: str, host: str, port: str | None, domains: Collection[str]) -> str:
    if scheme != "https":
        return "it does not start with https://"
    if port not in {None, "443"}:
        return "it names a port other than 443"
    if host.endswith("."):
        return "its host ends with a dot"
    if not _NAME.match(host):
        return "its host is no public name: IP addresses, in whatever form, are not taken"
    lower = host.lower()
    if not any(lower == domain or lower.endswith(f".{domain}") for domain in domains):
        return f"its host does not belong to the carrier, whose domains are {', '.join(domains)}"
    return ""


def database_fault(url: str) -> str:
    """Say what is wrong with a database URL, "" when nothing is."""
    if not url.isprintable():
        return "it has a control character"
    if url.startswith(_SQLITE):
        return "" if url != _SQLITE else "it names no file"
    if url.startswith("sqlite:"):
        return "an SQLite URL has three slashes before a path in the project, four before any other"
    if url.startswith(_POSTGRESQL):
        return ""
    return "it is neither sqlite:///PATH nor postgresql://USER@HOST/DATABASE"


def has_password(url: str) -> bool:
    """Tell whether a database URL holds a password in plain text."""
    return bool(_PASSWORD.match(url) or _PASSWORD_QUERY.search(url))


def shown_url(url: str) -> str:
    """Write a database URL for people: a password in it becomes ***."""
    return _PASSWORD_QUERY.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def database_url(url: str, root: str) -> str:
    """Make an SQLite URL absolute: its path is relative to the project folder `root`."""
    path = url.removeprefix(_SQLITE)
    if path in {url, ":memory:"}:
        return url
    return _SQLITE + posixpath.normpath(posixpath.join(root, path))
