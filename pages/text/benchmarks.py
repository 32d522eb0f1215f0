"""Published figures of areas and the country: as lines to compare with, as a table, with the caution each needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from indicators.catalogue.definition import Definition
from indicators.programme.benchmarks import MUNICIPAL_ERA, PARTIAL, Benchmark
from pages import charts
from pages.text import formats, names
from pages.text.translations import N_, _
from pages.ui import components

CAUTIONS: Mapping[str, str] = {
    MUNICIPAL_ERA: N_("figure of the municipal era"),
    PARTIAL: N_("partial year"),
}


def caution(found: Benchmark) -> str:
    """What a reader has to know of a figure; nothing where there is nothing."""
    return _(CAUTIONS[found.caution]) if found.caution else ""


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


def benchmark_table(figures: Sequence[Benchmark], opened: Definition) -> components.Table:
    """The published figures as a table."""
    rows = [
        (
            components.Cell(*[names.name("area", found.area)] * 2),
            components.Cell(formats.period(found.period.label), found.period.label),
            components.Cell(formats.value(found.value, opened), found.value),
            components.Cell(*[caution(found)] * 2),
            components.Cell(*[found.publisher] * 2),
        )
        for found in figures
    ]
    header = (_("Area"), _("Period"), _("Within 7 days, %"), _("Remark"), _("Source"))
    return components.Table(
        header, tuple(rows), (False, False, True, False, False), _("Published figures beside")
    )
