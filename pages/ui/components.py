"""The components of a page: title and finding, number tiles, charts with their table, sources, empty and error states."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.catalogue.definition import Definition
from indicators.catalogue.errors import TakuuvahtiError
from indicators.engine.question import Answer, LoadUsed
from indicators.wording import formats
from indicators.wording.actions import Action as ToDo
from indicators.wording.translations import _, language
from pages.access import gate, session
from pages.charts.drawing import escape_foreign_markup
from pages.sheet import Action
from pages.text import names
from pages.text.audience import in_file_name
from pages.text.markup import plain
from pages.text.sources import demo_words, sources_heading, sources_words
from pages.text.tables import Table
from pages.text.tiles import Tile
from pages.ui import address, audience, cache, downloads, page_registry, pictures, tour
from pages.ui.indicator_links import indicator_address, period_of
from pages.ui.markup import facts_html, table_html, tiles_html
from pages.ui.pictures import Caption, MayBeDemo
from pages.ui.report_buttons import Offer
from pipelines.errors import WarehouseMissing

SETUP_COMMAND = "python -m pipelines setup"
#: Session key: whether the page shows demo data.
_DEMO = "page_shows_demo"
#: Options of plotly.js: no mode bar, nothing sent anywhere.
CHART_CONFIG = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "scrollZoom": False,
    "doubleClick": False,
    "responsive": True,
}
_MAX_SENT = 600
_FACTS_STYLE = """<style>
dl.tv-facts {display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.25rem; margin: 0; padding: 0}
dl.tv-facts dt {color: color-mix(in srgb, currentColor 74%, transparent)}
dl.tv-facts dd {margin: 0; overflow-wrap: anywhere; max-width: 52rem}
@media (max-width: 640px) {dl.tv-facts {grid-template-columns: 1fr; gap: 0} dl.tv-facts dd {margin-bottom: .6rem}}
</style>"""
logger = logging.getLogger("takuuvahti.pages")


def guarded(draw: Callable[[], None]) -> None:
    """Draw a page; an error is shown as a sentence in the reader's language, never as a traceback.

    An unexpected error is logged in full, and the page says so. A fresh server that is first asked for a page by its
    address runs the page's file without the router: then the navigation is drawn here and the run starts again.
    """
    try:
        if not address.page_name():
            page_registry.navigation()
            st.rerun()
        page = address.page_name()
        pictures.begin()
        if session.access().may(page_registry.right_of(page)):
            audience.choose()
            session.record_view(page)
            tour.draw()
            draw()
            audience.print_if_asked()
        else:
            gate.refusal()
    except WarehouseMissing:
        empty(
            _("There is no data yet"),
            _(
                "The warehouse has not been made. Run this command in the folder of the application, then reload:"
            ),
        )
        st.code(SETUP_COMMAND, language=None)
    except TakuuvahtiError as error:
        st.error(error.message(language()))
    except Exception:
        logger.exception("a page could not be drawn")
        st.error(
            _(
                "The page could not be drawn. Nothing was changed. The fault is in the server's log; try again."
            )
        )


def heading(title_text: str, finding_text: str, *answers: MayBeDemo) -> None:
    """The page's title, the mark of demo data where any answer has it, and the finding."""
    title(title_text, *answers)
    finding(finding_text)


def title(text: str, *answers: MayBeDemo, report: Offer | None = None) -> None:
    """The head of a page: its title; small at the right the mark of demo data where any answer has it, until when there is
    data, for whom the page is made; with the report it offers. Downloads carry the same mark."""
    rests = rest_on(*answers)
    marks = []
    if rests.mark:
        marks.append(f'<p class="tv-demo" role="note">{html.escape(rests.mark)}</p>')
    if rests.until:
        marks.append(f"<p>{html.escape(rests.until)}</p>")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="page_head"):
        st.title(text, anchor=False)
        audience.marks(
            "".join(marks), told=page_registry.has_figures_of_persons(address.page_name()), report=report
        )


def rest_on(*answers: MayBeDemo) -> pictures.RestsOn:
    """Say what the figures shown from here on rest on, for the files taken of them; returns it."""
    rests = pictures.RestsOn.of(answers)
    st.session_state[_DEMO] = bool(rests.mark)
    pictures.rest_on(rests)
    return rests


def shows_demo() -> bool:
    """Whether the page shows demo data."""
    return bool(st.session_state.get(_DEMO))


