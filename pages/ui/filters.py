"""The filter row, and choices of a page's own: each is written to the address (`pages.ui.address`)."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.catalogue.labels import ALL_AREAS, code_names
from indicators.engine.choices import choices
from indicators.programme.targets import target_areas
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.text import names
from pages.text.markup import plain
from pages.ui import address, cache, pictures
from pages.ui.address import EVERYTHING, GRAIN, SPAN
from pages.ui.own_units import remember_button
from pages.views.selection import Selection

#: Dimensions in the row itself; the others are one tap away.
FIRST_ROW = ("unit", "service")
GRAINS: Mapping[str, str] = {
    "week": N_("Week"),
    "month": N_("Month"),
    "quarter": N_("Quarter"),
    "year": N_("Year"),
}
#: In pixels, of boxes in the row.
SPAN_WIDTH, AREA_WIDTH = 170, 320
#: How far back, in weeks; 0 is all time.
SPANS: Mapping[str, tuple[int, str]] = {
    "13vk": (13, N_("13 weeks")),
    "26vk": (26, N_("26 weeks")),
    "52vk": (52, N_("52 weeks")),
    "104vk": (104, N_("104 weeks")),
    EVERYTHING: (0, N_("all of the data")),
}
#: The last day that can be selected: the calendar ends soon after.
LAST_DAY = date(2100, 12, 31)
#: Options of a box from which on it is searched.
_SEARCHED_FROM = 13


@dataclass(frozen=True)
class Offer:
    """What a filter row offers, and what holds while nothing is selected; without `spans` all time is meant."""

    defaults: Mapping[str, Sequence[str]] | None = None
    grains: Sequence[str] = ("week", "month", "quarter", "year")
    grain: str = "week"
    span: str = "26vk"
    areas: Sequence[str] | None = None
    spans: bool = True

    def default(self, dimension: str) -> tuple[str, ...]:
        """The values of a dimension that hold while nothing is selected."""
        return tuple((self.defaults or {}).get(dimension, ()))


def row(
    dataset: str, dimensions: Sequence[str], offer: Offer, *, last: Callable[[str], date | None]
) -> Selection:
    """Draw the filter row and return what is selected.

    `dataset` is the one whose values are offered; `dimensions` the filters in their order (`area` first if at all);
    `last` gives the last known day of an area, from which the span is counted back.
    """
    area = selected_area()
    offered = cache.cached_call(choices, dataset, area)
    shown = [name for name in dimensions if name != "area" and name in offered]
    with st.container(key="filter_area"):
        with st.container(key="filter_toggle"):
            st.toggle(_("Show the filters"), key="filters_open")
        chosen = Selection(
            area,
            tuple(
                (name, values)
                for name in shown
                if (values := address.selected_values(name, offer.default(name)))
            ),
            address.selected(GRAIN, offer.grains, offer.grain),
            SPANS[address.selected(SPAN, SPANS, offer.span) if offer.spans else EVERYTHING][0],
            last(area),
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filter_row"):
            _boxes(dimensions, shown, offered, offer)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filter_words"):
            scope = names.scope(chosen.area, chosen.where)
            pictures.select(scope)
            # The boxes are not printed: on paper their words stand in their place.
            st.html(f'<p class="tv-paper">{html.escape(scope)}</p>')
            # On a telephone the boxes are folded: whose numbers these are is said in words as well.
            said = selection_words(chosen, [name for name in dimensions if name != "service"])
            if said:
                st.caption(plain(said), width="content")
            if address.is_narrowed():
                st.button(
                    _("Clear the filters"), on_click=address.clear, type="tertiary", key="filters_clear"
                )
    address.carry()
    return chosen


def _boxes(
    dimensions: Sequence[str], shown: Sequence[str], offered: Mapping[str, Sequence[str]], offer: Offer
) -> None:
    for name in (name for name in shown if name in FIRST_ROW):
        with st.popover(_choice_words(name, offer.default(name)), key=f"open_{name}"):
            _dimension_box(name, offered[name], offer.default(name))
            if name == "unit":
                remember_button(address.selected_values(name, offer.default(name)))
    if len(offer.grains) > 1:
        choice(
            GRAIN, _("Period"), {grain: _(GRAINS[grain]) for grain in offer.grains}, offer.grain, shown=False
        )
    if offer.spans:
        choose(
            SPAN,
            _("How far back"),
            tuple(SPANS),
            offer.span,
            lambda code: _(SPANS[code][1]),
            width=SPAN_WIDTH,
        )
    more = [name for name in shown if name not in FIRST_ROW]
    if more or "area" in dimensions:
        with st.popover(_("More filters"), key="more_filters"):
            if "area" in dimensions:
                areas = offer.areas or offered["area"]
                _area_box([*_area_codes(), ALL_AREAS], [*areas, ALL_AREAS])
            for name in more:
                _dimension_box(name, offered[name], offer.default(name))


def _choice_words(dimension: str, default: Sequence[str]) -> str:
    """What is selected of a dimension, for the button that opens its box."""
    values = address.selected_values(dimension, default)
    if len(values) == 1:
        return plain(names.name(dimension, values[0]))
    if not values:
        return _("All units") if dimension == "unit" else _("All services")
    count = formats.number(len(values))
    if dimension == "unit":
        return ngettext("{count} unit", "{count} units", len(values)).format(count=count)
    return ngettext("{count} service", "{count} services", len(values)).format(count=count)


def selection_words(chosen: Selection, dimensions: Sequence[str]) -> str:
    """What is selected of some dimensions, in words."""
    said = [names.name("area", chosen.area)] if "area" in dimensions else []
    for name in (name for name in dimensions if name != "area"):
        values = chosen.of(name)
        if len(values) > 3:
            said.append(
                ngettext("{what}: {count} value", "{what}: {count} values", len(values)).format(
                    what=names.dimension(name), count=len(values)
                )
            )
        elif values:
            said.append(", ".join(names.name(name, value) for value in values))
    return " · ".join(said)


def _dimension_box(dimension: str, present: Sequence[str], default: Sequence[str]) -> None:
    """A filter of several values; values of the code list without data are offered and marked."""
    known = [code for domain, code in code_names() if domain == dimension and dimension != "municipality"]
    chosen = list(address.selected_values(dimension, default))
    options = [
        code
        for code in (*known, *(code for code in present if code not in known))
        if code in present or dimension != "service" or code in default
    ]
    options += [code for code in chosen if code not in options]
    if dimension in ("unit", "municipality"):
        options.sort(key=lambda code: names.name(dimension, code).casefold())
    key = f"filter_{address.PARAMETERS[dimension]}"
    st.session_state[key] = chosen
    # Named here: outside the run, where Streamlit may call back, no language is known.
    called = names.names(dimension, options)
    marked = {code: _marked(name, code in present) for code, name in called.items()}
    st.multiselect(
        names.dimension(dimension),
        options,
        format_func=marked.__getitem__,
        key=key,
        on_change=lambda: address.write(
            address.PARAMETERS[dimension], list(st.session_state[key]), list(default)
        ),
        placeholder=_("All"),
        select_all=False,
        filter_mode=_filter_mode(options),
    )


def _filter_mode(options: Sequence[str]) -> str | None:
    return "contains" if len(options) >= _SEARCHED_FROM else None


def _marked(name: str, present: bool) -> str:
    return name if present else _("{name} (no data)").format(name=name)


def _area_codes() -> list[str]:
    return [code for domain, code in code_names() if domain == "area" and code not in (ALL_AREAS, "FI")]


def _area_box(options: Sequence[str], present: Sequence[str], width: int | None = None) -> str:
    """One area; those without anything to show are marked."""
    return choose(
        address.PARAMETERS["area"],
        names.dimension("area"),
        options,
        cache.settings().default_area,
        lambda code: _marked(names.name("area", code), code in present),
        width=width,
    )


def selected_area() -> str:
    """The area that the address selects, also before its box is drawn."""
    return address.selected(
        address.PARAMETERS["area"], (*_area_codes(), ALL_AREAS), cache.settings().default_area
    )


def county(present: Sequence[str], *, width: int | None = None) -> str:
    """One county, those with something to show first, the others marked; `width` as in `choose`. Returns the selected one."""
    options = sorted(_area_codes(), key=lambda code: (code not in present, names.name("area", code)))
    selected = _area_box(options, present, width)
    pictures.select(names.name("area", selected))
    return selected


def plain_row() -> DeltaGenerator:
    """The place of a row of choices that are a page's own."""
    with st.container(key="filter_area"):
        return st.container(key="filter_row", horizontal=True, vertical_alignment="center")


