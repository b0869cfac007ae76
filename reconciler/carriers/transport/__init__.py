"""HTTP for all carriers, and the only importer of httpx.

A write is one request, once, whatever happens: it ends as an `Answer` or as a `Failure` that
says whether anything can have left this process. What changes nothing when it is sent twice may
be tried three times, by the carrier's own table (`retry`). There is no
client with its cookies, redirects, environment and request log: requests go straight to
httpx's transports, so that what is not wanted is not there.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

# httpx imports its command line inside `try/except ImportError`, and that imports rich and
# pygments: 110 ms of every command. An entry of None makes the import fail at once.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402 - after the line above

from reconciler.carriers.transport.retry import (  # noqa: E402
    AWAY,
    TRIES,
    WHOLE_SECONDS,
    Chance,
    Retries,
    midway,
    pause_after,
)
from reconciler.errors import Unavailable  # noqa: E402
from reconciler.protocols import Clock, SecretValue  # noqa: E402

__all__ = [
    "AWAY",
    "IN_PROCESS",
    "MAX_BYTES",
    "Answer",
    "Chance",
    "Failure",
    "Retries",
    "Transport",
    "address_fault",
    "decoded",
    "is_local",
    "midway",
]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_BYTES: Final = 8 * 1024 * 1024
HTTPS_PORT: Final = 443
FIRST_FREE_PORT: Final = 1024
LAST_PORT: Final = 65535
LONG_SECRET: Final = 8
"""Shorter words of a header are no secrets ("Bearer", the sandbox's open key)."""
IN_PROCESS: Final = "http://sandbox.invalid"

_HOST = re.compile(r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
_PRIVATE = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".invalid", ".test")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONG_DIGITS = re.compile(r"[0-9]{7,}")

# Errors of which httpx says that they came before the request. TLS failures are ConnectError.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole and within bounds."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after: str = ""
    """The raw Retry-After header, "" when there was none."""


class Failure(NamedTuple):
    """No usable answer. `sent` is False only when nothing can have left this process."""

    sent: bool
    reason: str
    too_long: bool = False
    """Whether there was an answer, and more of it than is read."""


def address_fault(url: str, *, sandbox: bool = False) -> str:
    """Say what is wrong with a carrier's base URL, "" when nothing is.

    Only https to a public name is taken; `sandbox` also takes this machine, by http too. What
    only shows when connecting (a name that leads to a private address) is refused there.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "It is not a URL."
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return "It has characters that no host name has."
    if parsed.userinfo or "@" in url:
        return "It names a user; credentials belong under `credentials`."
    if parsed.query or parsed.fragment or "?" in url or "#" in url:
        return "It has a query or a fragment; give the start of the address only."
    if sandbox and parsed.scheme in {"http", "https"} and parsed.host in _LOOPBACK:
        return ""
    return _public_fault(parsed)


def is_local(url: str) -> bool:
    """Whether a URL that has no fault leads to this machine."""
    try:
        return httpx.URL(url).host in _LOOPBACK
    except httpx.InvalidURL:
        return False


def _public_fault(parsed: httpx.URL) -> str:
    if parsed.scheme != "https":
        return "It does not start with https://."
    if not _HOST.match(parsed.host):
        return "Its host is no public name: IP addresses and single words are not taken."
    if parsed.host.endswith(_PRIVATE):
        return "Its host is a private name."
    port = parsed.port or HTTPS_PORT
    if port != HTTPS_PORT and not FIRST_FREE_PORT <= port <= LAST_PORT:
        return f"Port {port} is not one for HTTPS."
    return ""


def decoded(answer: Answer) -> Mapping[str, Any] | None:
    """Read the JSON object in an answer; None when it is anything else. Money is Decimal."""
    if answer.content_type and "json" not in answer.content_type.lower():
        return None
    try:
        value = json.loads(answer.body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_number(text: str) -> object:
    raise ValueError(text)


def _is_away(result: Answer | Failure, statuses: frozenset[int]) -> bool:
    """Whether another try may be answered otherwise."""
    return result.status in statuses if isinstance(result, Answer) else not result.too_long


class Transport:
    """Requests to one carrier account, each bounded in bytes, headers and total time.

    Attributes:
        base_url: Where they go, without a slash at its end.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str | SecretValue],
        clock: Clock,
        wsgi_app: WSGIApplication | None = None,
        timeout_seconds: float = 30.0,
        sandbox: bool = False,
        retries: Retries | None = None,
    ) -> None:
        fault = "" if wsgi_app else address_fault(base_url, sandbox=sandbox)
        if fault:
            raise Unavailable(f"The carrier's URL is not used. {fault}", "Correct its `url`.")
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._clock = clock
        self._seconds = timeout_seconds
        self._retries = retries or Retries()
        self._deadline = threading.local()
        if wsgi_app:
            self._wire: httpx.BaseTransport = httpx.WSGITransport(wsgi_app)
            return
        from reconciler.carriers.transport import network  # noqa: PLC0415 - not in process

        self._wire = network.Wire(self._left, loopback=sandbox and is_local(base_url))

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Failure:
        """Send one request, once. Whatever stops it is a `Failure`, never an exception."""
        return self._once(self._seconds, method, path, query, body, headers)

    def _once(
        self,
        seconds: float,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Failure:
        what = f"{method} {_LONG_DIGITS.sub('{number}', path.partition('?')[0])}"
        self._deadline.seconds = seconds
        self._deadline.at = self._clock.monotonic() + seconds
        try:
            request = self._made(method, path, query, body, headers)
        except (httpx.InvalidURL, ValueError, TypeError):
            return Failure(sent=False, reason=f"{what} could not be written as a request.")
        try:
            return self._exchange(request, what)
        except _UNSENT as error:
            return Failure(sent=False, reason=f"{what} was not sent: {self.shown(str(error))}")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return Failure(sent=True, reason=f"{what} got no answer ({type(error).__name__}).")

    def read(self, path: str, *, query: Mapping[str, str | int] | None = None) -> Answer | Failure:
        """GET, and again while the carrier is away; only ever for reads."""
        return self.repeated("GET", path, query=query)

    def repeated(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: bytes | None = None,
    ) -> Answer | Failure:
        """Send what changes nothing when it is sent twice, again while the carrier is away.

        It ends within a minute, pauses and all. Its caller says by this call that nothing is kept
        or paid for it; the carrier's table says after which answers it is sent again.
        """
        again = self._retries.after(method, path)
        ends = self._clock.monotonic() + WHOLE_SECONDS
        result = self.request(method, path, query=query, body=body)
        pause = 0.0
        for _ in range(1, TRIES):
            if again is None or not _is_away(result, again):
                break
            asked = result.retry_after if isinstance(result, Answer) else ""
            pause = pause_after(pause, asked, self._retries.chance)
            left = ends - self._clock.monotonic() - pause
            if left <= 0:
                break
            self._clock.sleep(pause)
            result = self._once(min(self._seconds, left), method, path, query, body)
        return result

    def shown(self, text: object, limit: int = 160) -> str:
        """Words from outside as they may be shown: no secret of ours, no control characters."""
        told = str(text)
        for secret in self._secrets():
            told = told.replace(secret, "***")
        told = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in told[: limit * 4])
        return told if len(told) <= limit else f"{told[:limit]}..."

    def close(self) -> None:
        """Let go of connections."""
        self._wire.close()

    def _secrets(self) -> Iterable[str]:
        for value in self._headers.values():
            if isinstance(value, SecretValue):
                yield value.reveal()
                yield from (word for word in value.reveal().split() if len(word) >= LONG_SECRET)

    def _made(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        known = {
            name: value.reveal() if isinstance(value, SecretValue) else value
            for name, value in self._headers.items()
        }
        # No compression: a small answer must not unfold into gigabytes.
        asked = {"Accept": "application/json", "Accept-Encoding": "identity"}
        typed = {"Content-Type": "application/json"} if body else {}
        sent = {**asked, **typed, **known, **(headers or {})}
        if not all(value.isascii() and value.isprintable() for value in sent.values()):
            raise ValueError("a header has characters that no header takes")
        phases = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        return httpx.Request(
            method,
            f"{self.base_url}{path}",
            params=query,
            content=body,
            headers=sent,
            extensions={"timeout": phases},
        )

    def _exchange(self, request: httpx.Request, what: str) -> Answer | Failure:
        response = self._wire.handle_request(request)
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                return Failure(sent=True, reason=f"{what} was answered in an unknown encoding.")
            body = self._bounded(response)
        finally:
            response.close()
        if body is None:
            reason = f"{what} was answered with more than 8 MiB."
            return Failure(sent=True, reason=reason, too_long=True)
        if self._clock.monotonic() > self._deadline.at:
            return Failure(sent=True, reason=f"{what} took more than {self._deadline.seconds:g} s.")
        return Answer(
            response.status_code,
            response.headers.get("Content-Type", ""),
            body,
            response.headers.get("Retry-After", ""),
        )

    @staticmethod
    def _bounded(response: httpx.Response) -> bytes | None:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                return None
        return bytes(body)

    def _left(self, timeout: float | None) -> float:
        """Seconds that one step of the request under way may still take."""
        left: float = self._deadline.at - self._clock.monotonic()
        return max(0.001, left if timeout is None else min(timeout, left))