def tabs(parameter: str, options: Mapping[str, str]) -> tuple[str, DeltaGenerator]:
    """Named tabs, by code and label; the first is open by default. Returns the code of the open one, and its place.

    Only what is open is to be drawn: the page runs again when another is opened.
    """
    codes, key = list(options), f"tabs_{parameter}"
    opened = address.selected(parameter, options, codes[0])
    st.session_state[key] = options[opened]

    def change() -> None:
        code = next((code for code, label in options.items() if label == st.session_state[key]), codes[0])
        address.write(parameter, [code], [codes[0]])

    places = st.tabs(list(options.values()), key=key, on_change=change)
    return opened, places[codes.index(opened)]


def unfold(parameter: str, code: str, label: str) -> DeltaGenerator | None:
    """What is one tap away in place: its place where it is open, which the address says; None where it is not."""
    key = f"unfold_{code}"
    opened = st.query_params.get_all(parameter)
    st.session_state[key] = code in opened

    def change() -> None:
        others = [one for one in st.query_params.get_all(parameter) if one != code]
        address.write(parameter, [*others, *([code] if st.session_state[key] else [])], [])

    place = st.expander(label, key=key, on_change=change)
    return place if place.open else None


def how_to_read(*texts: str, summary: str = "") -> None:
    """How to read what is shown, one tap away, under those words or a `summary`."""
    said = "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)
    heading = html.escape(summary or _("How to read this"))
    st.html(f'<details class="tv-help"><summary>{heading}</summary>{said}</details>')


def finding(text: str) -> None:
    """The finding in a sentence, the first thing on the page."""
    st.html(f'<p class="tv-finding" role="status">{html.escape(_unbroken(text))}</p>')


def subheading(text: str) -> None:
    """A sentence that follows the finding, a little smaller."""
    st.html(f'<p class="tv-subheading">{html.escape(_unbroken(text))}</p>')


def _unbroken(text: str) -> str:
    """A text in which no line ends between n and its number.

    >>> _unbroken("(n = 44)")
    '(n\xa0=\xa044)'
    """
    return text.replace("n = ", f"n{formats.NBSP}={formats.NBSP}")


def section(title: str, lead: str = "") -> None:
    """A heading of a part of the page, with a line that says what it shows."""
    st.header(title, anchor=False)
    note(lead)


