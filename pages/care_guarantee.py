"""Care guarantee, week by week: which share of non-urgent visits was reached in seven days and within the law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any

import pandas as pd
import streamlit as st

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import SpcResult
from indicators.analysis.decomposition import MixResult, mix_questions, share_mix
from indicators.analysis.distribution import Distribution, distribution, distribution_questions
from indicators.analysis.stages import STAGES, Stages, stage_questions, stages
from indicators.catalogue.definition import Definition, definition
from indicators.catalogue.due_dates import DAYS, MONTHS, WEEKDAYS
from indicators.catalogue.limits import WITHOUT_REFERRAL, access_limits, changes_of
from indicators.catalogue.periods import (
    Period,
    days_of_months,
    same_weeks_a_year_before,
    week_53_of,
    whole_weeks,
)
from indicators.engine.choices import last_day
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, Answer, Question
from indicators.programme.annotations import annotations_for
from indicators.programme.targets import TargetResult, read_targets, target_question, target_result
from indicators.programme.verdicts import Target
from pages import charts
from pages.charts import theme
from pages.charts.stages import stacks
from pages.text import causes, formats, names, sentences
from pages.text import signals as signal
from pages.text.sentences import Incomplete
from pages.text.tables import Cell, Table, answer_table, worst_first
from pages.text.tiles import Tile
from pages.text.translations import N_, _, language
from pages.ui import cache, components, filters, signals
from pages.ui.filters import Chosen
from pipelines.settings import Settings

SEVEN_DAYS, WITHIN_LIMIT = definition("seven_day_access"), definition("access_within_limit")
DIMENSIONS = (*("area", "unit", "service", "profession", "mode", "first_visit", "age_band", "municipality"),)
#: Weeks that units are compared over, and earlier periods that the newest is held against.
COMPARED_WEEKS, EARLIER = 13, 4
WAITS = definition("wait_median")
#: What a change is held against, in the address and in words.
BEFORE, YEAR_AGO = "edelliset", "vuosi"
AGAINST = {BEFORE: N_("the 13 weeks before"), YEAR_AGO: N_("the same weeks a year before")}
THAN = {BEFORE: N_("in the 13 weeks before"), YEAR_AGO: N_("in the same weeks a year before")}
MIX_SPLITS = ("profession", "mode", "service", "unit")
#: What the stages of a wait are told by, and what is compared.
STAGES_BY = {"unit": N_("units"), "profession": N_("professions")}
COMPARED_BY = {"unit": N_("units"), "service": N_("services")}


@dataclass(frozen=True)
class View:
    """What the page tells of the share within seven days: every question it asks, so that no hidden number follows.

    `recent` are the last 13 weeks, `before` what they are held against; None without any data.
    """

    chosen: Chosen
    target: Target | None
    recent: Period | None
    before: Period | None

    @classmethod
    def of(cls, chosen: Chosen) -> View:
        """The view of what is chosen."""
        if chosen.last is None:
            return cls(chosen, _target(chosen), None, None)
        # Every block ends with the period that the finding speaks of. Which periods are complete is no secret.
        rows = cache.ask(replace(chosen.question(SEVEN_DAYS), suppress=False)).rows
        at = sentences.telling_row(rows)
        last = chosen.last if at is None else min(chosen.last, rows["period_end"].iloc[at])
        recent = whole_weeks(last, COMPARED_WEEKS)
        if filters.chosen_one("muutos", AGAINST, BEFORE) == YEAR_AGO:
            before = same_weeks_a_year_before(recent)
        else:
            before = whole_weeks(recent.start - timedelta(days=1), COMPARED_WEEKS)
        return cls(chosen, _target(chosen), recent, before)

    def ask(self, question: Question) -> Answer:
        """The answer to one of the view's questions."""
        return cache.ask(replace(question, shown_with=self.questions))

    def remembered(self, function: Callable[..., Any], question: Question, *more: Any) -> Any:
        """What a function of `indicators` makes of one of the view's questions."""
        return cache.cached_call(
            function, replace(question, shown_with=self.questions), *more, cache.settings()
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Everything that is asked about the share, its waits and its dates."""
        found = [self.series, self.whole]
        if self.judges_target and self.target is not None:
            found.append(target_question(self.target, definition(self.target.indicator)))
        if self.recent is None or self.before is None:
            return tuple(found)
        for split in ("profession", "mode"):
            found.append(self.recently(split))
        for split in MIX_SPLITS:
            found += mix_questions(self.recently(split), self.before, self.recent)
        found += distribution_questions(self.recently())
        for splits in ((), (self.stages_by,)):
            found += stage_questions(self.recently(*splits, of=WAITS))
        found += [self.compared, self.each]
        return tuple(found)

    @property
    def series(self) -> Question:
        """The share by the periods chosen."""
        return self.chosen.question(SEVEN_DAYS)

    @property
    def whole(self) -> Question:
        """The share by all the periods there are."""
        return self.chosen.question(SEVEN_DAYS, whole=True)

    def recently(self, *splits: str, of: Definition = SEVEN_DAYS) -> Question:
        """An indicator over the last 13 weeks."""
        periods = () if self.recent is None else (self.recent,)
        return replace(self.chosen.question(of, splits=splits), by=None, date_from=None, periods=periods)

    @property
    def judges_target(self) -> bool:
        """Whether what is shown is what the target speaks of: the whole area in its scope."""
        return self.chosen.where == SEVEN_DAYS.headline_where()

    @property
    def stages_by(self) -> str:
        """What the stages of a wait are told by."""
        return filters.chosen_one("vaiheet", STAGES_BY, "unit")

    @property
    def compared_by(self) -> str:
        """What is compared."""
        return filters.chosen_one("vertaa", COMPARED_BY, "unit")

    @property
    def compared(self) -> Question:
        """The last 13 weeks of each unit or service; those chosen are seen among all the others."""
        return self.recently(self.compared_by).narrowed(self.compared_by)

    @property
    def each(self) -> Question:
        """Each one's own trend. So few visits of one unit fall in a week that most weeks would be hidden."""
        split, grain = self.compared_by, self.chosen.grain
        by = "month" if grain == "week" else grain
        return self.chosen.question(SEVEN_DAYS, by=by, splits=(split,)).narrowed(split)


def draw() -> None:
    """The page, from the finding to the sources."""
    head = st.container()
    chosen = filters.row(
        "visits",
        DIMENSIONS,
        defaults=SEVEN_DAYS.headline_scope,
        grains=("week", "month", "quarter"),
        last=partial(cache.cached_call, last_day, "visits"),
    )
    view = View.of(chosen)
    answer = view.ask(view.series)
    at = sentences.telling_row(answer.rows)
    row = None if at is None else answer.rows.iloc[at].to_dict()
    target = view.target
    judged = _judged(view)
    with head:
        components.title(_("Care guarantee"), answer)
    components.finding(_finding(answer, at, target, judged))
    if row is None or row["status"] == NO_DATA or view.recent is None:
        _nothing_to_show()
        components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)
        return
    period = Period(row["period_start"], row["period_end"], row["period"])
    limits = cache.ask(replace(chosen.question(WITHIN_LIMIT), by=None, periods=(period,)))
    beside = st.container()
    _numbers(view, answer, at or 0, limits)
    _split(view, view.recent)
    usual = None if at is None else signal.judgement(judged, row["period"])[0]
    changed = _change(view, newest_deviates=usual is False)
    with beside:
        components.subheading(changed)
    _trend(chosen, answer, target)
    _signal(chosen, judged, target)
    _waits(view, view.recent)
    _stages(view)
    _comparison(view, view.recent)
    components.sources(answer, limits, cited=[target.cited_source] if target and target.cited_source else [])
    components.definition_block(SEVEN_DAYS, WITHIN_LIMIT)


