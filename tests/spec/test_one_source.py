"""Two sources hold the same: what the one that does not count covers is neither a zero nor a whole period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import queue, queue_entry, visit, visits

PIRKKO = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)

AVOHILMO = (
    "AVOHILMO_ID;TNRO;ASIAKAS_KOTIKUNTA;PALVELUNTUOTTAJA_YKSIKKO;KAYNTI_PALVELUMUOTO;KAYNTI_AMMATTI;KAYNTI_YHTEYSTAPA;"
    "KAYNTI_KIIREELLISYYS;KAYNTI_LUONNE;KAYNTI_ENSIKAYNTI;YHTEYDENOTTO_AJANKOHTA;HOIDONTARVE_AJANKOHTA;"
    "AJANVARAUS_AJANKOHTA;AJANVARAUS_VARATTU;PERUUTUS_AJANKOHTA;KAYNTI_ALKOI"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, name: str, data: bytes, **options: object) -> None:
    report = load_bytes(
        name,
        data,
        LoadOptions(**options),
        settings,
        now=datetime(2025, 7, 1, 8, 0),
        today=date(2025, 7, 1),
    )
    assert report.status == "loaded", report.findings


def pirkko(*rows: str) -> bytes:
    return ("\ufeff" + "\n".join([PIRKKO, *rows]) + "\n").encode()


def waiting(key: int, unit: str = "MTP-1") -> str:
    return f"A{key};P{key};1990;272;{unit};Mielenterveyspalvelut;2025-03-01;;;;;jonossa;"


def told(settings: Settings, indicator: str, by: str, **asked: object) -> list[tuple[object, ...]]:
    question = Question(indicator, by=by, suppress=False, **asked)
    rows = answer(Warehouse(settings.warehouse, settings.memory_limit_mb).current(), question, settings).rows
    return [tuple(row) for row in rows[["period", *question.splits, "value", "status"]].to_numpy()]


def test_a_later_snapshot_of_another_source_does_not_empty_a_queue(settings: Settings) -> None:
    mine = [
        queue_entry(n, snapshot="10.3.2025", unit="MTP-1", service="Mielenterveyspalvelut") for n in range(8)
    ]
    others = [queue_entry(n, snapshot="10.3.2025", unit="MTP-1") for n in range(8, 11)]
    load(settings, "jono.csv", queue(*mine, *others))
    assert told(settings, "queue_length", "week") == [("2025-W11", 11.0, "ok")]
    load(settings, "pirkko_20250314.csv", pirkko(*(waiting(n) for n in range(3))))
    assert told(settings, "queue_length", "week") == [("2025-W11", 11.0, "ok")]
    assert told(settings, "queue_length", "month", splits=("service",)) == [
        ("2025-03", "mental_health", 8.0, "ok"),
        ("2025-03", "primary_care", 3.0, "ok"),
    ]


def test_two_sources_that_count_for_different_services_are_both_in_the_sum(settings: Settings) -> None:
    load(settings, "jono.csv", queue(*(queue_entry(n, snapshot="10.3.2025", unit="MTP-1") for n in range(3))))
    load(settings, "pirkko_20250314.csv", pirkko(*(waiting(n) for n in range(4))))
    assert told(settings, "queue_length", "week") == [("2025-W11", 7.0, "ok")]


def test_a_service_that_went_over_to_another_source_is_not_counted_twice(settings: Settings) -> None:
    mine = [
        queue_entry(
            n,
            snapshot="31.1.2025",
            unit="MTP-1",
            service="Mielenterveyspalvelut",
            assessed="3.1.2025",
            queued="",
        )
        for n in range(8)
    ]
    load(settings, "jono.csv", queue(*mine))
    load(settings, "pirkko_20250314.csv", pirkko(*(waiting(n) for n in range(3))))
    assert told(settings, "queue_length", "quarter") == [("2025-Q1", 3.0, "ok")]


def test_a_month_is_whole_only_where_the_source_that_counts_covers_it(settings: Settings) -> None:
    """Exreport counts in March and stops on the 5th; that AvoHILMO has the rest of March does not make it whole."""
    register = [
        f"{n};T{n};272;TK-KOK-01;T11;X;R10;E;SH;K;;{n}.03.2025 08:00;;;;{n}.03.2025 09:00".replace(
            f";{n}.", f";{n:02}."
        )
        for n in range(1, 31)
    ]
    load(settings, "avohilmo_20250301-20250331.csv", "\r\n".join([AVOHILMO, *register, ""]).encode("latin-1"))
    assert told(settings, "visits", "month") == [("2025-03", 30.0, "ok")]
    mine = [visit(n, visit=f"{1 + n % 5}.3.2025", assessed="1.3.2025") for n in range(10)]
    load(settings, "kaynnit_20250301-20250305.csv", visits(*mine))
    assert told(settings, "visits", "month") == [("2025-03", 10.0, "incomplete_period")]


@pytest.mark.parametrize("indicator", ["visits", "queue_length"])
def test_a_load_of_pathways_is_named_behind_what_it_brings_and_its_demo_mark_is_seen(
    settings: Settings, indicator: str
) -> None:
    begun = (
        "A9;P9;1990;272;MTP-1;Mielenterveyspalvelut;2025-02-01;2025-02-03;2025-02-03;2025-03-04;;hoidossa;"
    )
    load(settings, "pirkko_20250314.csv", pirkko(begun, *(waiting(n) for n in range(3))), demo=True)
    snapshot = Warehouse(settings.warehouse, settings.memory_limit_mb).current()
    found = answer(snapshot, Question(indicator, by="month"), settings)
    assert ([load.file for load in found.loads], found.demo) == (["pirkko_20250314.csv"], True)