def note(text: str) -> None:
    """A short explanation; nothing where the text is empty."""
    if text:
        st.html(f'<p class="tv-note">{html.escape(text)}</p>')


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values below each other."""
    st.html(_FACTS_STYLE + facts_html(pairs))


def tiles(shown: Sequence[Tile]) -> None:
    """Number tiles next to each other."""
    st.html(tiles_html(shown))


def show_chart(figure: go.Figure, alt: str, key: str) -> None:
    """Show a figure; `alt` is its text alternative."""
    if figure.layout.meta is None:
        _send_chart(figure, alt, key)
    else:
        _replayed(figure.layout.meta, alt, key, figure)


def _send_chart(figure: go.Figure, alt: str, key: str) -> None:
    escape_foreign_markup(figure)
    st.plotly_chart(figure, key=key, config=CHART_CONFIG, alt=alt, theme="streamlit")


@st.cache_data(max_entries=_MAX_SENT, show_spinner=False)
def _replayed(content: str, alt: str, key: str, _figure: go.Figure) -> None:  # noqa: ARG001  (part of the key)
    """Streamlit replays what it sent for the same content: serialising a figure is slower than drawing it."""
    _send_chart(_figure, alt, key)


# Many parameters because a chart has its alternative text, its table, its names and how it is read.
def chart_block(
    figure: go.Figure, alt: str, table: Table, key: str, *, what: str, picture: Caption, remark: str = ""
) -> None:
    """A chart, a remark on how to read it, and its table on demand; `key` names the downloaded files, `what` the log entry.

    `picture` is what its picture says of itself besides the remark.
    """
    show_chart(figure, alt, key=f"chart_{key}")
    note(remark)
    with st.expander(_("Table and download"), key=f"table_{key}"):
        full_table(table, key, what=what)
        pictures.of_figure(figure, replace(picture, notes=(remark, *picture.notes)), alt, key, what=what)


@dataclass(frozen=True)
class Small:
    """One of several small charts: its name, its newest number, its figure (None where there is none), its alternative text."""

    name: str
    number: str
    figure: go.Figure | None
    alt: str


def small_charts(shown: Sequence[Small], key: str) -> None:
    """Small charts, as many next to each other as the window has room for."""
    cells = st.grid(min_column_width=230, gap="small")
    for at, one in enumerate(shown):
        with cells.container():
            st.html(
                f'<p class="tv-small-chart">{html.escape(one.name)}<br>'
                f'<span class="tv-muted">{html.escape(one.number)}</span></p>'
            )
            if one.figure is not None:
                show_chart(one.figure, one.alt, key=f"small_{key}_{at}")


def table_block(
    table: Table, key: str, *, what: str, title: str | None = None, expanded: bool = False
) -> None:
    """A table on demand, with its download."""
    with st.expander(title or _("Table and download"), expanded=expanded, key=f"table_{key}"):
        full_table(table, key, what=what)


def full_table(table: Table, key: str, *, what: str) -> None:
    """A table in full view, with its download."""
    show_table(table)
    download(table, key, what=what)


def show_table(table: Table) -> None:
    """A table in full view."""
    st.html(table_html(table))


def download(table: Table, key: str, *, what: str) -> None:
    """A button that gives a table as CSV; every download is logged."""
    page, taker = address.page_name(), downloads.Taker.of_run()
    mark = demo_words() if shows_demo() else ""
    name = f"{page}_{key}_{in_file_name()}" if page_registry.has_figures_of_persons(page) else f"{page}_{key}"

    def make() -> bytes:
        taker.log(page, what, len(table.rows))
        return table.csv(mark)

    st.download_button(
        _("Download the table (CSV)"),
        data=downloads.later(make),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"download_{key}",
        on_click="ignore",
    )


def sources(*answers: Answer, cited: Iterable[str] = (), used: Iterable[LoadUsed] = ()) -> None:
    """Where the numbers come from: how many loads and how new, and one tap away which."""
    loads = [*used, *(load for answer in answers for load in answer.loads)]
    st.html(
        f'<details class="tv-sources"><summary>{html.escape(sources_heading(loads))}</summary>'
        f"<p>{html.escape(sources_words(*answers, cited=cited, used=used))}</p></details>"
    )


def definition_block(*definitions: Definition, first: str = "") -> None:
    """What the figures mean: how they are computed, where they come from, their limitations.

    `first` says where the page counts otherwise than they do.
    """
    with st.expander(_("What the figures mean"), key="what_the_figures_mean"):
        if first:
            st.markdown(first)
        for definition in definitions:
            words = names.text(definition)
            # The words of a measure come from a file.
            st.markdown(f"**{plain(words.name)}**")
            st.markdown(plain(words.what))
            st.markdown(_("How it is computed: {text}").format(text=plain(words.formula)))
            st.markdown(_("Source: {text}").format(text=plain(words.source)))
            st.markdown(_("Limitations: {text}").format(text=plain(words.weaknesses)))
            if definition.review is not None:
                st.caption(
                    _("Owner: {owner}. The definition is looked at again by {day}.").format(
                        owner=definition.owner, day=formats.day(definition.review)
                    )
                )


def empty(what: str, why: str) -> None:
    """An empty state: what is missing, why, and what to do."""
    st.info(f"**{what}.** {plain(why)}")


def link(page: str, label: str, parameters: Mapping[str, str | Sequence[str]] | None = None) -> None:
    """A link to another page that keeps language and filters; `parameters` change some of them."""
    st.page_link(
        f"pages/{page}.py", label=label, query_params={**address.carried(), **dict(parameters or {})}
    )


def link_address(page: str, parameters: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """Another page's address with language and filters, for a link inside a table; `parameters` change some of them."""
    return f"{page}?{urlencode({**address.carried(), **dict(parameters or {})}, doseq=True)}"


def link_to_page(page: str, parameters: Mapping[str, str | Sequence[str]]) -> str:
    """A line with a link to another page by its title; empty for who may not open it."""
    if not session.access().may(page_registry.right_of(page)):
        return ""
    title = html.escape(page_registry.titles()[page])
    return f'<p><a href="{html.escape(link_address(page, parameters), quote=True)}">{title}</a></p>'


def linked(actions: Iterable[ToDo], area: str) -> list[Action]:
    """Things to do of an area as pieces of a first screen, each with the address of what shows it."""

    def href(one: ToDo) -> str:
        if one.indicator:
            return indicator_address(
                cache.definitions()[one.indicator], area, one.scope, period_of(one.period)
            )
        return link_address(one.page, one.query)

    return [Action(one.figure, one.kind, one.what, one.where, href(one)) for one in actions]


def link_here(parameters: Mapping[str, str | Sequence[str]]) -> str:
    """This page's address as it is now, with some parameters changed; an empty value leaves one out."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params} | dict(parameters)
    written = {name: value for name, value in asked.items() if value}
    return f"{address.page_name()}?{urlencode(written, doseq=True)}"
