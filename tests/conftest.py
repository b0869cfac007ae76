"""What holds for all tests."""


def pytest_collection_modifyitems(items):
    """Begin with the longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")
