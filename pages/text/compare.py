"""What the page of comparison says of areas and units, in words; tested by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.analysis.funnel import NO_INTERVAL, NO_VALUE, OUTSIDE, TOO_FEW, WARNED, WITHIN, Funnel, funnel
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, Where
from indicators.programme.benchmarks import Benchmark, residents
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.text import names
from pages.text.benchmarks import caution
from pages.text.sources import demo_words
from pages.text.tables import Cell, Table, coverage_cell, n_cell
from pages.text.tiles import Tile

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
    """The area, the country and the others in a few sentences, without an order of areas."""
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
    if len(found.others) > 1:
        values = [one.value for one in found.others]
        said.append(
            _("The shares of {count} areas lie at {interval}.").format(
                count=formats.number(len(values)),
                interval=f"{formats.number(min(values), 1)}–{formats.percent(max(values), 1)}",
            )
        )
        said.append(
            _("How many visits are behind them is not published, so no area can be put before another.")
        )
    warned = found.own or found.country
    if warned is not None and warned.caution:
        said.append(_("Careful: {caution}.").format(caution=caution(warned)))
    said.append(computed_words(found.computed, definition, demo=found.demo))
    return formats.one_after_another(said)


def computed_words(row: Mapping[str, Any] | None, definition: Definition, *, demo: bool) -> str:
    """Our own share of doctor visits, with n and coverage; the mark of demo data where it is."""
    if row is None or row["status"] == NO_DATA:
        return _("From own rows the share of doctor visits is not known.")
    share = formats.cell(row, definition)
    rest = []
    if row["status"] != NO_DENOMINATOR and not formats.missing(row.get("denominator")):
        rest.append(_("n = {n}").format(n=formats.number(row["denominator"])))
    if formats.has_coverage(row):
        rest.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    if row["status"] == INCOMPLETE:
        rest.append(formats.status_word(INCOMPLETE))
    if demo:
        rest.append(_("demo data"))
    said = f"{share} ({', '.join(rest)})" if rest else share
    return _("Computed from own rows, {period}: {value}.").format(
        period=formats.period(row["period"]), value=said
    )


def units_finding(found: Funnel, called: Mapping[str, str], definition: Definition) -> str:
    """Which units differ from the area by more than chance, and which cannot be judged."""
    if found.centre is None:
        return _("No unit can be compared: their shares are suppressed, not complete or not known.")
    said = [_("All units together: {value}.").format(value=formats.value(found.centre, definition))]
    beyond = [called[one.key] for one in found.points if one.place == OUTSIDE]
    judged = [one for one in found.points if one.place in (WITHIN, WARNED, OUTSIDE)]
    if beyond:
        said.append(
            _("Differs from it by more than chance: {units}.").format(units=", ".join(sorted(beyond)))
        )
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
            said.append(words.format(units=", ".join(units)))
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


def area_tile(code: str, year: str, found: Benchmark | None, definition: Definition, *, first: bool) -> Tile:
    """The published share of an area in a year."""
    details = [_("Sotkanet, {year}").format(year=year)]
    if found is not None and found.caution:
        details.append(caution(found))
    number = formats.status_word(NO_DATA) if found is None else formats.value(found.value, definition)
    return Tile(names.name("area", code), number, tuple(details), first=first)


def computed_tile(row: Mapping[str, Any], definition: Definition, *, demo: bool) -> Tile:
    """The share of doctor visits counted from own rows."""
    details = [formats.period(row["period"])]
    if row["status"] != NO_DENOMINATOR and not formats.missing(row["denominator"]):
        details.append(_("n = {n}").format(n=formats.number(row["denominator"])))
    if row["status"] != NO_DENOMINATOR and formats.has_coverage(row):
        details.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    if row["status"] == INCOMPLETE:
        details.append(formats.status_word(INCOMPLETE))
    if demo:
        details.append(demo_words())
    title = _("Doctor visits, computed from own rows")
    return Tile(title, formats.cell(row, definition), tuple(details))


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


def units_remark(where: Where) -> str:
    """How the funnel is read, and what it is narrowed to."""
    scope = "; ".join(", ".join(names.name(part, code) for code in codes) for part, codes in where)
    narrowed = _("Narrowed to: {scope}.").format(scope=scope) + " " if scope else ""
    return narrowed + _(
        "A diamond differs by more than chance; a hollow dot cannot be judged. Suppressed units "
        "are in the table."
    )
