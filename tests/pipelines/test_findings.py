"""Every finding, raised by a fixture of its own through the front door, and what it does to the warehouse.

The fixtures are files as their source writes them. Before each of them a small extract is loaded, so that its
units are known; files named `earlier_…` of the fixture's own folder come next.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from indicators.catalogue.places import ROOT
from pipelines.checking.extract import LoadOptions
from pipelines.findings import LANGUAGES, Finding, kinds
from pipelines.identity_codes import holds_hetu
from pipelines.loading.history import quarantine_csv
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import loads, published_snapshot
from pipelines.loading.report import LoadReport, stored_findings
from pipelines.mapping.files import load_mapping
from pipelines.settings import Settings, load_settings

FIXTURES = ROOT / "tests" / "fixtures" / "extracts"
TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
VISITS = "kaynnit_20250430.csv"


@dataclass(frozen=True)
class Case:
    """A file and the one finding it must raise; `beside` are codes that follow from it."""

    code: str
    file: str = VISITS
    field: str | None = None
    count: int = 1
    rows: tuple[int, ...] = ()
    #: A piece of the Finnish message that only this file can have brought about.
    says: str = ""
    beside: tuple[str, ...] = ()
    #: Codes of rows set aside that bring the finding about.
    after: tuple[str, ...] = ()
    #: What the file is called when it is loaded; a repository should have no such name in it.
    loaded_as: str = ""
    rows_read: int = 0
    #: A mapping in the fixture's folder, where no shipped source fits.
    mapping: str = ""

    def options(self) -> LoadOptions:
        return LoadOptions(
            mapping=load_mapping(FIXTURES / self.code / self.mapping) if self.mapping else None
        )


CASES = [
    Case("unreadable", "empty.csv", says="ei ole tietoja eikä otsikkoriviä"),
    Case("unreadable", "blank_lines.csv", says="ei ole tietoja eikä otsikkoriviä"),
    Case("unreadable", "not_text.csv", says="ei ole tekstitiedosto"),
    Case("unreadable", "half_a_character_utf16.csv", says="merkistö ei ole UTF-16"),
    Case("unreadable", "two_files.zip", says="täsmälleen yhtä CSV-tiedostoa"),
    Case("unreadable", "cut_off.zip", says="vioittunut"),
    Case("unreadable", "cut_off.csv.gz", says="vioittunut"),
    Case("unreadable", "encrypted.zip", says="suojattu salasanalla"),
    Case("unreadable", "encrypted.xlsx", says="suojattu salasanalla"),
    Case("unreadable", "damaged.xlsx", says="Excel-tiedosto on vioittunut"),
    Case("unreadable", "web_page.xls", says="verkkosivu (HTML)"),
    Case("unreadable", "records.json", says="JSON-tiedosto"),
    Case("unreadable", "stray_byte.csv", says="merkistö on UTF-8, mutta rivillä 3 on tavu 0xF6"),
    Case("unreadable", "encoded_twice.csv", says="UTF-8-muotoon kahdesti (ensimmäisen kerran rivillä 1"),
    Case("unknown_layout", "laboratorio.csv", says="eivät vastaa mitään tunnettua rakennetta"),
    Case("unknown_layout", "title_above.csv", says="Otsikkorivi näyttää olevan rivi 3"),
    Case("unknown_layout", "two_sheets.xlsx", says="välilehdellä Tiedot"),
    Case(
        "missing_column", says="sarake Tila puuttuu (lähde exreport_kaynnit, lähin löytynyt otsikko: Tilanne)"
    ),
    Case("duplicate_column", says="Otsikko Tila on tiedostossa kahdesti"),
    Case("person_id_in_wrong_place", rows=(4,), says="sarakkeessa Yksikkö, rivinumerot 4 (yhteensä 1)"),
    Case(
        "person_id_in_wrong_place",
        "ignored_column_20250430.csv",
        count=2,
        rows=(2, 3),
        says="sarakkeessa Lisätieto, rivinumerot 2, 3",
    ),
    Case("person_id_in_wrong_place", "header_20250430.csv", says="otsikkorivillä, sarakkeessa numero 18"),
    Case(
        "person_id_in_wrong_place",
        "ignored_column_20250430.csv",
        says="tiedoston nimessä",
        loaded_as="kaynnit_131052-308T.csv",
    ),
    Case(
        "too_many_bad_rows",
        count=2,
        says="Virheellisiä rivejä on 2/20 (10,0 %), ja raja on 5,0 %",
        beside=("bad_date",),
        rows_read=20,
    ),
    Case(
        "too_many_bad_rows",
        "unclosed_quote_20250430.csv",
        count=3,
        says="Virheellisiä rivejä on 3/3 (100,0 %)",
        beside=("ragged_row",),
        rows_read=3,
    ),
    Case(
        "extract_shrunk",
        "kaynnit_20250301-20250331.csv",
        count=3,
        # The row of the newer extract that made the units known is not replaced.
        says="rivejä on 3, mutta ne korvaisivat saman jakson rivejä 8.",
    ),
    Case(
        "values_lost",
        field="assessed_on",
        count=12,
        says="Hoidon tarpeen arviointi (hoidon tarpeen arvioinnin päivä) tunnetuista arvoista häviäisi 12/12. "
        "Tiedostossa ei ole enää saraketta.",
    ),
    Case(
        "values_lost",
        "tyhja_20250430.csv",
        field="assessed_on",
        count=11,
        says="häviäisi 11/12. Sarake on tässä tiedostossa tyhjä tai lähes tyhjä.",
    ),
    Case(
        "values_lost",
        "koodit_20250430.csv",
        field="urgency_code",
        count=12,
        says="Sarakkeen koodeilla ei ole enää merkitystä (lähdekuvauksen kohta [values.urgency])",
        beside=("unknown_code",),
    ),
    Case(
        "values_lost",
        "jono.csv",
        field="reason_code",
        count=3,
        says="Sarakkeen Jonotuksen syy (jonotuksen syy) tunnetuista arvoista häviäisi 3/3",
    ),
    Case(
        "column_went_blank",
        field="assessed_on",
        says="Kuukausilta 2025-04 puuttuvat sarakkeen Hoidon tarpeen arviointi (hoidon tarpeen arvioinnin päivä) arvot",
    ),
    Case(
        "bad_date", field="visit_on", count=2, rows=(7, 30), says="Sarakkeen Käynti päivämäärää", rows_read=42
    ),
    Case(
        "bad_number",
        "luvut_20250430.csv",
        field="value",
        count=2,
        rows=(7, 30),
        says="Sarakkeen value",
        rows_read=42,
    ),
    Case(
        "ambiguous_number",
        "luvut_20250430.csv",
        field="value",
        count=2,
        rows=(7, 30),
        says="Sarakkeen value luvusta ei selviä",
        rows_read=42,
    ),
    Case(
        "blank_number",
        "jonot_20250430.csv",
        field="waiting",
        count=2,
        rows=(3, 4),
        says="Sarakkeen waiting luku",
    ),
    Case(
        "missing_value",
        field="service_code",
        count=2,
        rows=(7, 30),
        says="tieto Palvelu puuttuu",
        rows_read=42,
    ),
    Case(
        "impossible_date",
        field="assessed_on",
        count=2,
        rows=(7, 30),
        says="poimintapäivään 30.4.2025 nähden",
        rows_read=42,
    ),
    Case("duplicate_key", field="visit_id", count=2, rows=(7, 42), says="(Käyntitunnus)", rows_read=42),
    Case(
        "negative_number",
        "luvut_20250430.csv",
        field="value",
        count=2,
        rows=(7, 30),
        says="Sarakkeen value luku on alle nollan",
        rows_read=42,
    ),
    Case(
        "contradiction",
        "jonot_20250430.csv",
        field="over_limit",
        count=2,
        rows=(7, 30),
        says="osa kokonaisuuttaan suurempi",
        rows_read=42,
    ),
    Case(
        "contradiction",
        "alle_nollan_20250430.csv",
        field="waiting",
        count=2,
        rows=(7, 30),
        says="Sarakkeen waiting luku on ristiriitainen",
        rows_read=42,
    ),
    Case(
        "contradiction",
        "liikennevalot_20250430.csv",
        field="progress_pct",
        count=2,
        rows=(7, 30),
        rows_read=42,
    ),
    Case(
        "share_out_of_range",
        "luvut_20250430.csv",
        field="numerator",
        count=2,
        rows=(7, 30),
        says="sarakkeen numerator mukaan",
        rows_read=42,
    ),
    Case(
        "zero_denominator",
        "luvut_20250430.csv",
        field="denominator",
        count=2,
        rows=(7, 30),
        says="Sarakkeen denominator nimittäjä",
        rows_read=42,
    ),
    Case(
        "value_contradicts",
        "luvut_20250430.csv",
        field="value",
        count=2,
        rows=(7, 30),
        says="Sarakkeen value arvo ei vastaa",
        rows_read=42,
    ),
    Case(
        "wrong_unit",
        "luvut_20250430.csv",
        field="unit",
        count=2,
        rows=(7, 30),
        says="Sarakkeen unit yksikkö",
        rows_read=42,
    ),
    Case(
        "unknown_comparator",
        "tavoitteet_20250430.csv",
        field="comparator",
        count=2,
        rows=(7, 30),
        says="≤ < ≥ > =",
        rows_read=42,
    ),
    Case(
        "direction_with_level",
        "tavoitteet_20250430.csv",
        field="comparator",
        count=2,
        rows=(7, 30),
        says="sekä suunta (increases tai decreases) että taso",
        rows_read=42,
    ),
    Case(
        "status_off_scale",
        "valitavoitteet_20250430.csv",
        field="status",
        count=2,
        rows=(7, 30),
        says="ei ole välitavoitteen asteikolla",
        rows_read=42,
    ),
    Case(
        "step_off_scale",
        "luvut_20250430.csv",
        field="value",
        count=2,
        rows=(7, 30),
        says="ei ole mittarin asteikolla",
        rows_read=42,
    ),
    Case(
        "unknown_indicator",
        "luvut_20250430.csv",
        field="indicator",
        count=2,
        rows=(7, 30),
        says="määrittele mittari sivulla Lukujen syöttö",
        rows_read=42,
    ),
    Case(
        "bad_id",
        "mittarit_20250430.csv",
        field="measure",
        count=2,
        rows=(7, 30),
        says="Käytä pieniä kirjaimia",
        rows_read=42,
    ),
    Case(
        "id_taken",
        "mittarit_20250430.csv",
        field="measure",
        count=2,
        rows=(7, 30),
        says="ohjelmiston oman mittarin tunnus",
        rows_read=42,
    ),
    Case(
        "not_a_choice",
        "mittarit_20250430.csv",
        field="unit",
        count=2,
        rows=(7, 30),
        says="Mahdolliset: percent, days, count, ratio, points, euros, stage, yes_no.",
        rows_read=42,
    ),
    Case("ragged_row", count=2, rows=(7, 30), says="eri määrä kenttiä", rows_read=42),
    Case(
        "unknown_code", field="service_code", count=2, rows=(3, 4), says="sarakkeessa Palvelu: Hieronta (2)"
    ),
    Case(
        "wait_before_assessment",
        field="visit_on",
        rows=(4,),
        says="ennen hoidon tarpeen arviointia. Rivejä: 1 (rivinumerot: 4)",
        beside=("negative_interval",),
    ),
    Case(
        "birth_year_out_of_range",
        field="birth_year",
        count=2,
        rows=(2, 4),
        says="ikäryhmä jää tuntemattomaksi",
    ),
    Case(
        "no_source",
        "luvut_20250430.csv",
        field="cited_source",
        count=2,
        rows=(3, 4),
        says="Lähdettä ei ole kerrottu sarakkeessa source",
    ),
    Case(
        "own_period",
        "luvut_20250430.csv",
        field="period_end",
        rows=(3,),
        says="Jakso ulottuu vuodesta toiseen. Rivejä: 1 (rivinumerot: 3)",
    ),
    Case(
        "negative_interval", field="assessed_on", rows=(3,), says="Sarakkeen Hoidon tarpeen arviointi päivä"
    ),
    Case(
        "negative_interval",
        "lahetteet_20250430.csv",
        field="handled_on",
        rows=(2,),
        says="Sarakkeen Käsitelty päivä",
    ),
    Case("repeated_header", count=2, rows=(3, 5), says="toistuu tietojen seassa. Ohitettuja rivejä: 2"),
    Case(
        "end_notes",
        "jonot_20250430.csv",
        count=2,
        rows=(4, 6),
        mapping="jonot.toml",
        says="lopussa on huomautuksia. Ohitettuja rivejä: 2",
    ),
    Case("nothing_delivered", says="vain otsikkorivi"),
    Case("extract_date_assumed", "kaynnit.csv", says="Oletus on 12.3.2025: rivien uusin toteutunut päivä"),
    Case("extract_date_assumed", "tavoitteet.csv", says="Oletus on 2.1.2026: latauspäivä"),
    Case("person_id_lookalike", rows=(3,), says="Sarakkeessa Käyntitunnus"),
    Case(
        "indicator_lost",
        "lahetteet_20250430.csv",
        count=3,
        says="puuttuu: Käsitelty. Niiden vuoksi",
    ),
    Case(
        "indicator_unmapped",
        field="nature_code",
        count=8,
        says="ei ole kenttää nature_code (käynnin luonne). Ilman sitä tästä tiedostosta ei voi laskea näitä mittareita",
        mapping="kaynnit.toml",
    ),
    Case("load_replaced", says="toisella lähdekuvauksella (lataus 000002)", mapping="kaynnit.toml"),
    Case("ignored_column", says="ohitetaan: Lisätieto."),
    Case("absent_column", count=2, says="puuttuu: Ammattiryhmä, Ajanvaraus tehty."),
    Case("repeated_row", field="visit_id", count=2, rows=(5, 6), says="Pois jääviä toistoja: 2"),
    Case("bad_optional_value", field="birth_year", rows=(3,), says="Sarakkeen Syntymävuosi arvoa"),
    Case(
        "older_extract",
        "kaynnit_20250415.csv",
        count=2,
        says="(15.4.2025) on vanhempi kuin jo ladattu (30.4.2025)",
    ),
    Case(
        "earlier_row_stays",
        "kaynnit_20250301-20250405.csv",
        says="tämän tiedoston virheellisten rivien sijasta: 1",
        after=("bad_date",),
    ),
    Case(
        "row_without_output",
        "polut_20250430.csv",
        count=2,
        rows=(4, 6),
        says="ehto ei koske: 2 (rivinumerot: 4, 6)",
        rows_read=5,
        mapping="polut.toml",
        beside=("indicator_unmapped",),
    ),
    Case(
        "overlapping_sources",
        count=3,
        says="(visits: primary_care; kuukaudet 2025-03): mukaan lasketaan exreport_kaynnit. Lähteen avohilmo",
    ),
    Case(
        "overlapping_sources",
        "jonomaarat_20250403.csv",
        field="waiting",
        # Those of the week before, of another unit and of the next month count.
        count=2,
        says="samalta viikolta (TK-KOK-01: physiotherapy, primary_care; kuukaudet 2025-03). Vain rivit lasketaan mukaan",
    ),
    Case(
        "unit_missing", "jono.csv", field="unit_code", says="(31.3.2025) olleita yksiköitä puuttuu: TK-KAU-01"
    ),
]
NAMES = [f"{case.code}-{case.loaded_as or case.file}" for case in CASES]
CODES_THAT_LEAVE_ROWS_OUT = ("repeated_row", "row_without_output")


@dataclass
class Bench:
    """A warehouse with the units of the fixtures known."""

    settings: Settings

    def load(
        self, path: Path, name: str = "", options: LoadOptions | None = None, **said: object
    ) -> LoadReport:
        options = options or LoadOptions(**said)
        return load_bytes(name or path.name, path.read_bytes(), options, self.settings, now=NOW, today=TODAY)

    def files(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.settings.warehouse.rglob("*") if path.is_file()}

    def counted(self, dataset: str, load_id: str) -> int:
        return published_snapshot(self.settings).rows(
            f"SELECT count(*) FROM {dataset} WHERE load_id = ?", [load_id]
        )[0][0]


@pytest.fixture(scope="module")
def units_known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("findings") / "warehouse"
    bench = Bench(replace(load_settings({}), warehouse=folder))
    bench.load(FIXTURES / "earlier_kaynnit_20250401.csv")
    return folder


@pytest.fixture
def bench(units_known: Path, tmp_path: Path) -> Bench:
    folder = tmp_path / "warehouse"
    shutil.copytree(units_known, folder)
    return Bench(replace(load_settings({}), warehouse=folder))


def prepared(bench: Bench, case: Case) -> Path:
    """The fixture's file, after the earlier files of its folder were loaded."""
    folder = FIXTURES / case.code
    wrong = folder / "wrong.toml"
    options = LoadOptions(mapping=load_mapping(wrong)) if wrong.exists() else LoadOptions()
    for earlier in sorted(folder.glob("earlier_*")):
        assert bench.load(earlier, options=options).status == "loaded"
    return folder / case.file


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_fixture_raises_its_finding_and_no_other(bench: Bench, case: Case) -> None:
    report = bench.load(prepared(bench, case), case.loaded_as, case.options())
    assert [found.code for found in report.findings] == [*case.after, case.code, *case.beside]
    found = report.findings[len(case.after)]
    assert (found.level, found.field, found.count, found.rows) == (
        kinds()[case.code].level,
        case.field,
        case.count,
        case.rows,
    )
    assert case.says in found.message("fi")
    if case.rows_read:
        assert report.rows_read == case.rows_read
    assert_says_it_in_three_languages_and_names_nobody(report)


