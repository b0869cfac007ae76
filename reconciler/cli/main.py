"""The commands, loaded when they are called, and how whatever stops one becomes an exit status."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from reconciler import __version__
from reconciler.errors import Exit, InvalidConfig, ReconcilerError

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Author": {
        "init": "init",
        "validate": "check",
        "fmt": "fmt",
        "fix": "fix",
        "explain": "explain",
        "schema": "explain",
    },
    "Review": {"plan": "plan", "show": "show"},
    "Run": {
        "apply": "apply",
        "resume": "apply",
        "locks": "locks",
        "unlock": "locks",
        "runs": "runs",
        "quarantine": "numbers",
    },
    "Watch": {"drift": "drift"},
    "Supply": {"numbers": "numbers"},
    "Secrets": {"secrets": "secrets"},
    "Store": {"store": "store"},
    "Server": {"sandbox": "sandbox"},
}
"""Every command, by section: its name and the module of `reconciler.cli` that has it."""

SHORT_HELP: Mapping[str, str] = {
    "init": "Make a project here, or in a folder.",
    "fmt": "Give files their form; keep comments and meaning.",
    "fix": "Mend what has one certain remedy.",
    "validate": "Check the tenants. Needs no credentials.",
    "explain": "Explain a code such as TEL201, or a field such as number.to.",
    "schema": "Print the JSON Schema of a tenant file, a plan or a flow.",
    "plan": "Show what would change. Changes nothing.",
    "show": "Show a saved plan.",
    "apply": "Make it so: a saved plan, or what plan would show.",
    "resume": "Go on with a run that did not finish.",
    "locks": "List who is working on what.",
    "unlock": "Free one lock that was looked at.",
    "runs": "List runs, show one, settle what nobody knows.",
    "quarantine": "List numbers that wait for their release.",
    "drift": "Find what was changed behind git's back. Changes nothing.",
    "numbers": "List numbers, load the pool, reserve for a tenant.",
    "secrets": "Make keys, seal values, change to a new key.",
    "store": "Back up, restore, migrate or check the database.",
    "sandbox": "A carrier on this machine, to try things on.",
}


@dataclass
class Context:
    """What every command is given.

    Attributes:
        environment: The process environment.
        directory: Where the command was started, or what `--project` says.
        clock: Time, passed in by whoever runs a command; None for the machine's.
    """

    environment: Mapping[str, str]
    directory: Path
    clock: Any = None
    redact: Callable[[str], str] = str
    """Takes every secret that was resolved out of a text: the last line of defence."""


class Commands(click.Group):
    """A group that loads a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the help."""
        del ctx
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        for section in SECTIONS.values():
            if cmd_name in section:
                module = importlib.import_module(f"reconciler.cli.{section[cmd_name]}")
                found: click.Command = getattr(module, cmd_name)
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, without loading any."""
        del ctx
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, SHORT_HELP[name]) for name in commands])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may be meant."""
        if args and args[0] not in self.list_commands(ctx):
            import difflib  # noqa: PLC0415 - for a typing mistake only

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)


EPILOG = """\b
  reconciler plan                        what would change, for callers and for the bill
  reconciler plan --out plan.json        the same, saved
  reconciler apply plan.json             do exactly that
"""


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.option(
    "--project",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder to start from instead of this one.",
)
@click.version_option(__version__, prog_name="reconciler")
@click.pass_context
def commands(ctx: click.Context, project: Path | None) -> None:
    """Keep telephone tenants the way git says they are."""
    if project is not None:
        ctx.obj.directory = (ctx.obj.directory / project).resolve()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(
    arguments: list[str],
    environment: Mapping[str, str],
    directory: Path | None = None,
    clock: Any = None,
) -> int:
    """Run one command.

    Args:
        arguments: What stands after the program's name.
        environment: The process environment.
        directory: Where to start; None for the present folder.
        clock: A `protocols.Clock`; None for the machine's. No flag and no variable sets it.

    Returns:
        Its exit status. Bad input ends in a sentence on stderr, never in a traceback.
    """
    context = Context(environment, directory or Path.cwd(), clock)
    try:
        status = commands.main(
            args=arguments, prog_name="reconciler", standalone_mode=False, obj=context
        )
    except click.UsageError as error:
        error.show()
        status = Exit.USAGE
    except click.ClickException as error:
        error.show()
        status = Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        status = Exit.INTERRUPTED
    except InvalidConfig as error:
        status = _invalid(error, json=_wants_json(arguments))
    except ReconcilerError as error:
        click.echo(context.redact(f"error: {error}"), err=True)
        if _wants_json(arguments):
            _as_json(error, context)
        status = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        status = Exit.DONE
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback, no locals
        status = _unexpected(error)
    return int(status or 0)


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether stdout is to be JSON: then it is JSON for every exit status."""
    asked = [value for option, value in pairwise(arguments) if option in {"-o", "--output"}]
    return "json" in [
        *asked,
        *(a.partition("=")[2] for a in arguments if a.startswith("--output=")),
    ]


def _as_json(error: ReconcilerError, context: Context) -> None:
    from reconciler.report.machine import document  # noqa: PLC0415 - for errors only

    body = {"exit_code": int(error.exit_code), "message": error.message, "hint": error.hint}
    click.echo(context.redact(document("error", body)), nl=False)


def _invalid(error: InvalidConfig, *, json: bool) -> Exit:
    from reconciler.cli.output import problems_document, show_problems  # noqa: PLC0415 - as above
    from reconciler.report.problems import Checked  # noqa: PLC0415 - as above

    show_problems(error.problems)
    if json:
        files = {problem.location.file for problem in error.problems}
        for piece in problems_document(error.problems, Checked(len(files), 0)):
            click.echo(piece, nl=False)
    return error.exit_code


def _unexpected(error: Exception) -> Exit:
    """Say that this is our fault, and where, without a value of anything."""
    where: Any = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    at = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
    click.echo(
        f"error: this should not have happened: {type(error).__name__} at {at}.\n"
        "  hint: nothing more was done. Please report it with the command that you ran.",
        err=True,
    )
    return Exit.UNEXPECTED
