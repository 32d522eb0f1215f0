"""Care guarantee, week by week: which share of non-urgent visits was reached in seven days and within the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import SpcResult
from indicators.analysis.queue_outlook import QueueOutlook
from indicators.catalogue.dimensions import filters_of
from indicators.catalogue.limits import changes_of
from indicators.catalogue.periods import Period
from indicators.drawing.small import sparkline
from indicators.drawing.trend import DatedBreak
from indicators.engine.choices import last_day
from indicators.engine.question import INCOMPLETE, NO_DENOMINATOR, OK, Answer
from indicators.programme.annotations import annotations_for
from indicators.programme.targets import TargetResult, target_result
from indicators.wording import actions as action_words
from indicators.wording import formats
from indicators.wording.translations import N_, _, language
from pages.charts.levels import levels_over_time, targets_in_periods
from pages.sheet import (
    Column,
    Fact,
    Row,
    Value,
    action_list,
    data_table,
    finding,
    link,
    note,
    number_block,
    plain_value,
    sheet_grid,
    titled,
)
from pages.sheet.evidence import TrendChart, signal_of, target_badge, trend_chart, verdict_fact
from pages.sheet.table import coverage_value, orders, waiting_value
from pages.text import care_guarantee as words
from pages.text import names, sentences, signals
from pages.text.sentences import Incomplete
from pages.text.tables import answer_table
from pages.ui import address, cache, components, filters, pictures, sheet
from pages.ui import care_guarantee_tabs as tabs
from pages.ui.care_guarantee_tabs import AGAINST, COMPARED, COMPARED_BY, COMPARISONS
from pages.ui.report_buttons import Offer
from pages.views.care_guarantee import (
    BEFORE,
    COMPARED_WEEKS,
    GRAINS,
    SEVEN_DAYS,
    WITHIN_LIMIT,
    CareGuaranteeView,
)
from pages.views.selection import Selection
from pages.views.targets import MARK_GRAIN
from pipelines.settings import Settings

#: Earlier periods that the newest is compared with.
EARLIER = 4
#: In the address: the open tab, the order of the table, the period that is judged.
TAB, ORDER, JUDGED = "nakyma", "jarjestys", "kausi"
TABS = {
    "odotusajat": N_("Waits"),
    "ryhmat": N_("Professions and contact modes"),
    "muutos": N_("What the change is made of"),
    "vaiheet": N_("Where the days go"),
    "ajassa": N_("Each one over time"),
    "taulukko": N_("Table and downloads"),
}


def draw() -> None:
    """The page, from the finding to the sources."""
    head = st.container()
    chosen = filters.row(
        "visits",
        filters_of("visits"),
        filters.Offer(defaults=SEVEN_DAYS.headline_scope, grains=GRAINS),
        last=partial(CareGuaranteeView.read, last_day, "visits"),
    )
    view = CareGuaranteeView.of(
        chosen,
        address.selected(AGAINST, COMPARISONS, BEFORE),
        address.selected(COMPARED_BY, COMPARED, "unit"),
        asked=st.query_params.get(JUDGED),
    )
    answer = view.ask(view.series)
    with head:
        components.title(_("Care guarantee"), answer, report=Offer(chosen.area, units=chosen.of("unit")))
    if view.finding is None or view.recent is None:
        components.finding(words.seven_days(None, SEVEN_DAYS, cache.settings()))
        components.empty(
            _("There are no visits to show"),
            _(
                "Either no visit extract has been loaded for this area, or nothing fits the filters. "
                "Clear the filters, choose another area, or load an extract."
            ),
        )
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)
        return
    limits = view.ask(view.within_limit)
    sheet.show(partial(_first_screen, view, answer, limits), "first")
    components.how_to_read(
        _("The share is of the visits whose day of assessment is known; coverage says how many those are."),
        _("The target is judged in its own period alone; of other periods the distance to it is told."),
        _(
            "Months tell whether the figure changed: weeks see shorter changes too, and quarters are too few to be judged soon."
        ),
        signals.why_breaks(_judged(view)),
    )
    pictures.of_screen(
        lambda: partial(
            _trend(view, answer, _judged(view)).picture,
            _not_judged(view, answer),
            title=names.text(SEVEN_DAYS).name,
        ),
        "trend_chart",
        what=f"{SEVEN_DAYS.id} by {chosen.grain}",
    )
    opened, place = components.tabs(TAB, filters.labels(TABS))
    with place:
        _tab(opened, view, answer)
    cited = [view.target.cited_source] if view.target and view.target.cited_source else []
    components.sources(answer, limits, cited=cited)


def _tab(opened: str, view: CareGuaranteeView, answer: Answer) -> None:
    recent = view.recent
    if recent is None:
        return
    if opened == "odotusajat":
        tabs.waits(view, recent)
    elif opened == "ryhmat":
        tabs.groups(view, recent)
    elif opened == "muutos":
        at = 0 if view.at is None else view.at
        usual = signals.judgement(_judged(view), answer.rows["period"].iloc[at])[0]
        tabs.change(view, newest_deviates=usual is False)
    elif opened == "vaiheet":
        tabs.stages_of_waits(view, recent)
    elif opened == "ajassa":
        tabs.over_time(view, recent)
    else:
        rows = answer.rows
        components.full_table(
            answer_table(rows, SEVEN_DAYS, caption=names.text(SEVEN_DAYS).name),
            "trend",
            what=f"{SEVEN_DAYS.id} by {view.chosen.grain}",
        )
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)


def _first_screen(view: CareGuaranteeView, answer: Answer, limits: Answer) -> str:
    """The finding, the number, the trend, what to do, the units worst first."""
    at, judged, months = view.at or 0, _judged(view), _deciding(view)
    row = answer.rows.iloc[at].to_dict()
    exact = sentences.with_decimals_of_target(SEVEN_DAYS, row["value"], view.target)
    known, number = sentences.share_is_known(row, cache.settings()), formats.short_cell(row, exact)
    return finding(_finding(view, answer, row, judged, months), [number] if known else ()) + sheet_grid(
        number_block(
            _("{period}, care within 7 days").format(period=formats.capital(formats.period(row["period"]))),
            number if known else _("not known"),
            _badges(view, row, judged, months),
            _facts(view, answer, at, row, limits),
        ),
        _trend(view, answer, judged).html()
        + note(_not_judged(view, answer))
        + note("" if months is None else _not_deciding(view, row, judged)),
        _actions(view),
        _units(view),
    )


def _badges(
    view: CareGuaranteeView, row: Mapping[str, Any], judged: SpcResult, months: SpcResult | None
) -> list[str]:
    result = _result(view)
    if not sentences.share_is_known(row, cache.settings()):
        row = {**row, "value": None}
    return [
        target_badge(row, view.target, SEVEN_DAYS, result, cache.today()),
        _badge_of_change(row, judged, months),
    ]


def _badge_of_change(row: Mapping[str, Any], judged: SpcResult, months: SpcResult | None) -> str:
    """Signal or noise of what decides: the newest month where anything is known by month, else the period shown."""
    if months is None or months.last is None:
        return signal_of(judged, str(row["period"]), signals.missing(judged), told=True)
    of = formats.capital(formats.period(months.last.label))
    return signal_of(months, months.last.label, signals.missing(months), told=True, of=of)


def _result(view: CareGuaranteeView) -> TargetResult | None:
    """The target's own period; None where what is shown is not what the target is of."""
    if view.target is None or not view.judges_target:
        return None
    found: TargetResult = view.read(target_result, cache.settings(), view.target, as_of=cache.today())
    return found


