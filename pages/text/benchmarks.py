"""Published figures of areas and the country: as lines to compare with, as a table, with the caution each needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.catalogue.definition import Definition
from indicators.programme.benchmarks import MUNICIPAL_ERA, PARTIAL, Benchmark
from pages.text import formats, names
from pages.text.tables import Cell, Table
from pages.text.translations import N_, _

CAUTIONS: Mapping[str, str] = {
    MUNICIPAL_ERA: N_("figure of the municipal era"),
    PARTIAL: N_("partial year"),
}


def caution(found: Benchmark) -> str:
    """What a reader has to know of a figure; nothing where there is nothing."""
    return _(CAUTIONS[found.caution]) if found.caution else ""


def benchmark_table(figures: Sequence[Benchmark], opened: Definition) -> Table:
    """The published figures as a table."""
    rows = [
        (
            Cell(*[names.name("area", found.area)] * 2),
            Cell(formats.period(found.period.label), found.period.label),
            Cell(formats.value(found.value, opened), found.value),
            Cell(*[caution(found)] * 2),
            Cell(*[found.publisher] * 2),
        )
        for found in figures
    ]
    header = (_("Area"), _("Period"), _("Within 7 days, %"), _("Remark"), _("Source"))
    return Table(header, tuple(rows), (False, False, True, False, False), _("Published figures beside"))
