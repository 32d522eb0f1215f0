"""What the page of comparison says of areas and units, in words; tested by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.analysis.funnel import NO_INTERVAL, NO_VALUE, OUTSIDE, TOO_FEW, WARNED, WITHIN, Funnel, funnel
from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import COUNTRY
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, Where
from indicators.programme.benchmarks import Benchmark, residents
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.sheet import Fact, number_block
from pages.text import names
from pages.text.benchmarks import caution
from pages.text.sentences import some_of
from pages.text.sources import demo_words
from pages.text.tables import Cell, Table, coverage_cell, n_cell

#: How a unit lies in the funnel, or why nothing is said of it.
PLACES: Mapping[str, str] = {
    WITHIN: N_("within chance"),
    WARNED: N_("near the limits of chance"),
    OUTSIDE: N_("differs by more than chance"),
    TOO_FEW: N_("too few to judge"),
    NO_INTERVAL: N_("no interval is known"),
    NO_VALUE: N_("no information"),
    INCOMPLETE: N_("period not complete"),
    SUPPRESSED: N_("suppressed"),
}
#: A mean of z² above which places differ all over.
MUCH = 2.0


@dataclass(frozen=True)
class Compared:
    """What the finding is written from: the own figure, the country's, all areas' of a year; our own computed row."""

    area: str
    year: str
    own: Benchmark | None
    country: Benchmark | None
    others: Sequence[Benchmark]
    computed: Mapping[str, Any] | None
    demo: bool = False


def finding(found: Compared, definition: Definition) -> str:
    """The area and the country in two sentences, and what a reader has to know of the figures."""
    said = []
    if found.own is None:
        said.append(
            _("Sotkanet has no figure of {area} for {year}.").format(area=found.area, year=found.year)
        )
    else:
        said.append(
            _(
                "{area}, {year}: {value} of non-urgent doctor visits took place within 7 days (Sotkanet)."
            ).format(area=found.area, year=found.year, value=formats.value(found.own.value, definition))
        )
    if found.country is not None:
        said.append(
            _("In the whole country the share was {value}.").format(
                value=formats.value(found.country.value, definition)
            )
        )
    warned = found.own or found.country
    if warned is not None and warned.caution:
        said.append(_("Careful: {caution}.").format(caution=caution(warned)))
    return formats.one_after_another(said)


def units_finding(found: Funnel, called: Mapping[str, str], definition: Definition) -> str:
    """Which units differ from the area by more than chance, and which cannot be judged."""
    if found.centre is None:
        return _("No unit can be compared: their shares are suppressed, not complete or not known.")
    said = [_("All units together: {value}.").format(value=formats.value(found.centre, definition))]
    beyond = [called[one.key] for one in found.points if one.place == OUTSIDE]
    judged = [one for one in found.points if one.place in (WITHIN, WARNED, OUTSIDE)]
    if beyond:
        said.append(_("Differs from it by more than chance: {units}.").format(units=some_of(sorted(beyond))))
    elif judged:
        said.append(
            ngettext(
                "The {count} unit that can be judged does not differ from it by more than chance.",
                "None of the {count} units that can be judged differs from it by more than chance.",
                len(judged),
            ).format(count=formats.number(len(judged)))
        )
    for places, words in (
        ((SUPPRESSED,), _("Suppressed: {units}.")),
        ((TOO_FEW,), _("Too few to judge: {units}.")),
        ((INCOMPLETE,), _("Period not complete: {units}.")),
    ):
        units = sorted(called[one.key] for one in found.points if one.place in places)
        if units:
            said.append(words.format(units=some_of(units)))
    if found.overdispersion is not None and found.overdispersion > MUCH:
        said.append(
            _(
                "The units differ from each other all over by more than chance explains, so one beyond the limits is no news "
                "of that unit alone: patients and services may differ."
            )
        )
    return " ".join(said)


def place(name: str) -> str:
    """How a unit lies in the funnel, in words."""
    return _(PLACES[name])


def numbers(found: Compared, definition: Definition, upload: str) -> list[str]:
    """The area's and the country's published share, and the one computed from own rows; `upload` is where rows are loaded."""
    year = Fact(_("Sotkanet"), found.year)
    shown = []
    for name, one in ((found.area, found.own), (names.name("area", COUNTRY), found.country)):
        facts = [year, *([Fact(_("Remark"), caution(one), "breach")] if one and one.caution else [])]
        if one is not None and one is found.country and len(found.others) > 1:
            values = [other.value for other in found.others]
            span = f"{formats.number(min(values), 1)}–{formats.percent(max(values), 1)}"
            said = _("{count} areas").format(count=formats.number(len(values)))
            facts.append(Fact(said, span))
        value = formats.status_word(NO_DATA) if one is None else formats.value(one.value, definition)
        shown.append(number_block(name, value, (), facts))
    return [*shown, _computed(found, definition, upload)]


def _computed(found: Compared, definition: Definition, upload: str) -> str:
    """The share of doctor visits counted from own rows, with n, coverage and the mark of demo data."""
    title, row = _("Doctor visits, computed from own rows"), found.computed
    if row is None or row["status"] == NO_DATA:
        load = Fact(_("To do"), _("Load a visit extract"), href=upload)
        return number_block(title, formats.status_word(NO_DATA), (), [load])
    facts = [Fact(_("Period"), formats.period(row["period"]))]
    if row["status"] != NO_DENOMINATOR and not formats.missing(row.get("denominator")):
        facts.append(Fact(_("n"), formats.number(row["denominator"])))
    if row["status"] != NO_DENOMINATOR and formats.has_coverage(row):
        facts.append(Fact(_("Coverage"), formats.coverage(row)))
    if row["status"] == INCOMPLETE:
        facts.append(Fact(_("Status"), formats.status_word(INCOMPLETE), "breach"))
    if found.demo:
        facts.append(Fact(_("Remark"), demo_words(), "breach"))
    return number_block(title, formats.cell(row, definition), (), facts)


def area_table(found: Sequence[Benchmark], year: str, definition: Definition) -> Table:
    """One row per area in the order given: residents, share, and that no interval is known of shares without their n."""
    size = residents()
    rows = [
        (
            names.name("area", one.area),
            size[one.area],
            Cell(formats.value(one.value, definition), one.value),
            place(NO_INTERVAL),
            caution(one),
        )
        for one in found
    ]
    header = (names.dimension("area"), _("Residents"), _("Within 7 days, %"), _("Interval"), _("Remark"))
    return Table.of(_("The areas by number of residents, {year}").format(year=year), header, rows, (1, 2))


def unit_table(answer: Answer, opened: Definition, called: Mapping[str, str]) -> Table:
    """One row per unit, the most visits first, suppressed ones last."""
    records = {row["unit"]: row for row in answer.rows.to_dict("records")}
    points = sorted(funnel(answer).points, key=lambda one: (-(one.denominator or 0), called[one.key]))
    rows = [
        (
            called[one.key],
            Cell(formats.cell(records[one.key], opened), one.value),
            n_cell(records[one.key]),
            place(one.place)
            if one.low is None or one.high is None
            else formats.interval(one.low, one.high, opened),
            coverage_cell(records[one.key]),
            place(one.place),
        )
        for one in points
    ]
    header = (
        names.dimension("unit"),
        f"{names.text(opened).short}, {formats.unit_word(opened)}",
        _("n"),
        _("Interval (95 %)"),
        _("Coverage, %"),
        _("Compared with the area"),
    )
    period = formats.period(str(answer.rows["period"].iloc[0])) if len(answer.rows) else ""
    caption = _("Units by number of visits, {period}").format(period=period)
    return Table.of(caption, header, rows, range(1, 5))


def narrowed(where: Where) -> str:
    """What the units are narrowed to; empty where they are not."""
    scope = "; ".join(", ".join(names.name(part, code) for code in codes) for part, codes in where)
    return _("Narrowed to: {scope}.").format(scope=scope) if scope else ""
