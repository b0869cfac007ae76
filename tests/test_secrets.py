"""Secrets: where they come from, how they are kept, and that they are in no text."""

from __future__ import annotations

import base64
import copy
import html
import io
import json
import os
import pickle
import resource
import socket
import stat
import subprocess
import sys
import time
import traceback
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.errors import Exit, Unavailable
from reconciler.model.address import Address
from reconciler.model.secret import SecretReference
from reconciler.protocols import GeneratedSecret, SecretSink, SecretSource, SecretValue
from reconciler.secrets import (
    FileSink,
    Redactor,
    TerminalSink,
    Unusable,
    Vault,
    keygen,
    project_address,
    weak_pin,
)
from reconciler.settings import Allow

CANARY = "cAnArY-7f3a9b1c-Zq"
AT = Address("acme", "device", "4201-desk")
BOX = Address("acme", "voicemail_box", "4201")
FIELD = "sip_password"
KEY, MAC_KEY = keygen()
OLD_KEY, _ = keygen()


def ref(**written: Any) -> SecretReference:
    return SecretReference.model_validate(written)


def vault(root: Path, *, keys: Sequence[str] = ("KEY",), mac: bool = True, **changes: Any) -> Vault:
    environment = {
        "KEY": KEY, "OLD": OLD_KEY, "MAC": MAC_KEY, "VM_PIN": CANARY, "VM_EMPTY": "",
        "GITHUB_TOKEN": CANARY, "SECRET_OF_OURS": CANARY, "PATH": os.defpath,
    }  # fmt: skip
    given: dict[str, Any] = {
        "keys": [ref(env=name) for name in keys],
        "mac_key": ref(env="MAC") if mac else None,
        "allow": Allow(env=("VM_*",), files=("secrets/tenants/",), exec=(sys.executable,)),
        "environment": environment,
        "root": root,
        "exec_seconds": 5,
    }
    return Vault(**{**given, **changes})


def secret_file(
    root: Path, name: str = "pin", content: bytes = CANARY.encode(), mode: int = 0o600
) -> Path:
    folder = root / "secrets" / "tenants"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(call: Callable[[], object]) -> Unavailable:
    """Run what must fail, and look for the canary in all that an exception shows."""
    with pytest.raises(Unavailable) as caught:
        call()
    error = caught.value
    trace = "".join(traceback.format_exception(error))
    shown = [trace, str(error), repr(error), error.message, error.hint, repr(error.args)]
    chained: BaseException | None = error
    while chained is not None:
        shown += [repr(chained), str(vars(chained)), repr(getattr(chained, "object", ""))]
        chained = chained.__cause__ or chained.__context__
    assert CANARY not in "".join(shown)
    assert "During handling" not in trace
    assert error.message.endswith(".")
    assert error.hint
    return error


# A value in the hand shows nothing of itself.

