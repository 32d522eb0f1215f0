"""The address of the page that plans a queue: its scenario and those beside it, as links of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from indicators.catalogue.errors import UsageError
from indicators.planning.scenario import Scenario, from_link
from pages.ui import address

#: The address parameters of the scenario that is open, and of those beside it.
SCENARIO, COMPARED = "skenaario", "vertaa"
#: So many scenarios are side by side, the open one among them.
MOST = 3


def opened() -> tuple[Scenario | None, bool]:
    """The scenario that the address holds, None without one; and whether it holds one that cannot be read."""
    written = st.query_params.get(SCENARIO)
    if not written:
        return None, False
    try:
        return from_link(written), False
    except UsageError:
        return None, True


def compared(queue: Scenario) -> tuple[Scenario, ...]:
    """The scenarios beside the open one, made ones of its queue; those that cannot be read are left out."""
    found = []
    for written in st.query_params.get_all(COMPARED)[: MOST - 1]:
        try:
            found.append(of_queue(from_link(written), queue))
        except UsageError:
            continue
    return tuple(found)


def of_queue(scenario: Scenario, queue: Scenario) -> Scenario:
    """What a scenario does, done to a queue."""
    return replace(
        scenario, area=queue.area, units=queue.units, service=queue.service, profession=queue.profession
    )


def parameters(scenario: Scenario) -> Mapping[str, list[str]]:
    """The parameters of an address that opens a scenario: its queue and what it does."""
    named = address.PARAMETERS
    return {
        named["area"]: [scenario.area],
        named["unit"]: list(scenario.units) or [address.EVERYTHING],
        named["service"]: [scenario.service],
        named["profession"]: [scenario.profession] if scenario.profession else [],
        SCENARIO: [scenario.to_link()],
    }


def of_queues(scenario: Scenario) -> Mapping[str, list[str]]:
    """The parameters of an address that narrows another page to the queue of a scenario."""
    return {name: values for name, values in parameters(scenario).items() if name != SCENARIO and values}


def write(scenario: Scenario) -> None:
    """Open a scenario. To be called before the page is drawn anew."""
    for name, values in parameters(scenario).items():
        if values:
            st.query_params[name] = values
        elif name in st.query_params:
            del st.query_params[name]
    address.carry()


def close() -> None:
    """Leave the queue as it is: no scenario."""
    if SCENARIO in st.query_params:
        del st.query_params[SCENARIO]


def compare(scenario: Scenario) -> None:
    """Set a scenario beside the open one; the one that was added first goes where there are too many."""
    written = [*st.query_params.get_all(COMPARED), scenario.to_link()]
    st.query_params[COMPARED] = list(dict.fromkeys(written))[-(MOST - 1) :]


def compare_nothing() -> None:
    """Leave the open scenario alone."""
    if COMPARED in st.query_params:
        del st.query_params[COMPARED]
