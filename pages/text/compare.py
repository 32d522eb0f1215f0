"""What the page of comparison says of areas and units, in words; tested by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.analysis.funnel import (
    NO_INTERVAL,
    NO_VALUE,
    OUTSIDE,
    TOO_FEW,
    WARNED,
    WITHIN,
    Funnel,
)
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED
from indicators.programme.benchmarks import Benchmark
from pages.text import formats, names
from pages.text.benchmarks import caution
from pages.text.translations import N_, _, ngettext

#: How a unit lies in the funnel, or why nothing is said of it.
PLACES: Mapping[str, str] = {
    WITHIN: N_("within chance"),
    WARNED: N_("near the limits of chance"),
    OUTSIDE: N_("differs by more than chance"),
    TOO_FEW: N_("too few to judge"),
    NO_INTERVAL: N_("no interval is known"),
    NO_VALUE: N_("no information"),
    INCOMPLETE: N_("period not complete"),
    SUPPRESSED: N_("hidden"),
}
#: Professions as THL writes them, beside those that have a code of ours.
REMOTE_NURSE = "nurse (remote first contact)"
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
    """The area beside the country and the others in a few sentences, without an order of areas."""
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
    return " ".join(text for text in said if text)


def computed_words(row: Mapping[str, Any] | None, definition: Definition, *, demo: bool) -> str:
    """Our own share of doctor visits, with n and coverage; the mark of demo data where it is."""
    if row is None or row["status"] == NO_DATA:
        return _("From own rows the share of doctor visits is not known.")
    told = formats.cell(row, definition)
    rest = []
    if row["status"] != NO_DENOMINATOR and not formats.missing(row.get("denominator")):
        rest.append(_("n = {n}").format(n=formats.number(row["denominator"])))
    if formats.has_coverage(row):
        rest.append(_("coverage {coverage}").format(coverage=formats.coverage(row)))
    if row["status"] == INCOMPLETE:
        rest.append(formats.status_word(INCOMPLETE))
    if demo:
        rest.append(_("demo data"))
    said = f"{told} ({', '.join(rest)})" if rest else told
    return _("Computed from own rows, {period}: {value}.").format(
        period=formats.period(row["period"]), value=said
    )


def units_finding(found: Funnel, called: Mapping[str, str], definition: Definition) -> str:
    """Which units differ from the area by more than chance, and which cannot be told."""
    if found.centre is None and not found.withheld:
        return _("No unit can be compared: their shares are hidden, not complete or not known.")
    said = [
        _("The share of all units is not told, because a suppressed number would follow from it.")
        if found.centre is None
        else _("All units together: {value}.").format(value=formats.value(found.centre, definition))
    ]
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
        ((SUPPRESSED,), _("Hidden: {units}.")),
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


def profession(written: str) -> str:
    """The profession of a published share in words."""
    if written == REMOTE_NURSE:
        return _("{nurse}, remote first contact").format(nurse=names.name("profession", "nurse"))
    return names.name("profession", written)
