"""What is stored as JSON is a frozen dataclass with one reader and one writer.

    @dataclass(frozen=True)
    class Candidate:
        name: str
        metrics: dict[str, float]
        chosen: bool = False

    class Run(models.Model):
        candidate = DataclassField(Candidate)

The column holds plain JSON; the attribute is a `Candidate`. The annotations decide how JSON is read: nested
dataclasses, `tuple[T, ...]`, `dict[str, T]`, `T | None`, enums, dates and `Decimal` (stored as text).
Dataclasses live beside their model or below it, and their annotations must resolve at run time (no
`TYPE_CHECKING` imports).
"""

from __future__ import annotations

import dataclasses
import enum
import json
import numbers
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from django.db import models
from django.db.models.fields.json import KeyTransform

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")
K = TypeVar("K")


class StoredJSONError(ValueError):
    """Stored JSON that its dataclass does not describe: an unknown key, a missing one, another type."""


def from_json(kind: type[T], stored: Any) -> T:
    """Plain JSON as a `kind`, a dataclass.

    A missing key takes the dataclass's default. An unknown key, a missing key without a default and a value
    of another type raise `StoredJSONError`, which names the place.
    """
    from cattrs import transform_error

    try:
        return _converter().structure(stored, kind)
    except Exception as error:  # cattrs groups whatever the parts raised
        raise StoredJSONError(f"{kind.__qualname__}: {'; '.join(transform_error(error))}") from error


def to_json(value: Any) -> Any:
    """A dataclass as what JSON has: dicts with text for keys, lists, text, numbers and None."""
    return json.loads(json.dumps(value, cls=DataclassEncoder))


class DataclassEncoder(json.JSONEncoder):
    """JSON text with dataclasses and NumPy's numbers in it. NaN and infinity raise ValueError: PostgreSQL has
    none; a figure that is missing is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "allow_nan": False})

    def default(self, o: Any) -> Any:
        if dataclasses.is_dataclass(o):
            return _converter().unstructure(o)
        if isinstance(o, numbers.Integral):
            return int(o)
        if isinstance(o, numbers.Real):
            return float(o)
        return super().default(o)


if TYPE_CHECKING:

    class _JSONField(models.JSONField[T, T]):
        pass

else:

    class _JSONField(models.JSONField, Generic[T]):
        pass


class DataclassField(_JSONField[T]):
    """A JSON column that is read and written as the frozen dataclass `kind`.

    A dataclass whose fields all have defaults is its own default. Migrations see an ordinary `JSONField`:
    they outlive the dataclass. `values("field__key")` and filters by key see plain JSON.
    """

    kind: type[Any]

    @overload
    def __init__(self: DataclassField[K], kind: type[K], **options: Any) -> None: ...
    @overload
    def __init__(
        self: DataclassField[K | None], kind: type[K], *, null: Literal[True], **options: Any
    ) -> None: ...
    def __init__(self, kind: Any, **options: Any) -> None:
        parameters = getattr(kind, "__dataclass_params__", None)
        if not parameters or not parameters.frozen:
            raise TypeError(f"{kind!r} is not a frozen dataclass")
        if "default" not in options and not options.get("null") and _complete(kind):
            options["default"] = kind
        self.kind = kind
        super().__init__(encoder=DataclassEncoder, **options)

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        del options["encoder"]
        if "default" in options:
            options["default"] = dict
        return name, "django.db.models.JSONField", arguments, options

    def clone(self) -> Any:
        options = {**super().deconstruct()[3]}
        del options["encoder"]
        return type(self)(self.kind, **options)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        stored = super().from_db_value(value, expression, connection)
        if stored is None or isinstance(expression, KeyTransform):
            return stored
        return from_json(self.kind, stored)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, self.kind) else from_json(self.kind, value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if not (value is None or isinstance(value, self.kind) or hasattr(value, "resolve_expression")):
            raise TypeError(f"{self.name} takes a {self.kind.__qualname__}, not {type(value).__qualname__}")
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> Any:
        return to_json(self.value_from_object(obj))


def _complete(kind: type[Any]) -> bool:
    """Whether it can be made without an argument."""
    return all(
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        for field in dataclasses.fields(kind)
        if field.init
    )


@cache
def _converter() -> Converter:
    """Loaded at the first use: most processes read no such column."""
    from cattrs.preconf.json import make_converter

    converter = make_converter(forbid_extra_keys=True)
    readers = {
        str: _strictly(str, str),
        bool: _strictly(bool, bool),
        float: _strictly(float, (int, float)),
        int: _integer,
        Decimal: lambda stored, _kind: Decimal(_strictly(str, str)(stored, str)),
    }
    for kind, read in readers.items():
        converter.register_structure_hook(kind, read)
    converter.register_unstructure_hook(Decimal, str)
    return converter


def _strictly(kind: type[Any], accepted: Any) -> Callable[[Any, Any], Any]:
    """Reads a value only where it has the type already: `str` would turn a list into a text."""

    def read(stored: Any, wanted: Any) -> Any:
        if issubclass(wanted, enum.Enum):  # an enum of texts is a text too
            return wanted(stored)
        if not isinstance(stored, accepted) or (isinstance(stored, bool) and kind is not bool):
            raise ValueError(f"{stored!r} is not a {kind.__name__}")
        return kind(stored)

    return read


def _integer(stored: Any, wanted: Any) -> int:
    """A whole number, also as the text that JSON makes of a dict's key."""
    if issubclass(wanted, enum.Enum):
        return wanted(stored)
    if isinstance(stored, bool) or not isinstance(stored, int | str):
        raise ValueError(f"{stored!r} is not a whole number")
    return int(stored)