def assert_says_it_in_three_languages_and_names_nobody(report: LoadReport) -> None:
    for found in report.findings:
        messages = [found.message(language) for language in LANGUAGES]
        assert len(set(messages)) == len(LANGUAGES)
        for message in messages:
            assert message.strip().endswith((".", ")."))
            assert "{" not in message
            assert not holds_hetu(message)
            assert "P000" not in message
    assert "P000" not in json.dumps(report.to_dict("fi"))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_level_of_a_finding_is_what_happens(bench: Bench, case: Case) -> None:
    path = prepared(bench, case)
    before = bench.files()
    seen = inspect_bytes(
        case.loaded_as or path.name, path.read_bytes(), case.options(), bench.settings, today=TODAY
    )
    assert bench.files() == before
    report = bench.load(path, case.loaded_as, case.options())
    assert seen.findings == report.findings
    level = kinds()[case.code].level
    if level == "file":
        assert (report.status, report.rows_loaded, report.load_id) == ("refused", 0, None)
        assert bench.files() == before
        return
    assert report.status == "loaded"
    row_code = (*case.after, case.code)[0]
    level = kinds()[row_code].level
    set_aside = case.count if level == "row" else 0
    left_out = case.count if case.code in CODES_THAT_LEAVE_ROWS_OUT else 0
    assert report.rows_quarantined == set_aside
    assert report.rows_loaded == report.rows_read - set_aside - left_out
    assert report.rows_loaded > 0 or case.code == "nothing_delivered"
    superseded = case.count if case.code == "older_extract" else 0
    assert bench.counted(report.dataset, report.load_id) == report.rows_loaded - superseded
    quarantine = bench.settings.warehouse / "quarantine" / f"{report.load_id}.parquet"
    assert quarantine.exists() == (level == "row")
    if level == "row":
        rows = pq.read_table(quarantine).to_pylist()
        assert tuple(row["row"] for row in rows) == (case.rows or (9,))
        assert {row["reasons"].split(":")[0] for row in rows} == {row_code}
        for language in LANGUAGES:
            told = quarantine_csv(bench.settings, report.load_id, language).splitlines()
            assert len(told) == 1 + len(rows)


