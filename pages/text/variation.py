"""The page of changes in words and tables: the newest value of a series, and its breaks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indicators.analysis.control_chart import Break, SpcResult
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import parse_label
from indicators.engine.question import INCOMPLETE, SUPPRESSED, has_range
from indicators.wording import formats
from indicators.wording.translations import N_, _
from pages.text import names, sentences
from pages.text import signals as signal
from pages.text.before_after import basis_words, period_spans
from pages.text.tables import Cell, Table

_SUPPRESSED = N_("It is suppressed to protect privacy: choose longer periods or a wider choice.")


def _suppressed(name: str, label: str, row: Mapping[str, Any], definition: Definition) -> str:
    """That the value of a period is suppressed."""
    when = _lower(formats.in_period(label))
    return _("{name}: {value} {when}{basis}.").format(
        name=name, value=formats.cell(row, definition), when=when, basis=""
    )


def varies(result: SpcResult, rows: Mapping[str, Mapping[str, Any]], definition: Definition) -> str:
    """The newest value that is judged, whether it is ordinary, and what is not judged; `rows` by the name of their period."""
    name, last = names.text(definition).name, result.last
    if last is None:
        if any(has_range(row) for row in rows.values()):
            return formats.one_after_another(
                [_("{name}: no period can be judged yet.").format(name=name), sentences.why_range(definition)]
            )
        hidden = [label for label, row in rows.items() if row["status"] == SUPPRESSED]
        if hidden:
            return formats.one_after_another(
                [_suppressed(name, hidden[-1], rows[hidden[-1]], definition), _(_SUPPRESSED)]
            )
        return _("{name}: no period can be judged yet.").format(name=name)
    row = rows[last.label]
    basis = basis_words(row.get("denominator"), row.get("coverage"))
    said = [
        _("{name}: {value} {when}{basis}.").format(
            name=name,
            when=_lower(formats.in_period(last.label)),
            value=formats.cell(row, definition)
            if last.value is None
            else formats.value(last.value, definition),
            basis=f" ({basis})" if basis else "",
        )
    ]
    if last.value is None and formats.missing(row.get("low")):
        said.append(_(_SUPPRESSED))
    usual, why = signal.judgement(result, last.label)
    limits = result.limits
    if usual and limits is not None:
        low, high = (max(limits.lower, 0.0), limits.upper)
        if definition.is_share:
            high = min(high, 100.0)
        said.append(
            _("That is within ordinary variation ({interval}).").format(
                interval=formats.interval(low, high, definition)
            )
        )
    elif usual:
        said.append(_("The value is within ordinary variation."))
    said.append(why)
    if limits is not None:
        said.append(signal.assurance_words(result))
    later = [point for point in result.points if point.date > last.date]
    waiting = [point.label for point in later if point.status == INCOMPLETE]
    hidden = [point.label for point in later if point.status == SUPPRESSED]
    if waiting:
        said.append(_("Not complete and not judged: {periods}.").format(periods=_periods(waiting)))
    if hidden:
        said.append(_("Suppressed after it: {periods}.").format(periods=_periods(hidden)))
    return formats.one_after_another(said)


def breaks_table(breaks: Sequence[Break], result: SpcResult) -> Table:
    """Every known break: its day, its reason, and what it does to the limits shown, the newest first."""
    starts = {group.reason: result.points[group.first].label for group in result.groups if group.reason}
    known = [point.date for point in result.points if point.value is not None]
    rows = []
    for one in sorted(breaks, key=lambda one: one.date, reverse=True):
        begun = next((label for reason, label in starts.items() if one.reason in reason.split("; ")), None)
        if begun is not None:
            does = _("limits start anew: {period}").format(period=formats.period(begun))
        elif not known or one.date > known[-1]:
            does = _("after the values shown")
        else:
            does = _("before the values shown")
        rows.append(
            (
                Cell(formats.day(one.date), one.date.isoformat()),
                Cell(one.reason, one.reason),
                Cell(does, does),
            )
        )
    header = (_("Day"), _("Reason"), _("What it does here"))
    return Table(header, tuple(rows), (False, False, False), _("Breaks of the series"))


def _periods(labels: Sequence[str]) -> str:
    return period_spans([period for label in labels if (period := parse_label(label)) is not None])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
