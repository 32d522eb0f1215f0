"""Parts every page is made of: heading with the finding, number tiles, charts with their table, sources, states."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.errors import TakuuvahtiError
from indicators.engine.question import NO_DENOMINATOR, Answer, LoadUsed, has_range
from pages import charts
from pages.charts import theme
from pages.text import formats, names
from pages.text.markup import plain
from pages.text.translations import _, language, ngettext
from pages.ui import cache, downloads, filters, registry
from pages.ui.kept import kept
from pipelines.errors import WarehouseMissing

SETUP_COMMAND = "python -m pipelines setup"
#: Whether the page that is drawn shows made-up numbers.
_DEMO = "page_shows_demo"
logger = logging.getLogger("takuuvahti.pages")


@dataclass(frozen=True)
class Tile:
    """One number that matters: what it is, how much, against what, how it moved.

    `verdict` is a name of `formats.VERDICTS`; `trend` the values behind the small line, `trend_words` what the line
    shows, for those who do not see it; `target` its level in the line. `hollow` marks a number of another, earlier period
    than the one looked at; `link` is the address its title leads to.
    """

    title: str
    number: str
    details: tuple[str, ...] = ()
    verdict: str | None = None
    change: str | None = None
    trend: tuple[float | None, ...] = ()
    trend_words: str = ""
    target: float | None = None
    first: bool = False
    hollow: bool = False
    link: str = ""


@dataclass(frozen=True)
class Small:
    """One of several small charts: its name, its newest number, the figure (None where nothing can be drawn), its words."""

    name: str
    number: str
    figure: go.Figure | None
    alt: str


@dataclass(frozen=True)
class Cell:
    """A cell of a table: as it is read, and as a spreadsheet takes it."""

    text: str
    plain: downloads.Plain


@dataclass(frozen=True)
class Table:
    """The table twin of a chart. `right` has, per column, whether it is aligned as numbers are.

    `says_why` is whether a column of statuses says why a number is not there.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: tuple[bool, ...]
    caption: str = ""
    says_why: bool = False

    def csv(self, mark: str = "") -> bytes:
        """The table as a spreadsheet takes it; a mark, such as that of demo data, goes with every row.

        A number that is not there is an empty field where a status says why, else the words that say it.
        """
        more = [mark] if mark else []
        header = [*self.header, *([_("Note")] if mark else [])]
        return downloads.csv_bytes(header, [[*map(self._field, row), *more] for row in self.rows])

    def _field(self, cell: Cell) -> downloads.Plain:
        nothing = cell.plain is None or cell.plain != cell.plain
        return cell.text if nothing and not self.says_why else cell.plain


def guarded(draw: Callable[[], None]) -> None:
    """Draw a page; whatever goes wrong is told in the reader's language, never as a traceback.

    What was not foreseen goes to the server's log in full, and the page says so. A fresh server that is first asked
    for a page by its address runs the page's file without the router, as long as no navigation was drawn: then it is
    drawn here and the run starts again, through the router.
    """
    if not filters.page_name():
        registry.navigation()
        st.rerun()
    try:
        draw()
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


class MayBeDemo(Protocol):
    """Anything that knows whether synthetic rows are behind it."""

    @property
    def demo(self) -> bool: ...


def heading(title_text: str, finding_text: str, *answers: MayBeDemo) -> None:
    """The page's title, the mark of demo data where any answer has it, and the finding in a sentence."""
    title(title_text, *answers)
    finding(finding_text)


def title(text: str, *answers: MayBeDemo) -> None:
    """The page's title and the mark of demo data where any answer has it."""
    st.title(text, anchor=False)
    demo_banner(*answers)


def finding(text: str) -> None:
    """The finding in a sentence, the first thing a reader is told."""
    st.html(f'<p class="tv-finding" role="status">{html.escape(_unbroken(text))}</p>')


def subheading(text: str) -> None:
    """What belongs to the finding and is said after it, a little smaller."""
    st.html(f'<p class="tv-beside">{html.escape(_unbroken(text))}</p>')


