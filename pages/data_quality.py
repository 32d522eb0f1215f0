"""How good the data is: fresh, with its dates and codes, without sudden changes, gaps and overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from indicators.engine.question import NO_DATA, Answer
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages import charts
from pages.access import session
from pages.sheet import action_list, sheet_grid
from pages.text import data_quality as words
from pages.text import names, quality_actions, sentences
from pages.text.tables import Table, answer_table, worst_first
from pages.ui import cache, components, page_registry, sheet
from pages.ui.loading import earlier_loads, quality
from pages.ui.pictures import Caption
from pages.ui.tables import explained, sorted_html, sorted_table
from pages.views.data_quality import COVERAGE, DataQualityView

#: The tabs, by what is in them.
VIEW = "nakyma"
FRESH, DATES, ROWS, CODES, FIGURES = "tuoreus", "kirjaukset", "rivit", "koodit", "luvut"


def draw() -> None:
    """The page: the finding, its numbers, what to do; then one tab at a time."""
    settings = cache.settings()
    read = DataQualityView.read
    fresh: tuple[quality.Fresh, ...] = read(quality.freshness, cache.today())
    counts = words.RowCounts(DataQualityView.noise(), settings)
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
    codes: tuple[quality.Unmapped, ...] = read(quality.unmapped)
    sudden: tuple[quality.Sudden, ...] = read(quality.sudden_changes)
    view = DataQualityView.of(settings.default_area)
    answer = view.ask(view.by_month)
    at = sentences.finding_row(answer.rows)
    row = None if at is None else answer.rows.iloc[at].to_dict()
    components.finding(words.finding(fresh, row))
    found = quality_actions.Found(
        fresh,
        codes,
        sudden,
        read(quality.units),
        read(quality.uncovered),
        read(quality.set_aside),
        quality.reviews(cache.today()),
        read(earlier_loads.blank_columns),
    )
    to_do = quality_actions.actions(counts, found, _places())
    nothing = _("Nothing asks for action: the data is fresh and whole.")
    asked = action_list(_("What to do"), to_do, "" if to_do else nothing)
    sources = sorted_html(words.sources_table(fresh), "sources", heading=_("Sources, late ones first"))
    sheet.show(sheet_grid(words.number(fresh, row, codes, sudden) + asked, sources), key="first")
    tabs = {
        FRESH: (_("Freshness"), partial(_freshness, found)),
        DATES: (_("Dates"), partial(_dates_tab, view, answer, row, counts)),
        ROWS: (_("Numbers of rows"), partial(_rows_tab, counts, found)),
        CODES: (_("Codes"), partial(_codes, counts, codes)),
        FIGURES: (_("What counts"), partial(_figures_tab, view, counts)),
    }
    opened, place = components.tabs(VIEW, {code: label for code, (label, _show) in tabs.items()})
    with place:
        tabs[opened][1]()
    components.sources(answer)
    components.definition_block(COVERAGE)


def _places() -> quality_actions.Places:
    """Where the things to do lead, for the reader of the run: a page they may open, else the tab that shows it."""
    fresh, rows, codes = (
        components.link_address("data_quality", {VIEW: code}) for code in (FRESH, ROWS, CODES)
    )
    upload, master = (
        components.link_address(page) if session.access().may(page_registry.right_of(page)) else tab
        for page, tab in (("upload", fresh), ("master_data", codes))
    )
    return quality_actions.Places(upload, master, fresh, rows, components.link_address("definitions"))


def _dates_tab(
    view: DataQualityView, answer: Answer, row: dict[str, Any] | None, counts: words.RowCounts
) -> None:
    _assessments(view, answer, row)
    _dates(counts)


def _rows_tab(counts: words.RowCounts, found: quality_actions.Found) -> None:
    _sudden(counts, found.sudden)
    _aside(counts, found.aside)


def _figures_tab(view: DataQualityView, counts: words.RowCounts) -> None:
    _overlaps(counts)
    _published(view)
    _reviews()


def _listed(table: Table, key: str, nothing: str = "") -> None:
    """A table with its download; where it has no rows, a note."""
    if table.rows:
        sorted_table(table, key, what=f"data quality: {key}")
    else:
        components.note(nothing)


def _freshness(found: quality_actions.Found) -> None:
    explained(
        _("Freshness"),
        _(
            "The rhythm is the usual distance of the newest extracts, a week where fewer than three are loaded. A source is "
            "late when more than twice its rhythm and a day have passed. Age is counted from the newest extract, or from a "
            "week after the last row where that is earlier: an old file loaded today is not fresh."
        ),
    )
    components.download(words.sources_table(found.fresh), "sources", what="data quality: sources")
    silent = sum(one.silent for one in found.units)
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
        words.silent_units_table(found.units),
        "units",
        what="freshness of units",
        title=_("Freshness by unit"),
    )
    _uncovered(found.gaps)


def _sudden(counts: words.RowCounts, sudden: Sequence[quality.Sudden]) -> None:
    explained(
        _("Sudden changes of volume"),
        _(
            "The rule: a week of a unit is compared with the median of the {count} full weeks before "
            "it, a queue's snapshot with that of the snapshots before. Under half or over twice the "
            "median is sudden, where the median is at least {least} rows. Weeks with public holidays "
            "differ by nature."
        ).format(count=quality.EARLIER, least=quality.LEAST_MEDIAN),
    )
    _listed(
        words.sudden_table(counts, sudden),
        "sudden",
        _("There are none: the newest weeks are as large as those before."),
    )


def _assessments(view: DataQualityView, answer: Answer, row: dict[str, Any] | None) -> None:
    """Assessment dates by month and by unit."""
    settings = cache.settings()
    explained(
        _("Assessment dates over time"),
        _(
            "How many of the realised non-urgent curative visits of {area} have the date of the "
            "assessment of need. Without it there is no wait, and the shares of the care guarantee "
            "cover the others only."
        ).format(area=names.name("area", settings.default_area)),
    )
    if row is None or row["status"] == NO_DATA:
        components.note(_("There are no such visits in this area."))
        return
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
        picture=Caption(names.text(COVERAGE).name, scope=names.name("area", view.area), answers=(answer,)),
    )
    recent = view.recent
    if recent is None:
        return
    by_unit = view.ask(view.by_unit)
    units = by_unit.rows
    # The indicator is a coverage itself: its own says nothing.
    units = units[units["denominator"].isna() | (units["denominator"] > 0)].assign(coverage=float("nan"))
    if units.empty:
        return
    span = formats.day_span(recent.start, recent.end)
    components.note(_("The same by unit, {span}, the lowest first.").format(span=span))
    ordered = worst_first(units, COVERAGE)
    components.chart_block(
        charts.ranked(
            units, COVERAGE, "unit", names.names("unit", ordered["unit"]), level=(level, step.words)
        ),
        _("Share of visits with an assessment date by unit, the lowest first."),
        answer_table(ordered, COVERAGE, ("unit",), caption=_("Assessment dates by unit")),
        "assessment_units",
        what="access_data_coverage by unit",
        picture=Caption(
            names.by(COVERAGE, "unit", span), scope=names.name("area", view.area), answers=(by_unit,)
        ),
    )


def _codes(counts: words.RowCounts, codes: Sequence[quality.Unmapped]) -> None:
    explained(
        _("Codes without a meaning"),
        _(
            "A code that the master data does not know is shown as unknown. Once it is given a "
            "meaning, all history is renamed; nothing has to be loaded again."
        ),
    )
    _listed(words.codes_table(counts, codes), "codes", _("Every code of the loaded rows is known."))
    if codes:
        components.link("master_data", _("Give the codes a meaning"))


def _dates(counts: words.RowCounts) -> None:
    """Faults of dates in all and by unit."""
    explained(
        _("Missing and contradictory dates"),
        _(
            "Rows whose dates are missing or cannot both be right, out of the rows that have what is compared."
        ),
    )
    faults: tuple[quality.DateFault, ...] = DataQualityView.read(quality.date_faults)
    found = words.DateFaults.of(counts, faults)
    _listed(found.totals_table(), "dates")
    if clean := found.clean:
        components.note(
            ngettext(
                "{count} other comparison of dates found no fault.",
                "{count} other comparisons of dates found no fault.",
                clean,
            ).format(count=formats.number(clean))
        )
    if found.by_unit:
        components.table_block(
            found.units_table(), "date_units", what="faults of dates by unit", title=_("The same by unit")
        )


def _aside(counts: words.RowCounts, aside: Sequence[quality.Aside]) -> None:
    explained(
        _("Rows set aside, by reason"),
        _("Rows that could not be loaded, of the loads in use. A row with two faults is under both."),
    )
    _listed(words.aside_table(counts, aside), "aside", _("No load in use has set rows aside."))
    if aside:
        components.link("upload", _("See and correct the rows in the history of loads"))


def _uncovered(gaps: Sequence[quality.Uncovered]) -> None:
    explained(
        _("Periods not covered"),
        _(
            "Days of which nothing is known of a unit although its source goes on. Periods with such days are not judged. "
            "Queues are known on the dates of their snapshots: a gap is more than twice their usual distance."
        ),
    )
    table = words.gaps_table(gaps)
    _listed(table, "gaps", _("There are no gaps: every unit is known without a break."))


def _overlaps(counts: words.RowCounts) -> None:
    explained(
        _("What does not count"),
        _(
            "Where two sources have the same area, service and month, one counts and the other is "
            "left out. The order of the sources says which one counts."
        ),
    )
    table = words.overlaps_table(counts, DataQualityView.read(quality.overlaps))
    _listed(table, "overlaps", _("No two sources overlap: every row counts."))


def _published(view: DataQualityView) -> None:
    explained(
        _("Published and counted figures"),
        _(
            "Periods that were published and that extracts cover fully. One of the two values counts: they are never "
            "averaged."
        ),
    )
    table = words.differences_table(view.differences())
    _listed(table, "differences", _("No period is both published and covered fully by extracts."))


def _reviews() -> None:
    overdue = quality.reviews(cache.today())
    components.section(_("Overdue reviews of limits and definitions"))
    _listed(
        words.reviews_table(overdue),
        "reviews",
        _("None is overdue: every limit and definition has been looked at in time."),
    )
    if overdue:
        components.link("definitions", _("See the definitions"))


components.guarded(draw)
