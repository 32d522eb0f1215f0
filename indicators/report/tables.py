"""The tables of a report, in the reader's language: each cell has its text, and its value as a spreadsheet takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from indicators.analysis.known_shares import share_is_known
from indicators.catalogue.definition import Definition
from indicators.catalogue.dimensions import DIMENSIONS
from indicators.catalogue.labels import name_of
from indicators.engine.question import NO_DATA, Answer
from indicators.programme.targets import TargetResult
from indicators.report.content import (
    COVERAGE,
    HIDDEN_DEBT,
    VISIBLE_DEBT,
    Report,
    Series,
    codes_of,
    row_of,
)
from indicators.wording import formats
from indicators.wording.signals import KINDS, RULE_WORDS
from indicators.wording.targets import level, verdict
from indicators.wording.translations import _, language

Plain = str | int | float | date | None


@dataclass(frozen=True)
class Cell:
    """A cell: what is read, and its value; None where there is none."""

    text: str
    plain: Plain


@dataclass(frozen=True)
class Table:
    """A table: a name short enough for a sheet, a caption, a header and rows of as many cells.

    `numbers` says of each column whether it holds numbers, `decimals` how many of them are shown.
    """

    name: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[bool, ...]
    decimals: tuple[int, ...]


@dataclass(frozen=True)
class _Column:
    title: str
    number: bool = False
    decimals: int = 0


def _table(name: str, caption: str, columns: Sequence[_Column], rows: Iterable[Iterable[Cell]]) -> Table:
    return Table(
        name,
        caption,
        tuple(column.title for column in columns),
        tuple(tuple(row) for row in rows),
        tuple(column.number for column in columns),
        tuple(column.decimals for column in columns),
    )


def text_cell(text: str) -> Cell:
    """A text."""
    return Cell(text, text or None)


def code_name(report: Report, dimension: str, code: str) -> str:
    """What a code is called, units by the version the report is of."""
    return name_of(dimension, code, language(), report.units)


def value_cell(row: Mapping[str, Any] | None, definition: Definition, *, marked: bool = True) -> Cell:
    """The value of a row of an answer; without one the word for why there is none."""
    if row is None:
        return Cell(formats.status_word(NO_DATA), None)
    said = formats.marked(row, definition) if marked else formats.cell(row, definition)
    return Cell(said, None if formats.missing(row["value"]) else float(row["value"]))


def known_cell(
    row: Mapping[str, Any] | None, definition: Definition, least_coverage_pct: float, *, marked: bool = True
) -> Cell:
    """The value of a row; that it is not known where too little is recorded to speak of a share."""
    if row is not None and definition.is_share and not share_is_known(row, least_coverage_pct):
        return Cell(_("not known"), None)
    return value_cell(row, definition, marked=marked)


def _amount_cell(amount: float | None, said: str) -> Cell:
    return Cell(said, None if formats.missing(amount) else amount)


def definition_of(report: Report, result: TargetResult) -> Definition:
    """The definition of a target's indicator with the decimals that explain its verdict."""
    return replace(report.known[result.target.indicator], decimals=result.decimals)


def targets(report: Report, results: Sequence[TargetResult]) -> Table:
    """Targets against actuals with their verdicts."""
    columns = [
        _Column(_("Indicator")),
        _Column(_("Period")),
        _Column(_("Target")),
        _Column(_("Actual"), number=True, decimals=1),
        _Column(_("n"), number=True),
        _Column(_("Coverage, %"), number=True),
        _Column(_("Verdict")),
    ]
    rows = []
    for result in results:
        definition, actual = definition_of(report, result), result.actual
        row = asdict(actual)
        rows.append(
            [
                text_cell(definition.text[language()].short),
                text_cell(formats.period(result.target.period.label)),
                text_cell(level(result.target, definition) or result.target.as_written),
                _amount_cell(actual.value, formats.cell(row, definition)),
                _amount_cell(
                    actual.denominator,
                    "" if actual.denominator is None else formats.number(actual.denominator),
                ),
                _amount_cell(
                    actual.coverage, "" if actual.coverage is None else formats.percent(actual.coverage, 0)
                ),
                text_cell(verdict(result)),
            ]
        )
    return _table(_("Targets"), _("Targets and actuals {year}").format(year=report.year), columns, rows)