def county_with_targets() -> str:
    """One county, those with targets first, the others marked. Returns the selected one."""
    present = cache.cached_call(target_areas)

    def label(code: str) -> str:
        name = names.name("area", code)
        return name if code in present else _("{name} (no targets)").format(name=name)

    options = sorted(_area_codes(), key=lambda code: code not in present)
    return choose(
        address.PARAMETERS["area"],
        names.dimension("area"),
        options,
        cache.settings().default_area,
        label,
        width=AREA_WIDTH,
    )


def labels(options: Mapping[str, str]) -> dict[str, str]:
    """Options with their texts in the current language."""
    return {code: _(text) for code, text in options.items()}


def choice(
    parameter: str, label: str, options: Mapping[str, str], default: str, *, shown: bool = True
) -> str:
    """One of a few, by code and label, which is `shown` or only heard. Returns the selected one."""
    key = f"choice_{parameter}"
    st.session_state[key] = address.selected(parameter, options, default)
    st.segmented_control(
        label,
        list(options),
        format_func=lambda code: options[code],
        key=key,
        on_change=lambda: address.write(parameter, [st.session_state[key] or default], [default]),
        required=True,
        wrap=True,
        label_visibility="visible" if shown else "collapsed",
    )
    return address.selected(parameter, options, default)


