"""Write the files again with `python -m tests.golden --write`, and look at the difference."""

import pytest

from tests.golden.scene import FOLDER, FORMATS, told

FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture(scope="module")
def written():
    return told()


def test_each_command_has_each_of_its_formats(written):
    endings = {"text": "txt"}
    for command, forms in FORMATS.items():
        found = {name.rpartition(".")[2] for name in written if name.startswith(f"{command}_")}
        assert found == {endings.get(form, form) for form in forms}
    assert sorted(written) == FILES


@pytest.mark.parametrize("name", FILES)
def test_it_is_as_before(written, name):
    assert written[name] == (FOLDER / name).read_text(encoding="utf-8")
