"""The form “what happens if” of a queue: extra visits, growth of demand, closures, whom visits go to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import streamlit as st

from indicators.engine.queue_plan import QueuePlan
from indicators.planning.scenario import (
    LONGEST,
    ORDERS,
    PRODUCERS,
    Closure,
    PlannedStream,
    Scenario,
    read_scenario,
)
from indicators.wording.translations import _
from pages.text import queue_plan as words
from pages.ui import components, plan_address
from pages.views.queue_plan import QueuePlanView

#: How many streams of extra visits and closures the form has, unless the scenario has more.
_STREAMS, _CLOSURES = 3, 2
_DAYS = "DD.MM.YYYY"


class FormFault(ValueError):
    """What is wrong in a form, in the reader's language."""


def draw(view: QueuePlanView, found: QueuePlan) -> None:
    """The form with what the open scenario does; sending it opens what was filled in."""
    scenario = view.scenario
    _offer_to_move(scenario, found.snapshot)
    fields = _Fields(scenario, found.snapshot, found.ends[-1])
    with st.form(fields.key("form"), border=False):
        rows = [fields.stream(0)]
        with st.expander(_("More choices"), key=fields.key("more")):
            mores = [fields.more_of_stream(0)]
            for at in range(1, max(_STREAMS, len(scenario.streams))):
                rows.append(fields.stream(at))
                mores.append(fields.more_of_stream(at))
            whole = fields.whole()
            closures = [fields.closure(at) for at in range(max(_CLOSURES, len(scenario.closures)))]
        sent = st.form_submit_button(_("Compute"), type="primary")
    if found.has_changes:
        # The first screen is out of sight of who fills in the form.
        limited, trusted = found.now.limit_days is not None, not words.poor(view.validation())
        components.note(words.scenario_finding(found, limited=limited, trusted=trusted))
        st.button(_("Back to as today"), on_click=plan_address.close, key="plan_close", type="tertiary")
    if sent:
        try:
            streams = [row.stream(*more) for row, more in zip(rows, mores, strict=True)]
            filled = _filled(whole, streams, closures)
        except FormFault as fault:
            st.error(str(fault))
            return
        plan_address.write(filled)
        st.rerun()


def _offer_to_move(scenario: Scenario, snapshot: date) -> None:
    """A scenario that began before the newest snapshot can be moved to begin now."""
    if not scenario.streams or min(one.first_day for one in scenario.streams) > snapshot:
        return
    components.note(
        _("The scenario begins before the newest snapshot: what is over by then changes nothing.")
    )
    moved = scenario.moved_to(snapshot + timedelta(days=1))
    st.button(_("Move it to begin now"), on_click=plan_address.write, args=[moved], key="plan_move")


@dataclass(frozen=True)
class _Row:
    """What is filled in of a stream of extra visits."""

    name: str
    producer: str
    first_day: date
    last_day: date
    visits: float | None
    price: float

    def stream(self, budget: float | None, order: str) -> PlannedStream | None:
        """The stream; None where neither visits nor money is given."""
        if not self.visits and not budget:
            return None
        return PlannedStream(
            self.name,
            self.producer,
            self.first_day,
            self.last_day,
            self.visits or None,
            budget or None,
            self.price,
            order,
        )


