"""The notes of a measure in words: how its figure is counted beyond its unit, and of what.

Notes are written in English in the file of measures that ships with the software (`measure_notes.toml` has them in Finnish
and Swedish) and in any words for measures of one's own: these are shown as written, in quotes.
"""

from __future__ import annotations

from pathlib import Path

from indicators.catalogue.labels import code_names
from indicators.catalogue.languages import ENGLISH, LANGUAGES, in_every_language
from indicators.catalogue.places import read_toml
from pipelines.warehouse.measures import Measure
from pipelines.warehouse.scales import STEPPED

#: Notes that say no more than the unit.
_UNIT_ALONE = frozenset({"", "count", "days", "euro", "euros", "percent", "points", "ratio"})
_SERVICE = "service "


def counted_as(measure: Measure, language: str) -> str:
    """How the figure is counted, where the note says more than the unit and the steps do; else empty."""
    note = measure.kind.strip()
    if measure.unit in STEPPED or note.lower() in _UNIT_ALONE:
        return ""
    return _note_text("kind", note, language)


def counted_per(measure: Measure, language: str) -> str:
    """What the figure is of (an area, a unit, a service, 1,000 residents …); empty where nothing says it."""
    parts = [part.strip() for part in measure.per.split(";") if part.strip()]
    return ", ".join(_services(part, language) or _note_text("per", part, language) for part in parts)


def _services(part: str, language: str) -> str:
    """The names of the services that a part of a note lists by their codes; empty where it lists none."""
    codes = [code.strip() for code in part.removeprefix(_SERVICE).split(",")]
    known = code_names()
    if not part.startswith(_SERVICE) or any(("service", code) not in known for code in codes):
        return ""
    return ", ".join(known["service", code][language] for code in codes)


def _note_text(of: str, note: str, language: str) -> str:
    """A note in a language; one that nobody translated as it was written."""
    known = read_toml(Path(__file__).with_name("measure_notes.toml"))[of].get(note)
    if known is None:
        return LANGUAGES[language].quotes.format(text=note)
    return in_every_language({ENGLISH: note, **known})[language]
