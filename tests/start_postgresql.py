"""Run a command against a PostgreSQL cluster of its own, and remove it afterwards.

    python tests/start_postgresql.py -- COMMAND...   run COMMAND, exit with its status
    python tests/start_postgresql.py                 print the URL, stop at Ctrl-C or SIGTERM

COMMAND finds the URL in RECONCILER_TEST_POSTGRESQL. The cluster listens on a unix socket in a
temporary folder only. `initdb` refuses to work for root, who therefore becomes `postgres`, or
`nobody` where there is none. Standard library only.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

VARIABLE = "RECONCILER_TEST_POSTGRESQL"
GUARDED = "guarded"
"""The role that needs a password."""

DEBIAN = Path("/usr/lib/postgresql")
READY_SECONDS = 30
STOP_SECONDS = 20


def main(arguments: Sequence[str]) -> int:
    """Start a cluster, run the command after ``--`` or wait, stop the cluster."""
    signal.signal(signal.SIGTERM, _interrupt)
    command = list(arguments[1:]) if arguments[:1] == ["--"] else list(arguments)
    programs = _programs()
    if programs is None:
        sys.stderr.write(f"No PostgreSQL server here: no initdb on PATH or in {DEBIAN}/*/bin.\n")
        return 69  # EX_UNAVAILABLE of sysexits.h
    with _cluster(programs) as url:
        return _run(command, url) if command else _wait(url)


def _programs() -> Path | None:
    """Find the folder of the server's programs, the newest of several."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return folders[-1].parent if folders else None


@contextmanager
def _cluster(programs: Path) -> Iterator[str]:
    user = _user()
    with tempfile.TemporaryDirectory(prefix="reconciler-pg-") as text:
        folder = Path(text)
        data, log = folder / "data", folder / "log"
        if user:
            shutil.chown(folder, user)
        # A locale that sorts as people do, so that a missing collation shows.
        _checked([programs / "initdb", "-D", data, "-U", "reconciler", "-A", "trust", "-N",
                  "-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"],
                 user, folder)  # fmt: skip
        _ask_for_passwords(data / "pg_hba.conf")
        server = _start(programs, data, log, user)
        try:
            _until_ready(server, programs, folder, log)
            yield f"postgresql://reconciler@/postgres?host={quote(text, safe='')}"
        finally:
            _stop(server)


def _user() -> str | None:
    """Name whom to become: nobody else when an ordinary user runs this."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _checked(command: Sequence[str | Path], user: str | None, folder: Path) -> None:
    result = subprocess.run(
        command,
        user=user,
        group=_group(user),
        extra_groups=[] if user else None,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise SystemExit(f"{command[0]} failed:\n{result.stderr}")


def _ask_for_passwords(rules: Path) -> None:
    """Have one role log in with a password, so that a wrong one can be tried."""
    trusting = rules.read_text(encoding="utf-8")
    rules.write_text(f"local all {GUARDED} scram-sha-256\n{trusting}", encoding="utf-8")


def _start(programs: Path, data: Path, log: Path, user: str | None) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(data.parent),
        # Its own processes are killed by no test, and the folder is thrown away.
        "fsync": "off",
        "timezone": "Pacific/Auckland",  # far from UTC, so that a missing conversion shows
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *options],
            user=user,
            group=_group(user),
            extra_groups=[] if user else None,
            cwd=data.parent,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, who then stop it
        )


def _until_ready(server: subprocess.Popen[bytes], programs: Path, folder: Path, log: Path) -> None:
    probe = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
    for _ in range(READY_SECONDS * 10):
        if subprocess.run(probe, check=False).returncode == 0:
            return
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise SystemExit(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown of the one process that we started; its workers go with it."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _run(command: list[str], url: str) -> int:
    environment = {**os.environ, VARIABLE: url}  # noqa: TID251 - COMMAND gets all of ours
    try:
        status = subprocess.run(command, env=environment, check=False).returncode
    except FileNotFoundError:
        sys.stderr.write(f"There is no command {command[0]}.\n")
        return 127
    return status if status >= 0 else 128 - status


def _wait(url: str) -> int:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    try:
        signal.pause()
    except KeyboardInterrupt:
        return 130
    return 0


def _interrupt(number: int, frame: object) -> NoReturn:
    del frame
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