@dataclass(frozen=True)
class _Fields:
    """The fields of the form; another scenario has fields of its own, so that they show what it does."""

    scenario: Scenario
    snapshot: date
    last: date

    def key(self, name: str) -> str:
        """The key of a field."""
        digest = hashlib.blake2b(self.scenario.to_link().encode(), digest_size=6).hexdigest()
        return f"plan_{name}_{digest}"

    def stream(self, at: int) -> _Row:
        """The line of one stream of extra visits: by whom, how many, when, at what price."""
        now = self._stream(at)
        first = now.first_day if now else self.snapshot + timedelta(days=1)
        cells = st.columns(5, gap="small", vertical_alignment="bottom")
        producers = {code: _(words.PRODUCERS[code]) for code in PRODUCERS}
        with cells[0]:
            producer = st.selectbox(
                _("Extra visits by"),
                PRODUCERS,
                index=PRODUCERS.index(now.producer if now else PRODUCERS[at % len(PRODUCERS)]),
                format_func=producers.__getitem__,
                key=self.key(f"producer_{at}"),
                help=_("Who gives the extra visits. Own and purchased visits are counted apart."),
            )
        with cells[1]:
            visits = self._number(
                f"visits_{at}",
                _("Visits a week"),
                now.visits_a_week if now else None,
                _("First visits that end a wait. Follow-up visits do not shorten the queue."),
            )
        with cells[2]:
            begins = self._day(f"from_{at}", _("From"), first, _("The first day of the extra visits."))
        with cells[3]:
            last = now.last_day if now else self.last
            ends = self._day(f"to_{at}", _("Until"), last, _("The last day of the extra visits."))
        with cells[4]:
            price = self._number(
                f"price_{at}",
                _("Price of a visit, €"),
                (now.price_eur or None) if now else None,
                _("What one visit costs. Every visit offered is paid for, used or not."),
            )
        name = now.name if now and now.producer == producer else producers[producer]
        return _Row(name, producer, begins, ends, visits, price or 0.0)

    def more_of_stream(self, at: int) -> tuple[float | None, str]:
        """The budget of a stream, and whom its visits go to."""
        now, orders = self._stream(at), {code: _(words.ORDERS[code]) for code in ORDERS}
        left, right = st.columns(2, gap="small", vertical_alignment="bottom")
        with left:
            budget = self._number(
                f"budget_{at}",
                _("Or a budget, €"),
                now.budget_eur if now else None,
                _(
                    "Without visits a week it is spread evenly over the weeks; with them it is the most that is spent."
                ),
                step=1000,
            )
        with right:
            order = st.selectbox(
                _("Extra visits go to"),
                ORDERS,
                index=ORDERS.index(now.order if now else LONGEST),
                format_func=orders.__getitem__,
                key=self.key(f"order_{at}"),
                help=_("Whom these visits go to. The usual visits go to whom they go to now."),
            )
        return budget, order

    def _stream(self, at: int) -> PlannedStream | None:
        return self.scenario.streams[at] if at < len(self.scenario.streams) else None

    # Many parameters because a field has its name, its words and its value.
    def _number(
        self, name: str, label: str, value: float | None, explained: str, *, step: int = 1
    ) -> float | None:
        """A number of 0 or more; whole ones are shown without decimals. None where none is given."""
        whole = value is None or value == round(value)
        given = st.number_input(
            label,
            min_value=0 if whole else 0.0,
            value=value if value is None or not whole else round(value),
            step=step if whole else float(step),
            format="%d" if whole else "%g",
            key=self.key(name),
            help=explained,
        )
        return None if given is None else float(given)

    def _day(self, name: str, label: str, value: date, explained: str) -> date:
        chosen = st.date_input(label, value=value, key=self.key(name), format=_DAYS, help=explained)
        return chosen if isinstance(chosen, date) else value

    def whole(self) -> Scenario:
        """What is said of the whole queue: name, horizon, growth of demand, whom the usual visits go to."""
        now, orders = self.scenario, {code: _(words.ORDERS[code]) for code in ORDERS}
        cells = st.columns(3, gap="small", vertical_alignment="bottom")
        with cells[0]:
            name = st.text_input(
                _("Name of the scenario"), value=now.name, max_chars=80, key=self.key("name")
            )
        with cells[1]:
            weeks = st.number_input(
                _("Weeks ahead"),
                min_value=4,
                max_value=156,
                value=now.weeks,
                step=1,
                key=self.key("weeks"),
                help=_("How far the queue is followed."),
            )
        with cells[2]:
            growth = st.number_input(
                _("Growth of demand, % a year"),
                min_value=-50,
                max_value=100,
                value=round(now.growth_pct),
                step=1,
                key=self.key("growth"),
                help=_("How much more come to the queue in a year than now."),
            )
        order, reserved = self._usual_order(orders)
        return replace(
            now,
            name=" ".join((name or "").split()) or now.name,
            weeks=int(weeks),
            growth_pct=float(growth),
            usual_order=order,
            reserved=reserved,
            streams=(),
            closures=(),
        )

    def _usual_order(self, orders: Mapping[str, str]) -> tuple[str, Mapping[str, float] | None]:
        """Whom the usual visits go to, and the parts of them that are reserved for others."""
        now = self.scenario
        cells = st.columns(3, gap="small", vertical_alignment="bottom")
        with cells[0]:
            order = st.selectbox(
                _("Usual visits go to"),
                ORDERS,
                index=ORDERS.index(now.usual_order),
                format_func=orders.__getitem__,
                key=self.key("usual_order"),
                help=_("As today is how the queue's own weeks say that visits went."),
            )
        reserved = dict(now.reserved or {})
        parts = {}
        for cell, (code, label) in zip(
            cells[1:],
            {
                "longest": _("Reserved for the longest waits, %"),
                "newest": _("Reserved for the newest, %"),
            }.items(),
            strict=True,
        ):
            with cell:
                part = st.number_input(
                    label,
                    min_value=0,
                    max_value=100,
                    value=round(100 * reserved.get(code, 0.0)),
                    step=5,
                    key=self.key(f"reserved_{code}"),
                    help=_("This part of the usual visits; the rest go as today."),
                )
            if part:
                parts[code] = part / 100
        return order, parts or None

    def closure(self, at: int) -> Closure | None:
        """Weeks in which usual visits are lost; None where none are."""
        now = self.scenario.closures[at] if at < len(self.scenario.closures) else None
        cells = st.columns(3, gap="small", vertical_alignment="bottom")
        with cells[0]:
            first = now.first_day if now else self.snapshot + timedelta(days=1)
            begins = self._day(f"closed_from_{at}", _("Closed from"), first, _("The first day of a closure."))
        with cells[1]:
            last = now.last_day if now else first + timedelta(days=6)
            ends = self._day(f"closed_to_{at}", _("Closed until"), last, _("The last day of a closure."))
        with cells[2]:
            lost = st.number_input(
                _("Usual visits lost, %"),
                min_value=0,
                max_value=100,
                value=round(now.lost_pct) if now else 0,
                step=5,
                key=self.key(f"lost_{at}"),
                help=_("Holidays, closed clinics: 100 is closed, 0 is open as usual."),
            )
        return Closure(begins, ends, float(lost)) if lost else None


def _filled(
    whole: Scenario, streams: Sequence[PlannedStream | None], closures: Sequence[Closure | None]
) -> Scenario:
    """The scenario that was filled in. Raises FormFault."""
    given = tuple(one for one in streams if one is not None)
    closed = tuple(one for one in closures if one is not None)
    days = [
        *((one.first_day, one.last_day) for one in given),
        *((one.first_day, one.last_day) for one in closed),
    ]
    if any(last < first for first, last in days):
        raise FormFault(_("The last day is before the first day. Nothing was computed."))
    if any(one.budget_eur is not None and not one.price_eur for one in given):
        raise FormFault(_("A budget needs the price of a visit. Nothing was computed."))
    if whole.reserved and sum(whole.reserved.values()) > 1:
        raise FormFault(_("More than all visits are reserved. Nothing was computed."))
    return read_scenario(replace(whole, streams=given, closures=closed).written())
