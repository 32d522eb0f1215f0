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
)
from pydantic.dataclasses import dataclass

from pipelines.mapping.faults import Fault

#: What may separate the thousands of a number.
ThousandsSign = Literal[",", ".", " ", "'", "\u2019"]


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

    sheet: SheetName | None = None
    header_row: RowNumber | None = None
    thousands: ThousandsSign | None = None
    missing: Texts = ()
    timezone: Zone | None = None
    year_starts: Month | None = None
    blank_adds_zero: StrictBool = False
    end_notes: StrictBool = False


NOTHING_DECLARED = ReadingOptions()


def reading_options(document: Mapping[str, Any], faults: list[str]) -> ReadingOptions:
    """Return the section `reading` of a mapping; what is wrong with it is added to `faults`."""
    written = document.get("reading", {})
    if not isinstance(written, dict):
        faults.append(Fault("reading_table"))
        return NOTHING_DECLARED
    try:
        return ReadingOptions(**written)
    except ValidationError as error:
        unknown = {e["loc"][0]: e["type"] == "unexpected_keyword_argument" for e in error.errors()}
        for name, is_unknown in unknown.items():
            key, code = ("reading.{name}", "unknown_key") if is_unknown else ("", f"reading_{name}")
            faults.append(Fault(code, key=key.format(name=name), known=_SIGNS))
        return NOTHING_DECLARED
