"""A repository as a pull request may leave it: every file in it is its author's choice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CANARIES = ("canary-carrier-4b1d", "canary-aws-77e0", "canary-key-file-19ac", "canary-outside-c3")
CARRIER, AWS, KEY_FILE, OUTSIDE = CANARIES

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
connectors:
  voicetel:
    kind: voicetel
    url: https://api.voicetel.com
    credentials: {api_key: {env: VOICETEL_API_KEY}}
    numbers: {handoff: pbx}
    gateways: {pbx: {host: "sip.example.net:5060"}}
secrets:
  keys: [{file: keys/fernet}]
  mac_key: {file: keys/mac}
  allow: {env: [VM_*], files: [tenant-secrets], exec: [pass]}
"""
"""The project file comes from the protected branch; only what is below `tenants/` is hostile."""

TENANT = """\
schema: 1
tenant: {tenant}
name: {title}
timezone: America/New_York
country: US
locations:
  office: {{caller_name: A, street: 1 Main St, city: Boston, region: MA,
           postcode: "02110", country: US}}
numbers:
  "{number}": {{connector: voicetel, to: extension/4201, location: office}}
extensions:
  "4201": {{name: Desk 1, location: office, devices: {{desk: {{}}}}, voicemail: {{{pin}}},
           email: a@example.com}}
dialplan: {{emergency: {{notify: [extension/4201]}}}}
"""

SECRETS = {
    "evil-exec": 'pin: {exec: [sh, -c, "touch pwned"]}',
    "evil-env": "pin: {env: VOICETEL_API_KEY}",
    "evil-aws": "pin: {env: AWS_SECRET_ACCESS_KEY}",
    "evil-file": "pin: {file: ../../keys/fernet}",
    "evil-proc": "pin: {file: /proc/self/environ}",
    "evil-mark": "pin: {$secret: {ref: {env: VOICETEL_API_KEY}, version: 1}}",
}
"""Tenants that reach for a secret that is not theirs, by what they write."""

SCREEN = "\x1b[2J\x1b]0;owned\x07"
BOMB = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a]\n" for n in range(9))


def clean(tenant: str, number: str = "+16172380100", pin: str = "", title: str = "T") -> str:
    """A tenant with nothing wrong but what `pin` says."""
    return TENANT.format(tenant=tenant, number=number, pin=pin, title=title)


@dataclass
class Watched:
    """What a command said, and what it asked of the machine."""

    exit: int
    text: str
    events: list[list[str]]

    def of(self, *names: str) -> list[list[str]]:
        return [event for event in self.events if event[0] in names]

    @property
    def programs(self) -> list[str]:
        """Every program that was started, with its arguments."""
        started = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn")
        return [" ".join(event[1:]) for event in self.of(*started, "pty.spawn", "os.forkpty")]

    @property
    def opened(self) -> list[str]:
        """Every path that was opened, as it was given."""
        return [event[1] for event in self.of("open")]

    @property
    def contacted(self) -> list[list[str]]:
        """Every address that was asked for or connected to."""
        return self.of("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind")


@dataclass
class Checkout:
    """A folder that a pull request was checked out into."""

    base: Path

    @property
    def root(self) -> Path:
        return self.base / "checkout"

    @property
    def pwned(self) -> Path:
        """Written by every trap that goes off."""
        return self.base / "pwned"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def trap(self) -> Path:
        """A program that leaves a mark when it is run."""
        path = self.base / "trap.sh"
        path.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{self.pwned}'\ncat\n", encoding="utf-8")
        path.chmod(0o700)
        return path

    def environment(self, *, secrets: bool) -> dict[str, str]:
        plain = {"PATH": os.defpath, "HOME": str(self.base), "LANG": "C.UTF-8"}
        return plain | (
            {"VOICETEL_API_KEY": CARRIER, "AWS_SECRET_ACCESS_KEY": AWS} if secrets else {}
        )

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=eve", "-c", "user.email=eve@example.com", "-c", "core.fsmonitor=")
        subprocess.run(
            ["git", "-C", self.root, *who, *arguments], check=True, capture_output=True,
            env=self.environment(secrets=False),
        )  # fmt: skip

    def run(self, *arguments: str, secrets: bool) -> Watched:
        """Run the console script, watched."""
        record = self.base / "record"
        record.unlink(missing_ok=True)
        watch = Path(__file__).with_name("watch.py")
        done = self._started([sys.executable, watch, record, program(), *arguments], secrets)
        lines = record.read_text(encoding="utf-8").splitlines()
        return Watched(done.returncode, _text(done), [json.loads(line) for line in lines])

    def run_plainly(self, *arguments: str, secrets: bool) -> tuple[int, str]:
        """Run the console script as people do."""
        done = self._started([program(), *arguments], secrets)
        return done.returncode, _text(done)

    def _started(self, command: list[object], secrets: bool) -> subprocess.CompletedProcess[bytes]:  # noqa: FBT001
        return subprocess.run(
            [str(word) for word in command], cwd=self.root, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60, check=False,
            env=self.environment(secrets=secrets),
        )  # fmt: skip


