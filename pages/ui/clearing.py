"""What it takes to clear a debt or a queue: the reader's own numbers, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from indicators.analysis.waiting_list import (
    affordable_visits,
    cost_of_clearing,
    relief_capacity,
    target_queue_size,
    weeks_to_clear,
)
from indicators.catalogue.due_dates import MONTHS
from indicators.catalogue.limits import limit_for
from indicators.catalogue.periods import days_of_months
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import names
from pages.text import service_debt as words
from pages.text.tables import Table
from pages.ui import address, components, filters
from pages.ui.debt_balance import SeriesDebt
from pages.views.service_debt import LENGTH

PRICE, BUDGET, EXTRA, READY = "hinta", "raha", "lisa", "valmis"
QUEUE_PRICE, QUEUE_READY = "jonohinta", "jonovalmis"
QUEUE_SERVICE, DEMAND, CAPACITY, TARGET_WEEKS = "jonopalvelu", "kysynta", "kapasiteetti", "tavoiteviikot"
#: Every address parameter of a number that the reader gives.
PARAMETERS = (
    *(PRICE, BUDGET, EXTRA, READY, QUEUE_PRICE, QUEUE_READY),
    *(QUEUE_SERVICE, DEMAND, CAPACITY, TARGET_WEEKS),
)
DAYS_IN_WEEK = 7
#: How far ahead the day lies by which debt is to be cleared while no other is selected.
READY_IN = timedelta(weeks=52)


def clear_hidden(found: SeriesDebt, today: date) -> None:
    """What it takes to give the care that did not happen; where none is owed against the baseline year, against demand."""
    components.section(
        _("Clearing the hidden debt"),
        _(
            "Everything here is on top of the usual: what comes in meanwhile is met by the usual capacity. Give your own "
            "numbers; they stay in the address."
        ),
    )
    if not found.has_demand:
        components.note(_("Only care given can be made up: choose a series of visits above."))
        return
    debt = round(found.plain.balance)
    if debt <= 0 and found.adjusted is not None:
        debt = round(found.adjusted.balance)
        if debt > 0:
            components.note(_("Against the baseline year nothing is owed: this is the debt against demand."))
    if debt <= 0:
        components.note(_("No hidden debt is known of this series, so there is nothing to clear."))
        return
    cells = st.columns(4, gap="small", vertical_alignment="bottom")
    with cells[0]:
        price = filters.amount(PRICE, _("Price of a visit, €"), None, least=1)
    with cells[1]:
        extra = filters.amount(EXTRA, _("Extra visits a week"), None, least=1)
    with cells[2]:
        ready = _ready(READY, _("Cleared by"), today)
    with cells[3]:
        budget = filters.amount(BUDGET, _("Money there is, €"), None, least=1)
    needed = math.ceil(relief_capacity(0, debt, 0, _weeks(today, ready)))
    weeks = None if extra is None else weeks_to_clear(debt, 0, 0, extra)
    rows = [
        (_("Visits owed"), formats.number(debt)),
        (
            _("Extra visits a week to be clear by {day}").format(day=formats.day(ready)),
            formats.number(needed),
        ),
        (
            _("Time it takes"),
            _("give the extra visits a week") if extra is None else words.weeks_words(weeks),
        ),
        (_("Cost"), _cost(debt, 0, price)),
        (_("Visits that the money pays"), _affordable(budget, price, debt)),
    ]
    _result_table(rows, _("What clearing the hidden debt takes"), "clear_hidden")


def _ready(parameter: str, label: str, today: date) -> date:
    return filters.by_day(parameter, label, today + READY_IN, today + timedelta(weeks=1))


def _weeks(today: date, ready: date) -> float:
    return (ready - today).days / DAYS_IN_WEEK


def _cost(queue: float, size: float, price: int | None) -> str:
    if price is None:
        return _("give the price of a visit")
    return formats.euros(cost_of_clearing(queue, size, price))


def _affordable(budget: int | None, price: int | None, debt: float) -> str:
    if budget is None or price is None:
        return _("give the money and the price of a visit")
    paid = math.floor(affordable_visits(budget, price))
    share = formats.percent(100 * min(1.0, paid / debt), 0)
    return _("{count} ({share} of what is owed)").format(count=formats.number(paid), share=share)


def clear_queue(every: Mapping[str, Mapping[str, Any]], today: date) -> None:
    """What it takes to bring a queue down to its target size; `every` has the length of the queue of each service."""
    lengths = {code: row for code, row in every.items() if not formats.missing(row["value"])}
    if not lengths:
        return
    components.section(
        _("Clearing a queue"),
        _(
            "A queue is clear when nearly everyone (98 %) waits less than the target: that is the target size, demand a "
            "week × target wait in weeks ÷ 4 (Little's law)."
        ),
    )
    options = sorted(lengths, key=lambda code: -float(lengths[code]["value"]))
    called = names.names("service", options)
    service = filters.choose(
        QUEUE_SERVICE, names.dimension("service"), options, options[0], called.__getitem__
    )
    queue = float(lengths[service]["value"])
    cells = st.columns(5, gap="small", vertical_alignment="bottom")
    with cells[0]:
        demand = filters.amount(DEMAND, _("New entries a week"), None)
    with cells[1]:
        capacity = filters.amount(CAPACITY, _("Entries handled a week"), None)
    with cells[2]:
        target = filters.amount(TARGET_WEEKS, _("Target wait, weeks"), _limit_weeks(service, today), least=1)
    with cells[3]:
        price = filters.amount(QUEUE_PRICE, _("Price of a visit, €"), None, least=1)
    with cells[4]:
        ready = _ready(QUEUE_READY, _("Clear by"), today)
    rows = [(_("Entries in the queue"), formats.marked(lengths[service], LENGTH))]
    if demand is None or target is None:
        rows.append((_("Target size of the queue"), _("give the new entries a week and the target wait")))
    else:
        size = target_queue_size(demand, target)
        handled = max(relief_capacity(demand, queue, size, _weeks(today, ready)), demand)
        weeks = None if capacity is None else weeks_to_clear(queue, size, demand, capacity)
        rows += [
            (_("Target size of the queue"), formats.number(size)),
            (_("Entries too many"), formats.number(max(queue - size, 0))),
            (
                _("Handled a week to be clear by {day}").format(day=formats.day(ready)),
                formats.number(math.ceil(handled)),
            ),
            (
                _("Time it takes"),
                _("give the entries handled a week") if capacity is None else words.weeks_words(weeks),
            ),
            (_("Cost of the visits beyond the usual"), _cost(queue, size, price)),
        ]
    _result_table(rows, _("What clearing the queue takes"), "clear_queue")
    components.link("queue_plan", _("Plan this queue"), {address.PARAMETERS["service"]: service})


def _limit_weeks(service: str, today: date) -> int | None:
    """The legal limit of adults in whole weeks, the target wait where no other is given; None without one."""
    limit = limit_for(service, today, "23+")
    last = limit and limit.last_day(today)
    if limit is None or limit.value is None or last is None:
        return None
    days = max(days_of_months(limit.value)) if limit.unit == MONTHS else (last - today).days
    return max(1, days // DAYS_IN_WEEK)


def _result_table(rows: Sequence[tuple[str, str]], caption: str, key: str) -> None:
    table = Table.of(caption, (_("What is shown"), _("How much")), rows)
    components.full_table(table, key, what=key)
