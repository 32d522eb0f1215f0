"""What headers and codes are called, for a first mapping: the words of `header_words.toml`, names of our codes."""

from __future__ import annotations

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
    """What our codes are called, in every language and by the shipped sources: folded name → code."""
    found: dict[str, str] = {}
    if domain == "area":
        for row in reference_rows("wellbeing_counties.csv"):
            for name in map(fold, texts_of_row(row, "name").values()):
                code = row["hyvinvointialue_code"]
                found[name] = code
                for ending in _ENDINGS_OF_AREAS:
                    found.setdefault(name.removesuffix(ending), code)
        return found | dict.fromkeys(word_lists()["words"]["country"], "FI")
    for row in reference_rows("codes.csv"):
        if row["domain"] == domain:
            found |= dict.fromkeys(map(fold, texts_of_row(row, "name").values()), row["code"])
    for source in all_sources().values():
        for code, ours in source.values.get(domain, {}).items():
            # A letter means one thing to one system and something else to the next.
            if len(code) > 1:
                found.setdefault(fold(code), ours)
    return {**named_codes(domain), **found} | {fold(code): code for code in our_codes(domain)}


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
    """What else codes are called: the words of `[codes]`, folded name → code."""
    lists = word_lists().get("codes", {}).get(domain, {})
    return {fold(name): code for code, names in lists.items() for name in names}


def area_codes(names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The codes of the areas named, and the names of an area that has a longer name among them.

    >>> area_codes(["Kainuu", "Kainuun hyvinvointialue", "Satakunta"])
    ({'Kainuun hyvinvointialue': '20', 'Satakunta': '06'}, ['Kainuu'])
    """
    known = code_names("area")
    codes = {name: known[fold(name)] for name in names if fold(name) in known}
    longest: dict[str, str] = {}
    for name, code in codes.items():
        longest[code] = max(longest.get(code, ""), name, key=len)
    twice = [name for name, code in codes.items() if longest[code] != name]
    return {name: code for name, code in codes.items() if name not in twice and name != code}, twice
