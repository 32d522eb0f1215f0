"""The first mapping that is written for an unknown file: it loads after a few corrections, and guesses nothing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.places import ROOT
from pipelines.checking.codes import names_of_codes
from pipelines.checking.extract import LoadOptions
from pipelines.cli import app
from pipelines.findings import RefusedFile
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.mapping.files import MappingFault, load_mapping
from pipelines.settings import Settings, load_settings
from pipelines.suggest.first_mapping import suggest
from pipelines.suggest.words import code_called
from tests.pipelines.unknown_files import UNKNOWN, Unknown
from tests.pipelines.unknown_public_files import PUBLIC, PublicFile

UNKNOWN_FILES = ROOT / "tests" / "fixtures" / "unknown"
LATER = date(2026, 1, 2)

TODAY, NOW = date(2025, 6, 30), datetime(2025, 6, 30, 8, 0)
MOST_CORRECTIONS = 3


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def corrected(suggested: str, corrections: dict[str, str]) -> str:
    assert len(corrections) <= MOST_CORRECTIONS
    lines = suggested.splitlines()
    for beginning, line in corrections.items():
        (at,) = [at for at, one in enumerate(lines) if one.startswith(beginning)]
        lines[at] = line
    return "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unknown", UNKNOWN, ids=lambda one: one.name)
def test_a_suggestion_loads_after_few_corrections(
    unknown: Unknown, language: str, settings: Settings, tmp_path: Path
) -> None:
    suggested = suggest(unknown.data, unknown.name, settings, language)
    path = tmp_path / "oma.toml"
    path.write_text(corrected(suggested, unknown.corrections), encoding="utf-8")
    mapping = load_mapping(path)
    if language != "en":
        return
    report = load_bytes(
        unknown.name, unknown.data, LoadOptions(mapping=mapping), settings, now=NOW, today=TODAY
    )
    assert (report.status, report.dataset) == ("loaded", unknown.dataset), report.findings
    assert published_snapshot(settings).rows(unknown.select) == unknown.expected


@pytest.mark.parametrize("public", PUBLIC, ids=lambda one: one.name)
def test_a_public_file_gives_its_numbers_after_few_corrections(
    public: PublicFile, settings: Settings, tmp_path: Path
) -> None:
    data = (UNKNOWN_FILES / public.name).read_bytes()
    path = tmp_path / "oma.toml"
    path.write_text(
        corrected(suggest(data, public.name, settings, "en"), public.corrections), encoding="utf-8"
    )
    options = LoadOptions(
        mapping=load_mapping(path), as_of=date.fromisoformat(public.as_of) if public.as_of else None
    )
    report = load_bytes(public.name, data, options, settings, now=NOW, today=LATER)
    assert (report.status, report.rows_quarantined) == ("loaded", 0), report.findings
    rows = published_snapshot(settings).rows(public.select)
    expected = json.loads((UNKNOWN_FILES / "expected.json").read_text(encoding="utf-8"))[public.name]
    assert sorted(told(row) for row in rows) == sorted(told(row) for row in expected)


def test_every_public_file_is_used() -> None:
    assert {one.name for one in PUBLIC} == {path.name for path in UNKNOWN_FILES.iterdir()} - {"expected.json"}


def told(row: Sequence[object]) -> tuple[str, ...]:
    """A row as texts; a whole number is the same with and without decimals."""
    return tuple(f"{value:g}" if isinstance(value, (int, float)) else str(value) for value in row)


def test_what_is_not_decided_is_a_comment_and_the_mapping_says_what_it_lacks(
    settings: Settings, tmp_path: Path
) -> None:
    unknown = next(one for one in UNKNOWN if one.name == "indicator_3021.csv")
    suggested = suggest(unknown.data, unknown.name, settings, "en")
    assert [line for line in suggested.splitlines() if line.startswith("# indicator")]
    path = tmp_path / "oma.toml"
    path.write_text(suggested, encoding="utf-8")
    with pytest.raises(Exception, match="indicator is required and not mapped"):
        load_mapping(path)


def test_a_form_that_could_be_another_is_told(settings: Settings) -> None:
    data = b"id;patient;unit;service;seen\n1;a;U;Physiotherapy;03/04/2025\n2;b;U;Physiotherapy;05/06/2025\n"
    suggested = suggest(data, "x.csv", settings, "en")
    assert 'date_formats = ["d/m/yyyy"]' in suggested
    assert "This form fits as well: m/d/yyyy" in suggested


def test_a_column_of_identity_codes_is_the_person_and_none_is_written(settings: Settings) -> None:
    data = "nro;x;yksikkö;palvelu;käynti\n1;010190-123A;U;Fysioterapia;3.3.2025\n2;;U;Fysioterapia;4.3.2025\n".encode()
    suggested = suggest(data, "x.csv", settings, "fi")
    assert 'person = "x"' in suggested
    assert "010190" not in suggested


def test_a_comment_with_an_identity_code_is_no_person(settings: Settings) -> None:
    lines = ["Käyntinumero;Asiakas;Toimipiste;Hoidon tarpeen arviointi;Käyntipäivä;Huomautus"]
    lines += [f"{n};{n % 20};Asema {n % 3};{n % 27 + 1}.10.2025;{n % 27 + 2}.10.2025;" for n in range(1, 60)]
    lines.append("60;7;Asema 1;3.10.2025;9.10.2025;soita potilaalle 010150-900C iltapäivällä")
    found = suggest("\n".join(lines).encode(), "kaynnit.csv", settings, "fi")
    assert 'person = "Asiakas"' in found
    assert "Huomautus" not in found.split("[columns]")[1].split("[")[0].replace("# ", "")
    assert "010150" not in found


@pytest.mark.parametrize("header", ["010190-123A", "x 010190–123A"])
def test_an_identity_code_in_a_header_refuses_the_file(settings: Settings, header: str) -> None:
    with pytest.raises(RefusedFile):
        suggest(f"a;{header}\n1;2\n".encode(), "x.csv", settings, "fi")


def test_a_file_of_a_shipped_layout_needs_no_mapping(settings: Settings) -> None:
    data = b"snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source\n2025-01-06;18;A;primary_care;5;1;;x\n"
    assert "queue_counts: it needs no mapping" in suggest(data, "x.csv", settings, "en")


HEADERS = [
    "",
    "Unit",
    "Odottaa",
    "Vuosi",
    "Alue",
    "pvm",
    "Mittari",
    "id",
    "0-5",
    "6-9",
    "Jan",
    "Feb",
    "{a}",
    "2024/25",
    "x|y",
]
CELLS = [
    "",
    "1",
    "2025",
    "31.3.2025",
    '"1,204"',
    "A",
    "Total",
    "..",
    '"a""b"',
    "0-13 vk",
    "Q1 2024",
    "5 %",
    "Kainuu",
]


def test_a_suggestion_names_its_source_alike_for_each_day(settings: Settings) -> None:
    data = "Tunnus;Päivä;Yksikkö\n1;1.2.2025;A\n2;2.2.2025;B\n".encode()
    named = {
        tomllib.loads(suggest(data, name, settings, "fi"))["name"]
        for name in ("kaynnit_20250228.csv", "kaynnit_20250331.csv")
    }
    assert named == {"kaynnit"}


@hypothesis.settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 6).flatmap(
        lambda width: st.tuples(
            st.lists(st.sampled_from(HEADERS), min_size=width, max_size=width),
            st.lists(st.lists(st.sampled_from(CELLS), min_size=width, max_size=width), max_size=6),
        )
    )
)
def test_a_suggestion_is_a_mapping_that_only_lacks_what_is_not_decided(tmp_path_factory, table) -> None:
    data = "\n".join(";".join(row) for row in (table[0], *table[1])).encode()
    try:
        suggested = suggest(data, "jono.csv", load_settings({}), "en")
    except RefusedFile:
        return
    path = tmp_path_factory.mktemp("s") / "oma.toml"
    path.write_text(suggested, encoding="utf-8")
    try:
        load_mapping(path)
    except MappingFault as fault:
        lacks = ("is required and not mapped", "one of", "columns is missing", "not mapped")
        assert all(any(lack in one for lack in lacks) for one in fault.faults), fault.faults


def test_inspect_prints_the_suggestion_and_changes_nothing(tmp_path: Path) -> None:
    unknown = UNKNOWN[1]
    path = tmp_path / unknown.name
    path.write_bytes(unknown.data)
    folder = tmp_path / "warehouse"
    run = CliRunner().invoke(app, ["inspect", str(path), "--suggest", "--warehouse", str(folder)])
    assert run.exit_code == 0
    assert 'dataset = "queue_counts"' in run.stdout
    assert not folder.exists()
    path.write_bytes(b"%PDF-1.7")
    refused = CliRunner().invoke(app, ["inspect", str(path), "--suggest", "--warehouse", str(folder)])
    assert (refused.exit_code, refused.stdout) == (1, "")


#: Visits of a system that gives no number of a visit; the second and third differ only in their unit.
WITHOUT_IDS = """Asiakas;Syntynyt;Toimipiste;Palvelu;Kiire;Arvio;Käynti;Tila
A17;1956;Kokkola;Suun terveydenhuolto;1;3.3.2025;10.3.2025;Toteutunut
A18;2009;Kokkola;Suun terveydenhuolto;1;3.3.2025;11.3.2025;Toteutunut
A18;2009;Kannus;Suun terveydenhuolto;1;;11.3.2025;Toteutunut
""".encode()


def test_rows_without_an_id_get_a_key_of_what_tells_them_apart(settings: Settings, tmp_path: Path) -> None:
    suggested = suggest(WITHOUT_IDS, "kaynnit.csv", settings, "fi")
    assert 'dataset = "visits"\n' in suggested
    assert '"key" = "{Asiakas}/{Toimipiste}/{Palvelu}/{Käynti}"\n# Rivien tunnusta ei löytynyt' in suggested
    path = tmp_path / "oma.toml"
    path.write_text(suggested, encoding="utf-8")
    report = load_bytes(
        "kaynnit.csv", WITHOUT_IDS, LoadOptions(mapping=load_mapping(path)), settings, now=NOW, today=TODAY
    )
    assert (report.status, report.rows_loaded) == ("loaded", 3)
    keys = published_snapshot(settings).rows(
        "SELECT visit_id, age_group FROM visits ORDER BY visit_on, unit_code"
    )
    assert len({key for key, _ in keys}) == 3
    assert not [key for key, _ in keys if "A1" in key]
    assert [group for _, group in keys] == ["23+", "0-22", "0-22"]


def test_rows_that_nothing_tells_apart_are_counted(settings: Settings) -> None:
    twice = WITHOUT_IDS + WITHOUT_IDS.splitlines()[-1].replace(b";1;", b";2;") + b"\n"
    assert "Rivejä, jotka ovat näissä samat kuin aiempi rivi: 1." not in suggest(
        twice, "k.csv", settings, "fi"
    )
    twice = WITHOUT_IDS + WITHOUT_IDS.splitlines()[-1] + b"\n"
    assert "Rivejä, jotka ovat näissä samat kuin aiempi rivi: 1." in suggest(twice, "k.csv", settings, "fi")


def test_a_field_that_an_indicator_needs_and_the_file_lacks_is_a_line_to_write(settings: Settings) -> None:
    lines = suggest(WITHOUT_IDS, "kaynnit.csv", settings, "fi").splitlines()
    (nature,) = [line for line in lines if line.startswith('# nature_code = ""')]
    assert "Hoitoon 7 päivässä" in nature
    assert nature.endswith("Mahdolliset: curative (Sairaanhoito), preventive (Terveydenhoito).")
    assert lines.index("[constants]") < lines.index(nature)
    lines = suggest(
        WITHOUT_IDS.replace(b"Arvio", b"Muu").replace(b"Syntynyt", b"X"), "k.csv", settings, "fi"
    ).splitlines()
    (assessed,) = [line for line in lines if line.startswith('# assessed_on = ""')]
    (born,) = [line for line in lines if line.startswith('# birth_year = ""')]
    assert "Hoitoon lain enimmäisajassa" in born
    assert lines.index("[columns]") < lines.index(assessed) < lines.index("[constants]")


@pytest.mark.parametrize(
    ("file", "header", "rows", "fields", "values"),
    [
        (
            "kaynnit.csv",
            "Käyntinro;Asiakas;Toimipiste;Palvelumuoto;Vastaanottaja;Käynnin laji;Asiointitapa;Kiireellisyysluokka;"
            "Hoidontarpeen arvion pvm;Käyntipäivä;Käynnin syy;Tulkki",
            [
                "1;A1;TK;Hammashoito;Lääkäri;Ensikäynti;Vastaanotto;Ei-kiireellinen;1.4.2026;3.4.2026;Sairaanhoito;kyllä",
                "2;A2;TK;Avovastaanotto;Sairaanhoitaja;Seurantakäynti;Etävastaanotto;Kiireellinen;1.4.2026;4.4.2026;"
                "Ehkäisevä;ei",
            ],
            {
                "first_visit_code": "Käynnin laji",
                "nature_code": "Käynnin syy",
                "profession_code": "Vastaanottaja",
                "mode_source_code": "Asiointitapa",
                "urgency_code": "Kiireellisyysluokka",
                "assessed_on": "Hoidontarpeen arvion pvm",
            },
            {
                "first_visit": {"Ensikäynti": "yes", "Seurantakäynti": "no"},
                "mode_code": {"Vastaanotto": "R10", "Etävastaanotto": "R52"},
                "urgency": {"Ei-kiireellinen": "non_urgent", "Kiireellinen": "urgent"},
                "service": {"Hammashoito": "oral_health", "Avovastaanotto": "primary_care"},
                "nature": {"Sairaanhoito": "curative", "Ehkäisevä": "preventive"},
            },
        ),
        (
            "ko.csv",
            "Könummer;Klient;Enhet;Tjänst;Brådskegrad;Bedömningsdatum;Ställd i kö;Orsak till väntan",
            [
                "1;K1;Tandkliniken;Tandvård;Icke brådskande;1.4.2026;1.4.2026;Resursbrist",
                "2;K2;Tandkliniken;Mentalvård;Jour;1.4.2026;2.4.2026;Patientens önskemål",
            ],
            {"reason_code": "Orsak till väntan", "urgency_code": "Brådskegrad", "queued_on": "Ställd i kö"},
            {
                "reason": {"Resursbrist": "resource", "Patientens önskemål": "own_wish"},
                "urgency": {"Icke brådskande": "non_urgent", "Jour": "emergency"},
                "service": {"Tandvård": "oral_health", "Mentalvård": "mental_health"},
            },
        ),
        (
            "lahetteet.csv",
            "Lähetenumero;Henkilö;Kohdeyksikkö;Erikoisala;Saapumispvm;Lähetteen käsittelypvm;Käsittelyn tulos;"
            "Lähettävä yksikkö;Kotikunta",
            [
                "L1;H1;Poli;Erikoissairaanhoito;1.4.2026;3.4.2026;Hyväksytty;TK;Kokkola",
                "L2;H2;Poli;Erikoissairaanhoito;1.4.2026;4.4.2026;Hylätty;TK;Pietarsaari",
            ],
            {
                "handled_on": "Lähetteen käsittelypvm",
                "decision_code": "Käsittelyn tulos",
                "sender": "Lähettävä yksikkö",
                "unit_code": "Kohdeyksikkö",
            },
            {
                "decision": {"Hyväksytty": "accepted", "Hylätty": "returned"},
                "municipality": {"Kokkola": "272", "Pietarsaari": "598"},
            },
        ),
    ],
    ids=["visits", "queue", "referrals"],
)
def test_usual_columns_and_values_are_recognised(
    settings: Settings,
    file: str,
    header: str,
    rows: list[str],
    fields: dict[str, str],
    values: dict[str, dict[str, str]],
) -> None:
    data = "\r\n".join([header, *rows, ""]).encode("cp1252")
    mapping = tomllib.loads(suggest(data, file, settings, "fi"))
    assert {name: mapping["columns"].get(name) for name in fields} == fields
    assert {domain: mapping["values"].get(domain) for domain in values} == values
    assert "Tulkki" not in mapping["columns"].values(), "yes and no are of no field alone"


def test_codes_that_are_ours_are_explained_and_yes_and_no_may_be_letters(settings: Settings) -> None:
    data = "nro;yksikko;palvelu;yhteystapa;ensikaynti;kaynti\n1;TK;Avosairaanhoito;R10;K;1.4.2026\n"
    data += "2;TK;Avosairaanhoito;R90;E;2.4.2026\n"
    text = suggest(data.encode(), "k.csv", settings, "fi")
    assert "sellaisinaan: R10 (Asiakkaan käynti vastaanotolla), R90 (Muu yhteystapa)." in text
    assert tomllib.loads(text)["values"]["first_visit"] == {"K": "yes", "E": "no"}
    alone = suggest(data.replace(";E;", ";K;").encode(), "k.csv", settings, "sv")
    assert '# "K" = ""' in alone and "# Möjliga: no (Uppföljningsbesök), yes (Första besök)." in alone


@pytest.mark.parametrize(
    "domain", ["service", "profession", "mode_code", "urgency", "nature", "state", "decision", "reason"]
)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_code_is_known_by_its_own_name(domain: str, language: str) -> None:
    names = names_of_codes(domain, language)
    assert {code: code_called(domain, name) for code, name in names.items()} == {code: code for code in names}


VISIT = "nro;yksikko;kaynti;{header};{other}\n1;TK;1.4.2026;{values[0]};{others[0]}\n2;TK;2.4.2026;{values[1]};{others[1]}\n"
NATURE = ("Luonne", ("SH", "TH"))


@pytest.mark.parametrize(
    ("header", "values", "other", "field"),
    [
        (
            "Käynnin luonne",
            ("Ensikäynti", "Uusinta"),
            ("Sisältö", ("Sairaanhoito", "Ehkäisevä")),
            "first_visit_code",
        ),
        (
            "Palvelumuoto",
            ("Vastaanotto", "Puhelu"),
            ("Palvelu", ("Hammashoito", "Avovastaanotto")),
            "mode_source_code",
        ),
        ("Prioritet", ("Första besöket", "Återbesök"), NATURE, "first_visit_code"),
        ("Käynnin tila", ("Kiireetön", "Päivystys"), ("Toteuma", ("Toteutunut", "Peruttu")), "urgency_code"),
        (
            "Toimija",
            ("Oma toiminta", "Ostopalvelut"),
            ("Ammattinimike", ("Lääkäri", "Hoitaja")),
            "producer_code",
        ),
        ("Vastaanotto", ("Etäkäynti", "Kotikäynti"), NATURE, "mode_source_code"),
        ("Asiakas", ("Uusi asiakas", "Seuranta"), NATURE, "first_visit_code"),
        (
            "Vårdens art",
            ("Mottagning", "Telefon"),
            ("Besökstyp", ("Nybesök", "Återbesök")),
            "mode_source_code",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_a_column_holds_counts_more_than_what_it_is_called(
    settings: Settings, header: str, values: tuple[str, str], other: tuple[str, tuple[str, str]], field: str
) -> None:
    data = VISIT.format(header=header, values=values, other=other[0], others=other[1])
    text = suggest(data.encode(), "k.csv", settings, "fi")
    columns = tomllib.loads(text)["columns"]
    assert columns.get(field) == header
    assert f'{field} = "{header}"   # Oletus, tarkista.' in text
    assert other[0] in columns.values(), "what holds the codes of the field is not pushed out"


def test_units_called_like_their_services_tell_both_and_one_value_is_not_enough(settings: Settings) -> None:
    data = "nro;toimipiste;kaynti\n1;Fysioterapia;1.4.2026\n2;Lastenneuvola;2.4.2026\n"
    columns = tomllib.loads(suggest(data.encode(), "k.csv", settings, "fi"))["columns"]
    assert columns["unit_code"] == columns["service_code"] == "toimipiste"
    data = "nro;toimipiste;palvelu;kaynti\n1;A;Päivystys;1.4.2026\n2;A;Päivystys;2.4.2026\n"
    columns = tomllib.loads(suggest(data.encode(), "k.csv", settings, "fi"))["columns"]
    assert columns["service_code"] == "palvelu" and "urgency_code" not in columns


def test_a_missing_field_says_what_may_be_written_and_an_age_is_asked_for_once(settings: Settings) -> None:
    data = (
        b"nro;asiakas;yksikko;palvelu;luonne;kaynti;arvio\n"
        b"1;a;TK;Suun terveydenhuolto;SH;3.4.2025;1.4.2025\n2;b;TK;Aikuispsykiatria;SH;4.4.2025;1.4.2025\n"
    )
    path = settings.warehouse.parent / "oma.toml"

    def findings(written: str) -> dict[tuple[str, str | None], str]:
        path.write_text(written, encoding="utf-8")
        options = LoadOptions(mapping=load_mapping(path))
        report = inspect_bytes("k.csv", data, options, settings, today=LATER)
        assert report.status == "inspected", report.findings
        return {(one.code, one.field): one.message("fi") for one in report.findings}

    suggested = suggest(data, "k.csv", settings, "fi")
    said = findings(suggested)
    listed = "Mahdolliset: emergency (Päivystys), non_urgent (Kiireetön), urgent (Kiireellinen)."
    assert said["indicator_unmapped", "urgency_code"].endswith(listed)
    wrong = suggested.replace('# urgency_code = ""', 'urgency_code = "Kiireetön"')
    wrong = wrong.replace('# first_visit_code = ""', 'first_visit_code = "yes"')
    said = findings(wrong)
    assert said["unknown_code", "urgency_code"].endswith(
        f"Korjaa arvo lähdekuvauksen kohtaan [constants]. {listed}"
    )
    assert said["indicator_unmapped", "urgency_code"].endswith("Korjaa kohta [constants].")
    said = findings(wrong.replace('"Kiireetön"', '"non_urgent"'))
    ages = [message for message in said.values() if "birth_year" in message]
    assert (
        len(ages) == 1
        and "75+ suun terveydenhuollossa" in ages[0]
        and "Hoitoon lain enimmäisajassa" in ages[0]
    )