def _judged(view: View) -> SpcResult:
    """The XmR chart of all the periods there are, in the grain chosen."""
    level = None if view.target is None else view.target.value
    breaks = signal.breaks_of(SEVEN_DAYS.id, view.chosen.area, _only(view.chosen.of("unit")))
    return signal.series(view.ask(view.whole), level, breaks)


def _only(codes: Sequence[str]) -> str | None:
    """The one unit chosen, whose own breaks hold too; None of several."""
    return codes[0] if len(codes) == 1 else None


def _finding(answer: Answer, at: int | None, target: Target | None, judged: SpcResult) -> str:
    if at is None:
        return sentences.seven_days(None, SEVEN_DAYS, cache.settings())
    rows = answer.rows
    usual, why = signal.judgement(judged, rows["period"].iloc[at])
    row, today = rows.iloc[at].to_dict(), cache.today()
    later = rows.iloc[at + 1 :].to_dict("records")
    return sentences.seven_days(
        row,
        SEVEN_DAYS,
        cache.settings(),
        target=target,
        change=change_against(answer, at, EARLIER),
        usual=usual,
        why=why,
        itself=Incomplete.of(row, answer, today),
        waiting=[Incomplete.of(one, answer, today) for one in later if one["status"] == INCOMPLETE],
    )


