"""Deadlines in words and tables: due, met, late, still open and already late. Pure, tested in three languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from indicators.analysis.control_chart import Break
from indicators.catalogue.definition import Definition
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Answer
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.sheet import Action, Fact, number_block
from pages.text import names, sentences
from pages.text.sentences import Incomplete
from pages.text.tables import Cell, Table, count_cell, n_cell, value_cell, worst_first

Row = Mapping[str, Any]


def finding(
    row: Row | None,
    overdue: Row | None,
    definition: Definition,
    worst: str = "",
    itself: Incomplete | None = None,
) -> str:
    """How the deadlines of social welfare were met in a period, and how many cases are open past theirs.

    `overdue` is the row of the open cases; `worst` the service that met fewest, with its share; `itself` is the period
    where it is not complete.
    """
    if row is None or row["status"] == NO_DATA:
        return _("There is no data on deadlines of social welfare for this choice.")
    when = formats.in_period(row["period"])
    if row["status"] == NO_DENOMINATOR:
        said = [_("{when} no deadline of social welfare fell due.").format(when=when)]
    elif row["status"] == SUPPRESSED:
        said = [_hidden(row, definition, when)]
    else:
        fields = {
            "when": when,
            "share": formats.value(row["value"], definition),
            "met": formats.number(row["numerator"]),
            "due": formats.number(row["denominator"]),
        }
        if row["status"] == INCOMPLETE:
            said = _incomplete(row, fields, itself)
        else:
            said = [
                _("{when} {share} of the deadlines of social welfare were met ({met} of {due}).").format(
                    **fields
                )
            ]
        late = round(row["denominator"] - row["numerator"])
        said.append(
            ngettext("{count} was late.", "{count} were late.", late).format(count=formats.number(late))
        )
        if worst and row["status"] == OK:
            said.append(_("Lowest: {worst}.").format(worst=worst))
    said.append(still_open(overdue))
    return formats.one_after_another(said)


def _incomplete(row: Row, fields: Mapping[str, str], itself: Incomplete | None) -> list[str]:
    """What is known of a period that is not judged: that it goes on or, where it is over, what is missing of it."""
    period = formats.period(row["period"])
    period = formats.capital(period)
    if itself is not None and not itself.over:
        so_far = _(
            "{period} is not complete and is not judged yet: so far {share} of the deadlines of "
            "social welfare were met ({met} of {due})."
        )
        return [so_far.format(**fields, period=period)]
    known = _(
        "{period}: the data is incomplete, so the period is not judged. In the known cases "
        "{share} of the deadlines of social welfare were met ({met} of {due})."
    ).format(**fields, period=period)
    units = itself.units if itself is not None else ()
    # Where no unit lacks days, cases had not come due when the extract was made.
    not_due = _("Some cases had not come due yet when the extract was made.")
    return [known, sentences.days_missing(units) or not_due]


def _hidden(row: Row, definition: Definition, when: str) -> str:
    if formats.missing(row["low"]) or formats.missing(row["high"]):
        return _("{when} so few deadlines fell due that the share is suppressed to protect privacy.").format(
            when=when
        )
    return _(
        "{when} {interval} of the deadlines of social welfare were met (n = {n}): the exact "
        "share is suppressed to protect privacy."
    ).format(
        when=when,
        interval=formats.interval(row["low"], row["high"], definition),
        n=formats.count(row, "denominator"),
    )


def families_lead(*, support_is_told: bool) -> str:
    """What is measured of families with children, and where the legal share is, if the data shows who has a legal time."""
    lead = _(
        "The plan's target for all families with children is 90 days. The Act sets three months only for children in need "
        "of special support; for other families they are a target, not the law."
    )
    if support_is_told:
        return lead + " " + _("The legal share is in the table of deadlines above.")
    return lead + " " + _("The extracts do not show who needs special support, so there is no legal share.")


def still_open(row: Row | None) -> str:
    """How many cases are open past their deadline on a day; empty where that is not known."""
    if row is None or formats.missing(row["as_of"]):
        return ""
    day = formats.day(row["as_of"])
    if row["status"] == SUPPRESSED:
        return _("On {day} so few cases were open past their deadline that the number is suppressed.").format(
            day=day
        )
    if formats.missing(row["value"]):
        return ""
    count = round(row["value"])
    if count == 0:
        return _("On {day} no case was open past its deadline.").format(day=day)
    return ngettext(
        "On {day} {count} case was still open past its deadline.",
        "On {day} {count} cases were still open past their deadline.",
        count,
    ).format(day=day, count=formats.number(count))


def target_line(targets: Sequence[Target], row: Row, definition: Definition) -> str:
    """The target of the year or quarter of a period with the distance to it, where that is complete; else the last target."""
    found = [target for target in targets if target.value is not None and target.comparator]
    mine = _of_period(targets, row)
    if mine and row["status"] == OK and not formats.missing(row["value"]):
        return sentences.against_target(row["value"], mine[-1], definition)
    if not (mine or found):
        return ""
    last = (mine or found)[-1]
    return _("Target {target} ({period}).").format(
        target=sentences.target_words(last, definition), period=formats.period(last.period.label)
    )


def beside_targets(targets: Sequence[Target], row: Row, definition: Definition) -> Definition:
    """The definition with the decimals that show on which side of its period's target a value is."""
    mine = _of_period(targets, row)
    return sentences.with_decimals_of_target(definition, row["value"], mine[-1] if mine else None)


