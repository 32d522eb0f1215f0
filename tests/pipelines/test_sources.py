"""The further source systems: what one row of theirs becomes, and how a later extract corrects it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.catalogue.places import ROOT
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.history import withdraw
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.master_data import code_edit, decide
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import MappingFault, load_mapping
from pipelines.settings import Settings, load_settings
from tests.pipelines.extracts import VISIT_HEADER, queue, queue_entry, visit, visits

TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
PIRKKO = (
    "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
    "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
)
NOTIFICATIONS = "ILMOITUS_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|LAJI|SAAPUI|PAATETTY|PAATOS"
ASSESSMENTS = "ARVIOINTI_ID|ASIAKAS|SYNTYMAVUOSI|KUNTA|YKSIKKO|ASIAKASRYHMA|VIREILLE|ALOITETTU|VALMIS"
REFERRALS = (
    "Lähetetunnus;Potilas;Syntymävuosi;Kotikunta;Lähettäjä;Yksikkökoodi;Yksikkö;Palvelu;Kiireellisyys;"
    "Saapunut;Käsitelty;Päätös;Ensikäynti"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, data: bytes, name: str, **options: object) -> LoadReport:
    options.setdefault("as_of", date(2025, 4, 1))
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=TODAY)
    assert report.status in ("loaded", "unchanged"), [f.message() for f in report.findings]
    return report


def pirkko(*lines: str) -> bytes:
    return ("﻿" + "\n".join([PIRKKO, *lines]) + "\n").encode()


def rows(settings: Settings, sql: str) -> list[tuple]:
    return published_snapshot(settings).rows(sql)


WAITING = "1;P1;2001;272;MT-1;Mielenterveyspalvelut;2025-03-01;2025-03-05;;;;jonossa;"
IN_CARE = "2;P2;1970;272;MT-1;Päihdepalvelut;2025-02-01;2025-02-03;2025-02-04;2025-02-20;;hoidossa;terapia"
ASKED = "3;P3;1980;272;MT-2;Mielenterveyspalvelut;2025-03-20;;;;2025-03-25;keskeytynyt;"


def test_a_pathway_is_a_referral_a_visit_and_an_entry_of_the_queue(settings: Settings) -> None:
    report = load(settings, pirkko(WAITING, IN_CARE, ASKED), "pirkko.csv")
    assert (report.source, report.dataset, report.rows_read, report.rows_loaded, report.rows_new) == (
        ("pirkko_asiakkuudet", "referrals", 3, 3, 3)
    )
    assert rows(
        settings,
        "SELECT referral_id, service, state, age_band, received_on, first_contact_on, need_found_on,"
        " care_started_on, ended_on FROM referrals ORDER BY 1",
    ) == [
        ("1", "mental_health", "waiting", "23-29", date(2025, 3, 1), date(2025, 3, 5), None, None, None),
        (
            *("2", "substance_services", "in_care", "30-64", date(2025, 2, 1), date(2025, 2, 3)),
            *(date(2025, 2, 4), date(2025, 2, 20), None),
        ),
        (
            "3",
            "mental_health",
            "interrupted",
            "30-64",
            date(2025, 3, 20),
            None,
            None,
            None,
            date(2025, 3, 25),
        ),
    ]
    assert rows(
        settings,
        "SELECT visit_id, assessed_on, visit_on, urgency, nature, first_visit, state, mode, mode_code, profession"
        " FROM visits",
    ) == [
        (
            *("2", date(2025, 2, 4), date(2025, 2, 20), "non_urgent", "curative", "yes", "realised"),
            *("other", None, None),
        )
    ]
    assert rows(settings, "SELECT entry_id, snapshot_on, assessed_on, queued_on, urgency FROM queue") == [
        ("1", date(2025, 4, 1), date(2025, 3, 5), date(2025, 3, 1), "non_urgent")
    ]
    # The queue of a unit without a waiting pathway is known to be empty.
    assert rows(settings, "SELECT dataset, unit, first_on, last_on FROM covered ORDER BY ALL") == [
        ("queue", "MT-1", date(2025, 4, 1), date(2025, 4, 1)),
        ("queue", "MT-2", date(2025, 4, 1), date(2025, 4, 1)),
        ("referrals", "MT-1", date(2025, 2, 1), date(2025, 3, 31)),
        ("referrals", "MT-2", date(2025, 3, 20), date(2025, 3, 31)),
        ("visits", "MT-1", date(2025, 2, 20), date(2025, 3, 31)),
    ]
    people = rows(
        settings,
        "SELECT count(DISTINCT person) FROM (SELECT person FROM visits UNION SELECT person FROM referrals)",
    )
    assert people == [(3,)]


def test_a_corrected_pathway_takes_its_visit_and_its_place_in_the_queue_back(settings: Settings) -> None:
    load(settings, pirkko(WAITING, IN_CARE), "pirkko1.csv")
    corrected = IN_CARE.replace("2025-02-20", "").replace("hoidossa", "jonossa")
    load(settings, pirkko(WAITING.replace("jonossa", "keskeytynyt"), corrected), "pirkko2.csv")
    assert rows(settings, "SELECT visit_id FROM visits") == []
    assert rows(settings, "SELECT entry_id FROM queue") == [("2",)]
    # An older extract, loaded late, does not bring the visit back.
    report = load(settings, pirkko(IN_CARE), "pirkko0.csv", as_of=date(2025, 3, 1))
    assert [f.code for f in report.findings] == ["older_extract"]
    assert rows(settings, "SELECT visit_id FROM visits") == []


def test_a_stated_window_speaks_of_the_pathways_asked_for_in_it(settings: Settings) -> None:
    late = "4;P4;1980;272;MT-1;Mielenterveyspalvelut;2025-02-10;;2025-02-11;2025-03-15;;hoidossa;"
    load(settings, pirkko(WAITING, IN_CARE, late), "pirkko.csv", as_of=date(2025, 4, 1))
    load(settings, pirkko(WAITING), "pirkko_20250301-20250331.csv", as_of=date(2025, 4, 2), force=True)
    # Asked for in February: the window says nothing of it, though care started in March.
    assert rows(settings, "SELECT visit_id FROM visits ORDER BY 1") == [("2",), ("4",)]
    load(settings, pirkko(WAITING), "pirkko_20250201-20250331.csv", as_of=date(2025, 4, 3), force=True)
    assert rows(settings, "SELECT visit_id FROM visits ORDER BY 1") == []
    assert rows(settings, "SELECT referral_id FROM referrals") == [("1",)]


def test_a_row_that_is_bad_for_one_output_is_set_aside_as_a_whole(settings: Settings) -> None:
    bad = IN_CARE.replace("2025-02-20", "2025-02-31")
    report = load(settings, pirkko(WAITING, bad, ASKED), "pirkko.csv", force=True)
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (3, 2, 1)
    assert [(f.code, f.rows) for f in report.findings if f.code != "unknown_code"] == [("bad_date", (3,))]
    assert rows(settings, "SELECT referral_id FROM referrals ORDER BY 1") == [("1",), ("3",)]


def test_the_same_fault_is_told_once_however_many_datasets_see_it(settings: Settings) -> None:
    unknown = IN_CARE.replace("Päihdepalvelut", "Uusi palvelu").replace("jonossa", "x")
    report = load(
        settings, pirkko(unknown, WAITING.replace("Mielenterveyspalvelut", "Uusi palvelu")), "p.csv"
    )
    told = [f for f in report.findings if f.code == "unknown_code" and f.params["column"] == "palvelu"]
    assert [(f.field, f.count) for f in told] == [("service_code", 2)]


def test_notifications_and_assessments_are_cases(settings: Settings) -> None:
    lines = [
        "1|L1|2015|272|LS-1|LASTENSUOJELU|20250301|20250306|ARVIOINTI ALOITETAAN",
        "2|L2|2012|272|LS-1||20250310||",
    ]
    load(settings, "\r\n".join([NOTIFICATIONS, *lines, ""]).encode("latin-1"), "ilmoitukset.csv")
    lines = [
        "1|A1|2014|272|LS-1|LAPSIPERHE|20250110|20250111|20250320",
        "2|A2|1940|272|IK-1|IKAANTYNYT|20250201|20250205|",
        "3|A3|1985|272|AS-1||20250201||",
        "4|A4|1985|272|AS-1|MUU|20250201||",
    ]
    report = load(settings, "\r\n".join([ASSESSMENTS, *lines, ""]).encode("latin-1"), "palvelutarve.csv")
    assert [f.params["codes"] for f in report.findings if f.code == "unknown_code"][1:] == [["MUU (1)"]]
    found = rows(
        settings,
        "SELECT case_id, kind, service, client_group, age_band, arrived_on, started_on, decided_on, ready_on,"
        " decision FROM cases ORDER BY source, case_id",
    )
    assert found == [
        (
            *("1", "notification", "child_welfare", None, "7-12"),
            *(date(2025, 3, 1), None, date(2025, 3, 6), None, "assessment"),
        ),
        ("2", "notification", "child_welfare", None, "13-17", date(2025, 3, 10), None, None, None, None),
        (
            *("1", "needs_assessment", "family_services", "families", "7-12"),
            *(date(2025, 1, 10), date(2025, 1, 11), None, date(2025, 3, 20), None),
        ),
        (
            *("2", "needs_assessment", "elderly_services", "older_people", "75+"),
            *(date(2025, 2, 1), date(2025, 2, 5), None, None, None),
        ),
        ("3", "needs_assessment", None, None, "30-64", date(2025, 2, 1), None, None, None, None),
        ("4", "needs_assessment", "?MUU", "?MUU", "30-64", date(2025, 2, 1), None, None, None, None),
    ]


def test_optional_columns_of_assessments(settings: Settings) -> None:
    header = ASSESSMENTS.replace("ALOITETTU", "ERITYINEN_TUKI|HOITOTUKI|ALOITETTU")
    lines = [
        "1|A1|2014|272|PE-1|LAPSIPERHE|20250110|K||20250111|20250320",
        "2|A2|2014|272|PE-1|LAPSIPERHE|20250110|E|||",
        "3|A3|1949|272|IK-1|IKAANTYNYT|20250110||YLIN||",
        "4|A4|1950|272|IK-1|IKAANTYNYT|20250110||KOROTETTU||",
        "5|A5|1950|272|IK-1|IKAANTYNYT|20250110|ehkä|||",
    ]
    report = load(settings, "\r\n".join([header, *lines, ""]).encode("latin-1"), "palvelutarve.csv")
    assert (report.layout, report.rows_loaded) == ("2", 5)
    assert "absent_column" not in {f.code for f in report.findings}
    assert rows(
        settings, "SELECT case_id, special_support, care_allowance, over_75 FROM cases ORDER BY 1"
    ) == [
        ("1", "yes", None, False),
        ("2", "no", None, False),
        ("3", None, "highest", True),
        ("4", None, "raised", False),
        ("5", "?ehkä", None, False),
    ]


def test_optional_columns_of_visits(settings: Settings) -> None:
    """Who produced a visit is unknown where the column is blank, not there, or says what nobody has mapped: never own."""
    header = f"{VISIT_HEADER};Lähetteellä;Tuottaja"
    lines = [
        f"{visit(1)};K;Oma",
        f"{visit(2)};E;Ostettu",
        f"{visit(3)};;Palveluseteli",
        f"{visit(4)};J;Naapuri",
        f"{visit(5)};;",
    ]
    report = load(settings, "\r\n".join([header, *lines, ""]).encode("cp1252"), "kaynnit.csv")
    assert (report.layout, report.rows_loaded) == ("2", 5)
    told = {f.field for f in report.findings if f.code == "unknown_code"}
    assert {"with_referral_code", "producer_code"} <= told
    found = "SELECT with_referral, producer FROM visits ORDER BY visit_id"
    expected = [("yes", "own"), ("no", "bought"), (None, "voucher"), ("?J", "?Naapuri"), (None, None)]
    assert rows(settings, found) == expected


def test_one_optional_column_without_the_other(settings: Settings) -> None:
    lines = [f"{VISIT_HEADER};Tuottaja", f"{visit(1)};Oma"]
    report = load(settings, "\r\n".join([*lines, ""]).encode("cp1252"), "kaynnit.csv")
    assert "ignored_column" not in {f.code for f in report.findings}
    assert rows(settings, "SELECT with_referral, producer FROM visits") == [(None, "own")]


def test_without_the_optional_columns_nothing_is_said_of_them(settings: Settings) -> None:
    report = load(settings, "\r\n".join([VISIT_HEADER, visit(1), ""]).encode("cp1252"), "kaynnit.csv")
    assert (report.layout, "absent_column" in {f.code for f in report.findings}) == ("1", False)
    assert rows(settings, "SELECT with_referral, producer FROM visits") == [(None, None)]


def test_referrals_of_exreport(settings: Settings) -> None:
    line = "L1;P1;2004;272;TK-KOK-01;ES-1;Kirurgia;Erikoissairaanhoito;Kiireetön;3.3.2025;10.3.2025;Hyväksytty;5.5.2025"
    load(settings, "\r\n".join([REFERRALS, line, ""]).encode("cp1252"), "lahetteet.csv")
    assert rows(
        settings,
        "SELECT referral_id, sender, unit, service, urgency, age_group, age_band, received_on, handled_on, decision,"
        " care_started_on, counted FROM referrals",
    ) == [
        (
            *("L1", "TK-KOK-01", "ES-1", "specialised_care", "non_urgent", "0-22", "18-22"),
            *(date(2025, 3, 3), date(2025, 3, 10), "accepted", date(2025, 5, 5), True),
        )
    ]


#: The mapping of docs/mapping.md, as it stands there.
OWN = re.search(
    r"^```outputs.toml\n(.*?)^```", (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8"), re.M | re.S
)[1]


def test_an_analysts_own_mapping_can_do_the_same(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "polku.toml"
    path.write_text(OWN, encoding="utf-8")
    data = "\n".join(
        [
            "nro;hlo;paikka;laji;tuli;alku",
            "1;A;X;Lähete;1.3.2025;9.3.2025",
            "2;B;X;SUORA;2.3.2025;2.3.2025",
            "3;C;X;lähete;3.3.2025;",
            "4;D;X;muu;3.3.2025;4.3.2025",
            "",
        ]
    ).encode()
    report = load(settings, data, "polku.csv", mapping=load_mapping(path))
    assert [(f.code, f.count, f.rows) for f in report.findings if f.code == "row_without_output"] == [
        ("row_without_output", 1, (5,))
    ]
    assert rows(settings, "SELECT referral_id FROM referrals ORDER BY 1") == [("1",), ("2",), ("3",)]
    assert rows(settings, "SELECT visit_id, urgency FROM visits ORDER BY 1") == [("1", None), ("2", "urgent")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('is_not = ["Muu"]', "ei = 1"), "where: ei is not understood"),
        (("[outputs.visits]", "[outputs.kaynnit]"), "dataset 'kaynnit' is not one of"),
        (('value = "urgent"', 'from = "today"'), "from can only be 'extract_date'"),
        (('received_on = "tuli", ', ""), "received_on is required and not mapped"),
        (('name = "polku"', 'dataset = "visits"'), "unknown key 'dataset'"),
        (
            ("[outputs.referrals]", '[outputs.referrals]\nwindow = "person"'),
            "outputs.referrals.window: 'person' is no date field",
        ),
    ],
)
def test_what_is_wrong_with_a_mapping_is_named(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = tmp_path / "polku.toml"
    text = OWN.replace(*change)
    if "kaynnit" in change[1]:
        text = text.replace("outputs.visits", "outputs.kaynnit")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingFault) as fault:
        load_mapping(path)
    assert says in "; ".join(fault.value.faults)


def avohilmo(*visits: tuple[str, str]) -> bytes:
    header = "AVOHILMO_ID;TNRO;PALVELUNTUOTTAJA_YKSIKKO;KAYNTI_PALVELUMUOTO;KAYNTI_ALKOI;KAYNTI_KIIREELLISYYS"
    lines = [f"{n};T{n};{unit};T11;{day} 09:00;E" for n, (unit, day) in enumerate(visits, start=1)]
    return "\n".join([header, *lines, ""]).encode("latin-1")


def test_one_source_counts_at_a_time_and_the_other_is_kept_and_named(settings: Settings) -> None:
    register = avohilmo(("TK-KOK-01", "03.02.2025"), ("TK-KOK-01", "03.03.2025"), ("TK-KOK-01", "04.03.2025"))
    load(settings, register, "avohilmo.csv", source="avohilmo")
    assert rows(settings, "SELECT DISTINCT counted FROM visits") == [(True,)]
    data = visits(visit(1, visit="10.3.2025 9:00"), visit(2, visit="10.5.2025", state="Varattu", assessed=""))
    options = LoadOptions(as_of=date(2025, 4, 1))
    foretold = inspect_bytes("kaynnit.csv", data, options, settings, today=TODAY)
    report = load(settings, data, "kaynnit.csv")
    told = [f for f in report.findings if f.code == "overlapping_sources"]
    assert [f for f in foretold.findings if f.code == "overlapping_sources"] == told
    assert [(f.count, f.params["source"], f.params["counted"], f.params["months"]) for f in told] == [
        (2, "avohilmo", ["exreport_kaynnit"], ["2025-03"])
    ]
    counted = "SELECT source, visit_on, counted FROM visits ORDER BY source, visit_on"
    assert rows(settings, counted) == [
        ("avohilmo", date(2025, 2, 3), True),
        ("avohilmo", date(2025, 3, 3), False),
        ("avohilmo", date(2025, 3, 4), False),
        ("exreport_kaynnit", date(2025, 3, 10), True),
        ("exreport_kaynnit", date(2025, 5, 10), True),
    ]
    withdraw(settings, report.load_id, now=NOW)
    assert rows(settings, "SELECT DISTINCT counted FROM visits") == [(True,)]


def test_plans_alone_do_not_keep_out_what_happened(settings: Settings) -> None:
    load(settings, visits(visit(1, visit="10.4.2025", state="Varattu", assessed="")), "kaynnit.csv")
    load(settings, avohilmo(("TK-KOK-01", "03.04.2025")), "a.csv", source="avohilmo", as_of=date(2025, 5, 1))
    assert rows(settings, "SELECT source, counted FROM visits ORDER BY 1") == [
        ("avohilmo", True),
        ("exreport_kaynnit", False),
    ]


COUNTS_HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"


def queue_counts(*lines: str) -> bytes:
    """Counts written as `day;unit;service;waiting`."""
    return "\n".join(
        [COUNTS_HEADER, *("{};18;{};{};{};;;Laskenta".format(*one.split(";")) for one in lines), ""]
    ).encode()


@pytest.mark.parametrize("counts_first", [False, True])
def test_counts_of_queues_beside_rows_count_nowhere_and_are_named(
    settings: Settings, counts_first: bool
) -> None:
    of_rows = queue(
        queue_entry(1, snapshot="31.3.2025"),
        queue_entry(2, snapshot="31.3.2025"),
        # The source's own code of a unit that the counts know under ours.
        queue_entry(3, snapshot="31.3.2025", unit="ULKO", service="Fysioterapia"),
    )
    of_counts = queue_counts(
        "2025-03-24;TK-KOK-01;primary_care;7",
        "2025-03-31;TK-KOK-01;physiotherapy;34",
        "2025-03-31;TK-KOK-02;primary_care;9",
        "2025-03-31;OMA;physiotherapy;3",
        "2025-04-01;TK-KOK-01;primary_care;6",
    )
    first, then = ((of_counts, "jonot.csv"), (of_rows, "jono.csv"))[:: 1 if counts_first else -1]
    load(settings, *first)
    decide(
        settings,
        [code_edit("exreport_jono", "unit", "ULKO", [{"our_code": "OMA"}], by="tests", at=NOW)],
        now=NOW,
    )
    report = load(settings, *then)
    (told,) = [f for f in report.findings if f.code == "overlapping_sources"]
    assert (told.level, told.field, told.count) == ("warning", "waiting", 2)
    assert (told.params["units"], told.params["services"]) == (["OMA", "TK-KOK-01"], ["physiotherapy"])
    assert told.params["counted"] == ["exreport_jono"]
    # It is so: by no grain do they count.
    for by, value in (("week", 12), ("month", 12), ("year", 12)):
        asked = Question(
            "queue_length", by=by, date_from=date(2025, 3, 31), date_to=date(2025, 3, 31), suppress=False
        )
        assert list(answer(published_snapshot(settings), asked, settings).rows["value"]) == [value], by