def _target(chosen: Chosen) -> Target | None:
    """The area's newest target for the share."""
    found = [t for t in cache.cached_call(read_targets, chosen.area) if t.indicator == SEVEN_DAYS.id]
    return found[-1] if found and found[-1].value is not None else None


def _nothing_to_show() -> None:
    components.empty(
        _("There are no visits to show"),
        _(
            "Either no visit extract has been loaded for this area, or nothing fits the filters. "
            "Clear the filters, choose another area, or load an extract."
        ),
    )


def _numbers(view: View, answer: Answer, at: int, limits: Answer) -> None:
    rows, target = answer.rows, view.target
    row = rows.iloc[at].to_dict()
    shown = [
        _tile(
            _("Within seven days, {period}").format(period=formats.period(row["period"])),
            row,
            SEVEN_DAYS,
            trend=rows.iloc[max(0, at - COMPARED_WEEKS + 1) : at + 1]["value"].tolist(),
            target=target,
            change=change_against(answer, at, EARLIER),
            first=True,
        )
    ]
    result = _target_result(view)
    if result is not None:
        shown.append(_target_tile(result))
    if len(limits.rows):
        law = limits.rows.iloc[0].to_dict()
        shown.append(
            _tile(
                _("Within the limit of the law, {period}").format(period=formats.period(law["period"])),
                law,
                WITHIN_LIMIT,
                remark=_("First visits only; the limit is another than the seven days."),
            )
        )
    components.tiles(shown)


def _tile(
    title: str,
    row: dict[str, object],
    of: Definition,
    *,
    trend: Sequence[float] = (),
    target: Target | None = None,
    change: object = None,
    remark: str = "",
    first: bool = False,
) -> Tile:
    """A share with its n, coverage and, where coverage is low, the range that is possible."""
    settings = cache.settings()
    details = []
    of = sentences.beside_target(of, row["value"], target)
    if not formats.missing(row["denominator"]) and row["status"] != NO_DENOMINATOR:
        n, coverage = formats.count(row, "denominator"), formats.coverage(row)
        details.append(_("n = {n}, coverage {coverage}").format(n=n, coverage=coverage))
    possible = sentences.possible_range(row, of)
    if possible and sentences.coverage_is_low(row, settings):
        details.append(_("counted of all visits {range}").format(range=possible))
    if row["status"] == INCOMPLETE:
        details.append(_("The data of the period is incomplete: it is not judged."))
    if row["status"] == SUPPRESSED and formats.missing(row["low"]) and _many(row, settings):
        details.append(_("Hidden, so that another group's small number cannot be worked out from it."))
    if remark:
        details.append(remark)
    value = row["value"]
    told = row["status"] == OK and sentences.share_is_known(row, settings)
    if target is not None and told and isinstance(value, float):
        details.insert(0, sentences.against_target(value, target, of))
    number = formats.short_cell(row, of)
    if row["status"] == SUPPRESSED and not formats.missing(row["low"]):
        details.insert(0, _("The exact share is hidden."))
    if not sentences.share_is_known(row, settings):
        number, details = _("not known"), [_("of visits with dates {share}").format(share=number), *details]
    return Tile(
        title,
        number,
        tuple(details),
        change=sentences.changed(change, of) if change is not None else None,
        trend=tuple(trend),
        trend_words=_("The last {count} periods").format(count=len(trend)),
        target=target.value if target is not None else None,
        first=first,
    )


