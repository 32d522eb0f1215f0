"""Pages of a published series that extracts carry on, of demo data beside one, and of a figure of a period of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from tests.oracle.test_carried_on import loaded
from tests.pages.app import all_words, assert_healthy, open_page, table
from tests.spec.test_own_periods import AS_OF, HEADER, NOW, OWN, TARGETS

SEAM = "Tästä alkaen poiminnoista laskettu, sitä ennen julkaistut luvut."


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Real rows beside published figures."""
    return loaded(tmp_path_factory.mktemp("carried"), demo=False)[1]


def test_the_difference_of_what_both_tell_is_shown(
    carried: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, carried.warehouse, "data_quality", kieli="fi", nakyma="luvut")
    assert_healthy(page)
    rows = table(page, "Saman jakson julkaistut ja poiminnoista lasketut luvut")
    assert rows[0] == ["Mittari", "Jakso", "Laskettu poiminnoista", "Julkaistu", "Ero", "Voimassa", "Lähde"]
    mine = [
        row for row in rows[1:] if row[0] == "Aikuispsykiatrian käynnit" and row[1] == "2. neljännes 2024"
    ]
    assert len(mine) == 1
    counted, published, difference, counts = mine[0][2:6]
    assert int(counted) - int(published) == int(difference.replace("−", "-").replace("±", ""))
    assert counts == "poiminnat"


def test_the_seam_is_a_break_with_its_reason(carried: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(
        monkeypatch,
        carried.warehouse,
        "indicator",
        kieli="fi",
        mittari="adult_psychiatry_visits",
        jakso="year",
    )
    assert_healthy(page)
    assert SEAM in all_words(page)
    page = open_page(
        monkeypatch,
        carried.warehouse,
        "indicator",
        kieli="fi",
        mittari="adult_psychiatry_visits",
        jakso="month",
        nakyma="vaihtelu",
    )
    assert_healthy(page)
    assert SEAM in all_words(page)


def test_demo_data_beside_a_published_series_is_a_line_of_its_own(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(
        monkeypatch,
        demo_settings.warehouse,
        "indicator",
        kieli="fi",
        mittari="child_family_needs_assessment_90d",
        nakyma="vertailu",
    )
    assert_healthy(page)
    said = all_words(page)
    assert "Vuonna 2021 toteuma oli 84,6 %." in said
    assert "esittelyaineisto: 73,1 %, ei arvioida" in said
    assert "Violetti rengas (○): esittelyaineisto." in said


def test_a_figure_of_its_own_period_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    for source, text in (("figures", f"{HEADER}\n{OWN}\n"), ("targets", TARGETS)):
        options = LoadOptions(source=source, as_of=AS_OF)
        load_bytes(f"{source}.csv", text.encode(), options, own, now=NOW, today=date(2026, 1, 2))
    page = open_page(
        monkeypatch,
        own.warehouse,
        "indicator",
        kieli="fi",
        mittari="over_75_living_at_home",
        nakyma="taulukko",
    )
    assert_healthy(page)
    assert "Ajalla 8/2024–7/2025 toteuma oli 91,0 %." in all_words(page)
    rows = table(page, "Kotona asuvat yli 75-vuotiaat")
    assert [row[:2] for row in rows[1:]] == [["8/2024–7/2025", "91,0 %"]]
