"""The `reading` section of a mapping: which table of a file is read, and how its texts are."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

#: What may separate the thousands of a number.
ThousandsSign = Literal[",", ".", " ", "'", "\u2019"]


def _must_be(what: str) -> WrapValidator:
    """Say of every fault of a value what the value must be."""

    def check(value: Any, parse: ValidatorFunctionWrapHandler) -> Any:
        try:
            return parse(value)
        except ValidationError as error:
            raise PydanticCustomError("fault", "must be {what}", {"what": what}) from error

    return WrapValidator(check)


def _number_as_text(sheet: Any) -> Any:
    return str(sheet) if type(sheet) is int and sheet > 0 else sheet


def _known_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError(name)
    return name


SheetName = Annotated[str, Field(pattern=r"\S"), BeforeValidator(_number_as_text)]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda texts: (texts,) if isinstance(texts, str) else texts)
]
Zone = Annotated[str, AfterValidator(_known_zone)]
RowNumber = Annotated[StrictInt, Field(ge=1)]
Month = Annotated[StrictInt, Field(ge=1, le=12)]
Truth = Annotated[StrictBool, _must_be("true or false")]
_SIGNS = " ".join(map(repr, get_args(ThousandsSign)))


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ReadingOptions:
    """What is declared of the tables and texts of a file; None: not declared.

    `sheet` is the name, or the number from 1, of a sheet; `header_row` the row of the headers. `thousands` is the sign
    between thousands; the other one of comma and point is then the decimal sign. `missing` are further placeholders;
    `timezone` is that of times without an offset. `year_starts` is the month in which a year written as two (2024/25)
    begins; with `blank_adds_zero` a blank among added numbers is 0, where not all are blank; with `end_notes` last rows
    with only their first cell filled are left out.
    """

    sheet: Annotated[SheetName | None, _must_be("the name of a sheet, or its number from 1")] = None
    header_row: Annotated[RowNumber | None, _must_be("a row number from 1")] = None
    thousands: Annotated[ThousandsSign | None, _must_be(f"one of {_SIGNS}")] = None
    missing: Annotated[Texts, _must_be("a list of texts")] = ()
    timezone: Annotated[Zone | None, _must_be('the name of a time zone, such as "UTC"')] = None
    year_starts: Annotated[Month | None, _must_be("the number of a month, 1 to 12")] = None
    blank_adds_zero: Truth = False
    end_notes: Truth = False


NOTHING_DECLARED = ReadingOptions()


def reading_options(document: Mapping[str, Any], faults: list[str]) -> ReadingOptions:
    """Return the section `reading` of a mapping; what is wrong with it is added to `faults`."""
    written = document.get("reading", {})
    if not isinstance(written, dict):
        faults.append("reading must be a table: [reading]")
        return NOTHING_DECLARED
    try:
        return ReadingOptions(**written)
    except ValidationError as error:
        for fault in error.errors():
            name = f"reading.{fault['loc'][0]}"
            unknown = fault["type"] == "unexpected_keyword_argument"
            faults.append(f"unknown key {name!r}" if unknown else f"{name} {fault['msg']}")
        return NOTHING_DECLARED