SHOWN: dict[str, Callable[[SecretValue], object]] = {
    "repr": repr,
    "str": str,
    "format": lambda value: f"{value}",
    "format with a width": lambda value: f"{value:>40}",
    "percent": lambda value: "%s %r" % (value, value),  # noqa: UP031 - a way in which logs format
    "in a list": lambda value: repr([value]),
    "in a dict": lambda value: repr({"a": value}),
    "json with default": lambda value: json.dumps({"a": value}, default=str),
    "in an exception": lambda value: repr(ValueError(value)),
    "ascii": ascii,
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_value_is_shown_nowhere(show: Callable[[SecretValue], object]) -> None:
    assert CANARY not in str(show(SecretValue(CANARY)))


@pytest.mark.parametrize(
    "keep",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        vars,
        lambda value: pickle.dumps(value, 0),
    ],
)
def test_value_is_not_kept_by_accident(keep: Callable[[SecretValue], object]) -> None:
    with pytest.raises(TypeError) as caught:
        keep(SecretValue(CANARY))

    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_vault_shows_and_pickles_nothing(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    ours.resolve(ref(env="VM_PIN"), AT, FIELD)
    ours.require_keys()

    shown = repr(ours) + str(ours) + repr(ours.redactor) + str(ours.redactor)
    assert CANARY not in shown
    assert KEY not in shown
    for each in (ours, ours.redactor):
        with pytest.raises(TypeError):
            pickle.dumps(each)


def test_vault_keeps_the_protocol(tmp_path: Path) -> None:
    source: SecretSource = vault(tmp_path)
    sinks: list[SecretSink] = [FileSink(tmp_path, "x"), TerminalSink(io.StringIO())]

    assert source.resolve(ref(env="VM_PIN"), AT, FIELD).reveal() == CANARY
    assert len(sinks) == 2


# Variables.


def test_listed_variable_is_read(tmp_path: Path) -> None:
    assert vault(tmp_path).resolve(ref(env="VM_PIN"), AT, FIELD).reveal() == CANARY


@pytest.mark.parametrize("name", ["PATH", "GITHUB_TOKEN", "SECRET_OF_OURS", "KEY"])
def test_unlisted_variable_is_refused_as_configuration(tmp_path: Path, name: str) -> None:
    error = refused(lambda: vault(tmp_path).resolve(ref(env=name), AT, FIELD))

    assert error.exit_code is Exit.INVALID
    assert f"{{env: {name}}}" in error.message


def test_refusal_does_not_tell_whether_the_variable_exists(tmp_path: Path) -> None:
    there = refused(lambda: vault(tmp_path).resolve(ref(env="SECRET_OF_OURS"), AT, FIELD))
    absent = refused(lambda: vault(tmp_path).resolve(ref(env="SECRET_OF_NOBODY"), AT, FIELD))

    assert there.message.replace("OURS", "NOBODY") == absent.message


@pytest.mark.parametrize(("name", "reason"), [("VM_NONE", "not set"), ("VM_EMPTY", "empty")])
def test_variable_without_value_is_unavailable(tmp_path: Path, name: str, reason: str) -> None:
    error = refused(lambda: vault(tmp_path).resolve(ref(env=name), AT, FIELD))

    assert error.exit_code is Exit.UNAVAILABLE
    assert reason in error.message
    assert name in error.message


# Files.


def read(root: Path, path: str = "secrets/tenants/pin") -> str:
    return vault(root).resolve(ref(file=path), AT, FIELD).reveal()


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"abc", "abc"),
        (b"abc\n", "abc"),
        (b"abc\r\n", "abc"),
        (b"abc\n\n", "abc\n"),
        (b" abc ", " abc "),
        ("pä\"ss'\0".encode(), "pä\"ss'\0"),
        (b"x" * 65536, "x" * 65536),
    ],
)
def test_file_is_read_without_its_last_line_end(tmp_path: Path, content: bytes, value: str) -> None:
    secret_file(tmp_path, content=content)

    assert read(tmp_path) == value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"x" * 65537, "64 KiB"),
        (b"x" * 200_000, "64 KiB"),
        (CANARY.encode() + b"\xff", "UTF-8"),
    ],
)
def test_unusable_content_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    secret_file(tmp_path, content=content)

    error = refused(lambda: read(tmp_path))
    assert reason in error.message
    assert error.exit_code is Exit.UNAVAILABLE


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o777])
def test_file_open_to_everybody_is_refused(tmp_path: Path, mode: int) -> None:
    secret_file(tmp_path, mode=mode)

    assert "0600" in refused(lambda: read(tmp_path)).message


def test_file_of_a_group_is_read(tmp_path: Path) -> None:
    secret_file(tmp_path, mode=0o640)

    assert read(tmp_path) == CANARY


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/environ",
        "../../key",
        "secrets/tenants/../../key",
        "secrets/key",
        "secrets/tenants/./pin",
        "key",
    ],
)
def test_path_outside_the_list_is_refused_as_configuration(tmp_path: Path, path: str) -> None:
    secret_file(tmp_path)
    for name in ("key", "secrets/key"):
        (tmp_path / name).write_text(CANARY)

    error = refused(lambda: read(tmp_path, path))
    assert error.exit_code is Exit.INVALID
    assert path in error.message


def test_link_to_a_file_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text(CANARY)
    outside.chmod(0o600)
    root = tmp_path / "project"
    secret_file(root, "other")
    (root / "secrets/tenants/pin").symlink_to(outside)

    assert "symbolic link" in refused(lambda: read(root)).message


