"""What stopped a command, told on stderr and in every report for machines that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from reconciler.cli.report_file import write_report
from reconciler.cli.stops import forget_stdout
from reconciler.errors import InvalidConfig, ReconcilerError

if TYPE_CHECKING:  # it loads this module when something has failed
    from reconciler.cli.main import Context
    from reconciler.cli.options import Output


_PEOPLE = frozenset({"text", "concise"})


def tell_failure(error: ReconcilerError, context: Context) -> None:
    """Say why a command stopped; a report that cannot be written then is not told of as well."""
    if isinstance(error, InvalidConfig):
        from reconciler.cli.output import show_problems  # noqa: PLC0415 - for mistakes only

        show_problems(error.problems, environment=context.environment)
    else:
        click.echo(context.redact(f"error: {error}"), err=True)
    for output in context.outputs:
        found = _for_people(error) if output.form in _PEOPLE else _pieces(output.form, error)
        if output.form in _PEOPLE and output.file is None:
            continue  # it stands on stderr already
        pieces = [context.redact(piece) for piece in found]
        if pieces:
            _write(output, pieces)


def _write(output: Output, pieces: Iterable[str]) -> None:
    try:
        if output.file is not None:
            write_report(output.file, pieces)
        elif sys.stdout is not None:
            sys.stdout.writelines(pieces)
            sys.stdout.flush()
    except OSError:
        if output.file is None:
            forget_stdout()


def _for_people(error: ReconcilerError) -> Iterator[str]:
    """The failure for a file that people read: it must not go on saying what it said before."""
    if not isinstance(error, InvalidConfig):
        yield f"error: {error}\n"
        return
    from reconciler.report.problems import Checked, problems_text  # noqa: PLC0415 - for mistakes
    from reconciler.report.text import as_text  # noqa: PLC0415 - as above

    checked = Checked(len({problem.location.file for problem in error.problems}), 0)
    yield as_text(problems_text(error.problems, checked))


def _pieces(form: str, error: ReconcilerError) -> Iterator[str]:
    """The failure in a format for machines, or as Markdown."""
    from reconciler.report.machine import document  # noqa: PLC0415 - for errors only

    if isinstance(error, InvalidConfig):
        yield from _invalid(form, error)
    elif form == "json":
        yield document("error", _body(error))
    elif form == "ndjson":
        from reconciler.report.ndjson import record  # noqa: PLC0415 - as above

        yield record("error", _body(error))
    elif form == "md":
        from reconciler.report.markdown import failure_md  # noqa: PLC0415 - as above

        yield failure_md(error.message, error.hint)


def _body(error: ReconcilerError) -> dict[str, object]:
    return {"exit_code": int(error.exit_code), "message": error.message, "hint": error.hint}


def _invalid(form: str, error: InvalidConfig) -> Iterator[str]:
    from reconciler.report.problems import Checked, problems_json  # noqa: PLC0415 - as above

    checked = Checked(len({problem.location.file for problem in error.problems}), 0)
    if form == "json":
        yield problems_json(error.problems, checked)
    elif form == "ndjson":
        from reconciler.report.ndjson import problems_ndjson  # noqa: PLC0415 - as above

        yield from problems_ndjson(error.problems, checked, error.exit_code)
    elif form == "md":
        from reconciler.report.markdown import problems_md  # noqa: PLC0415 - as above

        yield problems_md(error.problems, checked)
