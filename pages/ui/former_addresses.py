"""Former addresses of pages: each goes on to the place that answers it now, with what its parameters meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from indicators.catalogue.definition import load_definitions
from indicators.programme.year_summary import headline
from pages.ui import address, page_registry

#: What the address of a page may hold: each parameter with its values.
Parameters = Mapping[str, Sequence[str]]
INDICATOR = "mittari"
_VIEW, _VARIATION, _BENCHMARKS = "nakyma", "vaihtelu", "vertailu"


def now(page: str, asked: Parameters) -> tuple[str, dict[str, list[str]]]:
    """The page that answers a former address now, and the parameters there.

    >>> now("targets", {"mittari": ["visits"], "vaihtelu": ["week"]})
    ('indicator', {'mittari': ['visits'], 'vaihtelu': ['week'], 'nakyma': ['vaihtelu']})
    >>> now("targets", {"kieli": ["sv"]})
    ('overview', {'kieli': ['sv']})
    """
    found = {name: list(values) for name, values in asked.items()}
    if page == "targets":
        return _of_targets(found)
    return _of_changes(found)


def _of_targets(found: dict[str, list[str]]) -> tuple[str, dict[str, list[str]]]:
    """All targets are on the overview; an indicator that was opened has a page of its own."""
    doctors = found.pop("vertailu", [""])[-1] == "laakari"
    if INDICATOR not in found:
        return "overview", found
    # Filters of other pages said nothing there: the whole area was shown.
    for dimension, parameter in address.PARAMETERS.items():
        if dimension != "area":
            found.pop(parameter, None)
    if doctors:
        found |= {_VIEW: [_BENCHMARKS], address.PARAMETERS["profession"]: ["doctor"]}
    elif _VARIATION in found:
        found[_VIEW] = [_VARIATION]
    elif "jako" in found:
        found[_VIEW] = ["jaottelut"]
    return "indicator", found


def _of_changes(found: dict[str, list[str]]) -> tuple[str, dict[str, list[str]]]:
    """The variation of an indicator, or before and after a change; a group without an indicator opens its first one."""
    family = found.pop("ryhma", [""])[-1]
    if INDICATOR not in found:
        known = load_definitions()
        mine = [name for name in (*headline(), *known) if known[name].family == family]
        if mine:
            found[INDICATOR] = [mine[0]]
    found.setdefault(_VIEW, [_VARIATION])
    return "indicator", found


def go_on(page: str) -> None:
    """Go on from a former address. On a fresh server the file runs without the router: then the run starts again with it."""
    if not address.page_name():
        page_registry.navigation()
        st.rerun()
    name, parameters = now(page, {key: st.query_params.get_all(key) for key in st.query_params})
    st.switch_page(f"pages/{name}.py", query_params=parameters)