def test_every_code_has_a_case_and_every_file_is_used() -> None:
    used = {(case.code, case.file) for case in CASES}
    assert {code for code, _ in used} == set(kinds())
    assert used == {
        (path.parent.name, path.name)
        for path in FIXTURES.glob("*/*")
        if not path.name.startswith("earlier_") and path.suffix != ".toml"
    }


@pytest.mark.parametrize("code", ["too_many_bad_rows", "extract_shrunk", "values_lost"])
def test_what_is_refused_for_its_share_can_be_forced(bench: Bench, code: str) -> None:
    case = next(case for case in CASES if case.code == code)
    report = bench.load(prepared(bench, case), force=True)
    assert report.status == "loaded"
    assert code not in [found.code for found in report.findings]


def test_a_person_id_in_a_wrong_place_cannot_be_forced(bench: Bench) -> None:
    before = bench.files()
    assert bench.load(FIXTURES / "person_id_in_wrong_place" / VISITS, force=True).status == "refused"
    assert bench.files() == before


def test_findings_are_kept_with_the_load(bench: Bench) -> None:
    """Whatever a finding carries can be stored, and is told in the same words afterwards."""
    case = next(case for case in CASES if case.code == "impossible_date")
    report = bench.load(prepared(bench, case))
    kept: tuple[Finding, ...] = stored_findings(loads(published_snapshot(bench.settings))[0])
    assert [one.message("sv") for one in kept] == [one.message("sv") for one in report.findings]
