"""The tabs of the queues from single entries: their numbers, who may see them, languages, empty states, no person."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indicators.catalogue.periods import Period
from indicators.engine.booking import passing_by, who_passes
from indicators.engine.honest_waits import waits_of
from indicators.engine.near_misses import entries_by_limit
from indicators.engine.queue_flow import queue_flow
from indicators.wording.translations import in_language
from pages.access.decision import INTERNAL, SHAREABLE, Audience
from pages.text import queue_depth as words
from pages.ui.queue_booking import ROWS
from pages.views.queue_depth import sees_exactly
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from tests.conftest import start_from
from tests.pages.app import all_words, assert_healthy, open_page, table
from tests.pages.opening import opened, said
from tests.pipelines.extracts import queue, queue_entry
from tests.spec.test_actions import load

AREA = (("area", ("18",)),)
TABS = ("varattavat", "saapuneet", "odotus", "lahella")
LIST = {"nakyma": "varattavat", "avattu": "merkinnat"}
INTERNAL_ONLY = "Nämä luvut ovat vain sisäiseen käyttöön"
ENTRIES = "Merkinnät viimeisen sallitun päivän mukaan"


@pytest.fixture
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse).current()


def readings(settings: Settings) -> list[dict[str, str]]:
    entries = AuditLog(settings.warehouse / AUDIT).entries()
    return [dict(one.details) for one in entries if one.event is Event.ROWS_SEEN]


def with_files(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *groups: str, **address: str
) -> tuple[AppTest, dict[str, object]]:
    """The opened page and its downloads by name."""
    given: dict[str, object] = {}
    button = st.download_button

    def noticed(label: str, data: object = None, file_name: str | None = None, **more: object) -> bool:
        given[str(file_name)] = data
        return button(label, data=data, file_name=file_name, **more)

    with monkeypatch.context() as patch:
        patch.setattr(st, "download_button", noticed)
        app = open_page(patch, settings.warehouse, "queues", *groups, kieli="fi", **address)
    assert_healthy(app)
    return app, given


def test_who_to_book_first_is_what_the_engine_says(
    demo_settings: Settings, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = who_passes(snapshot, AREA)
    assert found is not None
    page = opened("queues", demo_settings, monkeypatch)
    assert f"joka viikko tarvitaan {found.breaches.needed} aikaa, uudet mukaan lukien." in said(page)
    rows = table(page, "Enimmäisajan ylittävät viikoittain")[1:]
    columns = (
        found.breaches.entries,
        found.breaches.booked_late,
        found.breaches.arrivals,
        found.breaches.in_time,
    )
    assert [[int(cell) for cell in row[1:]] for row in rows] == [
        [round(float(column[week])) for column in columns] for week in range(8)
    ]
    units = passing_by(entries_by_limit(snapshot, AREA), "unit")
    assert [[int(cell) for cell in row[1:]] for row in table(page, "Yksikkö")[1:]] == [
        [one.waiting, one.over, one.over_unbooked, one.soon_unbooked, one.booked_late, one.needed]
        for one in units
    ]
    # The list is one tap away, and nobody has read it.
    assert ENTRIES not in all_words(page) and f"({found.waiting}" in str(page.expander)
    narrowed = opened("queues", demo_settings, monkeypatch, yksikko="TK-KOK-01", nakyma="varattavat")
    of_unit = who_passes(snapshot, (*AREA, ("unit", ("TK-KOK-01",))))
    assert of_unit is not None and of_unit.breaches.needed != found.breaches.needed
    assert f"joka viikko tarvitaan {of_unit.breaches.needed} aika" in said(narrowed)


def test_the_list_of_entries_has_no_person_and_reading_it_is_recorded(
    demo_settings: Settings, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Other tests write to the log of the warehouse they share.
    settings = replace(demo_settings, warehouse=tmp_path / "warehouse")
    start_from(demo_settings, settings)
    page, files = with_files(settings, monkeypatch, **LIST)
    entries = entries_by_limit(snapshot, AREA)
    shown = table(page, ENTRIES)
    assert len(shown) - 1 == min(ROWS, len(entries))
    assert shown[0] == [
        *("Viimeinen sallittu päivä", "Yli, vrk (− jäljellä)", "Yksikkö", "Palvelu"),
        *("Ammattiryhmä", "Odottanut, vrk", "Varattu aika", "Huomautus"),
    ]
    (read,) = readings(settings)
    assert read == {"page": "queues", "what": "entries by limit", "rows": str(len(entries))}
    # Running the page again is no new reading; taking the file is.
    page.run()
    assert len(readings(settings)) == 1
    names = {name for name in files if "entries" in name}
    assert names == {"queues_entries_sisainen.csv", "queues_entries_sisainen.xlsx"}
    # The test runner has secrets within a run alone.
    monkeypatch.setattr("pages.access.session.providers", lambda: ("default",))
    with in_language("fi"):
        taken = files["queues_entries_sisainen.csv"]()  # type: ignore[operator]
        workbook = files["queues_entries_sisainen.xlsx"]()  # type: ignore[operator]
    rows = list(csv.reader(io.StringIO(taken.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(entries) + 1
    assert "Vain sisäiseen käyttöön." in rows[1][-1] and "Esittelyaineisto" in rows[1][-1]
    limits = [row[0] for row in rows[1:] if row[0] != "–"]
    assert limits == sorted(limits)
    assert [read["taken"] for read in readings(settings)[1:]] == ["csv", "xlsx"]
    # No name, identifier or key of an entry is in any of them.
    people = snapshot.rows(
        "SELECT DISTINCT person::VARCHAR, entry_id::VARCHAR FROM queue WHERE person IS NOT NULL"
    )
    secret = {part for row in people for part in row if len(part) > 5}
    inside = zipfile.ZipFile(io.BytesIO(workbook))
    texts = "".join(inside.read(name).decode() for name in inside.namelist() if name.endswith(".xml"))
    cells = {cell for row in rows for cell in row} | {cell for row in shown for cell in row}
    assert secret and not secret & cells
    assert not [one for one in secret if one in texts or one in all_words(page)]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("shareable", [True, False], ids=["shareable", "board"])
def test_nothing_of_single_entries_is_in_the_shareable_view(
    tab: str, shareable: bool, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(readings(demo_settings))
    groups, more = (("analysts",), {"yleiso": "jaettava"}) if shareable else (("board",), {})
    page, files = with_files(demo_settings, monkeypatch, *groups, nakyma=tab, avattu="merkinnat", **more)
    assert (INTERNAL_ONLY in said(page)) == (tab != "saapuneet")
    assert ("poistat jaettavan näkymän käytöstä" in said(page)) == (shareable and tab != "saapuneet")
    allowed = {"queues_flows_jaettavissa.csv"} if tab == "saapuneet" else set()
    assert {name for name in files if name.endswith((".csv", ".xlsx")) and "report" not in name} <= allowed
    assert ENTRIES not in all_words(page) and len(readings(demo_settings)) == before


def test_a_manager_sees_her_own_units(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    every, _files = with_files(demo_settings, monkeypatch, "managers", nakyma="odotus")
    assert INTERNAL_ONLY in said(every) and "Näytä omat yksikköni" in said(every)
    own, _files = with_files(demo_settings, monkeypatch, "managers", nakyma="odotus", yksikko="TK-KOK-01")
    assert INTERNAL_ONLY not in said(own) and "Tänään jonoon tulevan odotus" in all_words(own)
    other, _files = with_files(demo_settings, monkeypatch, "managers", nakyma="odotus", yksikko="TK-KAN-01")
    assert INTERNAL_ONLY in said(other)


def test_exact_numbers_are_seen_of_all_units_or_of_own_ones() -> None:
    own = Audience(units=frozenset({"A", "B"}))
    assert sees_exactly(INTERNAL, ()) and sees_exactly(own, ("A",)) and sees_exactly(own, ("A", "B"))
    assert not sees_exactly(own, ()) and not sees_exactly(own, ("A", "C"))
    assert not sees_exactly(SHAREABLE, ()) and not sees_exactly(SHAREABLE, ("A",))


def test_the_flow_is_reconciled(
    demo_settings: Settings, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queues", demo_settings, monkeypatch, nakyma="saapuneet", aika="kaikki")
    flow = queue_flow(snapshot, AREA).table()
    newest = flow.iloc[-1]
    rows = {row[0]: row[1:] for row in table(page, "Jonon muutos")[1:]}
    numbers = {
        name: [
            int(cell.replace("−", "-").replace("+", "").replace("±", "").replace(" ", "")) for cell in cells
        ]
        for name, cells in rows.items()
    }
    lines = ("Tuli", "Siirtyi tähän", "Hoidettiin", "Poistui muuten", "Siirtyi muualle", "Ero")
    for column in (0, 1):
        change = sum(numbers[line][column] for line in lines)
        assert numbers["Jonossa alussa"][column] + change == numbers["Jonossa lopussa"][column]
    assert numbers["Tuli"] == [newest["arrived"], flow["arrived"].sum()]
    assert numbers["Hoidettiin"] == [-newest["treated"], -flow["treated"].sum()]
    weeks = table(page, "Jonon virrat viikoittain")
    assert len(weeks) - 1 == len(flow)


def test_what_is_not_known_of_the_flow_is_said() -> None:
    with in_language("fi"):
        rows = pd.DataFrame(
            {
                "before": [date(2025, 1, 6), date(2025, 1, 27)],
                "week": [date(2025, 1, 13), date(2025, 2, 4)],
                "difference": [0, 2],
                "returned": [1, 0],
                "redated": [0, 3],
                "visits_known": [True, False],
                "seven_days": [True, False],
            }
        )
        said_of = " ".join(words.flow_remarks(rows))
    for part in (
        "Väliltä puuttuu 2 viikkoa",
        "1 viikolta käynnit eivät ole tiedossa joka päivältä",
        "1 viikko ei ole seitsemän päivän mittainen",
        "1 viikolla rivit eivät selitä koko muutosta",
        "1 merkintä oli välillä poissa ja palasi",
        "3 merkinnän alkupäivä on muuttunut",
    ):
        assert part in said_of


def test_honest_waits_stand_beside_those_of_the_seen_alone(
    demo_settings: Settings, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queues", demo_settings, monkeypatch, nakyma="odotus", aika="kaikki")
    found = waits_of(snapshot, AREA, Period(date.min, date(2100, 1, 1), ""))
    assert found is not None
    rows = table(page, "Hoitoon päässeiden osuus, yhä odottavat mukana")[1:]
    with in_language("fi"):
        wanted = [
            [cell.text.replace("\u00a0", " ") for cell in row] for row in words.honest_table(found).rows
        ]
    assert rows == wanted and len(rows) == 4
    assert f"yhä odottaa {found.waiting}" in said(page)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_tabs_speak_the_readers_language(
    tab: str, language: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "varattavat": {"sv": "nya poster medräknade", "en": "new entries counted in"},
        "saapuneet": {"sv": "lämnade kön av annan orsak", "en": "left otherwise"},
        "odotus": {"sv": "Av bara dem som fått vård", "en": "Of those seen alone"},
        "lahella": {"sv": "efter de sju dagarna", "en": "after the seven days"},
    }
    page = opened("queues", demo_settings, monkeypatch, language, nakyma=tab)
    assert_healthy(page)
    assert told[tab][language] in said(page)


def test_a_queue_without_visits_and_weeks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    load(own, "jono.csv", queue(*(queue_entry(number, unit="A", unit_name="A") for number in range(8))))
    assert "Uusia merkintöjä ei voi arvioida" in said(opened("queues", own, monkeypatch, nakyma="varattavat"))
    assert "kun samasta yksiköstä on poiminta kahdelta peräkkäiseltä viikolta" in said(
        opened("queues", own, monkeypatch, nakyma="saapuneet")
    )
    assert "Tältä alueelta ei ole käyntitietoja." in said(
        opened("queues", own, monkeypatch, nakyma="lahella")
    )
    waits = opened("queues", own, monkeypatch, nakyma="odotus")
    assert_healthy(waits)
    assert (
        "Tänään jonoon tulevan odotus" in said(waits) and "%" not in said(waits).partition("Tänään")[2][:400]
    )
