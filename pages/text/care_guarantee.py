"""The page of the care guarantee in words: its finding, its tiles, the table of waits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from indicators.analysis.change import Change
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period, week_53_of
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text import sentences
from pages.text.sentences import Incomplete
from pages.text.tables import Cell, Table, count_cell
from pages.text.tiles import Tile
from pipelines.settings import Settings

Row = Mapping[str, Any]
NO_BREAK_HYPHEN = "\u2011"


@dataclass(frozen=True)
class TooShort:
    """A grain in whose newest period too few visits fall, and how many; None where that is not shown."""

    grain: str
    visits: float | None = None


# Many parameters because each is a part of the finding that may be missing.
def seven_days(
    row: Row | None,
    definition: Definition,
    settings: Settings,
    *,
    target: Target | None = None,
    signal: str = "",
    itself: Incomplete | None = None,
    too_short: TooShort | None = None,
) -> str:
    """The finding on care within seven days; without a row, that there is no data.

    `signal` says whether the value is ordinary variation; `itself` is the period where it is not complete. `too_short` says of
    the grain asked for why longer periods are shown.
    """
    if row is None:
        return _("There is no visit data for this choice.")
    definition = sentences.with_decimals_of_target(definition, row["value"], target)
    when = formats.in_period(row["period"])
    if row["status"] == NO_DATA:
        return _("{when} there is no visit data for this choice.").format(when=when)
    if row["status"] == NO_DENOMINATOR:
        return _(
            "{when} there is no non-urgent visit with a known assessment date: there is nothing to compute from."
        ).format(when=when)
    if row["status"] == SUPPRESSED:
        return formats.one_after_another([_suppressed(row, definition, when), signal])
    if row["status"] == INCOMPLETE:
        return _incomplete(row, definition, itself)
    n, coverage = formats.count(row, "denominator"), formats.coverage(row)
    if not sentences.share_is_known(row, settings):
        said = _(
            "{when} the share is not known: the assessment date is recorded for only {coverage} of "
            "non-urgent visits (n = {n})."
        ).format(when=when, coverage=coverage, n=n)
        return formats.one_after_another([said, _share_of_dated(row, definition)])
    said = _(
        "{when} {share} of non-urgent visits took place within seven days of the assessment of need."
    ).format(when=when, share=formats.cell(row, definition))
    if target is not None and target.value is not None:
        said = _(
            "{when} {share} of non-urgent visits took place within seven days of the assessment of need (target {target})."
        ).format(
            when=when,
            share=formats.cell(row, definition),
            target=sentences.target_words(target, definition),
        )
    return formats.one_after_another([said, signal, _short(too_short), _few(row, settings)])


def _short(too_short: TooShort | None) -> str:
    """That longer periods are shown than asked for, and of how many visits the asked one is; empty where they are not."""
    if too_short is None:
        return ""
    if too_short.visits is None:
        return {
            "week": _("A week has too few visits, so longer periods are shown."),
            "month": _("A month has too few visits, so quarters are shown."),
        }.get(too_short.grain, "")
    said = {
        "week": _("The newest week has too few visits (n = {n}), so longer periods are shown."),
        "month": _("The newest month has too few visits (n = {n}), so quarters are shown."),
    }.get(too_short.grain, "")
    return said.format(n=formats.number(too_short.visits))


def _few(row: Row, settings: Settings) -> str:
    """That a share is of few visits; empty where it is of enough."""
    if row["denominator"] >= settings.share_min_n:
        return ""
    return _("So few visits (n = {n}) make the share uncertain.").format(n=formats.count(row, "denominator"))


def trend_heading(grain: str) -> str:
    """The heading of the trend."""
    return {
        "week": _("Share by week, %"),
        "month": _("Share by month, %"),
        "quarter": _("Share by quarter, %"),
    }.get(grain, _("Share by year, %"))


def change_heading() -> str:
    """The heading of changes of shares, whose unit is not parted at its hyphen."""
    return ", ".join((_("Change"), _("pp").replace("-", NO_BREAK_HYPHEN)))


def before_words(change: Change) -> str:
    """What the periods just before are called in the small print."""
    return formats.capital(sentences.earlier(change))


def _incomplete(row: Row, definition: Definition, itself: Incomplete | None) -> str:
    """What is known of a period that is not complete."""
    fields = {
        "period": formats.capital(formats.period(row["period"])),
        "share": formats.cell(row, definition),
        "n": formats.count(row, "denominator"),
        "coverage": formats.coverage(row),
    }
    if itself is not None and not itself.over:
        return _(
            "{period} is not complete and is not judged yet: so far {share} within seven days "
            "(n = {n}, coverage {coverage})."
        ).format(**fields)
    known = _(
        "{period}: the data is incomplete, so the period is not judged. Of the visits known {share} took place within "
        "seven days (n = {n}, coverage {coverage})."
    ).format(**fields)
    return formats.one_after_another(
        [known, sentences.days_missing(itself.units if itself is not None else ())]
    )


def _share_of_dated(row: Row, definition: Definition) -> str:
    """The share of visits with dates, and the range of all visits; empty where that is not known."""
    possible = sentences.possible_range(row, definition)
    if not possible:
        return ""
    return _(
        "Of the visits with dates it is {share}. Counted of all visits the share would be {range}."
    ).format(share=formats.cell(row, definition), range=possible)


def _suppressed(row: Row, definition: Definition, when: str) -> str:
    if formats.missing(row["low"]) or formats.missing(row["high"]):
        return _(
            "{when} there are so few visits that the share is suppressed to protect privacy. Look at "
            "a longer period or a wider choice."
        ).format(when=when)
    return _(
        "{when} {interval} of non-urgent visits took place within seven days (n = {n}, coverage "
        "{coverage}): the exact share is suppressed to protect privacy."
    ).format(
        when=when,
        interval=formats.interval(row["low"], row["high"], definition),
        n=formats.count(row, "denominator"),
        coverage=formats.coverage(row),
    )


def not_judged(periods: Sequence[Incomplete]) -> str:
    """The periods that are not judged: of those that are over what is missing, of the others that they go on."""
    over, on = ([one for one in periods if one.over is past] for past in (True, False))
    said = []
    if over:
        lacking = ngettext(
            "The data is incomplete, so this period is not judged: {periods}.",
            "The data is incomplete, so these periods are not judged: {periods}.",
            len(over),
        ).format(periods=_periods(over))
        said += [lacking, sentences.days_missing(unit for one in over for unit in one.units)]
    if on:
        going_on = ngettext(
            "{periods} is not complete yet and is not judged.",
            "{periods} are not complete yet and are not judged.",
            len(on),
        ).format(periods=formats.capital(_periods(on)))
        said.append(going_on)
    return formats.one_after_another(said)


def _periods(periods: Sequence[Incomplete]) -> str:
    return ", ".join(formats.period(one.period) for one in periods)


def share_tile(title: str, row: Row, of: Definition, settings: Settings) -> Tile:
    """A share with its n, coverage and, where coverage is low, the range that is possible."""
    number, known = formats.short_cell(row, of), sentences.share_is_known(row, settings)
    details = []
    if not known:
        details.append(_("of visits with dates {share}").format(share=number))
    if row["status"] == SUPPRESSED and not formats.missing(row["low"]):
        details.append(_("The exact share is suppressed."))
    if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
        details.append(_n_and_coverage(row))
    possible = sentences.possible_range(row, of)
    if possible and sentences.coverage_is_low(row, settings):
        details.append(_("counted of all visits {range}").format(range=possible))
    if row["status"] == INCOMPLETE:
        details.append(_("The data of the period is incomplete: it is not judged."))
    return Tile(title, number if known else _("not known"), tuple(details))


def trend_words(values: Sequence[float | None], definition: Definition) -> str:
    """The text alternative of a small line: its first and its last value; empty with fewer than two."""
    known = [float(value) for value in values if value is not None and not formats.missing(value)]
    if len(known) < 2:
        return ""
    return f"{formats.value(known[0], definition)} → {formats.value(known[-1], definition)}"


def _n_and_coverage(row: Row) -> str:
    return _("n = {n}, coverage {coverage}").format(
        n=formats.count(row, "denominator"), coverage=formats.coverage(row)
    )


def week_53_words(before: Period, recent: Period) -> list[str]:
    """What the same weeks of another year are where only one of the two years has a week 53."""
    said = []
    if year := week_53_of(recent):
        said.append(
            _("The year {year} has a week 53, the year before has none: it is compared with week 52.").format(
                year=year
            )
        )
    if year := week_53_of(before):
        said.append(
            _("Week 53 of {year} lies within the earlier weeks; the later ones have no such week.").format(
                year=year
            )
        )
    return said


def waits_table(days: Sequence[str], rows: pd.DataFrame) -> Table:
    """One row per band of waits: its `days`, its visits and their share."""
    cells = []
    for said, row in zip(days, rows.to_dict("records"), strict=True):
        share = None if formats.missing(row["share"]) else float(row["share"])
        shown = formats.verdict(SUPPRESSED) if share is None else formats.percent(share)
        count = None if row["status"] == SUPPRESSED else row["count"]
        cells.append((said, count_cell(count), Cell(shown, share)))
    header = (_("Wait, days"), _("Visits"), _("Share, %"))
    return Table.of(_("Waits in bands of days"), header, cells, (1, 2))


def newest_words(row: Row, definition: Definition) -> str:
    """The newest value of a small chart and its n."""
    value = formats.short_marked(row, definition)
    if formats.missing(row["denominator"]) or row["status"] == NO_DENOMINATOR:
        return value
    return _("{value}, n = {n}").format(value=value, n=formats.count(row, "denominator"))
