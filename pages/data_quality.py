"""How good the data is: fresh, with its dates and codes, without sudden changes, gaps and overlaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from indicators.catalogue.definition import definition, load_definitions
from indicators.catalogue.periods import Period, whole_weeks
from indicators.engine.published_series import Difference, difference_of, questions_of_differences
from indicators.engine.question import INCOMPLETE, NO_DATA, SUPPRESSED, Answer, Question
from indicators.kinds.figures import Figure
from indicators.privacy.row_shares import UNTOLD, RowShare, row_shares, shares_of_one
from pages import charts
from pages.text import data_quality as words
from pages.text import formats, names, sentences
from pages.text.tables import Cell, Table, answer_table, worst_first
from pages.text.tiles import Tile
from pages.text.translations import _, language, ngettext
from pages.ui import cache, components, loading
from pages.ui.loading import quality

COVERAGE = definition("access_data_coverage")
#: Weeks that units are compared over.
COMPARED_WEEKS = 13
Value = str | int | Cell


def draw() -> None:
    """The page, from the finding to the overlaps."""
    fresh: tuple[quality.Fresh, ...] = cache.cached_call(quality.freshness, cache.today())
    codes: tuple[quality.Unmapped, ...] = cache.cached_call(quality.unmapped)
    sudden: tuple[quality.Sudden, ...] = cache.cached_call(quality.sudden_changes)
    aside: tuple[quality.Aside, ...] = cache.cached_call(quality.set_aside)
    components.title(_("Data quality"), *fresh)
    if not fresh:
        components.finding(
            _("No visits, queues, referrals or cases are loaded, so there is nothing to judge.")
        )
        components.empty(
            _("There are no rows yet"),
            _("Published figures are there, but no extract. Load one, then look here again."),
        )
        components.link("upload", _("Load an extract"))
        _reviews()
        return
    answer = _coverage_by_month()
    at = sentences.telling_row(answer.rows)
    row = None if at is None else answer.rows.iloc[at].to_dict()
    components.finding(words.finding(fresh, row, codes, sudden))
    _numbers(fresh, answer, at, codes, sudden)
    _freshness(fresh)
    _sudden(sudden)
    by_unit = _assessments(answer, row)
    _codes(codes)
    _dates(answer, *([] if by_unit is None else [by_unit]))
    _aside(aside)
    _uncovered()
    _overlaps()
    _published()
    _reviews()
    components.sources(answer)
    components.definition_block(COVERAGE)


def _coverage_by_month() -> Answer:
    """The coverage by month; no month follows from the units, whose weeks end with the month that the finding speaks of."""
    by_month = Question(COVERAGE.id, by="month", area=cache.settings().default_area)
    # Which row is told does not depend on what is suppressed.
    rows = cache.ask(replace(by_month, suppress=False)).rows
    at = sentences.telling_row(rows)
    if at is None:
        return cache.ask(by_month)
    by_unit = _by_unit_question(whole_weeks(rows.iloc[at]["period_end"], COMPARED_WEEKS))
    return cache.ask(replace(by_month, shown_with=(by_month, replace(by_unit, shown_with=()))))


def _by_unit_question(recent: Period) -> Question:
    """The coverage of some weeks by unit, beside that by month."""
    area = cache.settings().default_area
    by_unit = Question(COVERAGE.id, splits=("unit",), area=area, periods=(recent,))
    return replace(by_unit, shown_with=(by_unit, Question(COVERAGE.id, by="month", area=area)))


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
    shares = _code_shares(codes)
    commonest = max(codes, key=lambda one: one.rows / one.of if one.of else 0.0, default=None)
    shown.append(
        Tile(
            _("Codes without a meaning"),
            formats.number(len(codes)),
            (
                _("The commonest is in {share} of its source's rows").format(
                    share=words.share(shares[commonest])
                ),
            )
            if commonest is not None
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
    components.tiles(shown)


def _freshness(fresh: Sequence[quality.Fresh]) -> None:
    components.section(
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
    units: tuple[quality.UnitFresh, ...] = cache.cached_call(quality.units)
    silent = sum(one.silent for one in units)
    components.note(
        ngettext(
            "{count} unit has had no rows for more than two weeks up to the last day its source is known of.",
            "{count} units have had no rows for more than two weeks up to the last day their source is known of.",
            silent,
        ).format(count=formats.number(silent))
        if silent
        else _("Every unit has rows up to the last days its source is known of.")
    )
    components.table_block(
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
    components.section(
        _("Sudden changes of volume"),
        _(
            "The rule: a week of a unit is held against the median of the {count} full weeks before it, a queue's snapshot "
            "against that of the snapshots before. Under half or over twice the median is sudden, where the median is at "
            "least {least} rows. Weeks with public holidays differ by nature."
        ).format(count=quality.EARLIER, least=quality.LEAST_MEDIAN),
    )
    if not sudden:
        components.note(_("There are none: the newest weeks are as large as those before."))
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


def _assessments(answer: Answer, row: dict[str, object] | None) -> Answer | None:
    """Assessment dates by month and by unit; returns the answer by unit where there is one."""
    settings = cache.settings()
    components.section(
        _("Assessment dates over time"),
        _(
            "How many of the realised non-urgent curative visits of {area} have the date of the assessment of need. Without it "
            "there is no wait, and the shares of the care guarantee speak of the others only."
        ).format(area=names.name("area", settings.default_area)),
    )
    if row is None or row["status"] == NO_DATA:
        components.note(_("There are no such visits in this area."))
        return None
    rows = answer.rows
    level = settings.monitoring_min_coverage_pct
    step = charts.Step(
        rows["period_start"].min(),
        rows["period_end"].max(),
        level,
        _("monitored from {share}").format(share=formats.percent(level, 0)),
    )
    components.chart_block(
        charts.trend(rows, COVERAGE, "month", targets=[step]),
        _("Share of visits with an assessment date by month; the newest is {value}.").format(
            value=formats.cell(row, COVERAGE)
        ),
        answer_table(rows, COVERAGE, caption=names.text(COVERAGE).name),
        "assessments",
        what="access_data_coverage by month",
    )
    # The units end with the month that the finding speaks of.
    recent = whole_weeks(row["period_end"], COMPARED_WEEKS)
    by_unit = cache.ask(_by_unit_question(recent))
    units = by_unit.rows
    # The indicator is a coverage itself: its own says nothing.
    units = units[units["denominator"].isna() | (units["denominator"] > 0)].assign(coverage=float("nan"))
    if units.empty:
        return by_unit
    components.note(
        _("The same by unit, {span}, the lowest first.").format(
            span=formats.day_span(recent.start, recent.end)
        )
    )
    ordered = worst_first(units, COVERAGE)
    components.chart_block(
        charts.ranked(
            units,
            COVERAGE,
            "unit",
            names.names("unit", ordered["unit"]),
            target=level,
            target_words=step.words,
        ),
        _("Share of visits with an assessment date by unit, the lowest first."),
        answer_table(ordered, COVERAGE, ("unit",), caption=_("Assessment dates by unit")),
        "assessment_units",
        what="access_data_coverage by unit",
    )
    return by_unit


def _codes(codes: Sequence[quality.Unmapped]) -> None:
    components.section(
        _("Codes without a meaning"),
        _(
            "A code that the master data does not know is kept and shown as unknown. Once it is given a meaning, all "
            "history is named anew; nothing has to be loaded again."
        ),
    )
    if not codes:
        components.note(_("Every code of the loaded rows is known."))
        return
    shares = _code_shares(codes)
    _shown(
        _table(
            _("Codes without a meaning, most rows first"),
            [_("Code"), _("List"), _("Source"), _("Rows"), _("Share of rows with a code")],
            [
                (
                    one.code,
                    words.domain(one.domain),
                    _source(one.source, one.dataset),
                    _count(shares[one].rows),
                    _share(shares[one]),
                )
                for one in codes
            ],
            right=(3, 4),
        ),
        "codes",
    )
    components.link("master_data", _("Give the codes a meaning"))


def _code_shares(codes: Sequence[quality.Unmapped]) -> dict[object, RowShare]:
    """How many rows have each code, out of those with a code of its list."""
    lists: dict[tuple[str, str, str], list[quality.Unmapped]] = {}
    for one in codes:
        lists.setdefault((one.source, one.dataset, one.domain), []).append(one)
    found: dict[object, RowShare] = {}
    for mine in lists.values():
        found |= shares_of_one({one: one.rows for one in mine}, mine[0].of, cache.settings())
    return found


def _dates(*coverages: Answer) -> None:
    """Faults of dates in all and by unit. `coverages` tell of the same visits whether they have an assessment date."""
    components.section(
        _("Missing and contradictory dates"),
        _(
            "Rows whose dates are missing or cannot both be right, out of the rows that have what is compared."
        ),
    )
    faults: tuple[quality.DateFault, ...] = cache.cached_call(quality.date_faults)
    groups: dict[tuple[str, str, str], list[quality.DateFault]] = {}
    for one in faults:
        groups.setdefault((one.code, one.dataset, one.source), []).append(one)
    # Where any number of the coverage is suppressed, it would follow from those of the visits without a date.
    tied = any(words.lacks_numbers(answer.rows) for answer in coverages)
    totals: dict[tuple[str, str, str], RowShare] = {}
    by_unit: list[tuple[quality.DateFault, RowShare]] = []
    for key, mine in groups.items():
        told, total = row_shares({one.unit: (one.rows, one.of) for one in mine}, cache.settings())
        untold = tied and key[0] == quality.NO_ASSESSMENT
        if any(one.rows for one in mine):
            totals[key] = UNTOLD if untold else total
        by_unit += [(one, UNTOLD if untold else told[one.unit]) for one in mine if one.rows]
    clean = len(groups) - len(totals)
    if totals:
        _shown(
            _table(
                _("Faults of dates, the commonest first"),
                [_("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share")],
                [
                    (
                        _(words.FAULTS[code]),
                        _source(source, dataset),
                        _count(total.rows),
                        _count(total.of),
                        _share(total),
                    )
                    for (code, dataset, source), total in sorted(
                        totals.items(), key=lambda item: -(item[1].low or 0.0)
                    )
                ],
                right=(2, 3, 4),
            ),
            "dates",
        )
    if clean:
        components.note(
            ngettext(
                "{count} other comparison of dates found no fault.",
                "{count} other comparisons of dates found no fault.",
                clean,
            ).format(count=formats.number(clean))
        )
    by_unit.sort(key=lambda item: (-(item[1].low or 0.0), item[0].unit))
    if by_unit:
        components.table_block(
            _table(
                _("Faults of dates by unit"),
                [_("Unit"), _("Fault"), _("Source"), _("Rows"), _("Looked at"), _("Share")],
                [
                    (
                        names.name("unit", one.unit),
                        _(words.FAULTS[one.code]),
                        _source(one.source, one.dataset),
                        _count(told.rows),
                        _count(told.of),
                        _share(told),
                    )
                    for one, told in by_unit
                ],
                right=(3, 4, 5),
            ),
            "date_units",
            what="faults of dates by unit",
            title=_("The same by unit"),
        )


def _aside(aside: Sequence[quality.Aside]) -> None:
    components.section(
        _("Rows set aside, by reason"),
        _("Rows that could not be loaded, of the loads in use. A row with two faults is under both."),
    )
    if not aside:
        components.note(_("No load in use has set rows aside."))
        return
    shares = [shares_of_one({one: one.rows}, one.of, cache.settings(), apart=False)[one] for one in aside]
    _shown(
        _table(
            _("Rows set aside"),
            [_("Reason"), _("Source"), _("Rows"), _("Share of rows read"), _("Loads"), _("Newest load")],
            [
                (
                    words.reason(one.code),
                    _source(one.source),
                    _count(told.rows),
                    _share(told),
                    one.loads,
                    one.newest,
                )
                for one, told in zip(aside, shares, strict=True)
            ],
            right=(2, 3, 4),
        ),
        "aside",
    )
    components.link("upload", _("See and correct the rows in the history of loads"))


def _uncovered() -> None:
    components.section(
        _("Periods not covered"),
        _(
            "Days of which nothing is known of a unit although its source goes on. Periods with such days are not judged. "
            "Queues are known on the dates of their snapshots: a gap is more than twice their usual distance."
        ),
    )
    gaps: tuple[quality.Uncovered, ...] = cache.cached_call(quality.uncovered)
    if not gaps:
        components.note(_("There are no gaps: every unit is known without a break."))
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
    components.section(
        _("What does not count"),
        _(
            "Where two sources hold the same area, service and month, one counts and the other is kept and left out. Which one "
            "counts stands in the order of the sources."
        ),
    )
    found: tuple[quality.Overlap, ...] = cache.cached_call(quality.overlaps)
    if not found:
        components.note(_("No two sources overlap: every row counts."))
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
    components.section(
        _("Published and counted figures"),
        _(
            "Periods that were published and that extracts cover fully. One of the two values counts: they are never "
            "averaged."
        ),
    )
    area = cache.settings().default_area
    asked: list[tuple[Figure, Question]] = cache.cached_call(questions_of_differences, area, suppress=True)
    together = tuple(question for _, question in asked)
    compared = [
        difference_of(
            figure,
            cache.ask(replace(question, shown_with=together)).rows,
            load_definitions()[question.indicator],
        )
        for figure, question in asked
    ]
    found = [one for one in compared if one is not None]
    if not found:
        components.note(_("No period is both published and covered fully by extracts."))
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
    components.section(_("Overdue reviews of limits and definitions"))
    if not overdue:
        components.note(_("None is overdue: every limit and definition has been looked at in time."))
        return
    _shown(
        _table(
            _("Overdue reviews"),
            [_("What"), _("Name"), _("Due on")],
            [(_(words.REVIEWED[one.kind]), words.reviewed(one), _day(one.due)) for one in overdue],
        ),
        "reviews",
    )
    components.link("definitions", _("See the definitions"))


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
    components.show_table(table)
    components.download(table, key, what=f"data quality: {key}")


def _source(source: str, dataset: str | None = None) -> str:
    """A source's title, with what its rows are where its title does not tell."""
    return words.source(loading.source_title(source, language()), dataset)


def _day(value: date | None) -> Cell:
    return Cell(formats.day(value), value.isoformat()) if value else Cell(formats.status_word(NO_DATA), None)


def _rows(count: int) -> Cell:
    hidden = words.hidden(count)
    return Cell(words.rows(count), None if hidden else count)


def _count(rows: int | None) -> Cell:
    """A count of rows about persons; None is one that is suppressed."""
    return Cell(formats.verdict(SUPPRESSED) if rows is None else formats.number(rows), rows)


def _share(told: RowShare) -> Cell:
    return Cell(words.share(told), told.exact)


components.guarded(draw)
