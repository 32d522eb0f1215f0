"""The tabs of the care guarantee: waits, groups of visits, what a change is made of, where the days go, each over time."""

from __future__ import annotations

import pandas as pd

from indicators.analysis.decomposition import MixResult, share_mix
from indicators.analysis.distribution import Distribution, distribution
from indicators.analysis.stages import STAGES, Stages, stages
from indicators.catalogue.periods import Period
from indicators.engine.question import SUPPRESSED, Question
from indicators.programme.verdicts import Target
from indicators.wording import colours, formats
from indicators.wording.translations import N_, _
from pages import charts
from pages.charts.levels import limit_marks, target_around_period
from pages.text import care_guarantee as words
from pages.text import causes, names, sentences
from pages.text.tables import answer_table, worst_first
from pages.ui import cache, components, filters
from pages.ui.pictures import Caption
from pages.views.care_guarantee import (
    BEFORE,
    COMPARED_WEEKS,
    MIX_SPLITS,
    SEVEN_DAYS,
    WAITS,
    YEAR_AGO,
    CareGuaranteeView,
)

#: In the address: what a change is compared with, the split of the stages, what is compared.
AGAINST, STAGES_BY, COMPARED_BY = "muutos", "vaiheet", "vertaa"
COMPARISONS = {BEFORE: N_("the 13 weeks before"), YEAR_AGO: N_("the same weeks a year before")}
THAN = {BEFORE: N_("in the 13 weeks before"), YEAR_AGO: N_("in the same weeks a year before")}
STAGE_SPLITS = {"unit": N_("units"), "profession": N_("professions")}
COMPARED = {"unit": N_("Units"), "service": N_("Services")}


def waits(view: CareGuaranteeView, recent: Period) -> None:
    """Visits by the days waited."""
    found: Distribution = view.read(distribution, view.recently(), cache.settings())
    row = found.row
    if row is None or not row["denominator"] > 0:
        components.note(_("No visit of these weeks has an assessment date, or there are too few to show."))
        return
    bands = [
        charts.Band(
            int(band["from_days"]),
            None if pd.isna(band["to_days"]) else int(band["to_days"]),
            None if band["status"] == SUPPRESSED else float(band["count"]),
        )
        for band in found.rows.to_dict("records")
    ]
    marks = [charts.Mark(7, _("target 7 days"), colours.TARGET)]
    marks += limit_marks(view.chosen.of("service"), cache.today())
    n = formats.count(row, "denominator")
    span = formats.day_span(recent.start, recent.end)
    components.chart_block(
        charts.histogram(bands, marks, _("visits")),
        _("Number of visits by the days waited; n = {n}.").format(n=n),
        words.waits_table([charts.band_words(band) for band in bands], found.rows),
        "waits",
        what="distribution of waits",
        picture=_caption(view, view.recently(), _("Visits by days waited, {span}").format(span=span)),
        remark=_("Visits {span} by days waited. n = {n}, coverage {coverage}.").format(
            span=span, n=n, coverage=formats.coverage(row)
        ),
    )


def _caption(view: CareGuaranteeView, question: Question, title: str, *notes: str) -> Caption:
    """What the picture of an answer of these weeks says of itself."""
    return Caption(title, notes, names.scope(question.area, question.where), (view.ask(question),))


def groups(view: CareGuaranteeView, recent: Period) -> None:
    """The same visits by profession and contact mode."""
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
        called = names.names(split, ordered[split])
        records = sorted(ordered.to_dict("records"), key=lambda row: row[split] != "doctor")
        shown += [words.share_tile(called[row[split]], row, SEVEN_DAYS, cache.settings()) for row in records]
    components.tiles(shown)


def change(view: CareGuaranteeView, *, newest_deviates: bool) -> str:
    """What a change is made of: the table of its parts; returns the sentence below the finding."""
    components.section(
        _("What the change is made of"),
        _(
            "A share also rises when more visits fall to the quick ones. Within the groups: the groups themselves got "
            "better or worse. From the mix: visits moved from one group to another."
        ),
    )
    against = filters.choice(AGAINST, _("Compared with"), filters.labels(COMPARISONS), BEFORE)
    before, recent = view.before, view.recent
    if before is None or recent is None:
        return ""
    if against == YEAR_AGO:
        for text in words.week_53_words(before, recent):
            components.note(text)
    found: dict[str, MixResult] = {
        split: view.read(share_mix, view.recently(split), before, recent, cache.settings())
        for split in MIX_SPLITS
    }
    said = causes.change_sentences(found, SEVEN_DAYS, _(THAN[against]), newest_deviates=newest_deviates)
    split_up = {split: one for split, one in found.items() if one.mix is not None and len(one.mix.terms) > 1}
    if not split_up:
        components.note(
            said if all(one.mix is None for one in found.values()) else _("There is only one group.")
        )
        return said
    components.show_table(causes.mix_table(split_up, SEVEN_DAYS))
    components.note(
        _(
            "{before} and {after}. The parts sum to the change exactly; rounded they may differ by 0.1."
        ).format(
            before=formats.day_span(before.start, before.end),
            after=formats.day_span(recent.start, recent.end),
        )
    )
    for split, one in split_up.items():
        if one.mix is not None:
            components.table_block(
                causes.groups_table(split, one.mix, SEVEN_DAYS),
                f"change_{split}",
                what=f"{SEVEN_DAYS.id} change by {split}",
                title=_("Each group: {split}").format(split=names.dimension(split).lower()),
            )
    return said