def _unbroken(text: str) -> str:
    """A text in which no line ends between n and its number.

    >>> _unbroken("(n = 44)")
    '(n\xa0=\xa044)'
    """
    return text.replace("n = ", f"n{formats.NBSP}={formats.NBSP}")


def demo_banner(*answers: MayBeDemo) -> None:
    """Say that the numbers are made up, where they are; the page's downloads then say so too."""
    st.session_state[_DEMO] = any(answer.demo for answer in answers)
    if st.session_state[_DEMO]:
        st.html(f'<p class="tv-demo" role="note"><strong>{html.escape(demo_words())}</strong></p>')


def demo_words() -> str:
    """What is said of demo data wherever it is shown."""
    return _("Demo data: the numbers are made up")


def section(title: str, lead: str = "") -> None:
    """A heading of a part of the page, with a line that says what it shows."""
    st.header(title, anchor=False)
    if lead:
        st.html(f'<p class="tv-note">{html.escape(lead)}</p>')


def note(text: str) -> None:
    """A short explanation under a chart or table."""
    st.html(f'<p class="tv-note">{html.escape(text)}</p>')


def tiles(shown: Sequence[Tile]) -> None:
    """The few numbers that matter, side by side."""
    st.html('<ul class="tv-tiles">' + "".join(_tile(tile) for tile in shown) + "</ul>")


def _tile(tile: Tile) -> str:
    verdict = ""
    if tile.verdict:
        mark, _word = formats.VERDICTS[tile.verdict]
        colour = theme.VERDICT_COLOURS[tile.verdict]
        word = html.escape(formats.verdict(tile.verdict).replace(mark, "", 1).strip())
        verdict = (
            f'<p><span class="tv-mark" aria-hidden="true" style="color:{colour}">{mark}</span> {word}</p>'
        )
    small = charts.sparkline(tile.trend, tile.target)
    picture = f'<img src="{small}" alt="{html.escape(tile.trend_words, quote=True)}">' if small else ""
    change = f"<p>{html.escape(tile.change)}</p>" if tile.change else ""
    details = "".join(f'<p class="tv-muted">{html.escape(text)}</p>' for text in tile.details)
    kind = "tv-tile" + (" tv-first" if tile.first else "") + (" tv-hollow" if tile.hollow else "")
    # A word in the place of a number is smaller.
    size = "tv-number" if any(sign.isdigit() for sign in tile.number) else "tv-number tv-word"
    title = html.escape(tile.title)
    if tile.link:
        title = f'<a href="{html.escape(tile.link, quote=True)}" target="_self">{title}</a>'
    return (
        f'<li class="{kind}"><p class="tv-name">{title}</p>'
        f'<p class="{size}">{html.escape(tile.number)}</p>{verdict}{change}{details}{picture}</li>'
    )


def chart_block(figure: go.Figure, alt: str, table: Table, key: str, *, what: str, remark: str = "") -> None:
    """A chart, a remark on how to read it, its table on demand and the table as a download.

    `key` names it on the page and in the downloaded file's name; `what` is what the log of downloads says was taken.
    """
    charts.show(figure, alt, key=f"chart_{key}")
    if remark:
        note(remark)
    table_block(table, key, what=what)


def smalls(shown: Sequence[Small], key: str) -> None:
    """Small charts, as many side by side as the window has room for."""
    cells = st.grid(min_column_width=230, gap="small")
    for at, one in enumerate(shown):
        with cells.container():
            st.html(
                f'<p class="tv-small">{html.escape(one.name)}<br>'
                f'<span class="tv-muted">{html.escape(one.number)}</span></p>'
            )
            if one.figure is not None:
                charts.show(one.figure, one.alt, key=f"small_{key}_{at}")


def table_block(
    table: Table, key: str, *, what: str, title: str | None = None, expanded: bool = False
) -> None:
    """A table that opens on demand, with its download."""
    with st.expander(title or _("Table and download"), expanded=expanded, key=f"table_{key}"):
        st.html(table_html(table))
        download(table, key, what=what)


