"""What headers and codes are called, for a first mapping: the words of `header_words.toml`, names of our codes."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache

from pipelines.codes import our_codes
from pipelines.findings import LANGUAGES
from pipelines.mapping import all_sources
from pipelines.settings import REFERENCE
from pipelines.suggest_columns import words_match
from pipelines.warehouse.scales import fold


@cache
def word_lists() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The words, by list and role."""
    return tomllib.loads((REFERENCE / "header_words.toml").read_text(encoding="utf-8"))


@cache
def code_names(domain: str) -> Mapping[str, str]:
    """What our codes are called, in three languages and by the shipped sources: folded name → code."""
    found: dict[str, str] = {}
    if domain == "area":
        with (REFERENCE / "wellbeing_counties.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for language in LANGUAGES:
                    name = fold(row[f"name_{language}"])
                    found[name] = row["hyvinvointialue_code"]
                    for ending in (
                        " hyvinvointialue",
                        "n hyvinvointialue",
                        " valfardsomrade",
                        "s valfardsomrade",
                    ):
                        found.setdefault(name.removesuffix(ending), row["hyvinvointialue_code"])
                    found.setdefault(
                        name.removesuffix(" wellbeing services county"), row["hyvinvointialue_code"]
                    )
        return found | dict.fromkeys(word_lists()["words"]["country"], "FI")
    with (REFERENCE / "codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["domain"] == domain:
                found |= {fold(row[f"name_{language}"]): row["code"] for language in LANGUAGES}
    for source in all_sources().values():
        for code, ours in source.values.get(domain, {}).items():
            # A letter means one thing to one system and something else to the next.
            if len(code) > 1:
                found.setdefault(fold(code), ours)
    return found | {fold(code): code for code in our_codes().get(domain, ())}


def is_band(header: str) -> bool:
    """Whether a header is one of a stretch of time, such as `0-13 vk` or `Over 52 weeks`."""
    return any(sign.isdecimal() for sign in header) and bool(
        words_match(_apart(header), word_lists()["words"]["bands"])
    )


def _apart(header: str) -> str:
    """A header with its numbers apart from its letters."""
    return "".join(f" {sign} " if sign.isdecimal() else sign for sign in header)


def is_total(name: str) -> bool:
    plain = fold(name)
    totals = word_lists()["words"]["totals"]
    return plain in totals or any(plain.startswith(f"{word} ") for word in totals if len(word) > 3)