def _many(row: dict[str, object], settings: Settings) -> bool:
    """Whether a hidden row is itself large, and so hidden for the sake of another."""
    n = row["denominator"]
    return isinstance(n, float) and not formats.missing(n) and n >= settings.share_min_n


def _target_result(view: View) -> TargetResult | None:
    """The target with its verdict, where what is shown is what it speaks of."""
    if view.target is None or not view.judges_target:
        return None
    return cache.cached_call(
        target_result, cache.settings(), view.target, as_of=cache.today(), shown_with=view.questions
    )


def _target_tile(result: TargetResult) -> Tile:
    actual, target = result.actual, result.target
    row = asdict(actual)
    number = (
        formats.percent(actual.value, result.decimals)
        if actual.value is not None
        else formats.cell(row, SEVEN_DAYS)
    )
    return Tile(
        _("Target period: {period}").format(period=formats.period(target.period.label)),
        number,
        (
            _("Target {target}").format(target=sentences.target_words(target, SEVEN_DAYS)),
            *(
                [
                    _("n = {n}, coverage {coverage}").format(
                        n=formats.count(row, "denominator"), coverage=formats.coverage(row)
                    )
                ]
                if actual.denominator
                else []
            ),
        ),
        verdict=result.verdict,
    )


def _split(view: View, recent: Period) -> None:
    """The same visits by profession and contact mode: quick nurses and remote contacts raise the share."""
    components.section(
        _("The same visits by profession and contact mode"),
        _(
            "Visits to nurses and remote contacts come about quickly and raise the share of all: "
            "look at each for itself. The last {weeks} weeks, {span}, as a single week has too few of each."
        ).format(weeks=COMPARED_WEEKS, span=formats.day_span(recent.start, recent.end)),
    )
    shown = []
    for split in ("profession", "mode"):
        rows = view.ask(view.recently(split)).rows
        ordered = rows.sort_values("denominator", ascending=False, kind="stable", na_position="last")
        told = sorted(ordered.to_dict("records"), key=lambda row: row[split] != "doctor")
        called = names.names(split, ordered[split])
        shown += [_tile(called[row[split]], row, SEVEN_DAYS) for row in told]
    components.tiles(shown)


def _trend(chosen: Chosen, answer: Answer, target: Target | None) -> None:
    components.section(_("Trend"))
    steps = _steps(target, answer.rows)
    low = answer.rows["coverage"].min() < cache.settings().low_coverage_pct
    figure = charts.trend(
        answer.rows, SEVEN_DAYS, chosen.grain, targets=steps, breaks=_breaks(chosen), band=bool(low)
    )
    remark = _(
        "A hollow point is a period that is not complete. A gap is a period that is hidden or has no visits."
    )
    if low:
        remark += " " + _(
            "The grey band is where the share of all visits could lie, as some of them lack the assessment date."
        )
    components.chart_block(
        figure,
        _("Share within seven days by period, from {first} to {last}; the newest is {value}.").format(
            first=formats.period(answer.rows["period"].iloc[0]),
            last=formats.period(answer.rows["period"].iloc[-1]),
            value=formats.marked(answer.rows.iloc[-1].to_dict(), SEVEN_DAYS),
        ),
        answer_table(answer.rows, SEVEN_DAYS, caption=names.text(SEVEN_DAYS).name),
        "trend",
        what=f"{SEVEN_DAYS.id} by {chosen.grain}",
        remark=remark,
    )


def _signal(chosen: Chosen, judged: SpcResult, target: Target | None) -> None:
    """Signal or noise: how much the share varies by itself, and what is more than that."""
    components.section(
        _("Signal or noise"),
        _(
            "Every share varies from period to period without anything having changed. Only what goes beyond the limits "
            "or forms a run is worth asking about. All the data, whatever time is chosen above."
        ),
    )
    days = pd.DataFrame(
        [(point.date, point.date) for point in judged.points], columns=["period_start", "period_end"]
    )
    steps = _steps(target, days) if len(days) else []
    signals.signal_block(
        judged, SEVEN_DAYS, chosen.grain, "signal", what=f"{SEVEN_DAYS.id} xmr", targets=steps
    )
    signals.link_to_changes(SEVEN_DAYS, chosen.grain, chosen.area, chosen.where)


