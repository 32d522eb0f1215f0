"""The reports to take away: what is in the PDF, the workbook and the slides, and for whom."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from page import ValidationProfile, validate_pdf_bytes
from pptx import Presentation
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from indicators.catalogue.places import csv_rows
from indicators.cli import app
from indicators.drawing.picture import PICTURE_TYPES
from indicators.programme.annotations import DatedChange
from indicators.report import tables, words
from indicators.report.chart import series_chart
from indicators.report.content import FORMATS, Asked, Report, board_report, weekly_sheet
from indicators.report.file_names import file_stem
from indicators.report.make import WRITERS, write_report
from indicators.report.pdf import pdf
from indicators.report.slides import slides
from indicators.report.workbook import sheet_names, workbook, workbook_tables
from indicators.results.values import Audience
from indicators.wording.audience import audience_words
from indicators.wording.translations import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.rules.repository import ROOT

TODAY = date(2026, 1, 2)
UNITS = ("TK-KOK-01", "TK-KAN-01")
LANGUAGES = ("fi", "sv", "en")


@pytest.fixture(scope="module")
def board(demo_settings: Settings) -> Report:
    """The board's report of the demo area."""
    snapshot = Warehouse(demo_settings.warehouse).current()
    return board_report(snapshot, demo_settings, Asked("18", TODAY, Audience()))


@pytest.fixture(scope="module", params=[False, True], ids=["shareable", "internal"])
def sheet(demo_settings: Settings, request: pytest.FixtureRequest) -> Report:
    """The weekly sheet of two units."""
    snapshot = Warehouse(demo_settings.warehouse).current()
    return weekly_sheet(snapshot, demo_settings, Asked("18", TODAY, Audience(request.param), units=UNITS))


