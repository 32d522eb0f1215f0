"""The queues page: numbers, units, languages; hidden, empty and missing states; its sentences by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indicators.change import Change
from indicators.definition import definition
from indicators.engine import answer
from indicators.question import INCOMPLETE, NO_DATA, OK, SUPPRESSED, Question
from pages.ui.queue_words import QueueFinding, finding
from pages.ui.texts import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.pages.opening import opened, said

LENGTH, LONGEST = definition("queue_length"), definition("queue_longest_wait")
DAY = date(2025, 3, 3)


def row(value: float | None, status: str = OK, **more: object) -> dict[str, object]:
    return {"value": value, "status": status, "period": "2025-W10", "as_of": DAY, "note": None, **more}


def words(found: QueueFinding, language: str) -> str:
    with in_language(language):
        return finding(found, LENGTH, LONGEST).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("found", "language", "expected"),
    [
        (
            QueueFinding(row(1234.0), row(24.0), row(517.0)),
            "fi",
            "Jonossa oli 3.3.2025 1 234 kiireetöntä jonomerkintää. 24 merkintää oli odottanut yli lain enimmäisajan. "
            "Pisin odotus tähän mennessä oli 517 vrk.",
        ),
        (
            QueueFinding(row(1.0), row(0.0), row(3.0)),
            "sv",
            "Den 3.3.2025 fanns 1 icke-brådskande post i kön. Enligt uppgifterna har ingen väntat längre än lagens "
            "maximitid. Den längsta väntan hittills var 3 dygn.",
        ),
        (QueueFinding(row(0.0), None, None), "en", "On 3 Mar 2025 nobody was waiting."),
        (
            QueueFinding(row(0.0, INCOMPLETE), None, None, ["Perho"]),
            "en",
            "On 3 Mar 2025 nobody was waiting. Not in the number, for want of a snapshot: Perho.",
        ),
        (
            QueueFinding(row(None, SUPPRESSED), row(None, SUPPRESSED), None),
            "fi",
            "Odottavia oli 3.3.2025 niin vähän, että luku on peitetty.",
        ),
        (
            QueueFinding(row(40.0, INCOMPLETE), row(None, SUPPRESSED), None, ["Perhon terveysasema"]),
            "fi",
            "Jonossa oli 3.3.2025 40 kiireetöntä jonomerkintää. Lain enimmäisajan ylittäneitä oli niin vähän, että luku "
            "on peitetty. Luvusta puuttuu poiminnan puuttuessa: Perhon terveysasema.",
        ),
        (
            QueueFinding(row(40.0), None, None, change=Change("2025-W10", 40.0, 43.0, -3.0, 4, 4)),
            "en",
            "On 3 Mar 2025 there were 40 non-urgent entries in the queue. "
            "The change against the mean of the periods before (4) is −3.",
        ),
        (
            QueueFinding(row(None, NO_DATA), None, None),
            "fi",
            "Tällä rajauksella ei ole jonopoimintaa. Lataa jonopoiminta tai valitse useampi yksikkö.",
        ),
        (
            QueueFinding(None, None, None),
            "sv",
            "Det finns inget köuttag för detta val. Ladda ett köuttag eller välj fler enheter.",
        ),
    ],
)
def test_the_finding(found: QueueFinding, language: str, expected: str) -> None:
    assert words(found, language) == expected


def test_the_page_says_what_the_engine_answers(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    rows = answer(snapshot, Question("queue_length"), demo_settings).rows
    newest = round(rows["value"].iloc[-1])
    page = opened("queues", demo_settings, monkeypatch)
    text = said(page)
    assert f"{newest} kiireetöntä jonomerkintää" in text
    assert "Esittelyaineisto" in text and "Suun terveydenhuolto" in text


def test_a_unit_in_the_address_narrows_the_page(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    question = Question("queue_length", where=(("unit", ("HH-KOK-01",)),))
    newest = round(answer(snapshot, question, demo_settings).rows["value"].iloc[-1])
    text = said(opened("queues", demo_settings, monkeypatch, "sv", yksikko="HH-KOK-01"))
    assert f"fanns {newest} icke-brådskande poster i kön" in text
    assert "Kannuksen terveysasema" not in text


def test_small_queues_are_hidden_and_never_zero(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    plain = answer(snapshot, Question("queue_length", splits=("unit",), suppress=False), demo_settings).rows
    newest = plain[plain["period"] == plain["period"].iloc[-1]]
    small = newest[(newest["value"] > 0) & (newest["value"] < demo_settings.hide_below)]["unit"].iloc[0]
    text = said(opened("queues", demo_settings, monkeypatch, yksikko=str(small)))
    assert "niin vähän, että luku on peitetty" in text
    assert "Jonossa oli" not in text


def test_without_row_snapshots_the_counts_of_another_area_are_shown(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Tällä rajauksella ei ole jonopoimintaa" in said(opened("queues", figures_settings, monkeypatch))
    # Kajaani 260 + 34 + 4 + 60, Sotkamo 29, Suomussalmi 2, Kuhmo 0: the last counts of September 2023.
    kainuu = said(opened("queues", figures_settings, monkeypatch, alue="20", jakso="month"))
    assert "Jonossa oli 1.9.2023 389 kiireetöntä jonomerkintää" in kainuu
    assert "Esittelyaineisto" not in kainuu


def test_without_a_warehouse_it_says_what_to_do(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(opened("queues", replace(demo_settings, warehouse=tmp_path / "none"), monkeypatch))
    assert "python -m pipelines setup" in text