def changes(report: Report) -> Table:
    """The newest value of each series and whether it is ordinary variation."""
    columns = [
        _Column(_("Indicator")),
        _Column(_("Period")),
        _Column(_("Value"), number=True, decimals=1),
        _Column(_("Mean"), number=True, decimals=1),
        _Column(_("Lower limit"), number=True, decimals=1),
        _Column(_("Upper limit"), number=True, decimals=1),
        _Column(_("Signal")),
    ]
    rows = []
    for one in report.series:
        last, limits = one.signals.last, one.signals.limits
        if last is None:
            continue
        row = _row_of_period(one.answer, last.label)
        ends: tuple[float | None, ...] = (None, None, None)
        if limits is not None:
            ends = (limits.mean, *within_scale(one, limits.lower, limits.upper))
        rows.append(
            [
                text_cell(one.definition.text[language()].short),
                text_cell(formats.period(last.label)),
                known_cell(row, one.definition, report.least_coverage_pct),
                *(
                    _amount_cell(end, "" if end is None else formats.value(end, one.definition))
                    for end in ends
                ),
                text_cell(signal_words(one)),
            ]
        )
    return _table(_("Changes"), _("What changed and what is ordinary variation"), columns, rows)


def within_scale(one: Series, lower: float, upper: float) -> tuple[float, float]:
    """Limits within what a value can be: a share from 0 to 100, anything else from 0."""
    return max(lower, 0.0), min(upper, 100.0) if one.definition.is_share else upper


def signal_words(one: Series) -> str:
    """What the newest value of a series is, with the rule behind it; that it cannot be judged where it is not."""
    last = one.signals.last
    if last is None or not one.is_judged:
        return _("cannot be judged yet")
    said = _(KINDS[str(last.kind)])
    return said if last.rule is None else f"{said}: {_(RULE_WORDS[last.rule])}"


def series(report: Report) -> Table:
    """Every value of every series."""
    columns = [
        _Column(_("Indicator")),
        _Column(_("Period")),
        _Column(_("First day")),
        _Column(_("Value"), number=True, decimals=1),
        _Column(_("Numerator"), number=True),
        _Column(_("n"), number=True),
        _Column(_("Coverage, %"), number=True),
        _Column(_("Status")),
    ]
    rows = [
        [
            text_cell(one.definition.text[language()].short),
            text_cell(formats.period(row["period"])),
            Cell(formats.day(row["period_start"]), row["period_start"]),
            known_cell(row, one.definition, report.least_coverage_pct, marked=False),
            *(
                _amount_cell(row[name], "" if formats.missing(row[name]) else formats.number(row[name]))
                for name in ("numerator", "denominator", "coverage")
            ),
            text_cell(formats.status_word(row["status"])),
        ]
        for one in (*report.series, *([report.queue_series] if report.queue_series else ()))
        for row in one.answer.rows.to_dict("records")
    ]
    return _table(_("Series"), _("Values by period"), columns, rows)


def queues(report: Report) -> Table | None:
    """The queues on the newest snapshots, by the splits they were asked by; None without any."""
    if not report.queues:
        return None
    return _by_code(report, _("Queues"), _queue_caption(report), report.queues)


def _queue_caption(report: Report) -> str:
    days = [
        day
        for found in report.queues.values()
        for day in found.rows["as_of"]
        if day is not None and not formats.missing(day)
    ]
    if not days:
        return _("Queues")
    return _("Queues on {day}").format(day=formats.day_span(min(days), max(days)))


def debt(report: Report) -> Table | None:
    """The hidden and the visible service debt by service; None where neither is known."""
    found = {
        name: answer
        for name, answer in ((VISIBLE_DEBT, report.visible), (HIDDEN_DEBT, report.hidden))
        if answer is not None
    }
    if not found:
        return None
    when = [
        _("{indicator}: {period}").format(
            indicator=answer.definition.text[language()].short,
            period=formats.period(answer.rows["period"].iloc[0]),
        )
        for answer in found.values()
    ]
    return _by_code(
        report, _("Service debt"), _("Service debt ({periods})").format(periods=", ".join(when)), found
    )


