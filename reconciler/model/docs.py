"""The docstring under a field is its description, read only when somebody asks for it.

Reading source text costs every command 0.2 s where pydantic does it for each model; only
schemas and `explain` need it.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise

from pydantic import BaseModel

_BUILT = ("__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__")


_described: dict[type[BaseModel], None] = {}


def describe(*roots: type[BaseModel]) -> None:
    """Give every model below `roots` its fields' descriptions, once."""
    new = [model for model in dict.fromkeys(_below(roots)) if model not in _described]
    for model in new:
        _learn(model)
    if not new:
        return
    # Those of earlier calls too: they may hold what was built of a model that is new now.
    _described.update(dict.fromkeys(new))
    models = [model for model in _described if model.model_fields]
    for model in models:
        for name in _BUILT:
            if name in vars(model):
                delattr(model, name)
        model.__pydantic_complete__ = False
    for model in models:
        model.model_rebuild(force=True)


def _below(roots: tuple[type[BaseModel], ...]) -> Iterator[type[BaseModel]]:
    for root in roots:
        yield root
        yield from _below(tuple(root.__subclasses__()))


def _learn(model: type[BaseModel]) -> None:
    """Read a model's docstrings into its fields."""
    for cls in model.__mro__:
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            for name, text in _docstrings(cls).items():
                info = model.model_fields.get(name)
                if info is not None and info.description is None:
                    info.description = text


@functools.cache
def _docstrings(cls: type) -> dict[str, str]:
    """The text under each field of a class, from its source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = inspect.cleandoc(text)
                case _:
                    pass
    return found
