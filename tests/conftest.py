"""What holds for all tests."""

import gc

from reconciler.__main__ import OBJECTS_BETWEEN_COLLECTIONS


def pytest_collection_modifyitems(items):
    """Begin with the longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


def pytest_collection_finish():
    """Look for circles as seldom as the program does, and never among the tests themselves."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