def test_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    secret_file(tmp_path / "elsewhere")
    root = tmp_path / "project"
    (root / "secrets").mkdir(parents=True)
    (root / "secrets/tenants").symlink_to(tmp_path / "elsewhere/secrets/tenants")

    refused(lambda: read(root))
    assert read(tmp_path / "elsewhere") == CANARY


def test_dangling_link_is_refused_as_a_link(tmp_path: Path) -> None:
    secret_file(tmp_path, "other")
    (tmp_path / "secrets/tenants/pin").symlink_to("nowhere")

    assert "symbolic link" in refused(lambda: read(tmp_path)).message


def test_root_itself_may_be_a_link(tmp_path: Path) -> None:
    secret_file(tmp_path / "real")
    (tmp_path / "root").symlink_to("real")

    assert read(tmp_path / "root") == CANARY


def _fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(path.parent)  # the whole path may be longer than a socket's name
        try:
            made.bind(path.name)
        finally:
            os.chdir(before)


def _folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices cannot be made here")


@pytest.mark.parametrize("make", [_fifo, _socket, _folder, _device])
def test_special_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    secret_file(tmp_path, "other")
    make(tmp_path / "secrets/tenants/pin")

    started = time.monotonic()
    error = refused(lambda: read(tmp_path))
    assert error.exit_code is Exit.UNAVAILABLE
    assert "regular file" in error.message or "cannot be read" in error.message
    assert time.monotonic() - started < 2


def test_missing_file_and_folder_are_unavailable(tmp_path: Path) -> None:
    assert "No such file" in refused(lambda: read(tmp_path)).message
    secret_file(tmp_path, "other")
    assert "No such file" in refused(lambda: read(tmp_path)).message
    assert "not a folder" in refused(lambda: read(tmp_path, "secrets/tenants/other/pin")).message


# Programs.


def run(root: Path, code: str, seconds: float = 5) -> SecretValue:
    return vault(root, exec_seconds=seconds).resolve(
        ref(exec=[sys.executable, "-c", code]), AT, FIELD
    )