def pages_of(made: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", made))


def faults_of(made: bytes) -> list[str]:
    """What breaks a rule of PDF/UA-1 (ISO 14289-1) that a program can check."""
    checked = validate_pdf_bytes(made, profile=ValidationProfile.PDF_UA_1)
    assert checked.rules.total > 100
    return [f"{fault.rule_id}: {fault.message}" for fault in checked.failures]


def assert_accessible(made: bytes, language: str) -> None:
    """A tagged PDF in a language that keeps every rule of PDF/UA-1, each chart with its words, no page in an order of its own."""
    assert made.startswith(b"%PDF-")
    assert faults_of(made) == []
    marks = (
        rb"/StructTreeRoot",
        rb"/MarkInfo",
        rb"<pdfuaid:part>1</pdfuaid:part>",
        rf"/Lang\s*\({language}".encode(),
    )
    assert all(re.search(mark, made) for mark in marks)
    figures = len(re.findall(rb"/S\s*/Figure\b", made))
    assert len(re.findall(rb"/Alt\b", made)) >= figures > 0
    assert len(re.findall(rb"/Tabs\s*/S\b", made)) == pages_of(made)
    assert re.search(rb"/S\s*/TH\b", made)
    assert len(re.findall(rb"/Scope\s*/Column", made)) == len(re.findall(rb"/S\s*/TH\b", made))


def test_the_checker_sees_a_fault(board: Report) -> None:
    with in_language("fi"):
        made = pdf(board)
    assert b"/DisplayDocTitle true" in made
    assert faults_of(made.replace(b"/DisplayDocTitle true", b"/DisplayDocTitle null"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_board_report_is_a_tagged_pdf_of_two_to_four_pages(board: Report, language: str) -> None:
    with in_language(language):
        made = pdf(board)
    assert_accessible(made, language)
    assert 2 <= pages_of(made) <= 4


def test_the_board_report_draws_what_changed_and_counts_what_did_not(board: Report) -> None:
    shown = words.changed(board)
    assert all(one.signals.last and one.signals.last.kind in ("improvement", "concern") for one in shown)
    usual = words.signals(board, "common_cause")
    assert usual
    with in_language("fi"):
        said = words.unchanged(board, shown)
        assert said.startswith(f"{len(usual)} mittari") or not shown
        assert words.unchanged(board, []).startswith("Mikään ei ole muuttunut")
        decided = words.to_decide(board)
        assert any("kuka raportoi?" in line for line in decided)
        assert any("mitä muutetaan, jotta tavoite saavutetaan?" in line for line in decided)


def test_a_legend_says_what_is_drawn_alone(sheet: Report) -> None:
    with in_language("fi"):
        assert "tavoite" not in words.legend(sheet.series), "no target is drawn in a sheet"
        assert "Siksi osuudet eroavat" in words.grains(sheet)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weekly_sheet_is_one_page(sheet: Report, language: str) -> None:
    with in_language(language):
        made = pdf(sheet)
    assert_accessible(made, language)
    assert pages_of(made) == 1


def test_every_format_of_the_command_can_be_written() -> None:
    assert set(WRITERS) == set(FORMATS)


def test_the_same_report_is_the_same_file(board: Report) -> None:
    with in_language("fi"):
        assert pdf(board) == pdf(board)


def test_a_share_of_too_few_records_is_not_told(board: Report) -> None:
    series = tuple(replace(one, least_coverage_pct=100.1) for one in board.series)
    strict = replace(board, least_coverage_pct=100.1, series=series)
    unknown = [one for one in series if one.definition.is_share and not one.tells_newest]
    assert unknown
    with in_language("fi"):
        for one in unknown:
            assert words.series_sentence(one).endswith(": ei tiedetä.")
            assert " %" not in words.alternative(one)
            assert tables.signal_words(one) == "ei vielä arvioitavissa"
            name = one.definition.text["fi"].short
            # The seventh cell is the coverage: without one it does not apply.
            told = {
                (row[3].text, row[3].plain)
                for row in tables.series(strict).rows
                if row[0].text == name and row[6].plain is not None
            }
            assert told == {("ei tiedetä", None)}
        assert not {one.definition.id for one in words.changed(strict)} & {
            one.definition.id for one in unknown
        }
        assert "ei tiedetä" in said_on(slides(replace(strict, asked=replace(strict.asked, units=UNITS))))


def said_on(deck: bytes) -> str:
    """The texts of slides."""
    made = Presentation(io.BytesIO(deck))
    return " ".join(
        shape.text_frame.text for slide in made.slides for shape in slide.shapes if shape.has_text_frame
    )


def test_a_report_without_any_data_is_made(figures_settings: Settings) -> None:
    snapshot = Warehouse(figures_settings.warehouse).current()
    for area in ("18", "01"):
        report = board_report(snapshot, figures_settings, Asked(area, TODAY, Audience()))
        with in_language("sv"):
            assert 1 <= pages_of(pdf(report)) <= 4
            assert workbook(report).startswith(b"PK")


def test_the_finding_counts_the_verdicts_of_the_table(board: Report) -> None:
    verdicts = [result.verdict for result in board.results]
    with in_language("en"):
        said = words.finding(board)[0]
    met, not_met = verdicts.count("met"), verdicts.count("not_met")
    assert said == f"{met + not_met} targets of 2025 can be judged: {met} reached, {not_met} not reached."


def test_every_series_is_drawn_with_each_of_its_values(board: Report) -> None:
    assert board.series
    for one in board.series:
        drawn = ElementTree.fromstring(series_chart(one))  # noqa: S314  (our own)
        marks = [part for part in drawn if part.tag.endswith(("circle", "path"))]
        assert len(marks) == one.answer.rows["value"].notna().sum()


def test_the_alternative_text_says_the_finding(board: Report) -> None:
    with in_language("fi"):
        for one in board.series:
            said = words.alternative(one)
            assert one.definition.text["fi"].name in said
            assert words.series_sentence(one) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_a_sheet_a_table_with_typed_cells(board: Report, language: str) -> None:
    with in_language(language):
        made, expected = workbook(board), workbook_tables(board)
        names = sheet_names(expected)
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == names
    for table, name in zip(expected, names[1:], strict=True):
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert rows[3] == list(table.header)
        read = [row[: len(table.header)] for row in rows[4:]]
        assert len(read) == len(table.rows)
        for cells, got in zip(table.rows, read, strict=True):
            for cell, value in zip(cells, got, strict=True):
                if isinstance(cell.plain, int | float):
                    assert value == pytest.approx(cell.plain)
                elif isinstance(cell.plain, date):
                    assert value == cell.plain
                else:
                    assert value == cell.text


def test_the_workbook_has_definitions_of_all_it_shows(board: Report) -> None:
    with in_language("fi"):
        listed = {row[0].text for row in tables.definitions(board).rows}
    assert {one.definition.text["fi"].name for one in board.series} <= listed


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_have_native_charts_of_the_values_and_say_for_whom_they_are(
    board: Report, language: str
) -> None:
    with in_language(language):
        deck = Presentation(io.BytesIO(slides(board)))
        audience = audience_words(board.asked.audience.name)
        expected = {one.definition.text[language].name: one for one in (*board.series, board.queue_series)}
    charts = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert charts
    for shape in charts:
        one = expected[shape.name]
        assert one.definition.text[language].name in shape._element.nvGraphicFramePr.cNvPr.get("descr")
        drawn = [value for value in shape.chart.plots[0].series[0].values if value is not None]
        assert drawn == pytest.approx(one.answer.rows["value"].dropna().tolist())
    for slide in deck.slides:
        assert any(audience in shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


#: The parts of an axis of periods in the order that the schema of charts (ECMA-376) asks for.
AXIS_PARTS = (
    *(
        "axId",
        "scaling",
        "delete",
        "axPos",
        "majorGridlines",
        "minorGridlines",
        "title",
        "numFmt",
        "majorTickMark",
    ),
    *(
        "minorTickMark",
        "tickLblPos",
        "spPr",
        "txPr",
        "crossAx",
        "crosses",
        "crossesAt",
        "auto",
        "lblAlgn",
        "lblOffset",
    ),
    *("tickLblSkip", "tickMarkSkip", "noMultiLvlLbl", "extLst"),
)


def test_the_parts_of_slides_are_in_the_order_of_their_schema(board: Report) -> None:
    with in_language("fi"):
        deck = Presentation(io.BytesIO(slides(board)))
    axes = [
        shape.chart.category_axis._element
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_chart
    ]
    assert axes
    for axis in axes:
        places = [AXIS_PARTS.index(part.tag.rpartition("}")[2]) for part in axis]
        assert places == sorted(places)
        assert AXIS_PARTS.index("tickLblSkip") in places


def test_no_slide_has_a_single_row_left_over(board: Report) -> None:
    with in_language("fi"):
        deck = Presentation(io.BytesIO(slides(board)))
    rows: dict[str, list[int]] = {}
    for shape in (shape for slide in deck.slides for shape in slide.shapes if shape.has_table):
        rows.setdefault(shape.name, []).append(len(shape.table.rows))
    assert any(len(counts) > 1 for counts in rows.values())
    assert all(max(counts) - min(counts) < len(counts) for counts in rows.values())


def test_the_workbook_of_a_weekly_sheet_begins_with_what_to_do(sheet: Report) -> None:
    with in_language("fi"):
        made, to_do = workbook(sheet), words.actions(sheet)
    first = str(CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python())
    assert "Kokkolan pääterveysasema, Kannuksen terveysasema" in first
    assert to_do
    assert "Ohjelmassa ei ole" not in first


def test_small_numbers_are_in_internal_reports_alone(sheet: Report) -> None:
    statuses = {status for found in sheet.queues.values() for status in found.rows["status"]}
    assert ("suppressed" in statuses) is not sheet.asked.audience.internal


@pytest.mark.parametrize(
    ("language", "shareable", "internal"),
    [
        ("fi", "raportti_18_2026-01-02_jaettavissa_fi", "raportti_18_2026-01-02_sisainen_fi"),
        ("sv", "rapport_18_2026-01-02_far_delas_sv", "rapport_18_2026-01-02_internt_sv"),
        ("en", "report_18_2026-01-02_shareable_en", "report_18_2026-01-02_internal_en"),
    ],
)
def test_the_file_name_says_for_whom_it_is(
    board: Report, language: str, shareable: str, internal: str
) -> None:
    closed = replace(board, asked=replace(board.asked, audience=Audience(internal=True)))
    with in_language(language):
        assert (file_stem(board.asked, language), file_stem(closed.asked, language)) == (shareable, internal)


def test_reports_of_two_years_have_two_names(board: Report) -> None:
    with in_language("en"):
        names = [file_stem(replace(board.asked, year=year), "en") for year in (2024, 2025)]
    assert names == ["report_18_2024_2026-01-02_shareable_en", "report_18_2025_2026-01-02_shareable_en"]


def test_what_changed_is_told_in_the_language_of_the_report(board: Report) -> None:
    with in_language("en"):
        said = [words.changes([one]) for one in board.series if words.changes([one])]
    assert any("statutory limits for people of 23 and over were lengthened" in text for text in said)
    assert not any("enimmäis" in text or "Hoitotakuu" in text for text in said)


@pytest.mark.parametrize(
    "place",
    [
        "data/figures/annotations.csv",
        "pipelines/demo/aggregates/annotations.csv",
        "pipelines/demo/showcase/annotations.csv",
    ],
)
def test_every_shipped_annotation_has_its_english_words(place: str) -> None:
    for row in csv_rows(ROOT / place):
        event = DatedChange(date(2025, 1, 1), row["text_fi"], row["text_sv"], ())
        assert event.text("en") not in (row["text_fi"], row["text_sv"])
        assert (event.text("fi"), event.text("sv")) == (row["text_fi"], row["text_sv"])
    own = DatedChange(date(2025, 1, 1), "Oma merkintä", "", ())
    assert own.text("en") == own.text("sv") == "Oma merkintä"


def test_a_file_name_holds_no_path_and_is_not_endless(board: Report) -> None:
    units = ("../A/1", "B 2", "C", "D", "E")
    with in_language("en"):
        named = file_stem(replace(board.asked, units=units), "en")
    # The digest tells units apart that are not all in the name as they are.
    assert re.fullmatch(r"weekly_sheet_18_\.\.-A-1_B-2_C_\+2_[0-9a-f]{6}_2026-01-02_shareable_en", named)


def test_an_internal_report_can_be_opened_by_its_owner_alone(sheet: Report, tmp_path: Path) -> None:
    path = write_report(sheet, "xlsx", "fi", tmp_path / "out")
    assert (path.parent.name == "internal") is sheet.asked.audience.internal
    assert (path.parent.stat().st_mode & 0o077 == 0) is sheet.asked.audience.internal
    assert (path.stat().st_mode & 0o077 == 0) is sheet.asked.audience.internal


@pytest.mark.parametrize("kind", WRITERS)
def test_the_command_writes_every_format(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    done = CliRunner().invoke(
        app,
        [
            "report",
            "--format",
            kind,
            "--language",
            "sv",
            "--sheet",
            "--unit",
            UNITS[0],
            "--out",
            str(tmp_path),
        ],
    )
    assert done.exit_code == 0, done.stderr
    [path] = tmp_path.iterdir()
    assert path.name.startswith("veckosammandrag_18_TK-KOK-01_")
    assert path.name.endswith(f"_far_delas_sv.{kind}")
    assert str(path) in done.stdout


@pytest.mark.parametrize("kind", PICTURE_TYPES)
def test_the_command_draws_the_chart_of_an_indicator(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    call = ["chart", "seven_day_access", "--by", "month", "--language", "fi", "--format", kind]
    done = CliRunner().invoke(app, [*call, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    [path] = tmp_path.iterdir()
    assert path.name.startswith("seven_day_access_month_18_")
    assert path.name.endswith(f"_jaettavissa_fi.{kind}")
    if kind == "svg":
        said = "".join(ElementTree.parse(path).getroot().itertext())  # noqa: S314  (our own)
        for words_of_chart in (
            "Hoitoon pääsy seitsemässä päivässä, %",
            "Avosairaanhoito",
            "Esittely",
            "Jaettavissa",
        ):
            assert words_of_chart in said
    CliRunner().invoke(app, [*call, "--out", str(tmp_path), "--internal", "--where", f"unit={UNITS[0]}"])
    [exact] = (tmp_path / "internal").iterdir()
    assert f"_{UNITS[0]}_" in exact.name
    assert "_sisainen_" in exact.name


def test_the_chart_of_an_indicator_without_values_says_so(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    call = ["chart", "seven_day_access", "--language", "fi", "--area", "05", "--by", "month"]
    done = CliRunner().invoke(app, [*call, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.stderr
    [path] = tmp_path.iterdir()
    assert "Ei arvoja." in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [("nothing",), ("seven_day_access", "--format", "gif"), ("visits", "--language", "de")],
    ids=" ".join,
)
def test_a_wrong_call_for_a_chart_writes_nothing(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    assert CliRunner().invoke(app, ["chart", "--out", str(tmp_path), *wrong]).exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words_of_call",
    [
        ("--sheet",),
        ("--unit", "TK-KOK-01"),
        ("--sheet", "--unit", "XX"),
        ("--format", "docx"),
        ("--language", "de"),
        ("--area", "99"),
        ("--area", "all"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_writes_nothing(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words_of_call: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    done = CliRunner().invoke(app, ["report", "--out", str(tmp_path), *words_of_call])
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())
