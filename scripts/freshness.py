"""Checks what is written by hand or generated against the code it follows.

`python -m scripts.freshness` compares the files in ``schemas/`` and
``reconciler/cli/generated/`` and the table of what homes can hold with what the code says, and
looks for codes that nobody explains. `--write` writes the files again.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from reconciler.cli.codes import CODES
from reconciler.cli.generate import GENERATED
from reconciler.cli.schemas import SCHEMAS
from scripts.capabilities import PATH, capabilities_text

ROOT = Path(__file__).resolve().parents[1]
_CODE = re.compile(r"^(?:C|E|TEL)[0-9]{3}$")


def stale_files(root: Path, *, write: bool) -> Iterator[str]:
    """Find the generated files that are not what the models say; write them when told to."""
    for name, text in generated().items():
        path = root / name
        wanted = text()
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            continue
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
        else:
            yield f"{name}: it is not what the code says."


def generated() -> dict[str, Callable[[], str]]:
    """Every file that is made from the code, with what writes its text."""
    schemas = {f"schemas/{name}.json": text for name, text in SCHEMAS.items()}
    ours = {f"reconciler/cli/generated/{name}": text for name, text in GENERATED.items()}
    return schemas | ours | {PATH: capabilities_text}


def codes_used(root: Path) -> Iterator[tuple[str, str]]:
    """Find each code that stands in the program as text of its own, with its place."""
    for path in sorted((root / "reconciler").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = getattr(node, "value", None)
            if isinstance(node, ast.Constant) and isinstance(value, str) and _CODE.match(value):
                yield value, f"{path.relative_to(root)}:{node.lineno}"


def unexplained(root: Path) -> Iterator[str]:
    """Find codes that `reconciler explain` does not know, each once."""
    first: dict[str, str] = {}
    for code, place in codes_used(root):
        first.setdefault(code, place)
    for code, place in sorted(first.items()):
        if code not in CODES:
            yield f"{place}: {code} is used, and `reconciler explain {code}` does not know it."


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Tell what is not fresh; 1 when anything is not."""
    write = "--write" in arguments
    found = [*stale_files(root, write=write), *unexplained(root)]
    for sentence in found:
        sys.stderr.write(f"{sentence}\n")
    if any(sentence.endswith("what the code says.") for sentence in found):
        sys.stderr.write("Write them again: python -m scripts.freshness --write\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
