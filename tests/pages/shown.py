"""Everything an opened page shows and gives out: texts, tables, charts with their tooltips, small pictures, downloads."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indicators.wording.translations import in_language
from pipelines.settings import Settings
from tests.pages.app import markup_of
from tests.pages.opening import opened

#: What a file's name says of its audience.
_OF_AUDIENCE = re.compile("_(sisainen|jaettavissa|internt|far_delas|internal|shareable)(?=[.]csv$)")
#: Ticks of both axes: they are no values.
_TICKS = re.compile(r'<text[^>]* text-anchor="(?:end|middle)" fill="var\(--tv-muted\)">[^<]*</text>')
#: Drawings of our own, and the beginning of a place of them that has words under the pointer.
_DRAWINGS = re.compile(r"<svg[ >].*?</svg>", re.S)
_POINTS = re.compile(r'<g class="tv-point"[^>]*>')
_CELL = re.compile(r"<t[hd]([^>]*)>(.*?)</t[hd]>", re.S)


@dataclass(frozen=True)
class Point:
    """One place of a chart: its value on the axis of values (None: nothing is drawn), and what its tooltip says."""

    value: float | None
    words: str


@dataclass(frozen=True)
class Chart:
    """A chart: the words for those who do not see it, its traces as plotly gets them, the texts written into it."""

    alt: str
    traces: tuple[dict[str, Any], ...]
    written: tuple[str, ...]
    lying: bool

    def points(self) -> Iterator[Point]:
        """The points of every trace that has tooltips, drawn or not. Where names stand on the y axis, values lie on x."""
        for trace in self.traces:
            words = trace.get("customdata")
            if words is None or trace.get("hoverinfo") == "skip":
                continue
            values = trace["x"] if self.lying else trace["y"]
            for value, said in zip(_numbers(values), words, strict=True):
                there = None if value is None or value != value else float(value)
                yield Point(there, plain(str(said)))


@dataclass(frozen=True)
class Table:
    """A table as it is read: its heading, and its rows of cells."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Shown:
    """What a page shows. `downloads` are the files by their name without the audience, as rows of fields, the heading first."""

    page: str
    address: dict[str, str]
    texts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    boards: list[str] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    downloads: dict[str, list[list[str]]] = field(default_factory=dict)

    def everything(self) -> Iterator[str]:
        """Every text, wherever it stands."""
        yield from self.texts
        for chart in self.charts:
            yield chart.alt
            yield from chart.written
            yield from (point.words for point in chart.points())
        yield from (words for words, _svg in self.pictures)
        for rows in self.downloads.values():
            for row in rows:
                yield " | ".join(row)


def _numbers(values: Any) -> Sequence[Any]:
    """The values of an axis; plotly writes long ones as bytes."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"])).tolist()
    return values


def plain(markup: str) -> str:
    """Markup as it is read: no tags, single spaces; cells and lines parted by a bar."""
    markup = re.sub(r"<style>.*?</style>|<script.*?</script>", " ", markup, flags=re.S)
    markup = re.sub(r"</(td|th|p|li|div|caption)>|<br>", " | ", markup)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\xa0", " ")).strip()


def shown(
    page: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str = "fi", **address: str
) -> Shown:
    """Open a page and take in all it shows; its downloads are taken too."""
    given: dict[str, Any] = {}
    with monkeypatch.context() as patch:
        button = st.download_button

        def noticed(label: str, data: Any = None, file_name: str | None = None, **more: Any) -> bool:
            given[str(file_name)] = data
            return button(label, data=data, file_name=file_name, **more)

        patch.setattr(st, "download_button", noticed)
        app = opened(page, settings, patch, language, **address)
        assert not app.error, [error.value for error in app.error]
        found = Shown(page, {"kieli": language, **address})
        _take_in(app, found)
        with in_language(language):
            for name, data in given.items():
                if not name.endswith(".csv"):
                    # Reports have tests of their own.
                    continue
                content = data() if callable(data) else data
                content = content.encode() if isinstance(content, str) else content
                rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
                found.downloads[_OF_AUDIENCE.sub("", name)] = list(rows)
    return found


def _take_in(app: AppTest, found: Shown) -> None:
    for element in _elements(app._tree):
        if element.type == "plotly_chart":
            figure = json.loads(element.proto.spec)
            written = figure["layout"].get("annotations", ())
            found.charts.append(
                Chart(
                    plain(element.proto.alt),
                    tuple(figure["data"]),
                    tuple(plain(str(one.get("text", ""))) for one in written),
                    any(
                        re.search(r"[^\W\d]{2}", str(label))
                        for label in figure["layout"].get("yaxis", {}).get("ticktext", ())
                    ),
                )
            )
        elif element.type == "download_button":
            continue
        else:
            body = getattr(element, "value", None)
            body = body if isinstance(body, str) else getattr(element.proto, "body", "")
            if not isinstance(body, str) or not body or body.startswith("<style>"):
                continue
            body = markup_of(body)
            found.charts += map(_drawing, _DRAWINGS.findall(body))
            # A drawing is read as its words.
            body = _DRAWINGS.sub(lambda svg: html.escape(_drawing(svg[0]).alt), body)
            found.texts.append(plain(body))
            _take_in_markup(body, found)


def _drawing(svg: str) -> Chart:
    """A drawing of our own: a point per place under the pointer, with its circle, or its bars, where it has them."""
    tips, heights, symbols = [], [], []
    for point in _POINTS.split(svg)[1:]:
        tip = re.search(r'<g class="tv-tip">.*?<text[^>]*>(.*?)</text></g>', point, re.S)
        if tip is None:
            continue
        bars = [float(one) for one in re.findall(r'<rect[^>]* height="([\d.]+)"', point[: tip.start()])]
        drawn = re.search(r"<circle[^>]*>", point[tip.end() :].partition("</g>")[0])
        invisible = 'fill-opacity="0"' in point[: tip.start()]
        heights.append(1.0 if drawn else None if invisible or not any(bars) else sum(bars))
        hollow = drawn is not None and "stroke-dasharray" in drawn[0] and 'fill="var(--tv-paper)"' in drawn[0]
        symbols.append("circle-open" if hollow else "circle")
        tips.append(html.unescape(tip[1]).replace(", ", " | "))
    alt = re.search(r'<svg[^>]* aria-label="([^"]*)"', svg)
    written = _TICKS.sub("", re.sub(r'<g class="tv-tip">.*?</g>', "", svg, flags=re.S))
    trace = {"customdata": tips, "y": heights, "marker": {"symbol": symbols}}
    return Chart(
        plain(html.unescape(alt[1])) if alt else "",
        (trace,),
        tuple(plain(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", written, re.S)),
        lying=False,
    )


def _take_in_markup(body: str, found: Shown) -> None:
    for table in re.findall(r"<table>.*?</table>", body, re.S):
        if 'class="tv-board' in body:
            found.boards.append(body)
            continue
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, re.S)
        rows = [
            tuple(plain(cell) for _more, cell in _CELL.findall(row))
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
            if 'scope="rowgroup"' not in row
        ]
        found.tables.append(Table(plain(caption[1]) if caption else "", rows[0], tuple(rows[1:])))
    for tag in re.findall(r"<img [^>]*>", body):
        source = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', tag)
        alt = re.search(r'alt="([^"]*)"', tag)
        if source:
            found.pictures.append(
                (html.unescape(alt[1]) if alt else "", base64.b64decode(source[1]).decode())
            )


def _elements(block: Any) -> Iterator[Any]:
    for element in block.children.values():
        if hasattr(element, "children"):
            yield from _elements(element)
        else:
            yield element
