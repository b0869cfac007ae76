from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from itertools import pairwise

import httpcore
import pytest

from reconciler.carriers import find, kinds
from reconciler.carriers.transport import (
    MAX_BYTES,
    Answer,
    Failure,
    Retries,
    Transport,
    address_fault,
    decoded,
)
from reconciler.carriers.transport.network import Network
from reconciler.errors import Unavailable
from reconciler.protocols import SecretValue

CANARY = "canary-7f3a9c51e0d24b68"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def whole(connection):
    """Read a request to its end; whatever came when it has none (a TLS hello)."""
    got = connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: ([0-9]+)", head)
    while length and len(body) < int(length[1]):
        more = connection.recv(65536)
        got, body = got + more, body + more
    return got


@contextmanager
def listening(*answers):
    """A server on a bare socket. One connection an answer; collects what was asked."""
    asked = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def run():
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(whole(connection))
                try:
                    for piece in [answer] if isinstance(answer, bytes) else answer:
                        connection.sendall(piece)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def closing(status="200 OK", body=b"{}", headers=""):
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n"
    ).encode() + body


def to(url, clock, **options):
    headers = {"Authorization": SecretValue(f"Bearer {CANARY}")}
    return Transport(url, headers=headers, clock=clock, sandbox=True, **options)


# Addresses.


@pytest.mark.parametrize(
    "url",
    [
        "http://api.voicetel.com",
        "file:///etc/passwd",
        "gopher://api.voicetel.com",
        "https://user@api.voicetel.com",
        "https://user:word@api.voicetel.com",
        "https://api.voicetel.com@evil.example",
        "https://api.voicetel.com\\@evil.example",
        "https://api.voicetel.com?x=1",
        "https://api.voicetel.com#x",
        "https://\u0430pi.voicetel.com",
        "https://127.1",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://2852039166",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[fe80::1%25eth0]",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://8.8.8.8",
        "https://localhost",
        "https://carrier",
        "https://api.internal",
        "https://pbx.local",
        "https://api.voicetel.com.",
        "https://api.voicetel.com:22",
        "https://api.voicetel.com:70000",
        "https://",
        "api.voicetel.com",
        "",
    ],
)
def test_an_address_that_is_not_public_https_is_refused(url):
    assert address_fault(url)


@pytest.mark.parametrize(
    "url",
    ["https://api.voicetel.com", "https://talk.telcom.io/api/v2", "https://api.example.com:8443"],
)
def test_public_https_is_taken(url):
    assert address_fault(url) == ""


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80"])
def test_this_machine_is_taken_for_a_sandbox_only(url):
    assert address_fault(url, sandbox=True) == ""
    assert address_fault(url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "https://192.168.1.1", "http://169.254.169.254"]
)
def test_a_sandbox_is_never_another_machine_on_the_network(url):
    assert address_fault(url, sandbox=True)


def test_a_refused_address_makes_no_transport(clock):
    with pytest.raises(Unavailable, match="https"):
        Transport("http://api.voicetel.com", headers={}, clock=clock)


def test_a_public_name_that_leads_to_this_machine_is_not_connected_to():
    with listening(OK) as (url, asked):
        network = Network(lambda timeout: 5.0, loopback=False)
        with pytest.raises(httpcore.ConnectError):
            network.connect_tcp("localhost", int(url.rpartition(":")[2]))

        assert asked in ([], [b""])


# One request.


def test_a_request_carries_the_headers_and_nothing_from_the_environment(real_clock, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with listening(closing()) as (url, asked):
        got = to(url, real_clock).request(
            "POST", "/v2.2/orders", body=b'{"a":1}', headers={"Idempotency-Key": "op-1"}
        )

    assert got == Answer(200, "application/json", b"{}")
    assert asked[0].startswith(b"POST /v2.2/orders HTTP/1.1\r\n")
    assert f"Authorization: Bearer {CANARY}".encode() in asked[0]
    assert b"Idempotency-Key: op-1" in asked[0]
    assert b"Accept-Encoding: identity" in asked[0]
    assert asked[0].endswith(b'\r\n\r\n{"a":1}')


def test_a_redirect_is_an_answer_and_is_not_followed(real_clock):
    with listening(closing("302 Found", headers="Location: /other\r\n"), OK) as (url, asked):
        got = to(url, real_clock).request("GET", "/v2.2/numbers")

        assert isinstance(got, Answer)
        assert got.status == 302
        assert len(asked) == 1


def test_cookies_are_dropped(real_clock):
    with listening(closing(headers="Set-Cookie: a=b\r\n"), closing()) as (url, asked):
        transport = to(url, real_clock)
        transport.request("GET", "/v2.2/numbers")
        transport.request("GET", "/v2.2/numbers")

    assert b"ookie" not in asked[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_is_sent_once_whatever_is_answered(real_clock, method):
    with listening(closing("503 Away"), closing()) as (url, asked):
        got = to(url, real_clock).request(method, "/v2.2/orders", body=b"{}")

        assert isinstance(got, Answer)
        assert got.status == 503
        assert len(asked) == 1


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"SSH-2.0\r\n"]
)
def test_a_lost_cut_or_malformed_answer_may_have_been_processed(real_clock, answer):
    with listening(answer, OK) as (url, asked):
        got = to(url, real_clock).request("POST", "/v2.2/orders", body=b"{}")

        assert isinstance(got, Failure)
        assert got.sent
        assert len(asked) == 1


