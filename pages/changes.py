"""Changes: any indicator as an XmR chart with its signals, and before and after a dated change in some units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.analysis.before_after import LENGTHS, BeforeAfter, before_and_after, units_between
from indicators.analysis.control_chart import GRAINS, SHIFT_POINTS
from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import COUNTRY, area_codes
from indicators.catalogue.periods import start_of
from indicators.engine.choices import last_day, published_series
from indicators.engine.evaluate import has_row_data
from indicators.programme.annotations import DatedChange, dated_changes
from indicators.programme.targets import read_targets
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import headline
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages import charts
from pages.text import before_after, names, signals
from pages.text import changes as words
from pages.text.targets import wording
from pages.ui import address, cache, components, filters
from pages.ui.signals import signal_block
from pages.views.changes import ChangesView
from pages.views.selection import Selection

INDICATOR, FAMILY, VIEW, BASELINE = "mittari", "ryhma", "nakyma", "perusta"
EVENT, DAY, CONCERNED, LENGTH = "tapahtuma", "paiva", "koskee", "ikkuna"
VARIATION, AROUND = "vaihtelu", "ennen-jalkeen"
VIEWS = {VARIATION: N_("Variation"), AROUND: N_("Before and after a change")}
FAMILIES = {
    "completed": N_("Care that was reached"),
    "waiting": N_("Waiting"),
    "aggregate": N_("Published and entered figures"),
}
#: Limits from all values, or from the first so many of each stretch.
ALL_VALUES = "kaikki"
BASELINES = (12, 24, 52)
#: Published figures make a series from so many on: the shortest run a rule looks for.
FEWEST_PUBLISHED = SHIFT_POINTS
#: In the address: a day of the reader's own.
OWN_DAY = "oma"
#: How far before the last known day the day lies that is offered first.
OWN_DAY_BACK = timedelta(weeks=13)
EARLIEST = date(2000, 1, 1)
GRAIN = "month"
MOST_RUNS = 8
MOST_UNITS = 30
#: Letters of an event in its box.
EVENT_LENGTH = 90


def draw() -> None:
    """The page: an indicator, and one of the two views of it."""
    head = st.container()
    counties = [code for code in area_codes() if code != COUNTRY]
    area = address.selected(address.PARAMETERS["area"], counties, cache.settings().default_area)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        family = _family()
        seen = filters.choice(VIEW, _("View"), filters.labels(VIEWS), VARIATION)
    opened = _indicator(family, area)
    if seen == AROUND:
        _around(head, opened, area)
    else:
        _varies(head, opened, area)
    components.definition_block(opened)


def _grains(indicator: str, area: str) -> Sequence[str]:
    """The grains in which an indicator makes a series in an area; none where it makes none."""
    if ChangesView.read(has_row_data, indicator, area):
        return GRAINS
    published = ChangesView.read(published_series, FEWEST_PUBLISHED)
    return tuple(published.get((indicator, area), ()))


def _family() -> str:
    """The group of indicators; of the one that the address names, where it names no group."""
    asked = address.selected(INDICATOR, cache.definitions(), headline()[0])
    return filters.choice(FAMILY, _("Group"), filters.labels(FAMILIES), cache.definitions()[asked].family)


def _indicator(family: str, area: str) -> Definition:
    """The indicator, chosen from its group; those that make no series in the area come last and are marked."""
    known = cache.definitions()
    asked = st.query_params.get(INDICATOR)
    # The plans' measures are listed where they make a series: without one there is nothing to see of them here.
    mine = [
        one
        for one in known.values()
        if one.family == family and (one.theme is None or one.id == asked or _grains(one.id, area))
    ]
    mine.sort(key=lambda one: (not _grains(one.id, area), names.text(one).name))
    options = [one.id for one in mine]
    first = next((name for name in headline() if name in options and _grains(name, area)), options[0])

    def said(name: str) -> str:
        text = names.text(known[name]).name
        return text if _grains(name, area) else _("{name} (no series)").format(name=text)

    return known[filters.choose(INDICATOR, _("Indicator"), options, first, said, always=True)]


def _row(opened: Definition, area: str, *, around: bool) -> Selection:
    """The filters an indicator has; before and after a change neither units nor a span are chosen."""
    grains = _grains(opened.id, area)
    by_rows = ChangesView.read(has_row_data, opened.id, area)
    dataset = opened.measure.dataset if by_rows else "visits"
    shown = [name for name in address.PARAMETERS if name in opened.dimensions] if by_rows else ["area"]
    offer = filters.Offer(
        defaults=opened.headline_scope,
        grains=grains or GRAINS,
        grain=GRAIN if not grains or GRAIN in grains else grains[0],
        span=address.EVERYTHING,
        spans=by_rows and not around,
    )
    return filters.row(
        dataset,
        [name for name in shown if name != "unit" or not around],
        offer,
        last=partial(ChangesView.read, last_day, dataset) if by_rows else lambda _: None,
    )


def _no_series() -> None:
    components.empty(
        _("There is no series to judge"),
        _(
            "No rows of this indicator are known in this area, and fewer than {count} published figures by week, month or "
            "quarter. Choose another indicator or area, or load an extract."
        ).format(count=FEWEST_PUBLISHED),
    )


# --- variation ------------------------------------------------------------------------------------------------------


def _varies(head: DeltaGenerator, opened: Definition, area: str) -> None:
    """The XmR chart with its marks, every signal in words, the breaks with their reasons."""
    chosen = _row(opened, area, around=False)
    if not _grains(opened.id, area):
        with head:
            components.heading(_("Changes"), _("{name}: no series.").format(name=names.text(opened).name))
        _no_series()
        return
    baseline = _baseline()
    answer = ChangesView(chosen, opened).from_first()
    target = _target(opened, area)
    units = chosen.of("unit")
    breaks = signals.breaks_of(opened.id, area, units[0] if len(units) == 1 else None)
    judged = signals.series(answer, target.value if target else None, breaks, baseline=baseline)
    rows = {row["period"]: row for row in answer.rows.to_dict("records")}
    with head:
        components.heading(_("Changes"), words.varies(judged, rows, opened), answer)
    steps = []
    if target is not None and target.value is not None and judged.points:
        text = _("target {target}").format(target=wording(target))
        first, last = judged.points[0].date, judged.points[-1].date
        steps = [charts.Step(first, last, target.value, text, faint=True)]
    signal_block(judged, opened, chosen.grain, "xmr", targets=steps)
    if judged.last is not None:
        _signals(judged)
        _breaks((*breaks, *signals.seams(answer)), judged)
        components.note(
            _(
                "The limits rest on the first {count} values of each stretch; they hold for the later ones too."
            ).format(count=baseline)
            if baseline
            else _("The limits rest on all values of each stretch.")
        )
    components.sources(answer, cited=[target.cited_source] if target and target.cited_source else [])


def _baseline() -> int | None:
    text = {ALL_VALUES: _("all values")}
    text |= {str(count): _("the first {count}").format(count=count) for count in BASELINES}
    chosen = filters.choice(BASELINE, _("Limits from"), text, ALL_VALUES)
    return None if chosen == ALL_VALUES else int(chosen)


def _target(opened: Definition, area: str) -> Target | None:
    """The target whose period has not ended yet, else the last one, in the indicator's own unit."""
    found = [
        target
        for target in ChangesView.read(read_targets, area)
        if target.indicator == opened.id and target.value is not None and target.unit == opened.unit
    ]
    coming = [target for target in found if target.period.end > cache.today()]
    return (coming[0] if coming else found[-1]) if found else None