def _of_period(targets: Sequence[Target], row: Row) -> list[Target]:
    """The targets with a level whose period holds that of a row."""
    return [
        target
        for target in targets
        if target.value is not None
        and target.comparator
        and target.period.start <= row["period_start"]
        and row["period_end"] <= target.period.end
    ]


def lowest(answer: Answer | None, split: str, definition: Definition) -> str:
    """The value of a split that met fewest of its deadlines, with its share; empty with fewer than two to compare."""
    if answer is None:
        return ""
    rows = answer.rows[answer.rows["value"].notna()]
    if len(rows) < 2:
        return ""
    worst = worst_first(rows, definition).iloc[0].to_dict()
    return f"{names.name(split, worst[split])} {formats.value(worst['value'], definition)}"


@dataclass(frozen=True)
class Latest:
    """The newest complete value of an indicator with the targets of it; no row where nothing was counted."""

    definition: Definition
    row: Row | None
    targets: Sequence[Target]

    @classmethod
    def of(cls, answer: Answer, targets: Sequence[Target], *, of: Row | None = None) -> Latest:
        """The newest complete row of an answer, or that of the period of another answer's row `of`."""
        periods = list(answer.rows["period"])
        at = sentences.finding_row(answer.rows)
        if of is not None and of["period"] in periods:
            at = periods.index(of["period"])
        row = None if at is None else answer.rows.iloc[at].to_dict()
        if row is not None and (row["status"] == NO_DATA or row["cited_source"] is not None):
            row = None
        found = answer.definition if row is None else beside_targets(targets, row, answer.definition)
        return cls(found, row, targets)

    @property
    def when(self) -> str:
        """The period, or the day on which something stood so."""
        if self.row is None:
            return ""
        day = self.row["as_of"]
        if formats.missing(day):
            return formats.period(self.row["period"])
        return _("on {day}").format(day=formats.day(day))

    @property
    def late(self) -> int | None:
        """How many were not done in time; None where that is not known or shown."""
        row = self.row
        if row is None or row["status"] != OK or not self.definition.is_share:
            return None
        known, met = formats.counted(row, "denominator"), formats.counted(row, "numerator")
        return None if known is None or met is None else round(known - met)


def number(found: Latest) -> str:
    """The share of social welfare with its period, its n and its target."""
    short = names.text(found.definition).short
    if found.row is None:
        return number_block(short, formats.status_word(NO_DATA))
    facts = [Fact(_("Period"), found.when)]
    if n := _n(found.row):
        facts.append(Fact(_("n"), n.removeprefix("n = ")))
    if found.late is not None:
        facts.append(Fact(_("Late"), formats.number(found.late), "limit" if found.late else ""))
    if found.row["status"] == INCOMPLETE:
        facts.append(Fact(_("Status"), formats.status_word(INCOMPLETE), "breach"))
    line = target_line(found.targets, found.row, found.definition)
    badge = f'<p class="tv-small">{escape(line)}</p>' if line else ""
    return number_block(
        short, formats.short_cell(found.row, found.definition), [badge] if badge else [], facts
    )


def latest_table(found: Sequence[Latest]) -> Table:
    """One row per indicator: its newest value, its target, its n, its period; in the order of the page."""
    rows = [
        (
            names.text(one.definition).short,
            Cell(formats.short_cell(one.row, one.definition), _plain(one.row["value"])),
            _target_cell(one),
            Cell("–" if one.late is None else formats.number(one.late), one.late),
            n_cell(one.row) if _n(one.row) else Cell("–", None),
            one.when,
        )
        for one in found
        if one.row is not None
    ]
    header = (_("Deadline"), _("Now"), _("Target"), _("Late"), _("n"), _("Period"))
    return Table.of(_("Every deadline, its newest period"), header, rows, range(1, 5))


def _plain(value: Any) -> float | None:
    return None if formats.missing(value) else float(value)


def _target_cell(found: Latest) -> Cell:
    """The target of the period, else the last one."""
    if found.row is None:
        return Cell("–", None)
    mine = _of_period(found.targets, found.row)
    levels = mine or [one for one in found.targets if one.value is not None and one.comparator]
    if not levels:
        return Cell("–", None)
    return Cell(sentences.target_words(levels[-1], found.definition), levels[-1].value)


