"""Charts taken from a page: each as a picture that stands by itself, made when it is asked for, and logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import plotly.graph_objects as go
import streamlit as st

from indicators.drawing.picture import PICTURE_TYPES, Picture, file_of
from indicators.engine.question import Answer
from indicators.wording.loads import data_until
from indicators.wording.translations import N_, _
from pages.charts.on_paper import figure_svg
from pages.text.audience import audience_words, in_file_name
from pages.text.sources import demo_words
from pages.ui import address, cache, downloads, page_registry, sheet

#: Session keys: what is selected on the page, and what its figures rest on, in words.
_SELECTED, _RESTS_ON = "page_selected_words", "page_rests_on"
LABELS = {"svg": N_("Picture (SVG)"), "png": N_("Picture (PNG)")}


class MayBeDemo(Protocol):
    """Anything that knows whether it rests on synthetic rows."""

    @property
    def demo(self) -> bool: ...


@dataclass(frozen=True)
class RestsOn:
    """What figures rest on: until when there is data, the mark of demo data; empty where there is none."""

    until: str = ""
    mark: str = ""

    @classmethod
    def of(cls, answers: Sequence[MayBeDemo]) -> RestsOn:
        """What some answers rest on."""
        loads = [load for one in answers if isinstance(one, Answer) for load in one.loads]
        return cls(data_until(loads), demo_words() if any(one.demo for one in answers) else "")


@dataclass(frozen=True)
class Caption:
    """What a picture says of itself: its title, which names the indicator or measure, and notes on how it is read.

    `scope` is what it is of where that is not what is selected on the page, `answers` what it rests on where that is not what
    the head of the page says.
    """

    title: str
    notes: Sequence[str] = ()
    scope: str | None = None
    answers: Sequence[MayBeDemo] = ()


def begin() -> None:
    """Forget what the page before has said of itself. Called before a page is drawn."""
    st.session_state[_SELECTED], st.session_state[_RESTS_ON] = "", RestsOn()


def select(words: str) -> None:
    """Say what is selected on the page, for its pictures."""
    st.session_state[_SELECTED] = words


def rest_on(said: RestsOn) -> None:
    """Say what the figures of the page rest on, for its pictures."""
    st.session_state[_RESTS_ON] = said


def of_figure(figure: go.Figure, caption: Caption, alt: str, key: str, *, what: str) -> None:
    """Two buttons that give a figure of plotly as a picture; it is drawn when it is asked for."""
    words = _words(caption)

    def drawn() -> Picture:
        return Picture(caption.title, figure_svg(figure), alt=alt, notes=caption.notes)

    _buttons(lambda: words.of(drawn()).svg(), key, what=what)


def of_screen(prepare: Callable[[], Callable[[], Picture] | None], key: str, *, what: str) -> None:
    """Two buttons that give the chart of a first screen as a picture; none where there is none.

    `prepare` asks for its figures, once for an address; what it returns draws them when the picture is asked for, outside the
    run, where nothing can be asked.
    """
    words = _words()
    draw = cache.of_address(f"{address.page_name()} picture {key}", sheet.asked(), prepare)
    if draw is not None:
        _buttons(lambda: words.of(draw()).svg(), key, what=what)


@dataclass(frozen=True)
class _Words:
    """What every picture of a page says besides its own words."""

    subtitle: str
    mark: str
    source: str

    def of(self, picture: Picture) -> Picture:
        return replace(picture, subtitle=self.subtitle, mark=self.mark, notes=(*picture.notes, self.source))


def _words(caption: Caption | None = None) -> _Words:
    rests: RestsOn = st.session_state.get(_RESTS_ON, RestsOn())
    selected: str = st.session_state.get(_SELECTED, "")
    if caption is not None:
        rests = RestsOn.of(caption.answers) if caption.answers else rests
        selected = selected if caption.scope is None else caption.scope
    whom = audience_words() if page_registry.has_figures_of_persons(address.page_name()) else ""
    said = (rests.until, whom, "Takuuvahti")
    return _Words(selected, rests.mark, " · ".join(text for text in said if text))


def _buttons(svg: Callable[[], str], key: str, *, what: str) -> None:
    """Two quiet buttons for an SVG and the PNG made of it; `key` names the file, `what` the entry of the log."""
    page, taker = address.page_name(), downloads.Taker.of_run()
    whom = f"_{in_file_name()}" if page_registry.has_figures_of_persons(page) else ""

    def made(kind: str) -> bytes:
        taker.log(page, f"picture {kind} {what}", 0)
        return file_of(svg(), kind)

    with st.container(horizontal=True, gap="small", key=f"picture_{key}"):
        for kind, mime in PICTURE_TYPES.items():
            downloads.button(
                _(LABELS[kind]),
                partial(made, kind),
                name=f"{page}_{key}{whom}.{kind}",
                mime=mime,
                key=f"picture_{kind}_{key}",
                icon="image",
            )
