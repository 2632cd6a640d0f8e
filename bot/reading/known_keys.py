"""Which keys does a model understand at some place inside it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Models = list[type[BaseModel]]


def known_keys(kind: object, loc: Sequence[int | str]) -> tuple[str, ...]:
    """The keys understood at the end of `loc`, the way pydantic names it: keys, indexes, branches of unions."""
    models = list(_models_in(kind))
    for part in loc:
        models = _inside(models, part)
    return tuple(dict.fromkeys(key for model in models for key in _fields(model)))


def _inside(models: Models, part: int | str) -> Models:
    branch = [model for model in models if part in _branch_names(model)]
    if len(models) > 1 and branch:
        return branch
    inner = [found for model in models if part in _fields(model) for found in _models_in(_annotation(model, part))]
    # An index or the key of a dict leads to no other model.
    return inner or models


def _annotation(model: type[BaseModel], key: int | str) -> object:
    return _fields(model)[str(key)].annotation


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields by the name they have in a file."""
    return {
        field.validation_alias if isinstance(field.validation_alias, str) else name: field
        for name, field in model.model_fields.items()
    }


def _branch_names(model: type[BaseModel]) -> set[object]:
    """What pydantic may call this model as a branch of a union: its name, or the value of its `Literal` key."""
    literals = [f.annotation for f in model.model_fields.values() if get_origin(f.annotation) is Literal]
    return {model.__name__, *(value for literal in literals for value in get_args(literal))}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models in `list[Step]`, `dict[str, Question | Remark]`, …"""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
