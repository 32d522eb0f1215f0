"""The filter row: what is shown, chosen by the reader and kept in the address, so that a link shows the same view.

The address is the truth. A choice writes to it; a page reads it. What was chosen stays for the session when the page
changes. A reader's own units are kept in a cookie on their own request, and chosen at the start of their next visit
unless the address says otherwise: `st.context.cookies` reads it; a line of script sets it, for Streamlit cannot. The
cookie holds unit codes only and goes nowhere else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.errors import LANGUAGES
from indicators.catalogue.labels import ALL_AREAS, code_names
from indicators.catalogue.periods import start_of
from indicators.engine.choices import choices
from indicators.engine.question import Question
from pages.ui import cache, names, scripts
from pages.ui.facts import plain
from pages.ui.texts import N_, OWN_NAMES, PARAMETER, _, language, ngettext

#: The address parameter of each dimension.
PARAMETERS: Mapping[str, str] = {
    "area": "alue",
    "unit": "yksikko",
    "service": "palvelu",
    "profession": "ammatti",
    "mode": "tapa",
    "first_visit": "kaynti",
    "age_band": "ika",
    "municipality": "kunta",
}
GRAIN, SPAN = "jakso", "aika"
#: What stands in the row itself; the other dimensions are one tap away.
FIRST_ROW = ("unit", "service")
#: In the address: no value of a dimension that has a default is left out.
EVERYTHING = "kaikki"
#: In the address: none of the values of a choice that has some by default.
NOTHING = "ei"
GRAINS: Mapping[str, str] = {
    "week": N_("by week"),
    "month": N_("by month"),
    "quarter": N_("by quarter"),
    "year": N_("by year"),
}
#: How far back is looked, in weeks; 0 is all there is.
SPANS: Mapping[str, tuple[int, str]] = {
    "13vk": (13, N_("13 weeks")),
    "26vk": (26, N_("26 weeks")),
    "52vk": (52, N_("52 weeks")),
    "104vk": (104, N_("104 weeks")),
    EVERYTHING: (0, N_("all of the data")),
}
#: The last day that can be chosen: years after it would end the calendar before its periods.
LAST_DAY = date(2100, 12, 31)
_KEPT, _PAGE, _STARTED = "filters_kept", "filters_page", "filters_started"
COOKIE = "takuuvahti_yksikot"
_COOKIE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Chosen:
    """What the reader wants to see. `where` has only the dimensions that are narrowed."""

    area: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    grain: str
    weeks: int
    last: date | None

    @property
    def first(self) -> date | None:
        """The first day looked at, the start of a period; None where everything is."""
        if self.last is None or self.weeks == 0:
            return None
        return start_of(self.last - timedelta(weeks=self.weeks - 1), self.grain)

    def of(self, dimension: str) -> tuple[str, ...]:
        """The values chosen of a dimension; none where it is not narrowed."""
        return dict(self.where).get(dimension, ())

    def question(
        self,
        definition: Definition,
        *,
        by: str | None = None,
        splits: tuple[str, ...] = (),
        whole: bool = False,
    ) -> Question:
        """The question to an indicator: as chosen, for the dimensions it has; `whole` asks for all the time there is."""
        return Question(
            definition.id,
            by=by or self.grain,
            splits=splits,
            area=self.area,
            date_from=None if whole else self.first,
            where=tuple(part for part in self.where if part[0] in definition.dimensions),
        )


def start_run(page: str) -> None:
    """To be called by the router before a page is drawn: the address gets back what the session remembers.

    Where the page has changed and the address names nothing, what was chosen on the page before is put into it; on
    a reader's first visit their own units.
    """
    changed = st.session_state.get(_PAGE) not in (page, None)
    st.session_state[_PAGE] = page
    named = {key for key in st.query_params if key in _all_parameters()}
    if changed and not named - {PARAMETER}:
        for key, values in st.session_state.get(_KEPT, {}).items():
            st.query_params[key] = values
    if not st.session_state.get(_STARTED):
        st.session_state[_STARTED] = True
        own = own_units()
        if own and not named - {PARAMETER}:
            st.query_params[PARAMETERS["unit"]] = own
    if st.query_params.get(PARAMETER) in LANGUAGES:
        st.session_state[PARAMETER] = st.query_params[PARAMETER]
    elif PARAMETER in st.session_state:
        st.query_params[PARAMETER] = st.session_state[PARAMETER]
    _keep()


def choice(parameter: str, label: str, options: Mapping[str, str], default: str) -> str:
    """One of a few, kept in the address under a parameter: how a part of a page is told. `options` are their words."""
    key = f"choice_{parameter}"
    st.session_state[key] = _one(parameter, default, tuple(options))

    def choose() -> None:
        _write(parameter, [st.session_state[key] or default], [default])

    st.segmented_control(
        label,
        list(options),
        format_func=lambda code: options[code],
        key=key,
        on_change=choose,
        required=True,
        wrap=True,
    )
    return _one(parameter, default, tuple(options))


def chosen_one(parameter: str, options: Collection[str], default: str) -> str:
    """What is chosen of a `choice` that is drawn further down."""
    return _one(parameter, default, tuple(options))


def page_name() -> str:
    """The name of the page that is drawn, as in its address."""
    return str(st.session_state.get(_PAGE, ""))


def kept() -> dict[str, list[str]]:
    """The parameters that a link to another page carries on: language and filters."""
    return {key: list(values) for key, values in st.session_state.get(_KEPT, {}).items()}


def language_choice() -> None:
    """The choice of language, each by its own name."""
    key = "choice_of_language"
    st.session_state[key] = language()

    def choose() -> None:
        chosen = st.session_state[key] or language()
        st.session_state[PARAMETER] = chosen
        st.query_params[PARAMETER] = chosen

    st.segmented_control(
        _("Language"),
        list(OWN_NAMES),
        width="stretch",
        wrap=False,
        format_func=OWN_NAMES.__getitem__,
        key=key,
        on_change=choose,
        required=True,
    )


def row(
    dataset: str,
    dimensions: Sequence[str],
    *,
    defaults: Mapping[str, Sequence[str]] | None = None,
    grains: Sequence[str] = ("week", "month", "quarter", "year"),
    grain: str = "week",
    span: str = "26vk",
    last: Callable[[str], date | None] = lambda _: None,
    areas: Sequence[str] | None = None,
    spans: bool = True,
) -> Chosen:
    """Draw the filter row and return what is chosen.

    `dataset` is the one whose values are offered; `dimensions` the filters in their order (`area` first
    if at all); `defaults` the values of a dimension that hold while nothing is chosen; `last` gives the last known
    day of an area, from which the span is counted back; without `spans` there is no such choice, and all time is meant.
    """
    defaults = {name: tuple(values) for name, values in (defaults or {}).items()}
    area = _one(PARAMETERS["area"], cache.settings().default_area, (*_area_codes(), ALL_AREAS))
    offered = cache.remembered(choices, dataset, area)
    shown = [name for name in dimensions if name != "area" and name in offered]
    with st.container(key="filter_area"):
        with st.container(key="filter_toggle"):
            st.toggle(_("Show the filters"), key="filters_open")
        with st.container(key="filter_row"):
            first = [name for name in shown if name in FIRST_ROW]
            widths = [2.4] * len(first) + [1.7] * (len(grains) > 1) + [1.6] * (spans + 1)
            cells = iter(st.columns(widths, gap="small", vertical_alignment="bottom"))
            for name in first:
                with next(cells):
                    _box(name, offered[name], defaults.get(name, ()))
            if len(grains) > 1:
                with next(cells):
                    _single(GRAIN, _("Period"), grains, grain, lambda code: _(GRAINS[code]))
            if spans:
                with next(cells):
                    _single(SPAN, _("How far back"), tuple(SPANS), span, lambda code: _(SPANS[code][1]))
            with next(cells), st.popover(_("More filters"), width="stretch"):
                if "area" in dimensions:
                    _area_box(areas or offered["area"])
                for name in (name for name in shown if name not in FIRST_ROW):
                    _box(name, offered[name], defaults.get(name, ()))
        chosen = Chosen(
            area,
            tuple((name, values) for name in shown if (values := _values(name, defaults.get(name, ())))),
            _one(GRAIN, grain, grains),
            SPANS[_one(SPAN, span, tuple(SPANS)) if spans else EVERYTHING][0],
            last(area),
        )
        with st.container(horizontal=True, vertical_alignment="center", key="filter_words"):
            st.caption(_("Shown: {choice}").format(choice=plain(words(chosen, dimensions, spans=spans))))
            if _narrowed():
                st.button(_("Clear the filters"), on_click=_clear, type="tertiary", key="filters_clear")
            if "unit" in shown:
                _remember_box(chosen.of("unit"))
    _keep()
    return chosen


def held(parameter: str, default: str, options: Sequence[str]) -> str:
    """What the address says of a choice before it is drawn."""
    return _one(parameter, default, options)


def choose(
    parameter: str,
    label: str,
    options: Sequence[str],
    default: str,
    said: Callable[[str], str],
    *,
    always: bool = False,
) -> str:
    """One of many, in a box, kept in the address under a parameter of a page's own. Returns what holds.

    `always` writes the default into the address too: where it depends on other choices.
    """
    _single(parameter, label, options, default, said, always=always)
    return _one(parameter, default, options)


def county(present: Sequence[str]) -> str:
    """One county, those with something to show first, the others marked. Returns what holds."""
    options = sorted(
        (code for code in _area_codes()), key=lambda code: (code not in present, names.name("area", code))
    )

    def said(code: str) -> str:
        name = names.name("area", code)
        return name if code in present else _("{name} (no data)").format(name=name)

    return choose(PARAMETERS["area"], names.dimension("area"), options, cache.settings().default_area, said)


def amount(parameter: str, label: str, default: int | None, *, least: int = 0, help: str = "") -> int | None:
    """A whole number that the reader gives, kept in the address; None while nobody has given one."""
    written = st.query_params.get(parameter, "")
    held = int(written) if written.isdecimal() and int(written) >= least else default
    key = f"amount_{parameter}"
    st.session_state[key] = held

    def write() -> None:
        value = st.session_state[key]
        _write(parameter, [] if value is None else [str(value)], [] if default is None else [str(default)])

    st.number_input(label, value=None, min_value=least, step=1, key=key, on_change=write, help=help or None)
    return held


def by_day(parameter: str, label: str, default: date, first: date) -> date:
    """A day from `first` on, kept in the address. Returns what holds."""
    try:
        held = min(max(date.fromisoformat(st.query_params.get(parameter, "")), first), LAST_DAY)
    except ValueError:
        held = default
    key = f"day_{parameter}"
    st.session_state[key] = held

    def write() -> None:
        chosen = st.session_state[key] or default
        _write(parameter, [chosen.isoformat()], [default.isoformat()])

    st.date_input(label, min_value=first, max_value=LAST_DAY, key=key, on_change=write, format="DD.MM.YYYY")
    return held


def choose_several(
    parameter: str,
    label: str,
    options: Sequence[str],
    default: Sequence[str],
    said: Callable[[str], str],
    most: int,
    *,
    means_all: bool = False,
) -> tuple[str, ...]:
    """Several values of a choice of a page's own, kept in the address under `parameter`. Returns what holds.

    `means_all` where nothing chosen is everything.
    """
    written = st.query_params.get_all(parameter)
    named = tuple(value for value in dict.fromkeys(written) if value in options)[:most]
    chosen = named if named or written == [NOTHING] else tuple(default)
    key = f"filter_{parameter}"
    st.session_state[key] = list(chosen)

    def write() -> None:
        values = list(st.session_state[key])
        _write(parameter, values or [NOTHING], list(default) or [NOTHING])

    st.multiselect(
        label,
        list(options),
        format_func=said,
        key=key,
        on_change=write,
        max_selections=most,
        placeholder=_("All") if means_all else _("None"),
        select_all=False,
        filter_mode="contains",
    )
    return chosen


def words(chosen: Chosen, dimensions: Sequence[str], *, spans: bool = True) -> str:
    """What is chosen, said in words."""
    parts = []
    if "area" in dimensions:
        parts.append(names.name("area", chosen.area))
    for name in dimensions:
        if name == "area":
            continue
        values = chosen.of(name)
        if len(values) > 3:
            parts.append(
                ngettext("{what}: {count} value", "{what}: {count} values", len(values)).format(
                    what=names.dimension(name), count=len(values)
                )
            )
        elif values:
            parts.append(", ".join(names.name(name, value) for value in values))
        elif name in ("unit", "service"):
            parts.append(_("all units") if name == "unit" else _("all services"))
    parts.append(_(GRAINS[chosen.grain]))
    parts += [_(said) for weeks, said in SPANS.values() if spans and weeks == chosen.weeks]
    return " · ".join(parts)


def units_written() -> tuple[str, ...]:
    """The units that the address names, also where the page shows no filter for them."""
    return _values("unit", ())


def own_units() -> list[str]:
    """The units a reader has asked to be remembered; none where the cookie is not there or not ours."""
    try:
        written = base64.urlsafe_b64decode(str(st.context.cookies.get(COOKIE, ""))).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []
    return [unit for unit in written.split("\n") if unit]


def _remember_box(units: Sequence[str]) -> None:
    if not units:
        return
    if st.button(
        _("Remember as my units"),
        type="tertiary",
        key="filters_remember",
        help=_(
            "The next time these units are chosen at once. This browser keeps their codes in a cookie for a year."
        ),
    ):
        value = base64.urlsafe_b64encode("\n".join(units).encode()).decode()
        scripts.run(scripts.COOKIE, name=COOKIE, value=value, seconds=_COOKIE_SECONDS)
        st.toast(_("Your units are remembered in this browser."))


def _box(dimension: str, present: Sequence[str], default: Sequence[str]) -> None:
    """A filter of several values; values of the code list without data are offered and marked."""
    known = [code for domain, code in code_names() if domain == dimension and dimension != "municipality"]
    options = [*known, *(code for code in present if code not in known)]
    options = [
        code for code in options if code in present or dimension not in ("service",) or code in default
    ]
    chosen = list(_values(dimension, default))
    options += [code for code in chosen if code not in options]
    if dimension in ("unit", "municipality"):
        options.sort(key=lambda code: names.name(dimension, code).casefold())
    key = f"filter_{PARAMETERS[dimension]}"
    st.session_state[key] = chosen

    # Named once here: outside the run, where Streamlit may call back, no language is known.
    called = names.names(dimension, options)
    labels = {
        code: name if code in present else _("{name} (no data)").format(name=name)
        for code, name in called.items()
    }

    def choose() -> None:
        _write(PARAMETERS[dimension], list(st.session_state[key]), list(default))

    st.multiselect(
        names.dimension(dimension),
        options,
        format_func=labels.__getitem__,
        key=key,
        on_change=choose,
        placeholder=_("All"),
        select_all=False,
        filter_mode="contains" if len(options) > 12 else None,
    )


def _area_box(present: Sequence[str]) -> None:
    options = [*_area_codes(), ALL_AREAS]

    def said(code: str) -> str:
        name = names.name("area", code)
        return name if code in present or code == ALL_AREAS else _("{name} (no data)").format(name=name)

    _single(PARAMETERS["area"], names.dimension("area"), options, cache.settings().default_area, said)


def _single(
    parameter: str,
    label: str,
    options: Sequence[str],
    default: str,
    said: Callable[[str], str],
    *,
    always: bool = False,
) -> None:
    key = f"filter_{parameter}"
    st.session_state[key] = _one(parameter, default, options)

    def choose() -> None:
        _write(parameter, [st.session_state[key]], [] if always else [default])

    labels = {code: said(code) for code in options}
    st.selectbox(
        label,
        list(options),
        format_func=labels.__getitem__,
        key=key,
        on_change=choose,
        filter_mode="contains" if len(options) > 12 else None,
    )


def _area_codes() -> list[str]:
    return [code for domain, code in code_names() if domain == "area" and code not in (ALL_AREAS, "FI")]


def _all_parameters() -> set[str]:
    return {PARAMETER, GRAIN, SPAN, *PARAMETERS.values()}


def _values(dimension: str, default: Sequence[str]) -> tuple[str, ...]:
    """The values of a dimension by the address; the default where it does not name it."""
    written = st.query_params.get_all(PARAMETERS[dimension])
    if not written:
        return tuple(default)
    return () if written == [EVERYTHING] else tuple(dict.fromkeys(written))


def _one(parameter: str, default: str, allowed: Sequence[str]) -> str:
    written = st.query_params.get(parameter)
    return written if written in allowed else default


def _write(parameter: str, values: list[str], default: list[str]) -> None:
    """Put a choice into the address; what is the default is left out of it."""
    if values == default:
        if parameter in st.query_params:
            del st.query_params[parameter]
    else:
        st.query_params[parameter] = values or [EVERYTHING]
    if not values and not default and parameter in st.query_params:
        del st.query_params[parameter]
    _keep()


def _narrowed() -> bool:
    return any(key in st.query_params for key in _all_parameters() - {PARAMETER})


def _clear() -> None:
    for key in _all_parameters() - {PARAMETER}:
        if key in st.query_params:
            del st.query_params[key]
    _keep()


def _keep() -> None:
    """Remember in the session what the address says now."""
    st.session_state[_KEPT] = {
        key: st.query_params.get_all(key) for key in _all_parameters() if key in st.query_params
    }