def _change(view: View, *, newest_deviates: bool) -> str:
    """What a change is made of: the table of its parts; returns the sentence that stands beside the headline."""
    components.section(
        _("What the change is made of"),
        _(
            "A share also rises when more visits fall to the quick ones. Within the groups: the groups themselves got "
            "better or worse. From the mix: visits moved from one group to another."
        ),
    )
    against = filters.choice(
        "muutos", _("Compared with"), {kind: _(words) for kind, words in AGAINST.items()}, BEFORE
    )
    before, recent = view.before, view.recent
    if before is None or recent is None:
        return ""
    if against == YEAR_AGO:
        _week_53(before, recent)
    found: dict[str, MixResult] = {
        split: view.remembered(share_mix, view.recently(split), before, recent) for split in MIX_SPLITS
    }
    said = causes.change_sentences(found, SEVEN_DAYS, _(THAN[against]), newest_deviates=newest_deviates)
    told = {split: one for split, one in found.items() if one.mix is not None and len(one.mix.terms) > 1}
    if not told:
        components.note(
            said if all(one.mix is None for one in found.values()) else _("There is only one group.")
        )
        return said
    table = causes.mix_table(told, SEVEN_DAYS)
    components.show_table(table)
    components.note(
        _(
            "{before} and {after}. The parts sum to the change exactly; rounded they may differ by 0.1."
        ).format(
            before=formats.day_span(before.start, before.end),
            after=formats.day_span(recent.start, recent.end),
        )
    )
    for split, one in told.items():
        if one.mix is not None:
            components.table_block(
                causes.groups_table(split, one.mix, SEVEN_DAYS),
                f"change_{split}",
                what=f"{SEVEN_DAYS.id} change by {split}",
                title=_("Each group: {split}").format(split=names.dimension(split).lower()),
            )
    return said


def _week_53(before: Period, recent: Period) -> None:
    """What the same weeks of another year are where only one of the two years has a week 53."""
    if year := week_53_of(recent):
        components.note(
            _("The year {year} has a week 53, the year before has none: it is held against week 52.").format(
                year=year
            )
        )
    if year := week_53_of(before):
        components.note(
            _("Week 53 of {year} lies within the earlier weeks; the later ones have no such week.").format(
                year=year
            )
        )


def _stages(view: View) -> None:
    """Where the days go: from contact to assessment, to booking, to visit."""
    whole: Stages = view.remembered(stages, view.recently(of=WAITS))
    components.section(
        _("Where the days go"),
        causes.stage_sentences(whole.rows[0] if whole.rows else None),
    )
    split = filters.choice("vaiheet", _("By"), {code: _(words) for code, words in STAGES_BY.items()}, "unit")
    found: Stages = view.remembered(stages, view.recently(split, of=WAITS))
    if not found.rows:
        return
    called = names.names(split, [row.key[0] for row in found.rows])
    bars = stacks(found.rows, called)
    table = causes.stage_table(found.rows, split, called)
    if not bars:
        components.table_block(table, "stages", what=f"{WAITS.id} stages by {split}")
        return
    components.chart_block(
        charts.stacked(bars, [_(causes.STAGE_WORDS[stage]) for stage in STAGES], _("mean days")),
        _("Mean days by stage, the longest first: {name} {days}.").format(
            name=bars[0].name, days=bars[0].total
        ),
        table,
        "stages",
        what=f"{WAITS.id} stages by {split}",
        remark=_(
            "Only visits whose four dates are all there and in order; the table counts the others. "
            "A time chosen late at the client's own wish also shows as waiting for the booked time."
        ),
    )