def download(table: Table, key: str, *, what: str) -> None:
    """A button that gives a table as CSV; taking it is logged."""
    page = filters.page_name()
    folder = cache.settings().warehouse
    who = downloads.reader()
    mark = demo_words() if st.session_state.get(_DEMO) else ""

    def taken() -> bytes:
        downloads.log(folder, who, page, what, len(table.rows))
        return table.csv(mark)

    st.download_button(
        _("Download the table (CSV)"),
        data=downloads.later(taken),
        file_name=f"{page}_{key}.csv",
        mime="text/csv",
        key=f"download_{key}",
        on_click="ignore",
    )


def table_html(table: Table) -> str:
    """A table as a screen reader wants it: caption, column and row headings."""
    side = [' class="tv-right"' if right else "" for right in table.right]
    head = "".join(
        f'<th scope="col"{place}>{html.escape(title)}</th>'
        for title, place in zip(table.header, side, strict=True)
    )
    body = []
    for row in table.rows:
        cells = [f'<th scope="row"{side[0]}>{html.escape(row[0].text)}</th>']
        cells += [
            f"<td{place}>{html.escape(cell.text)}</td>" for cell, place in zip(row[1:], side[1:], strict=True)
        ]
        body.append("<tr>" + "".join(cells) + "</tr>")
    caption = f"<caption>{html.escape(table.caption)}</caption>" if table.caption else ""
    label = html.escape(table.caption or _("Table"), quote=True)
    return (
        f'<div class="tv-table" tabindex="0" role="region" aria-label="{label}"><table>{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def answer_table(
    rows: pd.DataFrame,
    definition: Definition,
    splits: Sequence[str] = (),
    *,
    caption: str = "",
    newest_first: bool = True,
) -> Table:
    """The table twin of an answer's rows: period, splits, value, counts, coverage and status."""
    ordered = rows.sort_values("period_start", ascending=not newest_first, kind="stable")
    # Names are looked up here, for they are no part of what a kept table is made of.
    called = {split: names.names(split, ordered[split]) for split in splits}
    return _answer_table(
        ordered, definition, called, {split: names.dimension(split) for split in splits}, caption
    )


@kept
def _answer_table(
    rows: pd.DataFrame,
    definition: Definition,
    called: Mapping[str, Mapping[str, str]],
    dimensions: Mapping[str, str],
    caption: str,
) -> Table:
    shares = definition.is_share
    has_n = bool(rows["denominator"].notna().any()) or shares
    has_coverage = bool(rows[["coverage", "coverage_low"]].notna().any(axis=None))
    header = [_("Period"), *dimensions.values()]
    header.append(f"{names.text(definition).short}, {formats.unit_word(definition)}")
    right = [False] * (1 + len(called)) + [True]
    records = rows.to_dict("records")
    ranged = any(map(has_range, records))
    if ranged:
        header += [_("Lower bound"), _("Upper bound")]
        right += [True, True]
    if shares:
        header.append(_("Numerator"))
        right.append(True)
    if has_n:
        header.append(_("n"))
        right.append(True)
    if has_coverage:
        header.append(_("Coverage, %"))
        right.append(True)
    header.append(_("Status"))
    right.append(False)
    body = []
    for row in records:
        cells = [Cell(formats.period(row["period"]), row["period"])]
        cells += [Cell(of[row[split]], of[row[split]]) for split, of in called.items()]
        cells.append(Cell(formats.cell(row, definition), _plain(row["value"])))
        if ranged:
            cells += [_end(row, definition, end) for end in ("low", "high")]
        if shares:
            cells.append(Cell(formats.count(row, "numerator"), formats.counted(row, "numerator")))
        if has_n:
            cells.append(Cell(formats.count(row, "denominator"), formats.counted(row, "denominator")))
        if has_coverage:
            covered = None if row["status"] == NO_DENOMINATOR else _plain(row["coverage"])
            cells.append(Cell(formats.coverage(row), covered))
        cells.append(Cell(formats.status_word(row["status"]), formats.status_word(row["status"])))
        body.append(tuple(cells))
    return Table(tuple(header), tuple(body), tuple(right), caption, says_why=True)


