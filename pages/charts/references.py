"""Lines of other series to compare with: published figures, demo data."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from indicators.catalogue.definition import Definition
from indicators.programme.benchmarks import Benchmark
from pages import charts
from pages.text import formats, names
from pages.text.benchmarks import caution


def references(
    figures: Sequence[Benchmark], opened: Definition, compared: Sequence[str]
) -> list[charts.Reference]:
    """The published figures of each area as a line."""
    lines = []
    for area in compared:
        own = [found for found in figures if found.area == area]
        if not own:
            continue
        name = names.name("area", area)
        words = []
        for found in own:
            parts_said = [
                f"<b>{name}, {formats.period(found.period.label)}</b>",
                formats.value(found.value, opened),
            ]
            parts_said += [found.publisher, *([caution(found)] if found.caution else [])]
            words.append("<br>".join(parts_said))
        lines.append(
            charts.Reference(
                "<br>".join(wrap(short_area(name), 13)),
                tuple(charts.middle(found.period.start, found.period.end) for found in own),
                tuple(found.value for found in own),
                tuple(words),
                tuple(found.caution is not None for found in own),
            )
        )
    return lines


def short_area(name: str) -> str:
    """An area's name without the word for what it is, for the end of a line.

    >>> short_area("Kainuun hyvinvointialue"), short_area("Koko maa")
    ('Kainuun', 'Koko maa')
    """
    for word in (" hyvinvointialue", " välfärdsområde", " wellbeing services county"):
        name = name.removesuffix(word)
    return name
