"""The emblem of the European Union and its funding line: by the guide's geometry, and only where funding is declared."""

from __future__ import annotations

import io
import math
from datetime import date
from xml.etree import ElementTree

import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook

from indicators.catalogue.places import reference_rows
from indicators.drawing.emblem import BLUE, GOLD, eu_emblem
from indicators.programme.funding import funding_of_project, funding_of_targets
from indicators.report.content import Asked, Report, board_report, weekly_sheet
from indicators.report.pdf import pdf
from indicators.report.slides import slides
from indicators.report.workbook import workbook
from indicators.results.values import Audience
from indicators.wording.funding import STATEMENTS, statement
from indicators.wording.translations import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

TODAY = date(2026, 1, 2)
LINES = {
    "fi": "Euroopan unionin rahoittama – NextGenerationEU",
    "sv": "Finansieras av Europeiska unionen – NextGenerationEU",
    "en": "Funded by the European Union – NextGenerationEU",
}


def test_the_emblem_has_the_proportions_of_the_guide() -> None:
    root = ElementTree.fromstring(eu_emblem(180))  # noqa: S314  (our own)
    assert (float(root.get("width", "")), float(root.get("height", ""))) == (270, 180)
    field, *stars = list(root)
    assert (field.get("fill"), BLUE, GOLD) == ("#003399", "#003399", "#ffcc00")
    assert len(stars) == 12
    for hour, star in enumerate(stars):
        points = [tuple(map(float, point.split(","))) for point in star.get("points", "").split()]
        assert star.get("fill") == GOLD
        centre = tuple(sum(point[axis] for point in points[::2]) / 5 for axis in (0, 1))
        # On a circle of a third of the height around the middle, where the hours of a clock are.
        assert math.dist(centre, (135, 90)) == pytest.approx(60, abs=0.01)
        angle = math.degrees(math.atan2(centre[0] - 135, 90 - centre[1])) % 360
        assert angle == pytest.approx(30 * hour, abs=0.1)
        # Upright, its five points on a circle of an eighteenth of the height.
        assert [math.dist(point, centre) for point in points[::2]] == pytest.approx([10] * 5, abs=0.01)
        assert points[0] == pytest.approx((centre[0], centre[1] - 10), abs=0.01)
        # Two points left and right lie on the line between the next two: the lines of a pentagram cross there.
        assert points[1][1] == pytest.approx(points[2][1], abs=0.01)


def test_funding_is_declared_and_never_guessed() -> None:
    assert funding_of_project("18", "Keski-Pohjanmaan Kestävä kasvu") == "next_generation_eu"
    assert funding_of_project("06", "Kestävän kasvun Satakunta") == "next_generation_eu"
    for area, project in (
        ("18", "Soite 2.0 rakenneuudistus"),
        ("20", "HELLÄ"),
        ("06", "Keski-Pohjanmaan Kestävä kasvu"),
    ):
        assert funding_of_project(area, project) is None
    assert funding_of_targets("18", ["Soite 2.0 luku 1", None, "KP-RRF 2022 luku 3"]) == "next_generation_eu"
    assert funding_of_targets("18", ["Soite 2.0 luku 1", None]) is None
    assert funding_of_targets("20", ["KP-RRF 2022 luku 3"]) is None
    # A document is meant by its whole name, not by how it begins.
    assert funding_of_targets("06", ["Satakunta loppuraportti 2023 luku 2"]) == "next_generation_eu"
    assert funding_of_targets("06", ["Satakunta loppuraportti 2023"]) == "next_generation_eu"
    for other in ("Satakunta palvelustrategia 2026", "Satakunta", "Satakunta loppuraportti 20231"):
        assert funding_of_targets("06", [other]) is None
    assert funding_of_targets("18", ["KP-RRF 2024 luku 3"]) is None
    assert all(row["document"] and " " in row["document"] for row in reference_rows("project_funding.csv"))
    assert {row["funding"] for row in reference_rows("project_funding.csv")} <= set(STATEMENTS)


@pytest.mark.parametrize("language", LINES)
def test_the_funding_line_is_that_of_the_union(language: str) -> None:
    with in_language(language):
        assert statement("next_generation_eu") == LINES[language]
        assert statement(None) == ""


def _board(settings: Settings, area: str) -> Report:
    return board_report(Warehouse(settings.warehouse).current(), settings, Asked(area, TODAY, Audience()))


@pytest.mark.parametrize("language", LINES)
@pytest.mark.parametrize(("area", "funded"), [("18", True), ("20", False)])
def test_a_report_has_the_emblem_where_its_project_is_funded(
    figures_settings: Settings, area: str, funded: bool, language: str
) -> None:
    report = _board(figures_settings, area)
    with in_language(language):
        deck = Presentation(io.BytesIO(slides(report)))
        book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(report)))
        printed = pdf(report)
        name = {"fi": "Euroopan unionin tunnus", "sv": "Europeiska unionens emblem"}.get(
            language, "Emblem of the European Union"
        )
    first = next(iter(deck.slides)).shapes
    pictures = [shape for shape in first if shape._element.tag.endswith("}pic")]
    assert [picture._element.nvPicPr.cNvPr.get("descr") for picture in pictures] == [name] * funded
    assert all(picture.width / picture.height == pytest.approx(1.5, abs=0.02) for picture in pictures)
    assert any(shape.has_text_frame and shape.text_frame.text == LINES[language] for shape in first) is funded
    assert (LINES[language] in str(book.get_sheet_by_index(0).to_python())) is funded
    # The blue of its field, as a colour of the page.
    assert (
        (b"/Alt" in printed and name.encode("utf-16-be") in printed) or name.encode() in printed
    ) is funded


def test_the_weekly_sheet_is_no_print_of_a_project(demo_settings: Settings) -> None:
    asked = Asked("18", TODAY, Audience(), units=("TK-KOK-01",))
    assert weekly_sheet(Warehouse(demo_settings.warehouse).current(), demo_settings, asked).funding is None
