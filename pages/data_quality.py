"""How good the data is: fresh, with its dates and codes, without sudden changes, gaps and overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from indicators.definition import definition, load_definitions
from indicators.kinds.figures import Figure
from indicators.periods import whole_weeks
from indicators.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, SUPPRESSED, Answer, Question
from indicators.series import Difference, difference_of, questions_of_differences
from pages.ui import cache, charts, formats, loading, names, parts, sentences
from pages.ui import quality_words as words
from pages.ui.downloads import Plain
from pages.ui.loading import quality
from pages.ui.parts import Cell, Table, Tile
from pages.ui.texts import _, language, ngettext

COVERAGE = definition("access_data_coverage")
#: Weeks that units are compared over.
COMPARED_WEEKS = 13
#: Shares below this show two decimals, so that some does not read as none.
SMALL_PCT = 0.1
Value = str | int | Cell


def draw() -> None:
    """The page, from the finding to the overlaps."""
    fresh: tuple[quality.Fresh, ...] = cache.remembered(quality.freshness, cache.today())
    codes: tuple[quality.Unmapped, ...] = cache.remembered(quality.unmapped)
    sudden: tuple[quality.Sudden, ...] = cache.remembered(quality.sudden_changes)
    aside: tuple[quality.Aside, ...] = cache.remembered(quality.set_aside)
    parts.title(_("Data quality"), *fresh)
    if not fresh:
        parts.finding(_("No visits, queues, referrals or cases are loaded, so there is nothing to judge."))
        parts.empty(
            _("There are no rows yet"),
            _("Published figures are there, but no extract. Load one, then look here again."),
        )
        parts.link("upload", _("Load an extract"))
        _reviews()
        return
    answer = cache.ask(Question(COVERAGE.id, by="month", area=cache.settings().default_area))
    at = sentences.telling_row(answer.rows)
    row = None if at is None else answer.rows.iloc[at].to_dict()
    parts.finding(words.finding(fresh, row, codes, sudden))
    _numbers(fresh, answer, at, codes, sudden)
    _freshness(fresh)
    _sudden(sudden)
    _assessments(answer, row)
    _codes(codes)
    _dates()
    _aside(aside)
    _uncovered()
    _overlaps()
    _published()
    _reviews()
    parts.sources(answer)
    parts.definition_block(COVERAGE)


def _numbers(
    fresh: Sequence[quality.Fresh],
    answer: Answer,
    at: int | None,
    codes: Sequence[quality.Unmapped],
    sudden: Sequence[quality.Sudden],
) -> None:
    own = [one for one in fresh if not one.demo]
    late = sum(one.late for one in own)
    newest = _("Newest extract {day}").format(day=formats.day(max(one.extracted for one in fresh)))
    shown = [
        Tile(
            _("Sources that are late"),
            _("{late} of {all}").format(late=formats.number(late), all=formats.number(len(own)))
            if own
            else _("not judged"),
            (newest,) if own else (newest, _("Demo data does not grow old.")),
            first=True,
        )
    ]
    if at is not None:
        row = answer.rows.iloc[at].to_dict()
        values = answer.rows.iloc[max(0, at - 12) : at + 1]["value"].tolist()
        shown.append(
            Tile(
                _("Visits with an assessment date"),
                formats.cell(row, COVERAGE),
                (
                    _("{period}, n = {n}").format(
                        period=formats.period(row["period"]), n=formats.count(row, "denominator")
                    ),
                    *([formats.status_word(INCOMPLETE)] if row["status"] == INCOMPLETE else []),
                ),
                trend=tuple(values),
                trend_words=_("The last {count} months").format(count=len(values)),
            )
        )
    touched = max((100 * one.rows / one.of for one in codes if one.of), default=0.0)
    shown.append(
        Tile(
            _("Codes without a meaning"),
            formats.number(len(codes)),
            (_("The commonest is in {share} of its source's rows").format(share=formats.percent(touched)),)
            if codes
            else (_("Every code is known."),),
        )
    )
    shown.append(
        Tile(
            _("Sudden changes of volume"),
            formats.number(len(sudden)),
            (_("in the newest {count} weeks or snapshots of each unit").format(count=quality.LOOKED_AT),),
        )
    )
    parts.tiles(shown)


def _freshness(fresh: Sequence[quality.Fresh]) -> None:
    parts.section(
        _("Freshness"),
        _(
            "The rhythm is the usual distance of the newest extracts, a week where fewer than three are loaded. A source is "
            "late when more than twice its rhythm and a day have passed. Age is counted from the newest extract, or from a "
            "week after the last row where that is earlier: an old file loaded today is not fresh."
        ),
    )
    origins = {one.origin for one in fresh}
    _shown(
        _table(
            _("Sources"),
            [
                _("Source"),
                _("Newest extract"),
                _("Last row"),
                _("Age"),
                _("Rhythm"),
                _("Next by"),
                _("State"),
            ],
            [
                (
                    _source(one.source)
                    if len(origins) == 1
                    else _("{source}, {area}").format(
                        source=_source(one.source), area=names.name("area", one.origin)
                    ),
                    _day(one.extracted),
                    _day(one.newest_row),
                    Cell(formats.days(one.age_days, 0), one.age_days),
                    Cell(formats.days(one.rhythm_days, 0), one.rhythm_days),
                    _day(one.due),
                    words.fresh_state(one),
                )
                for one in sorted(fresh, key=lambda one: (not one.late, -one.age_days, one.source))
            ],
            right=(3, 4),
        ),
        "sources",
    )
    units: tuple[quality.UnitFresh, ...] = cache.remembered(quality.units)
    silent = sum(one.silent for one in units)
    parts.note(
        ngettext(
            "{count} unit has had no rows for more than two weeks up to the last day its source is known of.",
            "{count} units have had no rows for more than two weeks up to the last day their source is known of.",
            silent,
        ).format(count=formats.number(silent))
        if silent
        else _("Every unit has rows up to the last days its source is known of.")
    )
    parts.table_block(
        _table(
            _("Units, the longest without rows first"),
            [_("Unit"), _("Source"), _("Last row"), _("Source known to"), _("Days without rows"), _("State")],
            [
                (
                    names.name("unit", one.unit),
                    _source(one.source, one.dataset),
                    _day(one.last_row),
                    _day(one.known_to),
                    one.silent_days,
                    _("▲ silent") if one.silent else _("● has rows"),
                )
                for one in units
            ],
            right=(4,),
        ),
        "units",
        what="freshness of units",
        title=_("Freshness by unit"),
    )


def _sudden(sudden: Sequence[quality.Sudden]) -> None:
    parts.section(
        _("Sudden changes of volume"),
        _(
            "The rule: a week of a unit is held against the median of the {count} full weeks before it, a queue's snapshot "
            "against that of the snapshots before. Under half or over twice the median is sudden, where the median is at "
            "least {least} rows. Weeks with public holidays differ by nature."
        ).format(count=quality.EARLIER, least=quality.LEAST_MEDIAN),
    )
    if not sudden:
        parts.note(_("There are none: the newest weeks are as large as those before."))
        return
    _shown(
        _table(
            _("Sudden changes, newest first"),
            [_("Week or date"), _("Unit"), _("Source"), _("Rows"), _("Median before"), _("Change")],
            [
                (
                    Cell(words.when(one), one.first_on.isoformat()),
                    names.name("unit", one.unit),
                    _source(one.source, one.dataset),
                    _rows(one.rows),
                    Cell(formats.number(one.median), one.median),
                    words.sudden_state(one),
                )
                for one in sudden
            ],
            right=(3, 4),
        ),
        "sudden",
    )


def _assessments(answer: Answer, row: dict[str, object] | None) -> None:
    settings = cache.settings()
    parts.section(
        _("Assessment dates over time"),
        _(
            "How many of the realised non-urgent curative visits of {area} have the date of the assessment of need. Without it "
            "there is no wait, and the shares of the care guarantee speak of the others only."
        ).format(area=names.name("area", settings.default_area)),
    )
    if row is None or row["status"] == NO_DATA:
        parts.note(_("There are no such visits in this area."))
        return
    rows = answer.rows
    level = settings.monitoring_min_coverage_pct
    step = charts.Step(
        rows["period_start"].min(),
        rows["period_end"].max(),
        level,
        _("monitored from {share}").format(share=formats.percent(level, 0)),
    )
    parts.chart_block(
        charts.trend(rows, COVERAGE, "month", targets=[step]),
        _("Share of visits with an assessment date by month; the newest is {value}.").format(
            value=formats.cell(row, COVERAGE)
        ),
        parts.answer_table(rows, COVERAGE, caption=names.text(COVERAGE).name),
        "assessments",
        what="access_data_coverage by month",
    )
    # The units end with the month that the finding speaks of.
    recent = whole_weeks(row["period_end"], COMPARED_WEEKS)
    asked = Question(COVERAGE.id, splits=("unit",), area=settings.default_area, periods=(recent,))
    units = cache.ask(asked).rows
    # The indicator is a coverage itself: its own says nothing.
    units = units[units["denominator"].isna() | (units["denominator"] > 0)].assign(coverage=float("nan"))
    if units.empty:
        return
    parts.note(
        _("The same by unit, {span}, the lowest first.").format(
            span=formats.day_span(recent.start, recent.end)
        )
    )
    ordered = charts.worst_first(units, COVERAGE)
    parts.chart_block(
        charts.ranked(
            units,
            COVERAGE,
            "unit",
            names.names("unit", ordered["unit"]),
            target=level,
            target_words=step.words,
        ),
        _("Share of visits with an assessment date by unit, the lowest first."),
        parts.answer_table(ordered, COVERAGE, ("unit",), caption=_("Assessment dates by unit")),
        "assessment_units",
        what="access_data_coverage by unit",
    )


def _codes(codes: Sequence[quality.Unmapped]) -> None:
    parts.section(
        _("Codes without a meaning"),
        _(
            "A code that the master data does not know is kept and shown as unknown. Once it is given a meaning, all "
            "history is named anew; nothing has to be loaded again."
        ),
    )
    if not codes:
        parts.note(_("Every code of the loaded rows is known."))
        return
    _shown(
        _table(
            _("Codes without a meaning, most rows first"),
            [_("Code"), _("List"), _("Source"), _("Rows"), _("Share of rows with a code")],
            [
                (
                    one.code,
                    words.domain(one.domain),
                    _source(one.source, one.dataset),
                    _rows(one.rows),
                    _share(one.rows, one.of),
                )
                for one in codes
            ],
            right=(3, 4),
        ),
        "codes",
    )
    parts.link("master_data", _("Give the codes a meaning"))


def _dates() -> None:
    parts.section(
        _("Missing and contradictory dates"),
        _(
            "Rows whose dates are missing or cannot both be right, out of the rows that have what is compared."
        ),
    )
    faults: tuple[quality.DateFault, ...] = cache.remembered(quality.date_faults)
    whole: dict[tuple[str, str, str], list[int]] = {}
    for one in faults:
        counted = whole.setdefault((one.code, one.dataset, one.source), [0, 0])
        counted[0], counted[1] = counted[0] + one.rows, counted[1] + one.of
    found = {key: counted for key, counted in whole.items() if counted[0]}
    clean = len(whole) - len(found)
    if found:
        ordered = sorted(found.items(), key=lambda item: -item[1][0] / item[1][1])
        _shown(
            _table(
                _("Faults of dates, the commonest first"),
                [_("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share")],
                [
                    (_(words.FAULTS[code]), _source(source, dataset), _rows(rows), of, _share(rows, of))
                    for (code, dataset, source), (rows, of) in ordered
                ],
                right=(2, 3, 4),
            ),
            "dates",
        )
    if clean:
        parts.note(
            ngettext(
                "{count} other comparison of dates found no fault.",
                "{count} other comparisons of dates found no fault.",
                clean,
            ).format(count=formats.number(clean))
        )
    by_unit = sorted((one for one in faults if one.rows), key=lambda one: (-one.rows / one.of, one.unit))
    if by_unit:
        parts.table_block(
            _table(
                _("Faults of dates by unit"),
                [_("Unit"), _("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share")],
                [
                    (
                        names.name("unit", one.unit),
                        _(words.FAULTS[one.code]),
                        _source(one.source, one.dataset),
                        _rows(one.rows),
                        _rows(one.of),
                        _share(one.rows, one.of),
                    )
                    for one in by_unit
                ],
                right=(3, 4, 5),
            ),
            "date_units",
            what="faults of dates by unit",
            title=_("The same by unit"),
        )


def _aside(aside: Sequence[quality.Aside]) -> None:
    parts.section(
        _("Rows set aside, by reason"),
        _("Rows that could not be loaded, of the loads in use. A row with two faults is under both."),
    )
    if not aside:
        parts.note(_("No load in use has set rows aside."))
        return
    _shown(
        _table(
            _("Rows set aside"),
            [_("Reason"), _("Source"), _("Rows"), _("Share of rows read"), _("Loads"), _("Newest load")],
            [
                (
                    words.reason(one.code),
                    _source(one.source),
                    _rows(one.rows),
                    _share(one.rows, one.of),
                    one.loads,
                    one.newest,
                )
                for one in aside
            ],
            right=(2, 3, 4),
        ),
        "aside",
    )
    parts.link("upload", _("See and correct the rows in the history of loads"))


def _uncovered() -> None:
    parts.section(
        _("Periods not covered"),
        _(
            "Days of which nothing is known of a unit although its source goes on. Periods with such days are not judged. "
            "Queues are known on the dates of their snapshots: a gap is more than twice their usual distance."
        ),
    )
    gaps: tuple[quality.Uncovered, ...] = cache.remembered(quality.uncovered)
    if not gaps:
        parts.note(_("There are no gaps: every unit is known without a break."))
        return
    _shown(
        _table(
            _("Periods not covered, the longest first"),
            [_("Unit"), _("Source"), _("Days"), _("How many days"), _("State")],
            [
                (
                    names.name("unit", one.unit),
                    _source(one.source, one.dataset),
                    Cell(formats.day_span(one.first_on, one.last_on), one.first_on.isoformat()),
                    one.days,
                    _("▲ still missing") if one.goes_on else _("○ known again after"),
                )
                for one in gaps
            ],
            right=(3,),
        ),
        "gaps",
    )


def _overlaps() -> None:
    parts.section(
        _("What does not count"),
        _(
            "Where two sources hold the same area, service and month, one counts and the other is kept and left out. Which one "
            "counts stands in the order of the sources."
        ),
    )
    found: tuple[quality.Overlap, ...] = cache.remembered(quality.overlaps)
    if not found:
        parts.note(_("No two sources overlap: every row counts."))
        return
    _shown(
        _table(
            _("Rows that do not count"),
            [_("Source"), _("Service"), _("Months"), _("Rows"), _("Counts instead")],
            [
                (
                    _source(one.source, one.dataset),
                    names.name("service", one.service or "unknown"),
                    words.months(one.first_month, one.last_month),
                    _rows(one.rows),
                    ", ".join(_source(name) for name in one.counts),
                )
                for one in found
            ],
            right=(3,),
        ),
        "overlaps",
    )


def _published() -> None:
    """Periods that were published and that extracts cover fully: both values and their difference."""
    parts.section(
        _("Published and counted figures"),
        _(
            "Periods that were published and that extracts cover fully. One of the two values counts: they are never "
            "averaged."
        ),
    )
    area = cache.settings().default_area
    asked: list[tuple[Figure, Question]] = cache.remembered(questions_of_differences, area, suppress=True)
    together = tuple(question for _, question in asked)
    compared = [
        difference_of(
            figure, cache.ask(replace(question, beside=together)).rows, load_definitions()[question.indicator]
        )
        for figure, question in asked
    ]
    found = [one for one in compared if one is not None]
    if not found:
        parts.note(_("No period is both published and covered fully by extracts."))
        return
    _shown(
        _table(
            _("Published and counted figures of the same period"),
            [
                _("Indicator"),
                _("Period"),
                _("Counted from extracts"),
                _("Published"),
                _("Difference"),
                _("Counts"),
                _("Source"),
            ],
            [_difference(one) for one in found],
            right=(2, 3, 4),
        ),
        "differences",
    )


def _difference(one: Difference) -> tuple[Value, ...]:
    """A row of what was published and what extracts give; a difference from a hidden value is hidden too."""
    meant = load_definitions()[one.indicator]
    hidden = one.status == SUPPRESSED
    apart = one.by_rows - one.published
    word = formats.status_word(SUPPRESSED)
    return (
        names.text(meant).name,
        Cell(formats.period(one.period.label), one.period.label),
        Cell(word, word) if hidden else Cell(formats.value(one.by_rows, meant), one.by_rows),
        Cell(formats.value(one.published, meant), one.published),
        Cell(word, word) if hidden else Cell(formats.change(apart, meant), apart),
        _("extracts") if one.rows_count else _("publication"),
        one.cited_source or "–",
    )


def _reviews() -> None:
    overdue = quality.reviews(cache.today())
    parts.section(_("Overdue reviews of limits and definitions"))
    if not overdue:
        parts.note(_("None is overdue: every limit and definition has been looked at in time."))
        return
    _shown(
        _table(
            _("Overdue reviews"),
            [_("What"), _("Name"), _("Due on")],
            [(_(words.REVIEWED[one.kind]), words.reviewed(one), _day(one.due)) for one in overdue],
        ),
        "reviews",
    )
    parts.link("definitions", _("See the definitions"))


# Cells and tables


def _table(
    caption: str, header: Sequence[str], rows: Iterable[Sequence[Value]], right: Sequence[int] = ()
) -> Table:
    return Table(
        tuple(header),
        tuple(tuple(_cell(value) for value in row) for row in rows),
        tuple(at in right for at in range(len(header))),
        caption,
    )


def _cell(value: Value) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell(formats.number(value), value) if isinstance(value, int) else Cell(value, value)


def _shown(table: Table, key: str) -> None:
    """A table in full view, with its download."""
    st.html(parts.table_html(table))
    parts.download(table, key, what=f"data quality: {key}")


def _source(source: str, dataset: str | None = None) -> str:
    """A source's title, with what its rows are where its title does not tell."""
    return words.source(loading.source_title(source, language()), dataset)


def _day(value: date | None) -> Cell:
    return Cell(formats.day(value), value.isoformat()) if value else Cell(formats.status_word(NO_DATA), None)


def _rows(count: int) -> Cell:
    hidden = words.hidden(count)
    return Cell(words.rows(count), None if hidden else count)


def _share(rows: int, of: int) -> Cell:
    if not of:
        return Cell(formats.status_word(NO_DENOMINATOR), None)
    plain: Plain = None if words.hidden(rows) or words.hidden(of) else 100 * rows / of
    if plain is None:
        return Cell(formats.verdict("suppressed"), None)
    return Cell(formats.percent(plain, 2 if 0 < plain < SMALL_PCT else 1), plain)


parts.guarded(draw)