def _signals(judged: signals.SpcResult) -> None:
    components.section(_("What is more than ordinary variation"))
    runs = signals.runs(judged)
    if not runs:
        components.note(_("Nothing: none of the four rules finds anything in this series."))
        return
    components.facts([signals.run_words(run) for run in runs[:MOST_RUNS]])
    if len(runs) > MOST_RUNS:
        more = len(runs) - MOST_RUNS
        components.note(
            ngettext(
                "{count} earlier one is in the table of the chart.",
                "{count} earlier ones are in the table of the chart.",
                more,
            ).format(count=more)
        )


def _breaks(breaks: Sequence[signals.Break], judged: signals.SpcResult) -> None:
    components.section(_("Where the series starts anew"))
    if not breaks:
        components.note(
            _(
                "No break is known. Annotations that start a series anew are entered on the page for entering figures."
            )
        )
        return
    components.show_table(words.breaks_table(breaks, judged))


# --- before and after -----------------------------------------------------------------------------------------------


def _around(head: DeltaGenerator, opened: Definition, area: str) -> None:
    """Before and after a dated change, in the units concerned and the others."""
    name = names.text(opened).name
    units = address.selected_values("unit")
    chosen = _row(opened, area, around=True)
    if "unit" not in opened.dimensions or not ChangesView.read(has_row_data, opened.id, area):
        with head:
            components.heading(_("Changes"), _("{name}: not known by unit.").format(name=name))
        components.empty(
            _("Before and after cannot be shown"),
            _(
                "The figure is not known by unit here, so there are no units with the change and without it. Choose "
                "another indicator or area, or load an extract."
            ),
        )
        return
    view = ChangesView(chosen, opened)
    there: tuple[str, ...] = view.read(units_between, view.whole, cache.settings())
    events: tuple[DatedChange, ...] = ChangesView.read(dated_changes, opened.id, area)
    called = names.names("unit", [*there, *(unit for event in events for unit in event.units)])
    with st.container(key="around_choice"):
        event, day = _day(events, called, chosen.last)
        of_event = tuple(unit for unit in (event.units if event else ()) if unit in there)
        cells = st.columns([3, 1.4], gap="small", vertical_alignment="bottom")
        with cells[0]:
            concerned = filters.choose_several(
                CONCERNED,
                _("Units the change concerns (none chosen: all)"),
                {unit: called[unit] for unit in sorted(there, key=called.__getitem__)},
                # What is noted of all units leaves none without it, whatever units the reader follows.
                of_event if event else tuple(unit for unit in units if unit in there),
                MOST_UNITS,
                means_all=True,
            )
        with cells[1]:
            lengths = [str(length) for length in LENGTHS[chosen.grain]]
            length = filters.choose(
                LENGTH,
                _("Window on each side"),
                lengths,
                lengths[1],
                lambda code: before_after.length_words(chosen.grain, int(code)),
            )
    found: BeforeAfter = view.read(
        before_and_after, view.whole, cache.settings(), day=day, length=int(length), units=concerned
    )
    with head:
        components.heading(_("Changes"), before_after.around(found, called), found)
        components.subheading(before_after.association(found, events, called))
    if event is not None and event.units and not of_event:
        components.note(
            _("The units the annotation is of have no data of this indicator: choose the units above.")
        )
    if event is not None and not event.units and concerned:
        components.note(_("The annotation is of all units: those not chosen have the change too."))
    _compared(found, event, called)
    components.sources(*found.answers)