def _facts(
    view: CareGuaranteeView, answer: Answer, at: int, row: Mapping[str, Any], limits: Answer
) -> list[Fact]:
    """The small print at the number."""
    facts = []
    change = change_against(answer, at, EARLIER)
    if change is not None:
        facts.append(Fact(words.before_words(change), formats.value(change.before, SEVEN_DAYS)))
    if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
        facts.append(Fact(_("Visits with known dates"), formats.count(row, "denominator")))
        low = sentences.coverage_is_low(row, cache.settings())
        facts.append(Fact(_("Coverage"), formats.coverage(row), "breach" if low else ""))
    possible = sentences.possible_range(row, SEVEN_DAYS)
    if possible and sentences.coverage_is_low(row, cache.settings()):
        facts.append(Fact(_("Counted of all visits"), possible))
    if len(limits.rows):
        facts.append(Fact(_("Within the limit of the law"), _within_limit(limits.rows.iloc[0].to_dict())))
    result = _result(view)
    if result is not None and row["period"] != result.target.period.label:
        facts.append(Fact(*verdict_fact(result, SEVEN_DAYS)))
    return facts


def _within_limit(row: Mapping[str, Any]) -> str:
    """The share within the limit of the law; of all visits the range that is possible, where coverage is low."""
    settings = cache.settings()
    if not sentences.share_is_known(row, settings):
        return _("not known")
    said, possible = formats.short_marked(row, WITHIN_LIMIT), sentences.possible_range(row, WITHIN_LIMIT)
    if not possible or not sentences.coverage_is_low(row, settings):
        return said
    return ", ".join((said, _("counted of all visits {range}").format(range=possible)))


