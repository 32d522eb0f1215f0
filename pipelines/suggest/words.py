"""What headers and codes are called, for a first mapping: the words of `header_words.toml`, names of our codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from indicators.catalogue.languages import texts_of_row
from indicators.catalogue.places import REFERENCE, read_toml, reference_rows
from pipelines.checking.codes import our_codes
from pipelines.mapping.files import all_sources
from pipelines.suggest.columns import words_match
from pipelines.warehouse.scales import fold

_ENDINGS_OF_AREAS = (
    *(" hyvinvointialue", "n hyvinvointialue", " valfardsomrade", "s valfardsomrade"),
    " wellbeing services county",
)


@cache
def word_lists() -> Mapping[str, Mapping[str, Any]]:
    """The words, by list and role."""
    return read_toml(REFERENCE / "header_words.toml")


@cache
def code_names(domain: str) -> Mapping[str, str]:
    """What our codes are called, in every language and by the shipped sources: words of the name → code."""
    if domain in ("area", "municipality"):
        return {words_of(name): code for name, code in _names_of_places(domain).items()}
    found: dict[str, str] = {}
    for row in reference_rows("codes.csv"):
        if row["domain"] == domain:
            found |= dict.fromkeys(texts_of_row(row, "name").values(), row["code"])
    for source in all_sources().values():
        for code, ours in source.values.get(domain, {}).items():
            # A letter means one thing to one system and something else to the next.
            if len(code) > 1:
                found.setdefault(code, ours)
    every = {**named_codes(domain), **found} | {code: code for code in our_codes(domain)}
    return {words_of(name): code for name, code in every.items()}


def _names_of_places(domain: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if domain == "municipality":
        for row in reference_rows("municipalities_2026.csv"):
            found |= dict.fromkeys((row["name_fi"], row["name_sv"]), row["municipality_code"])
        return found
    for row in reference_rows("wellbeing_counties.csv"):
        for name in map(fold, texts_of_row(row, "name").values()):
            code = row["hyvinvointialue_code"]
            found[name] = code
            for ending in _ENDINGS_OF_AREAS:
                found.setdefault(name.removesuffix(ending), code)
    return found | dict.fromkeys(word_lists()["words"]["country"], "FI")


def words_of(text: str) -> str:
    """A text as names are compared: case, the dots of ä and ö and the signs between words do not count.

    >>> words_of("Ei-kiireellinen"), words_of("Icke  brådskande"), words_of("+")
    ('ei kiireellinen', 'icke bradskande', '+')
    """
    plain = fold(text)
    return " ".join(filter(None, re.split(r"[\W_]+", plain))) or plain


def code_called(domain: str, text: str) -> str | None:
    """Our code that a text is a name of; None where it is none.

    >>> code_called("urgency", "Icke-brådskande"), code_called("mode_code", "Vastaanotto"), code_called("urgency", "3")
    ('non_urgent', 'R10', None)
    """
    return code_names(domain).get(words_of(text))


def is_total(name: str) -> bool:
    """Whether a name is that of a row or column of a total: `All specialties`, `Total`, not `Total within 18 weeks`."""
    plain = fold(name)
    totals = word_lists()["words"]["totals"]
    return plain in totals or (
        not any(map(str.isdecimal, plain))
        and any(plain.startswith(f"{word} ") for word in totals if len(word) > 2)
    )


def is_measure(header: str) -> bool:
    """Whether a header is of a share, a length of time or an average, not of a number of things.

    >>> is_measure("Median wait"), is_measure("Wait (days)"), is_measure("Waiting over 90 days")
    (True, True, False)
    """
    words = word_lists()["words"]
    of_time = words_match(header, words["lengths"]) and not any(map(str.isdecimal, header))
    return "%" in header or bool(of_time or words_match(header, words["measures"]))


def named_codes(domain: str) -> Mapping[str, str]:
    """What else codes are called: the words of `[codes]`, name → code."""
    lists = word_lists().get("codes", {}).get(domain, {})
    return {name: code for code, names in lists.items() for name in names}


def area_codes(names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The codes of the areas named, and the names of an area that has a longer name among them.

    >>> area_codes(["Kainuu", "Kainuun hyvinvointialue", "Satakunta"])
    ({'Kainuun hyvinvointialue': '20', 'Satakunta': '06'}, ['Kainuu'])
    """
    codes = {name: code for name in names if (code := code_called("area", name)) is not None}
    longest: dict[str, str] = {}
    for name, code in codes.items():
        longest[code] = max(longest.get(code, ""), name, key=len)
    twice = [name for name, code in codes.items() if longest[code] != name]
    return {name: code for name, code in codes.items() if name not in twice and name != code}, twice