def actions(latest: Mapping[str, Latest], late: Answer | None, links: Mapping[str, str]) -> list[Action]:
    """What asks for action: cases open past their deadline and where (`late`), those not contacted, those late."""
    said = []
    overdue = latest["social_welfare_overdue"]
    count = None if overdue.row is None else _plain(overdue.row["value"])
    if count:
        what = ngettext("case is open past its deadline", "cases are open past their deadline", round(count))
        where = _most("unit", late) or overdue.when
        said.append(Action(formats.number(count), "limit", what, where, links[overdue.definition.id]))
    waiting = latest["mental_health_still_without_contact"]
    count = None if waiting.row is None else _plain(waiting.row["value"])
    if count:
        what = ngettext(
            "client still waits for a first assessment",
            "clients still wait for a first assessment",
            round(count),
        )
        said.append(Action(formats.number(count), "limit", what, waiting.when, links[waiting.definition.id]))
    missed = sorted(
        (one for one in latest.values() if one.late and one.definition.id not in _TOGETHER),
        key=lambda one: -(one.late or 0),
    )
    for one in missed[: 4 - len(said)]:
        name = names.text(one.definition).short
        what = _("late: {name}").format(name=name)
        said.append(
            Action(formats.number(one.late or 0), "worsened", what, one.when, links[one.definition.id])
        )
    return said


#: The share of all deadlines of social welfare: its parts are said.
_TOGETHER = ("social_welfare_deadlines",)


def _most(split: str, answer: Answer | None) -> str:
    """The values of a split with the largest counts, so far as they are shown."""
    if answer is None:
        return ""
    known = answer.rows[answer.rows["value"].notna() & (answer.rows["value"] > 0)]
    ordered = known.sort_values("value", ascending=False, kind="stable")
    return sentences.some_of(
        (
            f"{names.name(split, row[split])} ({formats.number(row['value'])})"
            for row in ordered.to_dict("records")
        ),
        3,
    )


def _n(row: Row) -> str:
    if formats.missing(row["denominator"]) or row["status"] == NO_DENOMINATOR:
        return ""
    return _("n = {n}").format(n=formats.number(row["denominator"]))


def newest(row: Row, targets: Sequence[Target], definition: Definition) -> str:
    """The newest value with its n, and its target."""
    shown = beside_targets(targets, row, definition)
    n = _n(row)
    said = f"{formats.capital(formats.period(row['period']))}: {formats.marked(row, shown)}" + (
        n and f" ({n})"
    )
    return f"{said}. {target_line(targets, row, definition)}".strip()


def nothing_drawn(rows: pd.DataFrame) -> str:
    """Why no period has a value."""
    if (rows["status"] == SUPPRESSED).any():
        return _("Suppressed in every period: there are so few cases. Choose a longer period.")
    return formats.status_word(NO_DENOMINATOR)


def chart_remark(rows: pd.DataFrame, seams: Sequence[Break], *, has_targets: bool) -> str:
    """How the chart of an indicator is read."""
    said = [_("Green: the target in its period.")] if has_targets else []
    said += [f"{formats.day(seam.date)}: {seam.reason}" for seam in seams]
    if (rows["status"] == INCOMPLETE).any():
        said.append(_("A hollow point: the period is not complete."))
    if rows["low"].notna().any():
        said.append(_("A bar is the interval of a suppressed share; a gap is a suppressed or empty period."))
    elif (rows["status"] == SUPPRESSED).any():
        said.append(_("A gap is a period that is suppressed, not complete or empty."))
    return " ".join(said)


def cases_table(
    shares: pd.DataFrame,
    overdue: pd.DataFrame,
    split: str,
    definition: Definition,
    unknown: Collection[str] = (),
) -> Table:
    """One row per group, fewest met first: due, met, late, share, still open and already late.

    A group that `overdue` lacks has none, but of those `unknown` (units not covered to the end) the number is not known.
    """
    open_late = {row[split]: row for row in overdue.to_dict("records")}
    by_code = {row[split]: row for row in worst_first(shares, definition).to_dict("records")}
    called = names.names(split, [*by_code, *open_late])
    rows = [
        (
            name,
            *_share_cells(by_code.get(code), definition),
            _open_cell(open_late.get(code), known=code not in unknown),
        )
        for code, name in called.items()
    ]
    header = (names.dimension(split), _("Due"), _("Met"), _("Late"), _("Share met"))
    caption = _("Deadlines of social welfare: {split}").format(split=names.dimension(split).lower())
    return Table.of(caption, (*header, _("Still open and already late")), rows, range(1, 6))


def _share_cells(row: Row | None, definition: Definition) -> tuple[Cell, ...]:
    if row is None or row["status"] == NO_DENOMINATOR:
        # None has come due yet, or there is none: nothing was met and nothing late.
        return (Cell(formats.status_word(NO_DENOMINATOR), None),) * 4
    due, met = formats.counted(row, "denominator"), formats.counted(row, "numerator")
    late = None if due is None or met is None else due - met
    return (*map(count_cell, (due, met, late)), value_cell(row, definition))


def _open_cell(row: Row | None, *, known: bool) -> Cell:
    if row is None:
        return count_cell(0) if known else Cell(formats.status_word(NO_DATA), None)
    return count_cell(None if formats.missing(row["value"]) else row["value"])
