"""Entry point: the only place that reads the process environment and the arguments."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one command and exit with its status."""
    from reconciler.cli.main import run  # noqa: PLC0415 - nothing is imported before it is needed

    sys.exit(run(sys.argv[1:], dict(os.environ)))  # noqa: TID251 - read once, here


if __name__ == "__main__":
    main()