def _not_judged(view: CareGuaranteeView, answer: Answer) -> str:
    """The periods after the one judged, which are not complete, in a sentence."""
    later = answer.rows.iloc[(view.at or 0) + 1 :].to_dict("records")
    waiting = [Incomplete.of(row, answer, cache.today()) for row in later if row["status"] == INCOMPLETE]
    return words.not_judged(waiting)


def _trend(view: CareGuaranteeView, answer: Answer, judged: SpcResult) -> TrendChart:
    rows = answer.rows
    return trend_chart(
        words.trend_heading(view.chosen.grain),
        rows,
        SEVEN_DAYS,
        judged,
        targets=levels_over_time(targets_in_periods(view.targets, SEVEN_DAYS), rows, cache.today()),
        breaks=_breaks(view.chosen),
        label=None if view.finding is None else view.finding.label,
        link=lambda label: components.link_here({JUDGED: label}),
        alt=_("Share within seven days by period, from {first} to {last}; the newest is {value}.").format(
            first=formats.period(rows["period"].iloc[0]),
            last=formats.period(rows["period"].iloc[-1]),
            value=formats.marked(rows.iloc[-1].to_dict(), SEVEN_DAYS),
        ),
    )


def _units(view: CareGuaranteeView) -> str:
    """The units or services of the last 13 weeks, worst first; a row narrows the page to itself."""
    split, settings = view.compared_by, cache.settings()
    rows = view.ask(view.compared).rows
    rows = rows[rows["denominator"].isna() | (rows["denominator"] > 0)]
    if rows.empty:
        return note(_("There are no visits to compare in these weeks."))
    called = names.names(split, rows[split])
    before = {} if view.before is None else view.values_by_code(view.compared_before)
    trends = view.trends()
    queues = view.queues()
    mine = view.chosen.of(split)
    columns = [
        Column("nimi", _("Unit") if split == "unit" else _("Service"), right=False),
        Column("osuus", _("Share")),
        Column("n", "n", hides="medium", largest_first=True),
        Column("kattavuus", _("Coverage"), hides="medium"),
        Column("muutos", words.change_heading(), hides="narrow"),
        Column("kehitys", _("Trend"), right=False, sorts=False, hides="small"),
        *(_queue_columns() if queues else []),
    ]
    parameter = address.PARAMETERS[split]
    shown = []
    for row in rows.to_dict("records"):
        code = row[split]
        selected = code in mine
        shown.append(
            Row(
                called[code],
                components.link_here({parameter: address.EVERYTHING if selected else code}),
                (
                    _share_value(row),
                    plain_value(formats.count(row, "denominator"), row["denominator"]),
                    _coverage_value(row, settings),
                    _change_value(row, before.get(code)),
                    _small_trend(trends.get(code, ()), view.level),
                    *(_queue_values(queues.get(code)) if queues else ()),
                ),
                selected,
            )
        )
    order = address.selected(ORDER, orders(columns), "osuus")
    heading = _("{what}, {weeks} weeks {span}").format(
        what=_(COMPARED[split]), weeks=COMPARED_WEEKS, span=_span(view.recent)
    )
    table = data_table(heading, columns, shown, order, lambda code: components.link_here({ORDER: code}))
    other = "service" if split == "unit" else "unit"
    against = _("Change: from {span}").format(span=_span(view.before)) if before else ""
    change = link(components.link_here({COMPARED_BY: other}), _(COMPARED[other]))
    return titled(heading, table, f"{escape(against)} · {change}" if against else change)


def _span(period: Period | None) -> str:
    return "" if period is None else formats.day_span(period.start, period.end)


