"""The languages of the product: one folder of `data/locale` each, found there and listed nowhere else.

A folder holds `language.toml`, how the language is written, and message catalogues (`*.po`), whose keys are the English
texts. The TOML and CSV files of definitions, findings and codes carry Finnish, Swedish and English themselves; any
further language has their translations in its catalogues too. What a catalogue lacks appears in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from indicators.catalogue.places import LOCALE, read_toml

#: The language of the message keys, and what a text that has no translation appears in.
ENGLISH = "en"
#: The languages that the TOML and CSV files carry themselves.
WRITTEN_LANGUAGES = ("fi", "sv", ENGLISH)


@dataclass(frozen=True)
class Language:
    """How a language is written: `locale` is Babel's; `day` and `first_day` are Babel's date patterns.

    `first_day` writes the first of two days of one year, `day_span` joins them; `in_month` gives the name of a month
    the form it has in "in March 2025".
    """

    order: int
    name: str
    locale: str
    decimal_mark: str
    quotes: str
    day: str
    first_day: str
    day_span: str
    in_month: str = "{month}"
    elative_endings: bool = False


def _read(folder: Path) -> Language:
    return Language(**read_toml(folder / "language.toml"))


_FOUND = {path.parent.name: _read(path.parent) for path in LOCALE.glob("*/language.toml")}
#: Every language by its code, in the order in which they are offered.
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    dict(sorted(_FOUND.items(), key=lambda one: one[1].order))
)


def in_every_language(written: Mapping[str, str]) -> Mapping[str, str]:
    """A text by language: as written where it is, else translated from its English.

    >>> in_every_language({"fi": "Jonot", "sv": "Köer", "en": "Queues"})["sv"]
    'Köer'
    """
    return MappingProxyType(
        {
            language: written[language] if language in written else _translated(written[ENGLISH], language)
            for language in LANGUAGES
        }
    )


def _translated(message: str, language: str) -> str:
    from indicators.catalogue.messages import translations

    return translations(language).gettext(message)


def texts_of_row(row: Mapping[str, str], column: str) -> Mapping[str, str]:
    """The text by language in the columns `<column>_fi`, `<column>_sv` and so on of a row of a CSV file."""
    start = f"{column}_"
    return in_every_language({key.removeprefix(start): row[key] for key in row if key.startswith(start)})


@cache
def read_sentences(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The sentences of a TOML file, `[code]` tables with a text per language: code → language → text."""
    return MappingProxyType({code: in_every_language(texts) for code, texts in read_toml(path).items()})
