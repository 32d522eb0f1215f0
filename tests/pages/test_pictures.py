"""Charts taken from a page: every figure as SVG in the colours of paper, standing by itself, for whom it is made, logged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st

from indicators.analysis.signals import spc_of
from indicators.catalogue.definition import definition, load_definitions
from indicators.drawing.picture import PICTURE_TYPES, Picture, file_of
from indicators.drawing.svg import ON_PAPER
from indicators.engine.question import Answer, LoadUsed
from indicators.wording import colours
from indicators.wording.translations import in_language
from pages import charts
from pages.charts.on_paper import figure_svg
from pages.ui import pictures
from pipelines.settings import Settings
from pipelines.warehouse.audit import AuditLog, Event
from tests.pages.app import assert_healthy, open_page
from tests.pages.test_charts import rows
from tests.spec.series import series

SEVEN_DAYS = definition("seven_day_access")
EVIL = '"><script>alert(1)</script>&'
STEP = charts.Step(date(2025, 1, 1), date(2025, 12, 31), 80.0, "tavoite 80 %")
BREAK = charts.Break(date(2025, 3, 12), EVIL)
UNITS = pd.concat([rows("ok", unit=name, value=value) for name, value in (("A", 40.0), ("B", 90.0))])

FIGURES: dict[str, Callable[[], go.Figure]] = {
    "trend": lambda: charts.trend(
        rows("ok", "suppressed", "ok", "incomplete_period"),
        SEVEN_DAYS,
        "week",
        targets=[STEP],
        breaks=[BREAK],
        band=True,
    ),
    "against targets": lambda: charts.against_targets(
        rows("ok", "ok"), SEVEN_DAYS, targets=[STEP], breaks=[BREAK]
    ),
    "small": lambda: charts.small(rows("ok", "ok"), SEVEN_DAYS, "week"),
    "ranked": lambda: charts.ranked(UNITS, SEVEN_DAYS, "unit", {"A": EVIL, "B": "B"}, level=(80.0, EVIL)),
    "by size": lambda: charts.by_size(
        [charts.Sized(60000, 40.0, "", EVIL), charts.Sized(300000, 60.0, "")],
        EVIL,
        level=(50.0, EVIL),
        hollow=False,
    ),
    "against a plan": lambda: charts.against_plan(["A", EVIL], [10.0, 20.0], [5.0, None], ["", ""], "€"),
    "XmR": lambda: charts.xmr(
        spc_of(series(SEVEN_DAYS.id, "week", date(2025, 1, 6), [70.0 + at % 3 for at in range(20)]), 80.0),
        SEVEN_DAYS,
        "week",
        {},
        [STEP],
        charts.Projected(date(2025, 6, 1), 75.0, 70.0, 80.0, ""),
    ),
    "waits": lambda: charts.histogram(
        [charts.Band(0, 0, 3.0), charts.Band(1, 7, None), charts.Band(8, None, 2.0)],
        [charts.Mark(7, EVIL)],
        EVIL,
    ),
    "stages": lambda: charts.stacked(
        [charts.Stack(EVIL, (1.0, 2.0, 3.0), ("", "", ""), "6 vrk")], [EVIL, "b", "c"], EVIL
    ),
}


def texts(svg: str) -> str:
    return "".join(ElementTree.fromstring(svg).itertext())  # noqa: S314  (our own)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_on_paper(name: str) -> None:
    with in_language("fi"):
        figure = FIGURES[name]()
        drawn = figure_svg(figure)
    root = ElementTree.fromstring(drawn)  # noqa: S314  (our own)
    assert "<script" not in drawn
    assert "var(" not in drawn
    assert "nan" not in drawn
    said = texts(drawn)
    for one in figure.layout.annotations:
        assert one.text.split("<br>")[0].replace("<b>", "").replace("</b>", "").rpartition(">")[2] in said
    bars = [
        value
        for trace in figure.data
        if trace.type == "bar"
        for value in (trace.x if trace.orientation else trace.y)
    ]
    drawn_bars = [part for part in root if part.tag.endswith("rect") and part.get("fill") != "none"]
    assert len(drawn_bars) >= len([value for value in bars if value is not None])


def test_points_lie_where_their_values_are_and_gaps_stay_gaps() -> None:
    with in_language("fi"):
        figure = charts.trend(rows("ok", "suppressed", "ok", "ok"), SEVEN_DAYS, "week")
        root = ElementTree.fromstring(figure_svg(figure))  # noqa: S314  (our own)
    circles = [part for part in root if part.tag.endswith("circle")]
    heights = [float(part.get("cy", "")) for part in circles]
    # 70, 72 and 73 per cent: upwards, in steps of one and two, on a scale whose foot is 0.
    assert len(circles) == 3
    assert (heights[0] - heights[1]) / (heights[1] - heights[2]) == pytest.approx(2, abs=0.15)
    lines = [part for part in root if part.tag.endswith("polyline") and part.get("stroke") == colours.OURS]
    # The one value before the gap is no line; after it is one of two points; the suppressed one is its interval.
    assert sorted(len((part.get("points") or "").split()) for part in lines) == [2, 2]


def test_a_hollow_point_is_the_colour_of_paper_inside() -> None:
    with in_language("fi"):
        drawn = figure_svg(charts.trend(rows("ok", "incomplete_period"), SEVEN_DAYS, "week"))
    assert drawn.count(f'fill="{ON_PAPER["paper"]}" stroke="{colours.OURS}"') == 1


def test_a_picture_says_what_it_is_of_and_where_its_numbers_come_from() -> None:
    with in_language("fi"):
        drawing = figure_svg(charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week"))
    svg = Picture(
        EVIL, drawing, subtitle="Kannus", mark="keksitty", alt="kuva", notes=("lue näin", "", "lähde")
    ).svg()
    said = texts(svg)
    for words in (EVIL, "Kannus", "keksitty", "kuva", "lue näin", "lähde"):
        assert words in said
    assert svg.index("Kannus") < svg.index("keksitty") < svg.index("<g transform") < svg.index("lue näin")
    assert f'fill="{ON_PAPER["paper"]}"' in svg[: svg.index("<text")]
    made = file_of(svg, "png")
    assert made.startswith(b"\x89PNG\r\n")
    width, height = (int.from_bytes(made[at : at + 4], "big") for at in (16, 20))
    root = ElementTree.fromstring(svg)  # noqa: S314  (our own)
    assert (width, height) == pytest.approx(
        (2 * float(root.get("width", "")), 2 * float(root.get("height", ""))), abs=40
    )


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[], bytes]]]:
    """The pictures that a page offers: the name of the file, and what makes it."""
    found: dict[str, Callable[[], bytes]] = {}
    button = st.download_button

    def noticed(label: str, data: Any = None, file_name: str | None = None, **more: Any) -> bool:
        if str(more.get("key", "")).startswith("picture_"):
            found[str(file_name)] = data
        return button(label, data=data, file_name=file_name, **more)

    monkeypatch.setattr(st, "download_button", noticed)
    yield found


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("care_guarantee", {"yksikko": "TK-KOK-01"}),
        ("indicator", {"mittari": "queue_length", "nakyma": "vaihtelu"}),
        ("queues", {}),
        ("portfolio", {}),
    ],
)
def test_a_page_offers_its_charts_in_both_kinds(
    page: str,
    address: dict[str, str],
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    offered: dict[str, Callable[[], bytes]],
) -> None:
    assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, "board", **address))
    assert offered
    assert {name.rpartition(".")[2] for name in offered} == set(PICTURE_TYPES)
    for name, make in offered.items():
        if name.endswith(".svg"):
            said = texts(make().decode())
            assert "Takuuvahti" in said
            if page != "portfolio":
                assert "_jaettavissa." in name
                assert "Jaettavissa" in said
                assert "keksit" in said
                assert "Tietoja" in said
            if "yksikko" in address:
                assert "Kokkolan pääterveysasema" in said


AREA = "Keski-Pohjanmaan hyvinvointialue"
SHARE = "Hoitoon pääsy seitsemässä päivässä"
#: What pictures of other things than one indicator are called.
MEASURES = (
    *("Käynnit odotusajan mukaan", "Odottavat odotusajan mukaan", "Odotuksen vaiheiden kesto keskimäärin"),
    *("Piilevä velka vuoteen", "Budjetti ja toteuma", "Jonoon saapuneet ja siitä poistuneet merkinnät"),
    "Seitsemässä päivässä toteutuneiden lääkärikäyntien osuus",
)
SPAN = r"\d+\.\d+\.(\d{4})?–\d+\.\d+\.\d{4}"
#: By page and address: of pictures, by the beginning of their file's name, the title and the scope as patterns, what notes say.
STANDING = [
    (
        "compare",
        {"nakyma": "yksikot"},
        {"units_": (f"{SHARE} – Yksikkö, Kaikki käynnit, .*neljännes.*", AREA, "Rajattu: Avosairaanhoito.")},
    ),
    (
        "compare",
        {"nakyma": "yksikot", "kaynnit": "laakari"},
        {
            "units_": (
                f"{SHARE} – Yksikkö, Lääkärikäynnit, .*neljännes.*",
                AREA,
                "Rajattu: Avosairaanhoito; Lääkäri.",
            )
        },
    ),
    ("compare", {}, {"areas": (".*lääkärikäyntien osuus.*", AREA, "Sotkanet")}),
    ("compare", {"nakyma": "vuodet"}, {"years": (".*lääkärikäyntien osuus.*", AREA, "Sotkanet")}),
    (
        "indicator",
        {"mittari": "seven_day_access", "nakyma": "vertailu", "yksikko": "TK-KOK-01"},
        {
            "trend_": (f"{SHARE}, %", f"{AREA} · Kokkolan pääterveysasema · Avosairaanhoito", ""),
            # Published shares are of doctors in the whole area, whatever the page is narrowed to.
            "doctors_": (f"{SHARE}, lääkärikäynnit", f"{AREA} · Avosairaanhoito · Lääkäri", "Sotkanet"),
        },
    ),
    (
        "indicator",
        {"mittari": "seven_day_access", "nakyma": "ennen-jalkeen", "yksikko": "TK-KOK-01"},
        {
            "around": (
                rf"{SHARE} ennen [\d.]+ ja sen jälkeen",
                f"{AREA} · Avosairaanhoito",
                "kummallakin puolella",
            )
        },
    ),
    (
        "care_guarantee",
        {"nakyma": "ajassa", "yksikko": "TK-KOK-01"},
        {"comparison": (f"{SHARE} – Yksikkö, {SPAN}", f"{AREA} · Avosairaanhoito", "Valitut ovat sinisellä")},
    ),
    (
        "care_guarantee",
        {"nakyma": "vaiheet"},
        {
            "stages": (
                f"Odotuksen vaiheiden kesto keskimäärin – Yksikkö, {SPAN}",
                f"{AREA} · Avosairaanhoito",
                "",
            )
        },
    ),
    (
        "data_quality",
        {"nakyma": "kirjaukset"},
        {
            "assessments": ("Hoitoonpääsytiedon kattavuus", AREA, ""),
            "assessment_units": (f"Hoitoonpääsytiedon kattavuus – Yksikkö, {SPAN}", AREA, ""),
        },
    ),
    (
        "queues",
        {"nakyma": "ajassa"},
        {"trend_": ("Jonon pituus|.*jonossa", AREA, "viimeisten poimintojen summa")},
    ),
    (
        "service_debt",
        {"suhteutus": "vaesto"},
        {"balance": ("Piilevä velka vuoteen 2019 verrattuna.*: .+", AREA, "suhteutettu|ikäryhmän")},
    ),
    ("portfolio", {}, {"money_chart": ("Budjetti ja toteuma investoinneittain: .+", AREA, "budjetti")}),
    (
        "deadlines",
        {"nakyma": "lahetteet"},
        {"referrals_by_unit": ("Lähetteet käsitelty kolmessa viikossa – Yksikkö, .*20.*", AREA, "")},
    ),
]


def lines(svg: str) -> list[str]:
    """The lines of a picture's own words: title, scope, mark, notes."""
    root = ElementTree.fromstring(svg)  # noqa: S314  (our own)
    return ["".join(part.itertext()) for part in root if part.tag.endswith("}g") and part.get("font-size")]


