"""Requests and replies of a sandbox, and the way from a path to what answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY_BYTES: Final = 1024 * 1024


class Declined(Exception):
    """The carrier says no. Whatever the request had written is taken back."""

    def __init__(
        self, status: int, message: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status = status
        self.message = message
        self.headers = headers
        super().__init__(message)


class Request(NamedTuple):
    """What was asked; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    peer: str
    shortfall: int = 0
    """How many numbers of an order the network shall fail to give (a planted fault)."""
    flaw: str = ""
    """What shall go wrong later with what is asked for (a planted fault)."""

    def json(self) -> dict[str, Any]:
        """The object in its body."""
        try:
            value = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise Declined(400, "Invalid JSON body")
        return value


class Reply(NamedTuple):
    """What is answered."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Any, Request, Mapping[str, str]], Reply]
"""Answers one operation on a carrier's own store; the mapping holds the path's parameters."""

Routes = Mapping[tuple[str, str], Handler]


class Parameter(NamedTuple):
    """The form of a path's parameter: whole, and as far as one may have been typed."""

    whole: str
    begun: str


_DIGITS: Final = Parameter(r"[0-9]{1,20}", r"[0-9]{0,20}\Z")
_PARAMETERS: Final[Mapping[str, Parameter]] = {
    "{pid}": Parameter(r"[A-Za-z0-9]{5}", r"[A-Za-z0-9]{0,5}\Z")
}


def parameter(name: str) -> Parameter:
    """The form of a parameter, which is given in braces: digits, but for `{pid}`."""
    return _PARAMETERS.get(name, _DIGITS)


@dataclass(frozen=True, slots=True)
class Router:
    """Finds what answers a request, literal paths before those with parameters."""

    routes: Routes
    _patterns: list[tuple[str, re.Pattern[str], Handler]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for (method, template), handler in sorted(self.routes.items(), key=_by_literals):
            pattern = re.sub(r"\{([a-z]+)\}", _group, template)
            self._patterns.append((method, re.compile(pattern), handler))

    def find(self, method: str, path: str) -> tuple[Handler, Mapping[str, str]] | None:
        """The handler and the path's parameters; None when there is no such operation."""
        for known, pattern, handler in self._patterns:
            match = pattern.fullmatch(path)
            if match and known == method:
                return handler, match.groupdict()
        return None


def _group(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{parameter(found[0]).whole})"


def _by_literals(route: tuple[tuple[str, str], Handler]) -> int:
    return route[0][1].count("{")


def success(data: object, status: int = 200) -> Reply:
    """The carrier's body of a success; money in `data` is Decimal."""
    return Reply(status, as_json({"status": "success", "data": data}))


def failure(
    status: int,
    message: str,
    headers: tuple[tuple[str, str], ...] = (),
    more: Mapping[str, object] | None = None,
) -> Reply:
    """The carrier's body of an error: its code repeats the status; `more` stands beside it.

    Unlike `Declined` it lets stand what was written: some refusals are of a part only.
    """
    body = {"status": "error", "error": {"code": status, "message": message}, **(more or {})}
    return Reply(status, as_json(body), headers=headers)


def unknown_path(request: Request) -> Reply:
    """A 404 that is no answer of the carrier: its error body would say "empty"."""
    text = f"404: the sandbox has no {request.method} {request.path}\n"
    return Reply(404, text.encode(), "text/plain; charset=utf-8")


def as_json(value: object) -> bytes:
    """JSON as it goes out; Decimal becomes a JSON number."""
    return json.dumps(value, default=float).encode()


def request_of(environ: WSGIEnvironment) -> Request:
    """Read a request; a body beyond 1 MiB is cut, and then is no JSON."""
    length = environ.get("CONTENT_LENGTH") or "0"
    size = min(int(length), MAX_BODY_BYTES) if length.isdigit() else 0
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = str(environ.get("CONTENT_TYPE") or "")
    return Request(
        method=str(environ["REQUEST_METHOD"]),
        path=str(environ.get("PATH_INFO", "")),
        query=dict(parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)),
        headers=headers,
        body=environ["wsgi.input"].read(size) if size else b"",
        peer=str(environ.get("REMOTE_ADDR", "")),
    )


def start(reply: Reply, start_response: StartResponse) -> list[bytes]:
    """Send a reply off."""
    phrase = HTTPStatus(reply.status).phrase
    headers = [*reply.headers, ("Content-Length", str(len(reply.body)))]
    if reply.body:
        headers.append(("Content-Type", reply.content_type))
    start_response(f"{reply.status} {phrase}", headers)
    return [reply.body]
