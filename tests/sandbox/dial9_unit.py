"""Asks Dial 9's sandbox, in this process or on loopback."""

from __future__ import annotations

from reconciler.sandbox.books import Fault
from reconciler.sandbox.desk import find
from reconciler.sandbox.serve import serve
from tests.sandbox.callers import InProcess, OverLoopback

NUMBER, OTHER = "02079460100", "02079460101"
E164 = "+442079460100"
DESK = find("dial9")
KEYS = {"X-Auth-Token": "t", "X-Auth-Secret": "s", "Content-Type": "application/json"}


class Caller:
    """Asks actions of a unit at the sandbox."""

    def __init__(self, ways, app, path, clock, edition):
        self.ways, self.app, self.path, self.clock, self.edition = ways, app, path, clock, edition

    def ask(self, action, params=None, headers=KEYS, method="POST"):
        return self.ways.call(method, f"/api/v2/{action}", params or {}, headers)

    def ok(self, action, **params):
        got = self.ask(action, params)
        assert (got.status, got.json["status"]) == (200, "success"), got.raw
        return got.data

    def wrong(self, action, **params):
        got = self.ask(action, params)
        assert got.status == 200
        assert got.json["status"] != "success", got.raw
        return got.json["status"], got.data.get("code", got.data.get("message"))

    def settings(self, **changes):
        assert self.ways.call("POST", "/_sandbox/settings", changes).status == 204

    def acquire(self, number=NUMBER, **more):
        if self.edition == "telcom":
            return self.ok("numbers/acquire", number=number)
        return self.ok("numbers/acquire", token=self.token(number), **more)

    def token(self, number=NUMBER):
        for _ in range(60):
            for row in self.ok("numbers/acquirable_numbers", prefix="020"):
                if row["number"] == number:
                    return row["token"]
        raise AssertionError(number)

    def charges(self):
        return DESK.books(self.path)["charges"]

    def plant(self, kind, **options):
        DESK.fault(self.path, Fault(kind, **options))


def opened(path, clock, edition, *, loopback=False):
    app = DESK.open(path, {"edition": edition}, clock)
    server = serve(app) if loopback else None
    return Caller(
        OverLoopback(server.url) if server else InProcess(app), app, path, clock, edition
    ), server