def _share_value(row: Mapping[str, Any]) -> Value:
    key = None if formats.missing(row["value"]) else float(row["value"])
    said = formats.short_marked(row, SEVEN_DAYS)
    if not sentences.share_is_known(row, cache.settings()):
        return plain_value(_("not known"), None, kind="muted")
    return plain_value(said, key, kind="text" if key is not None else "muted")


def _coverage_value(row: Mapping[str, Any], settings: Settings) -> Value:
    if not formats.has_coverage(row):
        return plain_value(formats.coverage(row), None, kind="muted")
    return coverage_value(row, low=sentences.coverage_is_low(row, settings))


def _change_value(row: Mapping[str, Any], before: float | None) -> Value:
    known = sentences.share_is_known(row, cache.settings()) and row["status"] == OK
    if before is None or formats.missing(row["value"]) or not known:
        return plain_value("–", None, kind="muted")
    change = float(row["value"]) - before
    return plain_value(formats.signed(change, SEVEN_DAYS.decimals), change)


def _small_trend(values: Sequence[float | None], level: float | None) -> Value:
    alt = words.trend_words(values, SEVEN_DAYS)
    drawn = sparkline(values, target=level, low=0.0, high=100.0, alt=alt)
    return Value(drawn) if drawn else plain_value("–", kind="muted")


def _queue_columns() -> list[Column]:
    return [
        Column("yli", _("Over the limit"), largest_first=True),
        Column("yli7", _("Passes it in 7 d"), largest_first=True),
        Column("yli14", _("in 14 d"), hides="medium", largest_first=True),
    ]


def _queue_values(found: QueueOutlook | None) -> list[Value]:
    """Entries beyond the limit and about to pass it; a queue of which nothing is known has dashes."""
    if found is None:
        return [plain_value("–", None, kind="muted")] * 3
    inks = ("limit", "breach", "text")
    return [
        waiting_value(one, ink)
        for one, ink in zip((found.over, found.within_7, found.within_14), inks, strict=True)
    ]


def _actions(view: CareGuaranteeView) -> str:
    """What to do on Monday."""
    work = view.work()
    lines = components.linked(action_words.actions(work, names.name), view.chosen.area)
    return action_list(_("What to do on Monday"), lines, action_words.note(work, names.name))


def _judged(view: CareGuaranteeView) -> SpcResult:
    """The XmR chart of all the periods there are, in the grain shown."""
    breaks = signals.breaks_of(SEVEN_DAYS.id, view.chosen.area, view.chosen.one_unit)
    return signals.series(view.ask(view.whole), view.level, breaks)


def _finding(
    view: CareGuaranteeView,
    answer: Answer,
    row: Mapping[str, Any],
    judged: SpcResult,
    months: SpcResult | None,
) -> str:
    """The finding on the period that is judged."""
    return words.seven_days(
        row,
        SEVEN_DAYS,
        cache.settings(),
        target=view.target,
        signal=_signal(row, judged, months),
        itself=Incomplete.of(row, answer, cache.today()),
        too_short=view.too_short,
    )


def _deciding(view: CareGuaranteeView) -> SpcResult | None:
    """The chart of months, which decides whether the figure changed; None where months are shown, or nothing is known of them."""
    if view.chosen.grain == MARK_GRAIN:
        return None
    months = _judged(replace(view, chosen=replace(view.chosen, grain=MARK_GRAIN)))
    return months if signals.leading_grain_words(months) else None


def _signal(row: Mapping[str, Any], judged: SpcResult, months: SpcResult | None) -> str:
    """What the finding says of the change: what decides it."""
    if months is None:
        return signals.in_a_sentence(judged, str(row["period"]))
    return signals.leading_grain_words(months)


def _not_deciding(view: CareGuaranteeView, row: Mapping[str, Any], judged: SpcResult) -> str:
    """What the grain shown says of the change where months decide it."""
    return signals.other_grain_does_not_decide(judged, str(row["period"]), view.chosen.grain)


def _breaks(chosen: Selection) -> list[DatedBreak]:
    """Days on which the law's limit of a selected service changed, and breaks that an analyst has noted."""
    found = [
        DatedBreak(day, _("{day}: limit of the law changed").format(day=formats.day(day)))
        for day in changes_of(chosen.of("service"))
    ]
    noted = CareGuaranteeView.read(annotations_for, SEVEN_DAYS.id, chosen.area, chosen.one_unit)
    return found + [DatedBreak(note.date, note.text(language())) for note in noted]


components.guarded(draw)
