"""Links to the page of one indicator, where every number of the product leads: to the figure it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import Period, grain_of
from indicators.engine.question import Where
from pages.ui import address
from pages.ui.language import PARAMETER as LANGUAGE

PAGE, INDICATOR, PERIOD, VIEW = "indicator", "mittari", "kausi", "nakyma"


def indicator_address(
    definition: Definition, area: str, where: Where | None = None, more: Mapping[str, str] | None = None
) -> str:
    """The address of an indicator's page, for a link inside markup; see `indicator_parameters`."""
    return f"{PAGE}?{urlencode(indicator_parameters(definition, area, where, more), doseq=True)}"


def period_of(period: Period | None) -> dict[str, str]:
    """What the address of an indicator's page says of the period of a figure; empty where it is the newest anyway."""
    grain = None if period is None else grain_of(period.start, period.end)
    if period is None or grain is None:
        return {}
    return {address.GRAIN: grain, PERIOD: period.label}


# Many parameters because a figure has its area, its filters and its period.
def link_to_indicator(
    label: str,
    definition: Definition,
    area: str,
    where: Where | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    """A link to an indicator's page; see `indicator_parameters`."""
    parameters = indicator_parameters(definition, area, where, more)
    st.page_link(f"pages/{PAGE}.py", label=label, query_params=parameters)


def indicator_parameters(
    definition: Definition, area: str, where: Where | None = None, more: Mapping[str, str] | None = None
) -> dict[str, str | Sequence[str]]:
    """What the address of an indicator's page says of a figure: language and audience, its area and filters, and `more`.

    Without `where` it is the headline of the area. Filters, grain and span of the page that links do not follow: the number
    there is the one that was clicked. `more` names the grain, the period or the tab.
    """
    carried = address.carried()
    parameters: dict[str, str | Sequence[str]] = {
        name: carried[name] for name in (LANGUAGE, address.AUDIENCE) if name in carried
    }
    parameters |= {INDICATOR: definition.id, address.PARAMETERS["area"]: area}
    chosen = definition.headline_scope if where is None else dict(where)
    for name, parameter in address.PARAMETERS.items():
        scope = definition.headline_scope.get(name)
        if name in chosen and tuple(chosen[name]) != (scope and tuple(scope)):
            parameters[parameter] = list(chosen[name])
        elif name not in chosen and scope:
            parameters[parameter] = address.EVERYTHING
    return parameters | dict(more or {})