def test_a_refused_connection_was_not_sent(real_clock):
    with listening() as (url, _):
        pass
    got = to(url, real_clock).request("POST", "/v2.2/orders", body=b"{}")

    assert isinstance(got, Failure)
    assert not got.sent


def test_a_failed_tls_handshake_was_not_sent(real_clock):
    with listening(b"no TLS here\r\n") as (url, asked):
        got = to(url.replace("http:", "https:"), real_clock).request("POST", "/x", body=b"{}")

        assert isinstance(got, Failure)
        assert not got.sent
        assert CANARY.encode() not in b"".join(asked)


def test_a_name_that_does_not_exist_was_not_sent(real_clock, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    transport = Transport("https://carrier.example.com", headers={}, clock=real_clock)
    got = transport.request("POST", "/x", body=b"{}")

    assert isinstance(got, Failure)
    assert not got.sent


def test_a_header_that_cannot_be_written_is_not_sent(real_clock):
    with listening(OK) as (url, asked):
        got = to(url, real_clock).request("POST", "/x", headers={"Idempotency-Key": "a\r\nB: c"})

        assert got == Failure(sent=False, reason="POST /x could not be written as a request.")
        assert asked == []


# Bounds.


def test_more_than_8_mib_is_no_answer(real_clock):
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    with listening([head, *[b"x" * 65536] * (MAX_BYTES // 65536 + 2)]) as (url, _):
        got = to(url, real_clock).request("GET", "/v2.2/numbers")

    assert isinstance(got, Failure)
    assert "8 MiB" in got.reason


def test_a_compressed_answer_is_no_answer(real_clock):
    with listening(closing(headers="Content-Encoding: gzip\r\n")) as (url, _):
        assert isinstance(to(url, real_clock).request("GET", "/v2.2/numbers"), Failure)


def test_endless_headers_are_no_answer(real_clock):
    pieces = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"x" * 1000 + b"\r\n"] * 2000]
    with listening(pieces) as (url, _):
        got = to(url, real_clock).request("GET", "/v2.2/numbers")

    assert isinstance(got, Failure)
    assert got.sent


def drip(data):
    for index in range(len(data)):
        threading.Event().wait(0.05)
        yield data[index : index + 1]


@pytest.mark.parametrize("start", [0, 60], ids=["in its headers", "in its body"])
def test_an_answer_in_drips_ends_with_the_whole_time(real_clock, start):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 100\r\n\r\n" + b"x" * 100

    def pieces():
        yield head[:start]
        yield from drip(head[start:])

    with listening(pieces()) as (url, _):
        began = time.monotonic()
        got = to(url, real_clock, timeout_seconds=0.4).request("POST", "/v2.2/orders", body=b"{}")
        took = time.monotonic() - began

    assert isinstance(got, Failure)
    assert got.sent
    assert took < 1.5


def test_a_slow_answer_within_this_process_counts_as_too_late(clock):
    def slow(environ, start_response):
        clock.sleep(31)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    got = to("http://x", clock, wsgi_app=slow).request("POST", "/v2.2/orders", body=b"{}")
    assert isinstance(got, Failure)
    assert got.sent


# Reads.


class Answers:
    """A carrier that gives one answer after the other, and remembers when it was asked."""

    def __init__(self, clock, *answers, seconds=0.0):
        self.clock, self.answers, self.seconds = clock, list(answers), seconds
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append((self.clock.monotonic(), environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        self.clock.sleep(self.seconds)
        status, *headers = self.answers.pop(0)
        start_response(status, [("Content-Type", "application/json"), *headers])
        return [b"{}"]

    def pauses(self):
        times = [at for at, *_ in self.asked]
        return [later - at for at, later in pairwise(times)]


AWAY, DONE = ("503 Away",), ("200 OK",)


def after(seconds):
    return ("429 Slow", ("Retry-After", str(seconds)))


def read(clock, *answers, path="/v2.2/numbers", seconds=0.0, **retries):
    app = Answers(clock, *answers, seconds=seconds)
    got = to("http://x", clock, wsgi_app=app, retries=Retries(**retries)).read(path)
    return got, app


def test_a_read_is_tried_three_times(real_clock):
    with listening(b"", closing("503 Away"), closing(), OK) as (url, asked):
        got = to(url, real_clock).read("/v2.2/numbers")

        assert got == Answer(200, "application/json", b"{}")
        assert len(asked) == 3
        assert real_clock.slept > 0


def test_a_read_gives_up_after_three_tries(real_clock):
    with listening(*[closing("502 Bad")] * 4) as (url, asked):
        got = to(url, real_clock).read("/v2.2/numbers")

        assert isinstance(got, Answer)
        assert got.status == 502
        assert len(asked) == 3


@pytest.mark.parametrize("status", ["429 Slow", "502 Bad", "503 Away", "504 Late"])
def test_a_read_is_sent_again_while_the_carrier_is_away(clock, status):
    got, app = read(clock, (status,), DONE)

    assert got.status == 200
    assert len(app.asked) == 2


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "404 None", "409 Is", "500 Oops"])
def test_a_read_takes_other_answers_as_they_are(clock, status):
    got, app = read(clock, (status,), DONE)

    assert got.status == int(status[:3])
    assert len(app.asked) == 1


def test_more_than_is_read_is_asked_once(real_clock):
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    much = [head, *[b"x" * 65536] * (MAX_BYTES // 65536 + 2)]
    with listening(much, closing()) as (url, asked):
        assert isinstance(to(url, real_clock).read("/v2.2/numbers"), Failure)

        assert len(asked) == 1


@pytest.mark.parametrize(
    ("draws", "pauses"),
    [((0.0, 0.0), [0.5, 0.5]), ((0.5, 0.5), [1.0, 1.75]), ((0.9, 0.1), [1.4, 0.87])],
)
def test_pauses_are_drawn_from_the_one_before(clock, draws, pauses):
    draws = iter(draws)
    _, app = read(clock, AWAY, AWAY, DONE, chance=lambda: next(draws))

    assert app.pauses() == pytest.approx(pauses)


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("7", 7.25),
        ("0", 1.0),
        ("1000000000", 20.0),
        ("-5", 1.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
    ],
)
def test_a_carrier_that_says_when_is_kept_to_and_capped(clock, asked, pause):
    got, app = read(clock, after(asked), DONE)

    assert got.status == 200
    assert app.pauses() == pytest.approx([pause])


def test_a_read_ends_within_a_minute_whatever_is_answered(clock):
    got, app = read(clock, *[after(20)] * 3, seconds=19)

    assert got.status == 429
    assert len(app.asked) == 2
    assert clock.slept <= 60


def test_the_last_try_has_only_the_time_that_is_left(clock):
    got, app = read(clock, after(20), DONE, seconds=22)

    assert got == Failure(sent=True, reason="GET /v2.2/numbers took more than 18 s.")
    assert len(app.asked) == 2


@pytest.mark.parametrize("path", ["/v2.2/account", "/v2.2/account/cdr?x=1", "/v2.2/lrn"])
def test_what_a_carrier_counts_or_bills_is_sent_once(clock, path):
    got, app = read(clock, after(1), DONE, path=path, never=("/v2.2/account", "/v2.2/lrn"))

    assert got.status == 429
    assert len(app.asked) == 1


def test_a_name_that_begins_alike_is_another_path(clock):
    got, _ = read(clock, AWAY, DONE, path="/v2.2/accounts", never=("/v2.2/account",))

    assert got.status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_verb_that_the_carriers_table_does_not_name_is_sent_once(clock, method):
    app = Answers(clock, AWAY, DONE)
    got = to("http://x", clock, wsgi_app=app).repeated(method, "/v2.2/x", body=b"{}")

    assert got.status == 503
    assert len(app.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_what_its_caller_did_not_mark_is_sent_once_whatever_the_table_says(clock, method):
    app = Answers(clock, AWAY, DONE)
    retries = Retries({"POST": frozenset({503}), "PUT": frozenset({503}), "GET": frozenset({503})})
    got = to("http://x", clock, wsgi_app=app, retries=retries).request(method, "/v2.2/x")

    assert got.status == 503
    assert len(app.asked) == 1


# JSON.


@pytest.mark.parametrize(
    "body",
    [b"", b"[1]", b'{"a":', b"<html>", b'{"a": NaN}', b"\xff", b"[" * 100_000, b'{"a":' * 50_000],
)
def test_what_is_no_json_object_decodes_to_nothing(body):
    assert decoded(Answer(200, "application/json", body)) is None


def test_json_of_another_content_type_decodes_to_nothing():
    assert decoded(Answer(200, "text/html", b"{}")) is None
    assert decoded(Answer(200, "", b"{}")) == {}


# Secrets and start-up.


def test_no_secret_in_what_can_be_printed(real_clock):
    with listening() as (url, _):
        pass
    transport = to(url, real_clock)
    failure = transport.request("GET", "/v2.2/numbers/2015550144")

    printed = f"{transport!r} {transport} {vars(transport)} {failure!r} {failure}"
    assert CANARY not in printed
    assert "2015550144" not in printed
    assert transport.shown(f"bad token {CANARY}\x1b[31m") == "bad token ***\\x1b[31m"


def test_kinds_are_found_without_httpx_and_httpx_comes_without_its_command_line():
    code = (
        "import sys, reconciler.carriers as c\n"
        "assert 'voicetel' in c.kinds() and 'transport' not in c.kinds()\n"
        "assert 'httpx' not in sys.modules\n"
        "assert c.find('voicetel').KIND == 'voicetel'\n"
        "assert 'httpx' in sys.modules\n"
        "assert not {'rich', 'pygments', 'click'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_there_is_no_carrier_by_another_name():
    assert find("transport") is None
    assert find("../voicetel") is None
    assert all(kind == find(kind).KIND for kind in kinds())
