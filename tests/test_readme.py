"""What README.md shows is run here, in a copy of the examples, from the text itself."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli.main import run
from reconciler.errors import Exit
from reconciler.report.text import WIDTH

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_LINES = 200
SECONDS = 300


@dataclass(frozen=True)
class Shown:
    command: str
    status: int
    output: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    status: int
    output: str


def fences(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def shown():
    """Every `$ ` line of every console block, with the status and output that are shown."""
    for block in fences("console"):
        lines = block.splitlines()
        starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            command = lines[start][2:]
            said = re.search(r"\s+# exits ([0-9]+)", command)
            yield Shown(
                command=command[: said.start()] if said else command,
                status=int(said[1]) if said else 0,
                output=tuple(line for line in lines[start + 1 : end] if line.strip()),
            )


SHOWN = tuple(shown())
TYPED = tuple(step for step in SHOWN if not step.command.startswith("make "))
IN_A_SHELL = 5
"""How many are typed in a shell as people do, each command a process: `cd` is among them."""


def environment():
    # Said, as it is wider where CI is set, and as pytest's workers set it to 80.
    wide = {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RECONCILER_")}  # noqa: TID251 - passed on to the commands
    return {**kept, "PATH": f"{BIN}:{kept['PATH']}", **wide}


def demo(clone):
    ended = subprocess.run(
        [sys.executable, "../scripts/demo.py"],
        cwd=clone / "examples",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout + ended.stderr)


def type_in_one_shell(clone, steps):
    """Type all lines in one shell, so that `cd` and `export` last; None for one not reached."""
    typed = "".join(
        f"{{ {step.command}\n}} 2>&1\nprintf '\\n@@%d@@%d@@\\n' {at} $?\n"
        for at, step in enumerate(steps)
    )
    told = subprocess.run(
        ["sh"],
        input=typed,
        cwd=clone,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    ).stdout
    pieces = re.split(r"\n@@([0-9]+)@@([0-9]+)@@\n", told)
    ended = {
        int(at): Ended(int(status), output)
        for output, at, status in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False)
    }
    return [ended.get(at) for at in range(len(steps))]


def type_one_by_one(clone, steps, capsys):
    """Run each line in the project's folder: ours in this process, all others in a shell."""
    for step in steps:
        if not step.command.startswith("reconciler "):
            yield type_in_one_shell(clone / "examples", [step])[0]
            continue
        capsys.readouterr()
        status = run(shlex.split(step.command)[1:], environment(), clone / "examples")
        said = capsys.readouterr()
        yield Ended(status, said.out + said.err)


def fresh_clone(folder):
    shutil.copytree(
        ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".reconciler")
    )
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "demo.py", folder / "scripts")
    return folder


def charged(clone):
    books = subprocess.run(
        [BIN / "reconciler", "sandbox", "ledger", "-o", "json"],
        cwd=clone / "examples",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout
    return sorted(charge["number"] for charge in json.loads(books)["charges"])


def differences(step, ended):
    """What a command did that is not as shown, a sentence each."""
    if ended is None:
        yield f"{step.command}: it was not reached"
        return
    if ended.status != step.status:
        yield f"{step.command}: ended with {ended.status}, not {step.status}:\n{ended.output}"
    for line in step.output:
        if line not in ended.output:
            yield f"{step.command}: nowhere is {line!r}:\n{ended.output}"


def test_a_fresh_clone_does_what_is_shown(tmp_path, capsys):
    # One test, as parallel workers would each walk the whole way for a part of it.
    clone = fresh_clone(tmp_path)
    first = demo(clone)
    assert first.status == 0, first.output
    tenants = len(list((clone / "examples" / "tenants").glob("*.yaml")))
    assert tenants >= 6
    assert f"{tenants} tenants applied and in sync" in first.output

    ended = type_in_one_shell(clone, TYPED[:IN_A_SHELL])
    ended += type_one_by_one(clone, TYPED[IN_A_SHELL:], capsys)
    wrong = [said for pair in zip(TYPED, ended, strict=True) for said in differences(*pair)]
    assert not wrong, "\n".join(wrong)

    bought = charged(clone)
    again = demo(clone)
    assert again.status == 0, again.output
    assert charged(clone) == bought
    assert len(set(bought)) == len(bought)


@pytest.mark.slow
def test_the_demo_fails_where_the_files_are_wrong(tmp_path):
    clone = fresh_clone(tmp_path)
    tenant = clone / "examples" / "tenants" / "harbour-books.yaml"
    whole = tenant.read_text(encoding="utf-8")
    tenant.write_text(whole.replace("ring_group/counter", "ring_group/nobody"), encoding="utf-8")
    assert demo(clone).status == 1


@pytest.mark.parametrize("step", [step for step in SHOWN if step.command.startswith("make ")])
def test_a_shown_make_target_exists(step):
    target = re.escape(step.command.split()[1])
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_shown_tenant_has_no_problems(tmp_path, capsys):
    for name in ("reconciler.yaml", "prices.yaml"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    (tmp_path / "policies.yaml").write_text("schema: 1\n", encoding="utf-8")
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "harbour-books.yaml").write_text(fences("yaml")[0], encoding="utf-8")
    assert run(["--project", str(tmp_path), "validate"], {}) == 0
    assert "No problems" in capsys.readouterr().out


def test_the_table_of_exit_statuses_is_whole():
    table = README.split("| status | meaning |")[1].split("\n\n")[0]
    told = [int(number) for row in table.splitlines() for number in _statuses(row)]
    assert told == [int(status) for status in Exit]


def _statuses(row):
    return re.findall(r"[0-9]+", row.split("|")[1]) if row.startswith("|") else []


def test_it_is_short():
    assert len(README.splitlines()) < MOST_LINES
