"""Making a report as a file whose name says what it is and for whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from indicators.answer_tables import CannotWrite
from indicators.catalogue.errors import reason_of
from indicators.drawing.picture import file_of
from indicators.engine.question import Question
from indicators.report.chart import indicator_picture
from indicators.report.content import Asked, Report, board_report, weekly_sheet
from indicators.report.file_names import chart_stem, file_stem
from indicators.report.pdf import pdf
from indicators.report.slides import slides
from indicators.report.workbook import workbook
from indicators.results.values import Audience
from indicators.wording.translations import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from pipelines.warehouse.swap_version import make_private, private_folder

#: How a report is written, by the ending of its file.
WRITERS: Mapping[str, Callable[[Report], bytes]] = MappingProxyType(
    {"pdf": pdf, "xlsx": workbook, "pptx": slides}
)


def report_of(snapshot: Snapshot, settings: Settings, asked: Asked) -> Report:
    """The board's report, or the weekly sheet where units are asked for. Raises BadQuestion."""
    return (weekly_sheet if asked.units else board_report)(snapshot, settings, asked)


def write_report(report: Report, kind: str, language: str, folder: Path) -> Path:
    """Write a report to a folder, an internal one to the folder `internal` in it, which only its owner can open.

    Raises CannotWrite.
    """
    with in_language(language):
        content, name = WRITERS[kind](report), f"{file_stem(report.asked, language)}.{kind}"
    return _write(content, name, report.asked.audience, folder)


# Many parameters because what a chart shows is a question, and its file has a kind, a language and a place.
def write_chart(
    snapshot: Snapshot,
    settings: Settings,
    asked: Asked,
    question: Question,
    kind: str,
    language: str,
    folder: Path,
) -> Path:
    """Write the chart of an indicator as a picture, as reports are written. Raises BadQuestion, CannotWrite."""
    with in_language(language):
        svg = indicator_picture(snapshot, settings, asked, question).svg()
        name = f"{chart_stem(asked, question, language)}.{kind}"
    return _write(file_of(svg, kind), name, asked.audience, folder)


def _write(content: bytes, name: str, audience: Audience, folder: Path) -> Path:
    folder = folder / audience.name if audience.internal else folder
    path = folder / name
    try:
        if audience.internal:
            private_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if audience.internal:
            make_private(path)
    except OSError as error:
        raise CannotWrite("cannot_write", path=path, reason=reason_of(error, path)) from error
    return path