def _end(row: Mapping[str, Any], definition: Definition, end: str) -> Cell:
    """An end of the range of a row; where there is no range, its value is both ends."""
    amount = row[end] if has_range(row) else row["value"]
    return Cell("" if formats.missing(amount) else formats.value(amount, definition), _plain(amount))


def _plain(value: Any) -> downloads.Plain:
    return None if formats.missing(value) else float(value)


def sources(*answers: Answer, cited: Iterable[str] = (), used: Iterable[LoadUsed] = ()) -> None:
    """The line that says where the numbers come from: loads, extract dates, period covered, demo or real, documents."""
    st.html(f'<p class="tv-sources">{html.escape(sources_words(*answers, cited=cited, used=used))}</p>')


def sources_words(*answers: Answer, cited: Iterable[str] = (), used: Iterable[LoadUsed] = ()) -> str:
    """The sources line as text; `used` are loads besides those of the answers."""
    loads: dict[str, LoadUsed] = {load.load_id: load for answer in answers for load in answer.loads}
    loads |= {load.load_id: load for load in used}
    parts = []
    newest = sorted(loads.values(), key=lambda load: (load.extract_date, load.load_id), reverse=True)
    for load in newest[:3]:
        span = ""
        if load.period_start and load.period_end:
            span = ", " + _("covers {span}").format(span=formats.day_span(load.period_start, load.period_end))
        mark = ", " + _("demo data") if load.demo else ""
        parts.append(
            _("{file} (load {load}, extracted {day}{span}{mark})").format(
                file=load.file, load=load.load_id, day=formats.day(load.extract_date), span=span, mark=mark
            )
        )
    if len(newest) > 3:
        more = len(newest) - 3
        parts.append(ngettext("{count} earlier load", "{count} earlier loads", more).format(count=more))
    documents = {str(text) for text in cited if text}
    documents |= {
        str(text)
        for answer in answers
        if "cited_source" in answer.rows
        for text in answer.rows["cited_source"].dropna()
    }
    parts += sorted(documents)
    if not parts:
        return _("Sources: no load is behind these figures.")
    return _("Sources: {sources}.").format(sources="; ".join(parts))


def definition_block(*definitions: Definition) -> None:
    """What the figures mean: how they are computed, where they come from, what they cannot tell."""
    with st.expander(_("What the figures mean"), key="what_the_figures_mean"):
        for definition in definitions:
            words = names.text(definition)
            # The words of a measure come from a file.
            st.markdown(f"**{plain(words.name)}**")
            st.markdown(plain(words.what))
            st.markdown(_("How it is computed: {text}").format(text=plain(words.formula)))
            st.markdown(_("Source: {text}").format(text=plain(words.source)))
            st.markdown(_("What it cannot tell: {text}").format(text=plain(words.weaknesses)))
            if definition.review is not None:
                st.caption(
                    _("Owner: {owner}. The definition is looked at again by {day}.").format(
                        owner=definition.owner, day=formats.day(definition.review)
                    )
                )


def empty(what: str, why: str) -> None:
    """Instead of nothing: what is not there, why, and what to do."""
    st.info(f"**{what}.** {plain(why)}")


def link(page: str, label: str, parameters: Mapping[str, str | Sequence[str]] | None = None) -> None:
    """A link to another page that keeps language and filters; `parameters` change some of them."""
    st.page_link(f"pages/{page}.py", label=label, query_params={**filters.kept(), **dict(parameters or {})})


def address(page: str, parameters: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """Another page's address with language and filters, for a link inside a table; `parameters` change some of them."""
    return f"{page}?{urlencode({**filters.kept(), **dict(parameters or {})}, doseq=True)}"