# Many parameters because a choice has its address, its options and how it is shown.
def choose(
    parameter: str,
    label: str,
    options: Sequence[str],
    default: str,
    text: Callable[[str], str],
    *,
    always: bool = False,
    width: int | None = None,
) -> str:
    """One of many, in a box, labelled by `text`; `always` writes the default into the address too. Returns the selected one.

    With a `width` in pixels the box stands in a row and its label is only heard.
    """
    key = f"filter_{parameter}"
    st.session_state[key] = address.selected(parameter, options, default)
    texts = {code: text(code) for code in options}
    st.selectbox(
        label,
        list(options),
        format_func=texts.__getitem__,
        key=key,
        on_change=lambda: address.write(parameter, [st.session_state[key]], [] if always else [default]),
        filter_mode=_filter_mode(options),
        label_visibility="visible" if width is None else "collapsed",
        width=width or "stretch",
    )
    return address.selected(parameter, options, default)


def choose_several(
    parameter: str,
    label: str,
    options: Mapping[str, str],
    default: Sequence[str],
    most: int,
    *,
    means_all: bool = False,
) -> tuple[str, ...]:
    """Several options, by code and label, at most so many; `means_all`: none is everything. Returns those selected."""
    written = st.query_params.get_all(parameter)
    named = tuple(value for value in dict.fromkeys(written) if value in options)[:most]
    chosen = named if named or written == [address.NOTHING] else tuple(default)
    key = f"filter_{parameter}"
    st.session_state[key] = list(chosen)
    st.multiselect(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        on_change=lambda: address.write(
            parameter, list(st.session_state[key]) or [address.NOTHING], list(default) or [address.NOTHING]
        ),
        max_selections=most,
        placeholder=_("All") if means_all else _("None"),
        select_all=False,
        filter_mode="contains",
    )
    return chosen


def amount(parameter: str, label: str, default: int | None, *, least: int = 0) -> int | None:
    """A whole number from the reader; None while nobody has given one."""
    written = st.query_params.get(parameter, "")
    value = int(written) if written.isdecimal() and int(written) >= least else default
    key = f"amount_{parameter}"
    st.session_state[key] = value

    def change() -> None:
        given = [] if st.session_state[key] is None else [str(st.session_state[key])]
        address.write(parameter, given, [] if default is None else [str(default)])

    st.number_input(label, value=None, min_value=least, step=1, key=key, on_change=change)
    return value


def by_day(parameter: str, label: str, default: date, first: date) -> date:
    """A day from `first` on. Returns the selected one."""
    try:
        value = min(max(date.fromisoformat(st.query_params.get(parameter, "")), first), LAST_DAY)
    except ValueError:
        value = default
    key = f"day_{parameter}"
    st.session_state[key] = value

    def change() -> None:
        address.write(parameter, [(st.session_state[key] or default).isoformat()], [default.isoformat()])

    st.date_input(label, min_value=first, max_value=LAST_DAY, key=key, on_change=change, format="DD.MM.YYYY")
    return value