def test_output_of_a_listed_program_is_the_value(tmp_path: Path) -> None:
    assert run(tmp_path, f"print('{CANARY}')").reveal() == CANARY


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (f"print('{CANARY}'); raise SystemExit(3)", "status 3"),
        (f"import sys; sys.stderr.write('{CANARY}'); sys.exit('{CANARY}')", "status 1"),
        (f"import os; print('{CANARY}', flush=True); os.kill(os.getpid(), 9)", "status -9"),
        (f"print('{CANARY}' * 9000)", "64 KiB"),
        ("pass", "empty"),
        (f"import sys; sys.stdout.buffer.write(b'{CANARY}\\xff')", "UTF-8"),
    ],
)
def test_program_that_fails_gives_a_reason_and_no_value(
    tmp_path: Path, code: str, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    error = refused(lambda: run(tmp_path, code))

    assert reason in error.message
    assert error.exit_code is Exit.UNAVAILABLE
    assert sys.executable in error.message
    assert CANARY not in "".join(capfd.readouterr())


LATE = {
    "sleeps": "import time; time.sleep(60)",
    "sleeps after its output is closed": "import os, time; os.close(1); time.sleep(60)",
    "prints for ever, slowly": "import time\nwhile True: print('x', flush=True); time.sleep(0.05)",
    "leaves a child that holds the pipe": "import subprocess; subprocess.Popen(['sleep', '60'])",
}


@pytest.mark.parametrize("code", LATE.values(), ids=LATE)
def test_program_that_does_not_end_is_ended(tmp_path: Path, code: str) -> None:
    started = time.monotonic()

    assert "longer than" in refused(lambda: run(tmp_path, code, 0.7)).message
    assert time.monotonic() - started < 3


def test_endless_output_is_cut(tmp_path: Path) -> None:
    started = time.monotonic()

    assert "64 KiB" in refused(lambda: run(tmp_path, "while True: print('x' * 1000)")).message
    assert time.monotonic() - started < 4


@pytest.mark.slow
def test_what_a_late_program_started_is_ended_too(tmp_path: Path) -> None:
    path = str(tmp_path / "alive")
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({path!r}).touch()"
    started = f"subprocess.Popen([sys.executable, '-c', {child!r}])"
    code = f"import subprocess, sys, time; {started}; time.sleep(60)"

    refused(lambda: run(tmp_path, code, 0.7))

    time.sleep(1.6)  # noqa: TID251 - a child of a killed program is waited for
    assert not (tmp_path / "alive").exists()


@contextmanager
def standard_input(content: bytes) -> Iterator[None]:
    kept = os.dup(0)
    ours, theirs = os.pipe()
    os.write(theirs, content)
    os.close(theirs)
    os.dup2(ours, 0)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(ours)
        os.close(kept)


def test_program_gets_a_clean_environment_and_no_input(tmp_path: Path) -> None:
    code = (
        "import json, os, sys; print(json.dumps([dict(os.environ), sys.stdin.read(), os.getcwd()]))"
    )
    environment = {"KEY": KEY, "HOME": "/h", "LANG": "C", "PYTHONPATH": "/x", "LD_PRELOAD": "",
                   "PATH": f".:{os.defpath}:bin", "VM_PIN": CANARY}  # fmt: skip
    ours = vault(tmp_path, environment=environment)

    with standard_input(b"typed"):
        value = ours.resolve(ref(exec=[sys.executable, "-c", code]), AT, FIELD)

    seen, stdin, folder = json.loads(value.reveal())

    seen.pop("LC_CTYPE", None)  # the interpreter sets it for itself
    assert set(seen) == {"PATH", "HOME", "LANG"}
    assert all(each.startswith("/") for each in seen["PATH"].split(":"))
    assert (stdin, folder) == ("", str(tmp_path))


@pytest.mark.parametrize(
    "arguments",
    [
        ["sh", "-c", "echo x"],
        ["/bin/cat", "/etc/passwd"],
        [f"{sys.executable} -c pass"],
        ["./python"],
    ],
)
def test_program_off_the_list_is_never_started(tmp_path: Path, arguments: list[str]) -> None:
    error = refused(lambda: vault(tmp_path).resolve(ref(exec=arguments), AT, FIELD))

    assert error.exit_code is Exit.INVALID


def test_arguments_are_no_shell_line_and_are_not_shown(tmp_path: Path) -> None:
    code = "import sys; print(sys.argv[1])"
    ours = vault(tmp_path)

    value = ours.resolve(ref(exec=[sys.executable, "-c", code, "$(id); `id` > x"]), AT, FIELD)
    assert value.reveal() == "$(id); `id` > x"
    failing = ref(exec=[sys.executable, "-c", "raise SystemExit(1)", CANARY])
    refused(lambda: ours.resolve(failing, AT, FIELD))


@pytest.mark.parametrize("program", ["/nonexistent/program", "a\0b"])
def test_program_that_cannot_be_started_is_unavailable(tmp_path: Path, program: str) -> None:
    ours = vault(tmp_path)

    error = refused(lambda: ours.resolve_project(ref(exec=[program]), "secrets.mac_key"))
    assert error.exit_code is Exit.UNAVAILABLE


# The project's own references.


def test_project_is_not_bound_by_the_list_of_the_tenants(tmp_path: Path) -> None:
    absolute = tmp_path / "run" / "key"
    absolute.parent.mkdir()
    absolute.write_text(CANARY)
    absolute.chmod(0o400)
    ours = vault(tmp_path / "project", allow=Allow())
    (tmp_path / "project").mkdir()

    for reference in (ref(env="SECRET_OF_OURS"), ref(file=str(absolute))):
        what = "connectors.voicetel.credentials.api_key"
        assert ours.resolve_project(reference, what).reveal() == CANARY


def test_project_file_must_be_private_too(tmp_path: Path) -> None:
    secret_file(tmp_path, mode=0o644)
    what = "connectors.voicetel.credentials.api_key"

    error = refused(lambda: vault(tmp_path).resolve_project(ref(file="secrets/tenants/pin"), what))
    assert what in error.message


def test_project_path_with_dots_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(CANARY)
    (tmp_path / "project").mkdir()

    refused(
        lambda: vault(tmp_path / "project").resolve_project(ref(file="../key"), "secrets.mac_key")
    )


def test_sealed_credential_is_bound_to_its_setting(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    what = "connectors.voicetel.credentials.api_key"
    token = ours.seal(SecretValue(CANARY), project_address(what), "value")

    assert ours.resolve_project(ref(sealed=token), what).reveal() == CANARY
    other = "connectors.dial9.credentials.token"
    assert isinstance(refused(lambda: ours.resolve_project(ref(sealed=token), other)), Unusable)


# Sealing.


def test_token_opens_where_it_was_sealed(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    token = ours.seal(SecretValue(CANARY), AT, FIELD)

    assert CANARY not in token
    assert ours.open(token, AT, FIELD).reveal() == CANARY
    assert ours.resolve(ref(sealed=token), AT, FIELD).reveal() == CANARY


@pytest.mark.parametrize(
    ("address", "field_name"),
    [
        (AT._replace(tenant="other"), FIELD),
        (AT._replace(kind="voicemail_box"), FIELD),
        (AT._replace(name="4202-desk"), FIELD),
        (AT, "pin"),
    ],
)
def test_token_from_elsewhere_is_refused_and_tells_nothing(
    tmp_path: Path, address: Address, field_name: str
) -> None:
    ours = vault(tmp_path)
    token = ours.seal(SecretValue(CANARY), AT, FIELD)

    error = refused(lambda: ours.resolve(ref(sealed=token), address, field_name))

    assert error.exit_code is Exit.INVALID
    assert str(address) in error.message
    if address != AT:
        assert str(AT) not in error.message
    assert token not in error.message


def _damaged(token: str) -> Iterator[str]:
    yield ""
    yield token[:-5]
    yield token[: len(token) // 2]
    yield token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    yield "not a token ä"
    yield "\ud800"
    yield Fernet(OLD_KEY).encrypt(b"x").decode()


def test_damaged_and_foreign_tokens_are_refused(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    for token in _damaged(ours.seal(SecretValue(CANARY), AT, FIELD)):
        assert refused(lambda token=token: ours.open(token, AT, FIELD)).exit_code is Exit.INVALID
        assert refused(lambda token=token: ours.resealed(token)).exit_code is Exit.INVALID


@pytest.mark.parametrize(
    "body",
    [
        CANARY,
        "[]",
        json.dumps({"v": CANARY}),
        json.dumps({"a": str(AT), "f": FIELD, "v": 1}),
        json.dumps({"a": str(AT), "f": FIELD, "v": CANARY, "x": ""}),
        "[" * 100_000,
    ],
)
def test_token_of_another_program_with_our_key_is_refused(tmp_path: Path, body: str) -> None:
    token = Fernet(KEY).encrypt(body.encode()).decode()

    assert refused(lambda: vault(tmp_path).open(token, AT, FIELD)).exit_code is Exit.INVALID


def test_rotation_keeps_the_value_and_lets_the_old_key_go(tmp_path: Path) -> None:
    old = vault(tmp_path, keys=["OLD"]).seal(SecretValue(CANARY), AT, FIELD)
    both = vault(tmp_path, keys=["KEY", "OLD"])

    new = both.resealed(old)

    assert both.open(old, AT, FIELD).reveal() == CANARY
    only_new = vault(tmp_path, keys=["KEY"])
    assert only_new.open(new, AT, FIELD).reveal() == CANARY
    assert refused(lambda: only_new.open(old, AT, FIELD)).exit_code is Exit.INVALID
    refused(
        lambda: vault(tmp_path, keys=["OLD"]).open(
            both.seal(SecretValue(CANARY), AT, FIELD), AT, FIELD
        )
    )


@pytest.mark.parametrize(
    "changes",
    [{"keys": []}, {"keys": ["NOT_SET"]}, {"keys": ["KEY", "NOT_SET"]}, {"mac": False}],
    ids=str,
)
def test_without_keys_nothing_begins(tmp_path: Path, changes: dict[str, Any]) -> None:
    error = refused(lambda: vault(tmp_path, **changes).require_keys())

    assert error.exit_code is Exit.UNAVAILABLE
    assert error.message.startswith("There is no key")
    assert "reconciler secrets keygen" in error.hint
    assert "nothing was changed" in error.hint


@pytest.mark.parametrize(
    "bad", [CANARY, "ä" + CANARY, KEY[:-4], CANARY * 3], ids=["text", "umlaut", "short", "long"]
)
def test_key_that_is_none_is_refused_unseen(tmp_path: Path, bad: str) -> None:
    environment = {"KEY": bad, "MAC": bad}
    ours = vault(tmp_path, environment=environment)

    for call in (ours.require_keys, lambda: ours.mac(SecretValue("x"), AT, FIELD)):
        error = refused(call)
        assert error.exit_code is Exit.INVALID
        assert bad not in str(error)


def test_keygen_makes_keys_that_work_and_differ() -> None:
    made = {each for _ in range(5) for each in keygen()}

    assert len(made) == 10
    assert all(each.isprintable() and " " not in each for each in made)


# Fingerprints.


def test_fingerprint_survives_rotation_of_the_keys(tmp_path: Path) -> None:
    value = SecretValue(CANARY)
    before = vault(tmp_path, keys=["OLD"]).mac(value, AT, FIELD)

    assert vault(tmp_path, keys=["KEY"]).mac(value, AT, FIELD) == before
    assert vault(tmp_path, keys=[]).mac(value, AT, FIELD) == before
    assert len(before) == 64
    assert set(before) <= set("0123456789abcdef")


def test_fingerprint_is_pinned_for_ever() -> None:
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    ours = vault(Path(), environment={"MAC": key})

    # What stands in ledgers already must stay comparable.
    assert ours.mac(SecretValue("0000"), AT, "pin") == PINNED_MAC


PINNED_MAC = "d7bd89926c7eeb9efc55d180bf0cf24d7b53c07f3ea6d99fdd4b6ce40e623914"


def test_fingerprint_differs_by_key_address_field_and_value(tmp_path: Path) -> None:
    other_key = keygen()[1]
    ours = vault(tmp_path)
    made = [
        ours.mac(SecretValue("1"), AT, "a"),
        ours.mac(SecretValue("2"), AT, "a"),
        ours.mac(SecretValue("1"), AT, "b"),
        ours.mac(SecretValue("1"), AT._replace(tenant="b"), "a"),
        ours.mac(SecretValue("b1"), AT, "a"),
        ours.mac(SecretValue("1"), AT, "ab"),
        vault(tmp_path, environment={"MAC": other_key}).mac(SecretValue("1"), AT, "a"),
    ]

    assert len(set(made)) == len(made)


# Generated values and PINs.


def test_generated_password_is_long_and_new_each_time(tmp_path: Path) -> None:
    ours = vault(tmp_path)
    made = {ours.resolve(ref(generate=True), AT, FIELD).reveal() for _ in range(20)}

    assert len(made) == 20
    assert all(len(each) == 24 and urllib.parse.quote(each, safe="") == each for each in made)


@pytest.mark.parametrize(
    ("field_name", "digits"), [("pin", 8), ("moderator_pin", 8), ("port_out_pin", 4)]
)
def test_generated_pin_is_digits_and_not_weak(tmp_path: Path, field_name: str, digits: int) -> None:
    ours = vault(tmp_path)
    for _ in range(200):
        pin = ours.resolve(ref(generate=True), BOX, field_name).reveal()
        assert len(pin) == digits
        assert digits < 6 or weak_pin(pin, BOX.name) == ""


PINS = {
    "good": ("482915", "4201", True),
    "good and long": ("482915" + "73" * 2 + "6", "4201", True),
    "30 digits": ("4829157360" * 2 + "1573604829", "", True),
    "four digits": ("4829", "", False),
    "five digits": ("48291", "", False),
    "31 digits": ("4829157360" * 2 + "15736048291", "", False),
    "100 digits": ("4829157360" * 10, "", False),
    "0000": ("0000", "", False),
    "0777": ("0777", "", False),
    "all the same": ("777777", "", False),
    "three the same": ("482777", "", False),
    "rises": ("481239", "", False),
    "falls": ("483219", "", False),
    "rises to the end": ("482789", "", False),
    "two in a row are fine": ("481248", "", True),
    "block of two": ("484848", "", False),
    "block of three": ("482482", "", False),
    "block of four": ("48294829", "", False),
    "the extension": ("482915", "482915", False),
    "its reverse": ("519284", "482915", False),
    "Arabic digits": ("٤٨٢٩١٥", "", False),
    "full-width digits": ("\uff14\uff18\uff12\uff19\uff11\uff15", "", False),
    "letters": ("48a915", "", False),
    "line end": ("482915\n", "", False),
    "empty": ("", "", False),
    "extension unknown": ("482915", "", True),
}


@pytest.mark.parametrize(("pin", "extension", "good"), PINS.values(), ids=PINS)
def test_weak_pins_are_told(pin: str, extension: str, *, good: bool) -> None:
    reason = weak_pin(pin, extension)

    assert (reason == "") is good
    assert not pin.strip() or pin not in reason


# Sinks.


def made(value: str) -> list[GeneratedSecret]:
    return [GeneratedSecret(AT, FIELD, SecretValue(value))]


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_file_sink_makes_a_private_file_in_a_private_folder(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        sink = FileSink(tmp_path, ".reconciler/deep/generated.ndjson")
        sink.check()
        sink.deliver(made(CANARY))
        box = GeneratedSecret(BOX, "pin", SecretValue('a"b\nc'))
        sink.deliver([box, *made("second")])
    finally:
        os.umask(before)

    path = tmp_path / ".reconciler/deep/generated.ndjson"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    assert lines(path) == [
        {"address": "acme/device/4201-desk", "field": FIELD, "value": CANARY},
        {"address": "acme/voicemail_box/4201", "field": "pin", "value": 'a"b\nc'},
        {"address": "acme/device/4201-desk", "field": FIELD, "value": "second"},
    ]
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_tight_umask_leaves_the_file_readable_by_its_owner(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        FileSink(tmp_path, "out").check()
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_sink_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out"
    path.touch()
    path.chmod(mode)
    sink = FileSink(tmp_path, "out")

    for call in (sink.check, lambda: sink.deliver(made(CANARY))):
        assert "others may read it" in refused(call).message
    assert path.read_text() == ""


def test_sink_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").touch(mode=0o600)
    (tmp_path / "out").symlink_to("target")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to("real")

    for path in ("out", "dangling", "folder/out"):
        refused(FileSink(tmp_path, path).check)
        refused(lambda path=path: FileSink(tmp_path, path).deliver(made(CANARY)))
    assert (tmp_path / "target").read_text() == ""
    assert list((tmp_path / "real").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_sink_with_a_second_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch(mode=0o600)
    os.link(tmp_path / "out", tmp_path / "other")

    assert "second name" in refused(FileSink(tmp_path, "out").check).message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_sink_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch(mode=0o600)
    os.chown(tmp_path / "out", 12345, 12345)

    assert "somebody else" in refused(FileSink(tmp_path, "out").check).message


@pytest.mark.parametrize("make", [_fifo, _folder, _device])
def test_sink_that_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "out")
    started = time.monotonic()

    refused(FileSink(tmp_path, "out").check)
    assert time.monotonic() - started < 2


def test_sink_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "Not a directory" in refused(FileSink(tmp_path, "file/out").check).message


def test_absolute_sink_may_be_anywhere(tmp_path: Path) -> None:
    FileSink(Path("/nonexistent"), str(tmp_path / "new" / "out")).deliver(made("x"))

    assert len(lines(tmp_path / "new" / "out")) == 1


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_is_seen_before_anything_is_done(
    tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    sink = FileSink(tmp_path, "out")
    full_disk(100)

    assert "File too large" in refused(sink.check).message
    assert list(tmp_path.iterdir()) == []


def test_line_cut_by_a_full_disk_spoils_no_other_line(
    tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    sink = FileSink(tmp_path, "out")
    sink.deliver(made("first"))
    full_disk((tmp_path / "out").stat().st_size + 10)

    refused(lambda: sink.deliver(made(CANARY)))

    full_disk(1 << 30)
    sink.deliver(made("third"))
    first, cut, third = (tmp_path / "out").read_text().splitlines()
    assert json.loads(first)["value"] == "first"
    assert len(cut) == 10
    assert json.loads(third)["value"] == "third"


def test_read_only_file_system_is_told(tmp_path: Path) -> None:
    assert refused(FileSink(Path("/proc"), "out").check).exit_code is Exit.UNAVAILABLE


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sink_shows_the_value_with_its_place() -> None:
    stream = Terminal()

    TerminalSink(stream).deliver(made("\x1b[2J" + CANARY))

    assert stream.getvalue() == f'acme/device/4201-desk sip_password: "\\u001b[2J{CANARY}"\n'


def test_terminal_sink_refuses_a_log() -> None:
    stream = io.StringIO()
    sink = TerminalSink(stream)

    for call in (sink.check, lambda: sink.deliver(made(CANARY))):
        assert "secrets.sink" in refused(call).hint
    assert stream.getvalue() == ""


# The redactor.

HARD = "pä\"s's\\w/o+r d&<%\u20ac\x00#1"
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "basic authentication": lambda value: base64.b64encode(b"me:" + value.encode()).decode(),
    "basic authentication, other offset": lambda value: base64.b64encode(
        b"user:" + value.encode() + b"\n"
    ).decode(),
    "URL": lambda value: urllib.parse.quote(value, safe=""),
    "URL path": urllib.parse.quote,
    "form": urllib.parse.quote_plus,
    "URL in small letters": lambda value: (
        urllib.parse.quote(value, safe="").lower() if value.islower() else value
    ),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda value: json.dumps(value, ensure_ascii=False),
    "repr": repr,
    "ascii": ascii,
    "HTML": html.escape,
    "hexadecimal": lambda value: value.encode().hex(),
}


@pytest.mark.parametrize(
    "value", [CANARY, HARD, HARD.lower(), "line one of it\nline two of it"], ids=ascii
)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_redactor_replaces_each_form(form: Callable[[str], str], value: str) -> None:
    redactor = Redactor()
    redactor.add(value)

    text = redactor.redact(f"before {form(value)} after")

    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "***" in text
    for piece in (value, value[2:-2], form(value)[6:-6]):
        assert piece not in text


@given(st.text(min_size=8, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
@example("aaaaaaaa", b"", b"")
def test_redactor_finds_a_value_inside_longer_base64(
    value: str, before: bytes, after: bytes
) -> None:
    redactor = Redactor()
    redactor.add(value)
    encoded = base64.b64encode(before + value.encode("utf-8", "surrogatepass") + after).decode()

    assert "***" in redactor.redact(encoded)


def test_lines_of_a_value_are_found_apart() -> None:
    redactor = Redactor()
    redactor.add("first line 1\nsecond line 2")

    assert redactor.redact("a: first line 1\nb: second line 2") == "a: ***\nb: ***"


def test_pin_is_not_taken_out_of_a_telephone_number() -> None:
    redactor = Redactor()
    redactor.add("482915")

    assert redactor.redact("+12015482915 x482915y 482915.") == "+12015482915 x482915y ***."


def test_very_short_values_and_texts_without_secrets_stay() -> None:
    redactor = Redactor()
    assert redactor.redact("anything") == "anything"

    redactor.add("abc")
    redactor.add("")
    assert redactor.redact("abc abcabc") == "abc abcabc"


def test_longer_of_two_values_is_replaced_whole() -> None:
    redactor = Redactor()
    for value in ("secretvalue", "secretvalue-and-more"):
        redactor.add(value)

    assert redactor.redact("<secretvalue-and-more>") == "<***>"


def test_redactor_learns_what_the_vault_meets(tmp_path: Path) -> None:
    redactor = Redactor()
    ours = vault(tmp_path, redactor=redactor)
    made = ours.resolve(ref(generate=True), AT, FIELD).reveal()
    token = vault(tmp_path).seal(SecretValue("sealed-value-1"), AT, FIELD)
    ours.open(token, AT, FIELD)
    ours.resolve(ref(env="VM_PIN"), AT, FIELD)
    ours.require_keys()
    secret_file(tmp_path, content=b"file-value-22\n")
    ours.resolve(ref(file="secrets/tenants/pin"), AT, FIELD)

    text = redactor.redact(f"{made} {CANARY} {KEY} {MAC_KEY} sealed-value-1 file-value-22")

    assert text == "*** *** *** *** *** ***"


def test_secrets_do_not_take_the_place_of_the_standard_module() -> None:
    code = "import reconciler.secrets, secrets; print(len(secrets.token_hex(2)))"
    root = Path(__file__).parent.parent

    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout == "4\n"