def program() -> Path:
    """The command that the documents name."""
    return Path(sys.executable).with_name("reconciler")


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stdout + done.stderr).decode()


def checked_out(base: Path) -> Checkout:
    """A project with keys of its own and nothing hostile in it yet."""
    made = Checkout(base)
    made.write("reconciler.yaml", PROJECT)
    for name in ("fernet", "mac"):
        made.write(f"keys/{name}", KEY_FILE)
        (made.root / "keys" / name).chmod(0o600)
    made.write("../outside.yaml", f"tenant: outside\nname: {OUTSIDE}\n")
    return made


def plant_tenants(made: Checkout) -> None:
    """Tenant files that try everything."""
    for tenant, pin in SECRETS.items():
        made.write(f"tenants/{tenant}.yaml", clean(tenant, pin=pin))
    made.write("tenants/evil-own.yaml", clean("evil-own") + "connectors: {x: {kind: voicetel}}\n")
    made.write("tenants/evil-screen.yaml", clean("evil-screen") + f"# {SCREEN}\n")
    written = r'"\e[2J\e]0;owned\a"'
    made.write("tenants/evil-escape.yaml", clean("evil-escape", title=written))
    made.write("tenants/evil-name.yaml", clean("../x"))
    made.write("tenants/evil-bomb.yaml", BOMB)
    made.write("tenants/evil-tag.yaml", "x: !!python/object/apply:os.system [touch pwned]\n")
    (made.root / "tenants" / "evil-link.yaml").symlink_to("/etc/passwd")
    (made.root / "tenants" / "evil-out.yaml").symlink_to("../../outside.yaml")
    os.mkfifo(made.root / "tenants" / "evil-pipe.yaml")


def plant_surroundings(made: Checkout) -> None:
    """Files that other programs would take for settings or code."""
    bait = f"open({str(made.pwned)!r}, 'a').write(__file__)\n"
    for module in ("yaml", "click", "pydantic", "sitecustomize", "usercustomize", "httpx", "json"):
        made.write(f"{module}.py", bait)
    made.write("reconciler.py", bait)
    made.write("reconciler/__init__.py", bait)
    made.write(".env", "RECONCILER_PLATFORM_URL=sqlite:////tmp/evil.db\n")
    made.write("pyproject.toml", '[tool.reconciler]\nplatform = "evil"\n')


def plant_git(made: Checkout) -> None:
    """A repository whose own configuration names programs wherever git takes one."""
    trap = made.trap()
    for changed in ("changed.yaml", "changed.txt", "nested/changed.yaml"):
        made.write(changed, "a: 1\n")
    made.git("init", "-q")
    made.git("add", "reconciler.yaml", "changed.yaml", "changed.txt")
    made.git("commit", "-q", "-m", "x")
    made.git("init", "-q", "nested")
    made.git("-C", "nested", "add", "changed.yaml")
    made.git("-C", "nested", "commit", "-q", "-m", "x")
    made.git("add", "nested")
    made.git("commit", "-q", "-m", "y")
    made.write(".gitattributes", "*.yaml filter=evil diff=evil\n*.txt filter=slow\n")
    for changed in ("changed.yaml", "changed.txt", "nested/changed.yaml"):
        made.write(changed, "a: 2\n")
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external",
                "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge",
                "filter.slow.process", "credential.helper", "gpg.program"):  # fmt: skip
        made.git("config", key, str(trap))
    made.git("config", "alias.status", f"!{trap}")
    made.git("config", "filter.evil.required", "true")
    made.write("nested/.gitattributes", "*.yaml filter=inner\n")
    made.git("-C", "nested", "config", "filter.inner.clean", str(trap))
    hooks = made.root / ".git" / "hooks"
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-commit"):
        hooks.mkdir(exist_ok=True)
        (hooks / hook).symlink_to(trap)
