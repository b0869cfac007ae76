"""`python -m tests.golden` compares; `python -m tests.golden --write` writes the files again."""

from __future__ import annotations

import sys

from tests.golden.scene import FOLDER, told


def main(arguments: list[str]) -> int:
    """Compare or write; 1 when a file is not what the commands write."""
    written = told()
    if "--write" in arguments:
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.iterdir():
            path.unlink()
        for name, text in written.items():
            (FOLDER / name).write_text(text, encoding="utf-8")
        return 0
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    wrong = sorted(name for name in {*there, *written} if there.get(name) != written.get(name))
    for name in wrong:
        print(f"tests/golden/files/{name} is not what the commands write.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