def stages_of_waits(view: CareGuaranteeView, recent: Period) -> None:
    """Mean days by stage of the wait."""
    whole: Stages = view.read(stages, view.recently(of=WAITS), cache.settings())
    components.section(_("Where the days go"), causes.stage_sentences(whole.rows[0] if whole.rows else None))
    split = filters.choice(STAGES_BY, _("By"), filters.labels(STAGE_SPLITS), "unit")
    question = view.recently(split, of=WAITS)
    found: Stages = view.read(stages, question, cache.settings())
    if not found.rows:
        return
    called = names.names(split, [row.key[0] for row in found.rows])
    bars = charts.stacks(found.rows, called)
    table, what = causes.stage_table(found.rows, split, called), f"{WAITS.id} stages by {split}"
    if not bars:
        components.table_block(table, "stages", what=what)
        return
    components.chart_block(
        charts.stacked(bars, [_(causes.STAGE_WORDS[stage]) for stage in STAGES], _("mean days")),
        _("Mean days by stage, the longest first: {name} {days}.").format(
            name=bars[0].name, days=bars[0].total
        ),
        table,
        "stages",
        what=what,
        picture=_caption(
            view,
            question,
            _("Mean days of waits by stage – {split}, {span}").format(
                split=names.dimension(split), span=formats.day_span(recent.start, recent.end)
            ),
        ),
        remark=_(
            "Only visits whose four dates are all there and in order; the table counts the others. "
            "A time chosen late at the client's own wish also shows as waiting for the booked time."
        ),
    )


def over_time(view: CareGuaranteeView, recent: Period) -> None:
    """Units or services next to each other, and each over time."""
    limit = cache.settings().low_coverage_pct
    title, span = _("Comparison, worst first"), formats.day_span(recent.start, recent.end)
    components.section(title)
    split = filters.choice(COMPARED_BY, _("Compared"), filters.labels(COMPARED), "unit")
    mine = view.chosen.of(split)
    reading = [
        _("The last {weeks} weeks, {span}. A hollow dot: coverage below {limit}, or not complete.").format(
            weeks=COMPARED_WEEKS, span=span, limit=formats.percent(limit, 0)
        ),
        *([_("The chosen ones are blue, the others grey.")] if mine else []),
    ]
    for text in reading:
        components.note(text)
    rows = view.ask(view.compared).rows
    rows = rows[rows["denominator"].isna() | (rows["denominator"] > 0)]
    if rows.empty:
        components.note(_("There are no visits to compare in these weeks."))
        return
    ordered = worst_first(rows, SEVEN_DAYS)
    named = names.names(split, ordered[split])
    target = view.target if split == "unit" else None
    level = None
    if target is not None and target.value is not None:
        said = _("target {target}").format(target=sentences.target_words(target, SEVEN_DAYS))
        level = target.value, said
    components.chart_block(
        charts.ranked(
            rows, SEVEN_DAYS, split, named, level=level, emphasis=charts.Emphasis(limit, tuple(mine))
        ),
        _("Share within seven days, worst first: {name} {value}.").format(
            name=named[ordered[split].iloc[0]], value=formats.marked(ordered.iloc[0].to_dict(), SEVEN_DAYS)
        ),
        answer_table(ordered, SEVEN_DAYS, (split,), caption=title),
        "comparison",
        what=f"{SEVEN_DAYS.id} by {split}",
        picture=_caption(view, view.compared, names.by(SEVEN_DAYS, split, span), *reading),
    )
    if split == "unit" and mine:
        named = {code: name for code, name in named.items() if code in mine}
    _each(view, split, named, target)


def _each(view: CareGuaranteeView, split: str, named: dict[str, str], target: Target | None) -> None:
    rows, grain = view.ask(view.each).rows, str(view.each.by)
    if rows.empty:
        return
    title = _("Each one over time")
    components.section(title)
    if grain == "month":
        components.note(
            _("By month: so few visits of one unit fall in a week that most weeks would be suppressed.")
        )
    steps = target_around_period(target, rows, SEVEN_DAYS)
    shown = []
    for code, name in named.items():
        mine = rows[rows[split] == code]
        if mine.empty:
            continue
        newest = mine.iloc[-1].to_dict()
        period, number = formats.period(newest["period"]), words.newest_words(newest, SEVEN_DAYS)
        drawn = mine["value"].notna().any() or mine["low"].notna().any()
        shown.append(
            components.Small(
                name,
                number if newest["period"] == rows["period"].iloc[-1] else f"{period}: {number}",
                charts.small(mine, SEVEN_DAYS, grain, steps) if drawn else None,
                _("{name}: {period} {value}").format(
                    name=name, period=period, value=formats.marked(newest, SEVEN_DAYS)
                ),
            )
        )
    components.small_charts(shown, "each")
    table = answer_table(rows, SEVEN_DAYS, (split,), caption=title)
    components.table_block(table, "each", what=f"{SEVEN_DAYS.id} by {split} and {grain}")
