"""`validate`: load and check, without credentials or network."""

from __future__ import annotations

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_formats
from reconciler.cli.output import emit, problems_document, width_of
from reconciler.cli.session import session_of
from reconciler.errors import Exit, Severity
from reconciler.report.ndjson import problems_ndjson
from reconciler.report.problems import Checked, problems_concise, problems_text


@click.command()
@click.argument("tenants", nargs=-1)
@output_formats("concise", "ndjson")
@click.pass_obj
def validate(context: Context, tenants: tuple[str, ...], outputs: tuple[Output, ...]) -> int:
    """Check all tenants, or those named. Reads files only."""
    session = session_of(context)
    desired = session.desired(tenants, files_only=True)
    files = sum(len(tenant.digests) for tenant in desired.tenants)
    files += len({p.location.file for p in desired.problems if p.severity is Severity.ERROR})
    checked = Checked(files, len(desired.tenants), files_only=True, silenced=desired.silenced)
    failed = any(problem.severity is Severity.ERROR for problem in desired.problems)
    status = Exit.INVALID if failed else Exit.DONE
    emit(
        outputs,
        lambda: problems_text(desired.problems, checked, width_of(context.environment)),
        lambda: problems_document(desired.problems, checked),
        context.environment,
        lines={"concise": lambda: problems_concise(desired.problems, checked)},
        pieces={"ndjson": lambda: problems_ndjson(desired.problems, checked, status)},
        status=status,
    )
    return status
