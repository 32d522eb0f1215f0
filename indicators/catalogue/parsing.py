"""Parsing what people write in shipped files into frozen dataclasses; every fault is found, not the first alone."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from indicators.catalogue.errors import UsageError

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
#: The `__pydantic_config__` of a dataclass: a key it has no field for is a fault.
KNOWN_KEYS_ONLY = ConfigDict(extra="forbid")
#: A text that is not blank.
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: Values that are written as such, not as text.
WholeNumber = Annotated[int, Strict()]
YesNo = Annotated[bool, Strict()]
Day = Annotated[date, Strict()]
#: A mapping nobody can change.
READ_ONLY = AfterValidator(MappingProxyType)
#: In a row of CSV, where a blank field means None.
BLANK_IS_NONE = BeforeValidator(lambda written: written or None)
_WORDS = {
    "missing": "{place} missing",
    "string_too_short": "{place} missing",
    "unexpected_keyword_argument": "{place} unknown",
    "int_type": "{place} is not a whole number",
    "date_type": "{place} is not a date",
    "bool_type": "{place} is not true or false",
    "one_of": "{place} {input!r} {msg}",
}


def one_of(allowed: Sequence[str]) -> AfterValidator:
    """The check that a text is one of some."""

    def check(value: str) -> str:
        if value not in allowed:
            raise PydanticCustomError("one_of", "is none of {allowed}", {"allowed": ", ".join(allowed)})
        return value

    return AfterValidator(check)


def with_defaults(**defaults: object) -> BeforeValidator:
    """Values of keys that are not written."""
    return BeforeValidator(lambda written: {**defaults, **written} if isinstance(written, dict) else written)


def read_model(path: Path, model: type[M], error_code: str) -> M:
    """What an installation's TOML file says. Raises UsageError of a code with every fault; a file that is not there is one."""
    try:
        with path.open("rb") as file:
            return model.model_validate(tomllib.load(file))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(error_code, path=path.name, faults=str(error)) from None
    except ValidationError as error:
        faults = (
            f"{'.'.join(str(part + 1 if isinstance(part, int) else part) for part in fault['loc'])}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise UsageError(error_code, path=path.name, faults="; ".join(faults)) from None


def parse(adapter: TypeAdapter[T], written: object) -> tuple[list[T], list[str]]:
    """The one object that was written, and its faults; no object where it has any.

    A check of several fields together raises ValueError with one argument for each fault.
    """
    try:
        return [adapter.validate_python(written)], []
    except ValidationError as error:
        return [], list(_faults(error))


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        raised = fault.get("ctx", {}).get("error")
        if isinstance(raised, ValueError):
            yield from map(str, raised.args)
        else:
            place = ".".join(str(part) for part in fault["loc"] if isinstance(part, str))
            words = _WORDS.get(fault["type"], "{place} {input!r}: {msg}")
            if fault["type"] == "unexpected_keyword_argument" and len(fault["loc"]) == 1:
                words = "unknown key {place!r}"
            yield words.format(place=place, input=fault["input"], msg=fault["msg"])
