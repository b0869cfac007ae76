"""`validate`: load and check, without credentials or network."""

from __future__ import annotations

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, problems_document
from reconciler.cli.session import session_of
from reconciler.errors import Exit, Severity
from reconciler.report.problems import Checked, problems_text


@click.command()
@click.argument("tenants", nargs=-1)
@output_option
@click.pass_obj
def validate(context: Context, tenants: tuple[str, ...], outputs: tuple[Output, ...]) -> int:
    """Check all tenants, or those named. Reads files only."""
    session = session_of(context)
    desired = session.desired(tenants, files_only=True)
    files = sum(len(tenant.digests) for tenant in desired.tenants)
    files += len({p.location.file for p in desired.problems if p.severity is Severity.ERROR})
    checked = Checked(files, len(desired.tenants), files_only=True, silenced=desired.silenced)
    emit(
        outputs,
        lambda: problems_text(desired.problems, checked),
        lambda: problems_document(desired.problems, checked),
        context.environment,
    )
    failed = any(problem.severity is Severity.ERROR for problem in desired.problems)
    return Exit.INVALID if failed else Exit.DONE