def _steps(target: Target | None, rows: pd.DataFrame) -> list[charts.Step]:
    """The target's level: faint before and after the period it was promised for, strong in it."""
    if target is None or target.value is None:
        return []
    first, last = rows["period_start"].min(), rows["period_end"].max()
    day = timedelta(days=1)
    words = _("target {target}, {period}").format(
        target=sentences.target_words(target, SEVEN_DAYS), period=formats.period(target.period.label)
    )
    pieces = [
        charts.Step(first, min(target.period.start, last), target.value, words, faint=True),
        charts.Step(target.period.start, target.period.end, target.value, ""),
        charts.Step(target.period.end + day, last, target.value, "", faint=True),
    ]
    if first > target.period.end:
        pieces[2] = replace(pieces[2], words=_("{target}: the target period has ended").format(target=words))
    elif first >= target.period.start:
        pieces[1] = replace(pieces[1], words=words)
    return [piece for piece in pieces if piece.start < piece.end and piece.value is not None]


def _breaks(chosen: Chosen) -> list[charts.Break]:
    """Days on which the law's limit of a service shown changed, and breaks that an analyst has noted."""
    services = chosen.of("service")
    found = [
        charts.Break(day, _("{day}: limit of the law changed").format(day=formats.day(day)))
        for day in changes_of(services)
    ]
    noted = cache.cached_call(annotations_for, SEVEN_DAYS.id, chosen.area)
    return found + [charts.Break(note.date, note.text(language())) for note in noted]


def _waits(view: View, recent: Period) -> None:
    components.section(
        _("How long the waits were"),
        _("Visits of the last {weeks} weeks, {span}, by the days from the assessment of need.").format(
            weeks=COMPARED_WEEKS, span=formats.day_span(recent.start, recent.end)
        ),
    )
    found: Distribution = view.remembered(distribution, view.recently())
    row = found.row
    if row is None or not row["denominator"] > 0:
        components.note(_("No visit of these weeks has an assessment date, or there are too few to show."))
        return
    bands = [
        charts.Band(
            int(row["from_days"]),
            None if pd.isna(row["to_days"]) else int(row["to_days"]),
            None if row["status"] == SUPPRESSED else float(row["count"]),
        )
        for row in found.rows.to_dict("records")
    ]
    marks = [charts.Mark(7, _("target 7 days"), theme.TARGET)]
    marks += _limit_marks(view.chosen)
    table = Table(
        (_("Wait, days"), _("Visits"), _("Share, %")),
        tuple(
            (
                Cell(charts.band_words(band), charts.band_words(band)),
                Cell(
                    formats.verdict("suppressed") if band.count is None else formats.number(band.count),
                    None if band.count is None else round(band.count),
                ),
                Cell(
                    formats.verdict("suppressed") if pd.isna(share) else formats.percent(share),
                    None if pd.isna(share) else float(share),
                ),
            )
            for band, share in zip(bands, found.rows["share"], strict=True)
        ),
        (False, True, True),
        _("Waits in bands of days"),
    )
    components.chart_block(
        charts.histogram(bands, marks, _("visits")),
        _("Number of visits by the days waited; n = {n}.").format(n=formats.count(row, "denominator")),
        table,
        "waits",
        what="distribution of waits",
        remark=_("The bands grow wider with the wait. n = {n}, coverage {coverage}.").format(
            n=formats.count(row, "denominator"), coverage=formats.coverage(row)
        ),
    )


def _limit_marks(chosen: Chosen) -> list[charts.Mark]:
    """The limits of the law now in force for the services shown, each with the ages it is for."""
    services, today = chosen.of("service"), cache.today()
    ages: dict[tuple[int, str], set[str]] = {}
    ends: dict[tuple[int, str], date] = {}
    for limit in access_limits():
        last = limit.last_day(today)
        known = limit.value is not None and last is not None and limit.condition != WITHOUT_REFERRAL
        if known and limit.valid_to is None and (not services or limit.service in services):
            ages.setdefault((limit.value, limit.unit), set()).add(limit.age_group)
            ends[limit.value, limit.unit] = last
    marks = []
    for (value, unit), groups in ages.items():
        long = {
            MONTHS: _("{months} months").format(months=value),
            DAYS: formats.days(value),
            WEEKDAYS: _("{count} weekdays").format(count=value),
        }[unit]
        whom = names.name("age_group", next(iter(groups))) if len(groups) == 1 and groups != {"all"} else ""
        words = (
            _("law {limit}<br>{ages}").format(limit=long, ages=whom.lower())
            if whom
            else _("law {limit}").format(limit=long)
        )
        days = max(days_of_months(value)) if unit == MONTHS else (ends[value, unit] - today).days
        marks.append(charts.Mark(days, words))
    return marks


