"""What holds for all tests."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

from reconciler.__main__ import OBJECTS_BETWEEN_COLLECTIONS

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3
"""Many times what the tests leave there at once, in bytes."""


def pytest_configure():
    """Have temporary files in memory where there is room: stores are written and synced a lot."""
    if "TMPDIR" not in os.environ and _takes_files():  # noqa: TID251 - handed on to workers
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)  # noqa: TID251


def _takes_files():
    """Whether all that tests do with files can be done in memory, running programs too."""
    return (
        os.access(MEMORY, os.W_OK)
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(MEMORY).free > ROOM
    )


def pytest_collection_modifyitems(items):
    """Begin with the longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


def pytest_collection_finish():
    """Look for circles as seldom as the program does, and never among the tests themselves."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
