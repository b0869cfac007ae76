"""Two ways to ask a sandbox."""

from __future__ import annotations

import http.client
import io
import json
from dataclasses import dataclass, field
from wsgiref.util import setup_testing_defaults


@dataclass
class Got:
    status: int
    raw: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def data(self):
        return self.json["data"]


KEY = {"Authorization": "Bearer sandbox"}


class InProcess:
    def __init__(self, app) -> None:
        self.app = app

    def call(self, method, path, body=None, headers=KEY) -> Got:
        path, _, query = path.partition("?")
        raw = b"" if body is None else json.dumps(body).encode()
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        environ |= {"CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw)}
        environ |= {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in headers.items()}
        environ["CONTENT_TYPE"] = headers.get("Content-Type", "")
        setup_testing_defaults(environ)
        seen = []
        chunks = self.app(environ, lambda status, fields: seen.append((status, fields)))
        status, fields = seen[0]
        return Got(int(status[:3]), b"".join(chunks), dict(fields))


class OverLoopback:
    def __init__(self, url) -> None:
        self.address = url.removeprefix("http://")

    def call(self, method, path, body=None, headers=KEY) -> Got:
        connection = http.client.HTTPConnection(self.address, timeout=5)
        raw = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            return Got(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()