def _day(
    events: Sequence[DatedChange], called: Mapping[str, str], last: date | None
) -> tuple[DatedChange | None, date]:
    """The change looked at: one that has been noted, or a day of the reader's own."""
    keyed = {
        event.date.isoformat() + (f"-{at}" if at else ""): event
        for at, event in _numbered(sorted(events, key=lambda event: event.date, reverse=True))
    }

    def said(code: str) -> str:
        if code == OWN_DAY:
            return _("Another day")
        text = before_after.event_words(keyed[code], called)
        return text if len(text) <= EVENT_LENGTH else text[: EVENT_LENGTH - 1].rstrip() + "…"

    past = [code for code, event in keyed.items() if last is None or event.date <= last]
    cells = st.columns([3, 1.4], gap="small", vertical_alignment="bottom")
    with cells[0]:
        chosen = filters.choose(EVENT, _("Change"), [*keyed, OWN_DAY], past[0] if past else OWN_DAY, said)
    if chosen != OWN_DAY:
        return keyed[chosen], keyed[chosen].date
    first = start_of((last or cache.today()) - OWN_DAY_BACK, "month")
    with cells[1]:
        return None, filters.by_day(DAY, _("Day of the change"), first, EARLIEST)


def _numbered(events: Sequence[DatedChange]) -> list[tuple[int, DatedChange]]:
    """Events with how many of the same day come before them."""
    return [
        (sum(other.date == event.date for other in events[:at]), event) for at, event in enumerate(events)
    ]


def _compared(found: BeforeAfter, event: DatedChange | None, called: Mapping[str, str]) -> None:
    if event is not None:
        components.note(before_after.event_words(event, called))
    components.tiles(before_after.tiles(found, called))
    drawn = charts.courses(found, called)
    table = before_after.windows_table(found, called)
    if drawn:
        axis = _("before = 100") if found.relative else formats.unit_word(found.definition)
        components.chart_block(
            charts.around(drawn, found.day, formats.day(found.day), found.definition, found.grain, axis),
            before_after.around(found, called),
            table,
            "around",
            what=f"{found.definition.id} before and after {found.day}",
            remark=before_after.windows(found),
        )
    else:
        components.note(before_after.windows(found))
    periods = before_after.periods_table(found, called)
    if periods is not None and drawn:
        components.table_block(
            periods,
            "periods",
            what=f"{found.definition.id} periods around {found.day}",
            title=_("Each period of the windows"),
        )


components.guarded(draw)
