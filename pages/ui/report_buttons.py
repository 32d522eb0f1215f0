"""What is taken away from a page: the board's report or the weekly sheet of units, as PDF, workbook or slides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from indicators.catalogue.labels import ALL_AREAS
from indicators.report.content import Asked
from indicators.report.file_names import file_stem
from indicators.results.values import Audience
from indicators.wording.translations import N_, _, language
from pages.access.audience import audience
from pages.ui import address, cache, downloads

#: How a report can be taken: by the ending of its file, what its button says and what kind of file it is.
FORMATS = {
    "pdf": (N_("PDF for reading"), "application/pdf"),
    "xlsx": (N_("Workbook (Excel)"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": (
        N_("Slides (PowerPoint)"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
}


@dataclass(frozen=True)
class Offer:
    """The report a page offers: of an area and a year, or of some units."""

    area: str
    year: int | None = None
    units: tuple[str, ...] = ()

    def asked(self) -> Asked:
        """The report for the reader of this run: exact where all in it may be seen exactly, else shareable."""
        mine = audience()
        exact = mine.everything or (bool(self.units) and set(self.units) <= mine.units)
        return Asked(self.area, cache.today(), Audience(exact), self.year, self.units)


def draw(offer: Offer) -> None:
    """A button for each format; the file is made when it is asked for. Nothing for all areas together."""
    if offer.area == ALL_AREAS:
        return
    asked = offer.asked()
    what = _("The weekly sheet of the units") if asked.units else _("The report for the board")
    st.markdown(f"**{what}**")
    for kind, (label, mime) in FORMATS.items():
        downloads.button(
            _(label),
            partial(_make, asked, kind, downloads.Taker.of_run(), address.page_name()),
            name=f"{file_stem(asked, language())}.{kind}",
            mime=mime,
            key=f"report_{kind}",
            icon="download",
        )


# Many parameters because Streamlit asks for the file outside the run, where nothing else is known.
def _make(asked: Asked, kind: str, taker: downloads.Taker, page: str) -> bytes:
    # typst, python-pptx and the rest are imported when a report is made, not with every page.
    from indicators.report.make import WRITERS, report_of

    content = WRITERS[kind](report_of(cache.current(), cache.settings(), asked))
    taker.log(page, f"report {kind} {asked.audience.name} {' '.join(asked.units) or asked.area}", 0)
    return content