@pytest.mark.parametrize(
    ("page", "address", "expected"), STANDING, ids=[f"{page} {address}" for page, address, _more in STANDING]
)
def test_every_picture_names_its_measure_and_its_scope(
    page: str,
    address: dict[str, str],
    expected: dict[str, tuple[str, str, str]],
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    offered: dict[str, Callable[[], bytes]],
) -> None:
    assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, "board", **address))
    named = (*MEASURES, *(one.text["fi"].name for one in load_definitions().values()))
    seen = set()
    for name, make in offered.items():
        if not name.endswith(".svg"):
            continue
        title, *rest = lines(make().decode())
        assert any(measure in title for measure in named), name
        # A long title is on two lines.
        scope = next(line for line in rest if line.startswith(AREA))
        for key, (title_pattern, scope_pattern, note) in expected.items():
            if name.startswith(f"{page}_{key}"):
                seen.add(key)
                assert re.fullmatch(title_pattern, title), name
                assert re.fullmatch(scope_pattern, scope), name
                assert re.search(note, " ".join(rest)), name
    assert seen == set(expected)


def test_pictures_of_other_visits_are_told_apart(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    names = []
    for kind in ("kaikki", "laakari"):
        for quarter in ("2025-Q3", "2025-Q4"):
            offered.clear()
            open_page(
                monkeypatch,
                demo_settings.warehouse,
                "compare",
                "board",
                nakyma="yksikot",
                kaynnit=kind,
                neljannes=quarter,
            )
            names += [name for name in offered if name.endswith(".svg")]
    assert len(names) == len(set(names)) == 4


def test_a_picture_rests_on_its_own_answers() -> None:
    def load(demo: bool, last: date) -> LoadUsed:
        return LoadUsed("1", "visits", "a.csv", date(2026, 1, 2), None, last, demo=demo)

    def of(*loads: LoadUsed) -> Answer:
        return replace(series(SEVEN_DAYS.id, "week", date(2025, 1, 6), [70.0]), loads=loads)

    with in_language("fi"):
        assert pictures.RestsOn.of(()) == pictures.RestsOn()
        real = pictures.RestsOn.of([of(load(False, date(2025, 6, 1)), load(False, date(2025, 5, 1)))])
        both = pictures.RestsOn.of([of(load(False, date(2025, 6, 1))), of(load(True, date(2025, 7, 1)))])
    assert (real.until, real.mark) == ("Tietoja 1.6.2025 asti", "")
    assert both.until == "Tietoja 1.7.2025 asti"
    assert "keksit" in both.mark


def test_a_chart_of_dots_begins_at_zero_where_its_axis_does() -> None:
    waits = definition("oral_health_wait_days")
    values = {"A": 40.0, "B": 90.0}
    units = pd.concat([rows("ok", unit=name, value=value) for name, value in values.items()])
    with in_language("fi"):
        figure = charts.ranked(units, waits, "unit", {name: name for name in values})
        root = ElementTree.fromstring(figure_svg(figure))  # noqa: S314  (our own)
    dots = {float(part.get("cx", "")) for part in root if part.tag.endswith("circle")}
    [zero] = [
        float(part.get("x", ""))
        for part in root
        if part.tag.endswith("text") and "".join(part.itertext()) == "0"
    ]
    near, far = min(dots), max(dots)
    assert (near - zero) / (far - zero) == pytest.approx(40 / 90, abs=0.01)


def test_the_picture_of_a_first_screen_is_drawn_when_it_is_taken(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    drawn: list[str] = []
    whole = Picture.svg

    def noticed(picture: Picture) -> str:
        drawn.append(picture.title)
        return whole(picture)

    monkeypatch.setattr(Picture, "svg", noticed)
    for page in ("care_guarantee", "indicator", "queues"):
        offered.clear()
        assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, "board"))
        assert offered
        assert drawn == []
        next(make for name, make in offered.items() if name.endswith(".svg"))()
        assert len(drawn) == 1
        drawn.clear()


def test_a_picture_is_for_those_who_take_it_and_logged(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, offered: dict[str, Callable[[], bytes]]
) -> None:
    open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", "analysts", kieli="sv")
    name, make = next((name, make) for name, make in offered.items() if name.endswith(".svg"))
    assert "_internt." in name
    assert "Internt" in texts(make().decode())
    taken = [
        entry
        for entry in AuditLog(demo_settings.warehouse / "audit").entries()
        if entry.event == Event.DOWNLOADED
    ]
    assert any("picture svg seven_day_access" in str(entry) for entry in taken)
