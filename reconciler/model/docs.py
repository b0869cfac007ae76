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


_described: set[type[BaseModel]] = set()


def describe(*roots: type[BaseModel]) -> None:
    """Give every model below `roots` its fields' descriptions, once."""
    new = [model for model in dict.fromkeys(_below(roots)) if model not in _described]
    _described.update(new)
    models = [model for model in new if _learn(model)]
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


def _learn(model: type[BaseModel]) -> bool:
    """Read a model's docstrings; whether it has fields at all."""
    for cls in model.__mro__:
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            for name, text in _docstrings(cls).items():
                info = model.model_fields.get(name)
                if info is not None and info.description is None:
                    info.description = text
    return bool(model.model_fields)


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
