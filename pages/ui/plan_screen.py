"""The first screen of planning a queue: what is expected, whether it can go on, the trend, what to do, four weeks to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from html import escape

import streamlit as st

from indicators.catalogue.periods import period_of
from indicators.drawing.forecast import TO_MIDDLE, Band, Course, Forecast, forecast
from indicators.drawing.picture import PICTURE, Picture
from indicators.drawing.svg import ON_PAPER, Size
from indicators.engine.queue_plan import Case, QueuePlan
from indicators.planning.targets import OVER, QUEUE, SHARE
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.sheet import (
    Action,
    Column,
    Fact,
    Row,
    action_list,
    charts_of_widths,
    data_table,
    finding,
    link,
    note,
    number_block,
    plain_value,
    sheet_grid,
    titled,
)
from pages.text import queue_plan as words
from pages.ui import address, components, pictures, plan_address, sheet
from pages.views.queue_plan import QueuePlanView

#: The address parameters of the number that is drawn, and of the open tab.
NUMBER, VIEW = "luku", "nakyma"
WHAT_IF, NEEDED, THEORY = "entajos", "vaatii", "teoria"
#: So many known weeks are drawn.
_KNOWN_WEEKS = 52
#: How strongly the ranges of 80 and 95 per cent are drawn, of a scenario and of the queue as it is beside one.
_STRONG, _FAINT = (0.22, 0.09), (0.12, 0.05)
_WIDE, _NARROW = (
    Size(820, 250, left=34, right=112, top=14, bottom=38, text=12),
    Size(358, 230, left=30, right=92, top=14, bottom=38, text=12),
)
#: What is left free at the right of a picture, for the words of the lines.
_PICTURE_RIGHT = 130.0
#: By kind of a target the number it is of.
_OF_TARGET = {SHARE: "share", QUEUE: "queue", OVER: "over"}


def draw(view: QueuePlanView, found: QueuePlan) -> None:
    """The first screen; how good the model is follows when it is known."""
    limited = found.now.limit_days is not None
    validation = view.validation()
    warning = words.poor(validation)
    said = [words.finding(found, limited=limited, exact=view.is_exact, trusted=not warning)]
    if found.has_changes:
        said.append(words.scenario_finding(found, limited=limited, trusted=not warning))
    sheet.show(finding(" ".join(said), [formats.number(found.now.waiting)]), "finding")
    if warning:
        st.warning(warning)
    components.note(words.accuracy(validation))
    components.how_to_read(
        words.grade(found.calibrated),
        words.left_out(found.now) if view.is_exact else "",
        _(
            "The line is the median of 1,000 runs, the bands hold 80 and 95 in 100 of them. Half of the runs end above "
            "the line, half below it."
        ),
        _("Pale upright stripes are weeks with a public holiday."),
    )
    sheet.show(partial(_screen, view, found), "first")
    pictures.of_screen(
        lambda: partial(_picture, view, found, _number(view, found)), "plan", what="queue plan"
    )


def _number(view: QueuePlanView, found: QueuePlan) -> str:
    offered = numbers(view, found)
    return address.selected(NUMBER, offered, offered[0])


def numbers(view: QueuePlanView, found: QueuePlan) -> list[str]:
    """The numbers of the plan that the audience sees."""
    return words.lines_of(limited=found.now.limit_days is not None, exact=view.is_exact)


def _screen(view: QueuePlanView, found: QueuePlan) -> str:
    return sheet_grid(_now(view, found), _trend(view, found), _to_do(view, found), _weeks_table(view, found))


def _now(view: QueuePlanView, found: QueuePlan) -> str:
    now = found.now
    facts = []
    if now.limit_days is not None:
        share = words.shown("share", now.share)
        if view.is_exact and now.share is not None:
            share += f" ({formats.number(now.limited - now.over)}/{formats.number(now.limited)})"
        facts.append(Fact(_("Beyond the limit"), formats.number(now.over), "limit" if now.over else ""))
        facts.append(Fact(_("Within the limit"), share))
        if view.is_exact and now.without_limit:
            facts.append(Fact(_("Without a limit"), formats.number(now.without_limit)))
    if view.is_exact:
        facts.append(Fact(_("Longest wait"), words.weeks(now.longest_weeks)))
    come, left, need = words.flow_of(now)
    facts += [
        Fact(_("Come a week"), formats.number(come, 1)),
        Fact(
            _("of them leave untreated"),
            f"{formats.number(left, 1)} ({formats.percent(100 * now.usual_leaving, 0)})",
        ),
        Fact(_("need a visit"), formats.number(need, 1)),
        Fact(_("Treated a week"), formats.number(now.visits_a_week, 1)),
        Fact(_("Need ÷ visits"), formats.percent(100 * now.load, 0) if now.visits_a_week else "–"),
    ]
    verdict = words.verdict_of(found.planned, view.validation())
    badge = (
        f'<p class="tv-badge"><span><strong>{_(verdict.word)}</strong></span></p>{note(_(verdict.meaning))}'
    )
    return number_block(_("Waiting now"), formats.number(now.waiting), [badge], facts)


def _to_do(view: QueuePlanView, found: QueuePlan) -> str:
    verdict = words.verdict_of(found.planned, view.validation())
    # Few stand in the numbers that are not exact.
    shown = [*_booked(view, found), *_counted(found)] if view.is_exact else []
    shown.append(
        Action("→", "growth", _(verdict.to_do), _("try it below"), components.link_here({VIEW: [WHAT_IF]}))
    )
    return action_list(_("What to do"), shown, "")


def _booked(view: QueuePlanView, found: QueuePlan) -> list[Action]:
    """What is to be booked, and what is booked too late."""
    breaches = view.breaches()
    shown = []
    if breaches.needed and found.now.limit_days is not None:
        shown.append(
            Action(
                formats.number(breaches.needed),
                "breach",
                _("visits a week to those without a time: nobody new passes the limit"),
                _("in the coming 8 weeks, of all {visits} a week").format(
                    visits=formats.number(found.now.visits_a_week, 1)
                ),
                components.link_here({VIEW: [NEEDED]}),
            )
        )
    late = float(breaches.booked_late.sum())
    if late:
        shown.append(
            Action(
                formats.number(late),
                "breach",
                _("booked beyond their limit: an earlier time"),
                _("{count} of them for a medical reason").format(
                    count=formats.number(breaches.booked_late_medical)
                )
                if breaches.booked_late_medical
                else _("the list of those to book first"),
                components.link_address("queues", plan_address.of_queues(view.scenario)),
            )
        )
    return shown


def _counted(found: QueuePlan) -> list[Action]:
    """What visits and times lack, as counted."""
    shown, case = [], found.planned
    short = words.short_of(found.now)
    if short:
        shown.append(
            Action(
                formats.number(short, 1),
                "limit",
                _("visits a week fewer than those who come need"),
                _("{share} of those who come leave untreated").format(
                    share=formats.percent(100 * found.now.usual_leaving, 0)
                ),
                components.link_here({VIEW: [THEORY]}),
            )
        )
    if case.overbooked_weeks:
        shown.append(
            Action(
                formats.number(case.overbooked_weeks),
                "limit",
                ngettext("week is overbooked", "weeks are overbooked", case.overbooked_weeks),
                _("more times are booked than there are visits"),
                components.link_here({VIEW: [WHAT_IF]}),
            )
        )
    return shown


def _trend(view: QueuePlanView, found: QueuePlan) -> str:
    name = _number(view, found)
    alt = alternative(found, name)
    drawn = charts_of_widths(
        lambda size: forecast(_forecast(view, found, name), size, alt=alt), _WIDE, _NARROW
    )
    switch = " · ".join(
        f"<strong>{_(words.LINES[one])}</strong>"
        if one == name
        else link(components.link_here({NUMBER: [one]}), _(words.LINES[one]))
        for one in numbers(view, found)
    )
    return titled(_("Known and expected, week by week"), drawn, switch)


def _forecast(view: QueuePlanView, found: QueuePlan, name: str) -> Forecast:
    days = found.history.days[-_KNOWN_WEEKS:]
    known = found.history.of(name)[-_KNOWN_WEEKS:]
    factor = 100.0 if name == "share" else 1.0
    target = found.scenario.target
    courses = [_course(found, found.today, name, factor, changed=found.has_changes)]
    if found.has_changes:
        courses.append(_planned(found, name, factor))
    of_target = _OF_TARGET[target.kind] == name
    return Forecast(
        days,
        [None if value is None else factor * value for value in known],
        found.ends,
        courses,
        is_share=name == "share",
        target=target.value if of_target else None,
        target_words=_("target") if of_target else "",
        now_words=_("now"),
        tips=_tips(found, name),
        short=[day for day in (*days, *found.ends) if view.is_short(day)],
    )


def _course(found: QueuePlan, case: Case, name: str, factor: float, *, changed: bool) -> Course:
    """The queue as it is: strong by itself, pale and dashed beside a scenario."""
    last = words.at_week(name, found, case, len(found.ends))
    ink, opacities = ("others", _FAINT) if changed else ("ours", _STRONG)
    said = _("as today {value}").format(value=last)
    return Course(
        ink, _times(case, name, "median", factor), _bands(case, name, factor, opacities), said, "5 3"
    )


def _planned(found: QueuePlan, name: str, factor: float) -> Course:
    case = found.planned
    last = words.at_week(name, found, case, len(found.ends))
    said = _("scenario {value}").format(value=last)
    return Course("ours", _times(case, name, "median", factor), _bands(case, name, factor, _STRONG), said)


def _bands(case: Case, name: str, factor: float, opacities: tuple[float, float]) -> list[Band]:
    return [
        Band(_times(case, name, f"low_{of}", factor), _times(case, name, f"high_{of}", factor), opacity)
        for of, opacity in zip((80, 95), opacities, strict=True)
    ]


def _times(case: Case, name: str, band: str, factor: float) -> list[float | None]:
    return [None if value is None else factor * value for value in case.lines[name][band]]


def _tips(found: QueuePlan, name: str) -> list[str]:
    said = []
    for day, value in zip(found.history.days, found.history.of(name), strict=True):
        said.append(f"{week_name(day)}: {words.shown(name, value, decimals=int(name == 'share'))}")
    said = said[-_KNOWN_WEEKS:]
    for week, end in enumerate(found.ends, start=1):
        today = words.with_band(name, found, found.today, week)
        tip = f"{week_name(end)}: " + _("as today {value}").format(value=today)
        if found.has_changes:
            tip += ", " + _("scenario {value}").format(
                value=words.with_band(name, found, found.planned, week)
            )
        said.append(tip)
    return said


def week_name(day: date) -> str:
    """The week that ends on a day, by its number."""
    return formats.period(period_of(day - TO_MIDDLE, "week").label)


def alternative(found: QueuePlan, name: str) -> str:
    """The trend in words."""
    known = [value for value in found.history.of(name) if value is not None]
    last = len(found.ends)
    said = _("{name}: {first} in the first known week, {now} now, as today {then} in {weeks} weeks").format(
        name=_(words.LINES[name]),
        first=words.shown(name, known[0] if known else None),
        now=words.shown(name, known[-1] if known else None),
        then=words.with_band(name, found, found.today, last),
        weeks=last,
    )
    if found.has_changes:
        said += ", " + _("scenario {value}").format(value=words.with_band(name, found, found.planned, last))
    return f"{said}."


def _picture(view: QueuePlanView, found: QueuePlan, name: str) -> Picture:
    plain = replace(_forecast(view, found, name), tips=())
    drawing = forecast(plain, replace(PICTURE, right=_PICTURE_RIGHT), ink=ON_PAPER)
    title = " – ".join((_(words.LINES[name]), _("Queue planning")))
    notes = (words.grade(found.calibrated), words.seed(found.seed))
    return Picture(title, drawing, alt=alternative(found, name), notes=notes)


def _weeks_table(view: QueuePlanView, found: QueuePlan) -> str:
    at = [week for week in words.READ_AT if week <= len(found.ends)]
    columns = [Column("nimi", _("After"), right=False, sorts=False)]
    columns += [
        Column(f"v{week}", words.weeks(week), sorts=False, hides="narrow" if week in at[::2] else "")
        for week in at
    ]
    caption = _("In the coming weeks, the range of 80 in 100 runs in brackets")
    if not found.has_changes:
        rows = [_row(found, _(words.LINES[name]), found.today, name, at) for name in numbers(view, found)]
        return titled(caption, data_table(caption, columns, rows, ""))
    cases = {_("As today"): found.today, found.scenario.name: found.planned}
    groups = [
        (escape(_(words.LINES[name])), [_row(found, title, case, name, at) for title, case in cases.items()])
        for name in numbers(view, found)
    ]
    return titled(caption, data_table(caption, columns, (), "", groups=groups))


def _row(found: QueuePlan, title: str, case: Case, name: str, at: list[int]) -> Row:
    return Row(title, "", tuple(plain_value(words.with_band(name, found, case, week)) for week in at))
