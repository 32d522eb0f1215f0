"""Published figures of areas and the country: as lines to compare with, as a table, with the caution each needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.catalogue.definition import Definition
from indicators.programme.benchmarks import MUNICIPAL_ERA, PARTIAL, Benchmark, published_by_thl
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import names
from pages.text.tables import Cell, Table, period_cell

CAUTIONS: Mapping[str, str] = {MUNICIPAL_ERA: N_("figure of the municipal era"), PARTIAL: N_("partial year")}
#: A profession as THL writes it, that has no code of ours.
REMOTE_NURSE = "nurse (remote first contact)"


def caution(found: Benchmark) -> str:
    """What a reader has to know of a figure; nothing where there is nothing."""
    return _(CAUTIONS[found.caution]) if found.caution else ""


def benchmark_table(figures: Sequence[Benchmark], opened: Definition) -> Table:
    """One row per published figure."""
    rows = [
        (
            names.name("area", found.area),
            period_cell(found.period.label),
            Cell(formats.value(found.value, opened), found.value),
            caution(found),
            found.publisher,
        )
        for found in figures
    ]
    header = (_("Area"), _("Period"), _("Within 7 days, %"), _("Remark"), _("Source"))
    return Table.of(_("Published figures for comparison"), header, rows, (2,))


def national_table() -> Table:
    """One row per share of the whole country that THL has published."""
    rows = [
        (
            period_cell(one.period.label),
            profession(one.profession),
            _("all ages") if one.population == "all" else one.population.removesuffix(" y"),
            _("within {days} days").format(days=formats.number(one.within_days)),
            Cell(formats.percent(one.value, 0), one.value),
        )
        for one in published_by_thl()
    ]
    who, ages = names.dimension("profession"), names.dimension("age_band")
    header = (_("Period"), who, ages, _("Limit"), _("Share, %"))
    return Table.of(_("National shares that THL has published"), header, rows, (4,))


def profession(written: str) -> str:
    """The profession of a published share in words."""
    if written == REMOTE_NURSE:
        return _("{nurse}, remote first contact").format(nurse=names.name("profession", "nurse"))
    return names.name("profession", written)