def coverage(report: Report) -> Table | None:
    """Of how many visits the access data is recorded, the units with least first; None where it is not known."""
    found = report.coverage
    if found is None:
        return None
    rows = found.rows.sort_values("value", kind="stable", na_position="last")
    caption = _("Coverage of access data, {period}").format(period=formats.period(rows["period"].iloc[0]))
    return _by_code(report, _("Coverage"), caption, {COVERAGE: replace(found, rows=rows)}, in_order=True)


def by_unit(report: Report) -> Table | None:
    """The figures of units in the newest complete period; None without any."""
    if not report.by_unit:
        return None
    first = next(iter(report.by_unit.values()))
    caption = _("Units, {period}").format(period=formats.period(first.rows["period"].iloc[0]))
    return _by_code(report, _("Units"), caption, report.by_unit)


def _by_code(
    report: Report, name: str, caption: str, found: Mapping[str, Answer], *, in_order: bool = False
) -> Table:
    """One row per combination of codes, a column per indicator; shares with their n."""
    splits = next(iter(found.values())).question.splits
    columns = [_Column(DIMENSIONS[split].title[language()]) for split in splits]
    for one in found.values():
        meant = one.definition
        title = f"{meant.text[language()].short}, {formats.unit_word(meant)}"
        columns.append(_Column(title, number=True, decimals=meant.decimals))
        if meant.is_share:
            columns.append(_Column(_("n"), number=True))
    codes = codes_of(found.values(), splits)
    if in_order:
        listed = list(next(iter(found.values())).rows[list(splits)].itertuples(index=False, name=None))
        codes = list(dict.fromkeys([*listed, *codes]))
    rows = []
    for combination in codes:
        cells = [
            text_cell(code_name(report, split, code)) for split, code in zip(splits, combination, strict=True)
        ]
        for one in found.values():
            row = row_of(one, splits, combination)
            cells.append(known_cell(row, one.definition, report.least_coverage_pct))
            if one.definition.is_share:
                n = None if row is None else row["denominator"]
                cells.append(_amount_cell(n, "" if formats.missing(n) else formats.number(n)))  # type: ignore[arg-type]
        rows.append(cells)
    return _table(name, caption, columns, rows)


def definitions(report: Report) -> Table:
    """What each indicator of the report counts, how it is computed and where it comes from."""
    listed = {one.id: one for one in report.definitions}
    listed |= {
        result.target.indicator: report.known[result.target.indicator]
        for result in report.results
        if result.actual.has_value
    }
    columns = [
        _Column(_("Indicator")),
        _Column(_("Unit")),
        _Column(_("What it counts")),
        _Column(_("Formula")),
        _Column(_("Source")),
        _Column(_("Weaknesses")),
    ]
    rows = [
        [
            text_cell(one.text[language()].name),
            text_cell(formats.unit_word(one)),
            *(
                text_cell(getattr(one.text[language()], part))
                for part in ("what", "formula", "source", "weaknesses")
            ),
        ]
        for one in listed.values()
    ]
    return _table(_("Definitions"), _("Definitions"), columns, rows)


def sources(report: Report) -> Table:
    """The loads behind the report, newest first."""
    columns = [
        _Column(_("Source")),
        _Column(_("File")),
        _Column(_("Extract date")),
        _Column(_("First day")),
        _Column(_("Last day")),
        _Column(_("Invented data")),
    ]
    rows = [
        [
            text_cell(load.source),
            text_cell(load.file),
            *(
                Cell("" if day is None else formats.day(day), day)
                for day in (load.extract_date, load.period_start, load.period_end)
            ),
            text_cell(_("yes") if load.demo else _("no")),
        ]
        for load in report.loads
    ]
    return _table(_("Sources"), _("Data behind the report"), columns, rows)


def _row_of_period(found: Answer, label: str) -> Mapping[str, Any] | None:
    rows = found.rows[found.rows["period"] == label]
    return None if rows.empty else {str(name): value for name, value in rows.iloc[0].items()}