def _comparison(view: View, recent: Period) -> None:
    """Units or services worst first over the last 13 weeks, and each one's own trend."""
    settings = cache.settings()
    components.section(_("Comparison, worst first"))
    split = filters.choice(
        "vertaa", _("Compared"), {code: _(words) for code, words in COMPARED_BY.items()}, "unit"
    )
    components.note(
        _("The last {weeks} weeks, {span}. A hollow dot: coverage below {limit}, or not complete.").format(
            weeks=COMPARED_WEEKS,
            span=formats.day_span(recent.start, recent.end),
            limit=formats.percent(settings.low_coverage_pct, 0),
        )
    )
    mine = view.chosen.of(split)
    if mine:
        components.note(_("The chosen ones are blue, the others grey."))
    rows = view.ask(view.compared).rows
    rows = rows[rows["denominator"].isna() | (rows["denominator"] > 0)]
    if rows.empty:
        components.note(_("There are no visits to compare in these weeks."))
        return
    ordered = worst_first(rows, SEVEN_DAYS)
    named = names.names(split, ordered[split])
    level = view.target if split == "unit" else None
    components.chart_block(
        charts.ranked(
            rows,
            SEVEN_DAYS,
            split,
            named,
            target=None if level is None else level.value,
            target_words=""
            if level is None
            else _("target {target}").format(target=sentences.target_words(level, SEVEN_DAYS)),
            low_coverage_pct=settings.low_coverage_pct,
            chosen=mine,
        ),
        _("Share within seven days, worst first: {name} {value}.").format(
            name=named[ordered[split].iloc[0]], value=formats.marked(ordered.iloc[0].to_dict(), SEVEN_DAYS)
        ),
        answer_table(ordered, SEVEN_DAYS, (split,), caption=_("Comparison, worst first")),
        "comparison",
        what=f"{SEVEN_DAYS.id} by {split}",
    )
    if split == "unit" and mine:
        named = {code: name for code, name in named.items() if code in mine}
    _each(view, split, named, level)


def _each(view: View, split: str, named: dict[str, str], target: Target | None) -> None:
    """Each one's own trend, side by side on one scale."""
    answer, grain = view.ask(view.each), str(view.each.by)
    if answer.rows.empty:
        return
    components.section(_("Each one over time"))
    if grain == "month":
        components.note(
            _("By month: so few visits of one unit fall in a week that most weeks would be hidden.")
        )
    steps = _steps(target, answer.rows)
    shown = []
    for code, name in named.items():
        rows = answer.rows[answer.rows[split] == code]
        if rows.empty:
            continue
        newest = rows.iloc[-1].to_dict()
        words = _("{name}: {period} {value}").format(
            name=name, period=formats.period(newest["period"]), value=formats.marked(newest, SEVEN_DAYS)
        )
        drawn = rows["value"].notna().any() or rows["low"].notna().any()
        shown.append(
            components.Small(
                name,
                _newest(newest)
                if newest["period"] == answer.rows["period"].iloc[-1]
                else f"{formats.period(newest['period'])}: {_newest(newest)}",
                charts.small(rows, SEVEN_DAYS, grain, steps) if drawn else None,
                words,
            )
        )
    table = answer_table(answer.rows, SEVEN_DAYS, (split,), caption=_("Each one over time"))
    components.small_charts(shown, "each")
    components.table_block(table, "each", what=f"{SEVEN_DAYS.id} by {split} and {grain}")


def _newest(row: dict[str, object]) -> str:
    """The newest value of a small chart and what it rests on."""
    value = formats.short_marked(row, SEVEN_DAYS)
    if formats.missing(row["denominator"]) or row["status"] == NO_DENOMINATOR:
        return value
    return _("{value}, n = {n}").format(value=value, n=formats.count(row, "denominator"))


components.guarded(draw)
