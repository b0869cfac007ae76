"""Entry point: the only place that reads the process environment and the arguments."""

from __future__ import annotations

import gc
import os
import sys

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Plans are made of very many small objects in no circles: looking for circles every 700 of
them, as Python does by itself, takes a sixth of a first apply and finds nothing."""


def main() -> None:
    """Run one command and exit with its status."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    from reconciler.cli.main import run  # noqa: PLC0415 - nothing is imported before it is needed

    sys.exit(run(sys.argv[1:], dict(os.environ)))  # noqa: TID251 - read once, here


if __name__ == "__main__":
    main()
