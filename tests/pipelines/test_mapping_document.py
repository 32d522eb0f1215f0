"""docs/mapping.md does what it says: its examples are loaded, its lists are compared with the code."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from indicators.catalogue.places import ROOT, read_toml
from indicators.cli import app as indicators
from pipelines.checking.extract import LoadOptions
from pipelines.checking.fields import FIELDS, ONE_OF, Field
from pipelines.loading.load import load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.mapping import document as mapping
from pipelines.mapping import faults as mapping_faults
from pipelines.mapping import shape as shaping
from pipelines.mapping.files import SOURCES, MappingFault, all_sources, load_mapping
from pipelines.reading.dates import _TOKENS, DayTaken, dates
from pipelines.reading.options import ReadingOptions
from pipelines.settings import Settings, load_settings

DOCUMENT = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
KINDS = {"whole": "whole number", "truth": "yes or no"}


def block(language: str) -> str:
    """The one code block of the document in that language."""
    (found,) = re.findall(rf"^```{re.escape(language)}\n(.*?)^```", DOCUMENT, re.M | re.S)
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


@pytest.fixture
def report(settings: Settings, tmp_path: Path) -> LoadReport:
    path = tmp_path / "suunta.toml"
    path.write_text(block("toml"), encoding="utf-8")
    options = LoadOptions(mapping=load_mapping(path))
    data = block("csv").encode("utf-8")
    return load_bytes("suunta_20250401.csv", data, options, settings, now=NOW, today=TODAY)


def test_the_worked_example_loads_as_the_document_says(report: LoadReport, settings: Settings) -> None:
    assert (report.status, report.source, report.dataset) == ("loaded", "suunta", "visits")
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (4, 4, 0)
    assert [(found.code, found.field, found.count) for found in report.findings] == [
        ("ignored_column", None, 1),
        ("unknown_code", "unit_code", 4),
    ]
    rows = published_snapshot(settings).rows(
        "SELECT visit_id, unit, service, profession, mode, mode_code, urgency, nature, first_visit, state, "
        "age_band, assessed_on, visit_on FROM visits ORDER BY visit_id"
    )
    kokkola = ("KOKKOLA 1", "oral_health")
    march = [date(2025, 3, day) for day in range(0 + 1, 11)]
    assert rows == [
        (*("S-1", *kokkola, "dentist", "in_person", "R10", "non_urgent", "curative", "yes"),
         *("realised", "65-74", march[2], march[9])),
        (*("S-2", *kokkola, "dental_hygienist", "remote", "R52", "non_urgent", "curative", "no"),
         *("realised", "13-17", march[3], march[4])),
        (*("S-3", "KANNUS", "oral_health", "dentist", "in_person", "R10", "non_urgent", "curative", "yes"),
         *("cancelled", "65-74", march[4], None)),
        (*("S-4", "KANNUS", "oral_health", "other", "in_person", "R10", "emergency", "curative", None),
         *("realised", "unknown", None, march[6])),
    ]  # fmt: skip
    same, other, nobody = (
        published_snapshot(settings).rows("SELECT DISTINCT person FROM visits WHERE visit_id IN (?, ?)", ids)
        for ids in (["S-1", "S-3"], ["S-2", "S-2"], ["S-4", "S-4"])
    )
    assert len(same) == 1
    assert same != other
    assert nobody == [(None,)]


@pytest.mark.parametrize("code", ["HH", "hh"])
def test_a_corrected_meaning_names_the_history_anew(
    settings: Settings, tmp_path: Path, report: LoadReport, code: str
) -> None:
    path = tmp_path / "suunta.toml"
    path.write_text(block("toml").replace('HH = "other"', f'{code} = "nurse"'), encoding="utf-8")
    data = "\n".join(block("csv").splitlines()[:2]).replace("S-1", "S-5") + "\n"
    options = LoadOptions(mapping=load_mapping(path))
    load_bytes("suunta_20250402.csv", data.encode(), options, settings, now=NOW, today=TODAY)
    rows = published_snapshot(settings).rows("SELECT visit_id, profession FROM visits ORDER BY visit_id")
    assert rows == [
        ("S-1", "dentist"),
        ("S-2", "dental_hygienist"),
        ("S-3", "dentist"),
        ("S-4", "nurse"),
        ("S-5", "dentist"),
    ]


def test_a_second_preference_fills_in(tmp_path: Path, settings: Settings, report: LoadReport) -> None:
    header, first, *_ = block("csv").splitlines()
    data = (
        f"{header},Saapui\n" + first.replace("2025/03/10 13.30", "").replace("S-1", "S-9") + ",2025/03/12\n"
    )
    own = load_mapping(tmp_path / "suunta.toml")
    load_bytes("s.csv", data.encode(), LoadOptions(mapping=own), settings, now=NOW, today=TODAY)
    rows = published_snapshot(settings).rows("SELECT state, visit_on FROM visits WHERE visit_id = 'S-9'")
    assert rows == [("booked", date(2025, 3, 12))]


def test_a_new_layout_version_is_told_by_its_headers(settings: Settings, tmp_path: Path) -> None:
    """The versions of the document, as they stand there, beside what the shipped folder says otherwise."""
    folder = tmp_path / "koe"
    shutil.copytree(SOURCES / "exreport_kaynnit", folder)
    text = block("columns.csv")
    (folder / "columns.csv").write_text(text, encoding="utf-8")
    headers = [line.split(",") for line in text.splitlines()]
    row = ["1", "A17", "TK-KOK-01", "Avosairaanhoito", "Toteutunut", "3.3.2025", "4.3.2025", "10.3.2025"]
    for version, booked_on in (("1", None), ("2", date(2025, 3, 4))):
        at = headers[0].index(version)
        cells = [(line[at], cell) for line, cell in zip(headers[1:], row, strict=True) if line[at]]
        data = "\n".join(";".join(column) for column in zip(*cells, strict=True)) + "\n"
        options = LoadOptions(mapping=load_mapping(folder))
        report = load_bytes(f"{version}.csv", data.encode(), options, settings, now=NOW, today=TODAY)
        assert (report.status, report.layout) == ("loaded", version)
        rows = published_snapshot(settings).rows("SELECT booked_on, visit_on FROM visits")
        assert rows == [(booked_on, date(2025, 3, 10))]


def part(title: str) -> str:
    """The text under a heading of the document."""
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def must(dataset: str, field: Field) -> str:
    if field.required:
        return "column and value"
    if field.column_required:
        return "column"
    return "one of these" if field.name in ONE_OF.get(dataset, ()) else ""


@pytest.mark.parametrize("dataset", list(FIELDS))
def test_the_fields_of_a_dataset_stand_in_the_document(dataset: str) -> None:
    expected = ["| Field | Kind | Codes | Must be there |", "|---|---|---|---|"]
    for field in FIELDS[dataset]:
        codes = f"`{field.domain}`" if field.domain else ""
        kind = KINDS.get(field.kind, field.kind)
        expected.append(f"| `{field.name}` | {kind} | {codes} | {must(dataset, field)} |")
    written = part("The fields").partition(f"\n### {dataset}\n")[2].partition("\n### ")[0]
    assert written.strip() == "\n".join(expected)


def test_the_shipped_sources_stand_in_the_document() -> None:
    written = [line for line in part("The shipped sources").splitlines() if line.startswith("| `")]
    assert written == [
        f"| `{source.name}` | {source.titles['en']} | {', '.join(f'`{o.dataset}`' for o in source.outputs)} |"
        for source in all_sources().values()
    ]


def test_every_key_and_every_part_of_a_date_is_told() -> None:
    keys = part("The keys")
    told = {
        key
        for line in keys.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    ours = {key for name, keys in vars(mapping).items() if name.endswith("_KEYS") for key in keys}
    assert told == ours - {"day", "grain"}
    assert all(f"\n{key} = " in part("Periods") for key in ("day", "grain"))
    shapes = part("The shape of a table")
    within = shaping._UNPIVOT_KEYS | shaping._GROUP_KEYS
    assert {key for key in within if re.search(rf"^(\[\w+\.)?{key}( =|\])", shapes, re.M)} == within
    reading = part("Reading")
    assert all(f"| `{field.name}` |" in reading for field in dataclass_fields(ReadingOptions))
    dates = part("Dates") + part("Periods")
    assert {token for token in _TOKENS if f"`{token}`" in dates} == set(_TOKENS)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (('dataset = "visits"', 'dataset = "visit"'), ["dataset 'visit' is not one of"]),
        (('visit_id = "Varaus"\n', ""), ["[columns]: visit_id is required and not mapped"]),
        (('person = "Asiakas"', 'patient = "Asiakas"'), ["'patient' is no field of the dataset"]),
        (('name = "suunta"', 'nimi = "suunta"'), ["unknown key 'nimi'"]),
        (("[constants]", '[constants]\nperson = "A1"'), ["a person cannot be given as a constant: person"]),
        (("[values.urgency]", "[values.hurry]"), ["'hurry' is none of"]),
        (('"yyyy/mm/dd"', '"%Y/%m/%d"'), ["has no year: yyyy (or yy)"]),
        (
            ('name = "suunta"', 'name = "suunta"\nseparator = ";;"\nencoding = "klingon"\nfile_scope = "all"'),
            ["separator must be one character", "encoding 'klingon' is not known", "file_scope 'all' is not one of"],
        ),
        (('value = "booked"', 'valeu = "booked"'), ["set rule 3"]),
        (('vo = "R10"', 'vo = "R10"\n" VO" = "R20"'), ["'vo' is there twice, but for its case"]),
        (("[columns]", "[columns"), ["is no TOML", "line 11"]),
        (('name = "suunta"', 'name = "suunta"\nname = "polku"'), ["line 2 has a key or table that is there already"]),
        (('unit_code = "Toimipiste"', 'unit_code = "Asiakas"'), ["[columns]: unit_code would read the column Asiakas"]),
        (('assessed_on = "Arvio"', 'assessed_on = "Syntynyt"'), ["assessed_on would read the column Syntynyt"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping_is_named(
    tmp_path: Path, change: tuple[str, str], faults: list[str]
) -> None:
    text = block("toml")
    assert change[0] in text
    path = tmp_path / "suunta.toml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(MappingFault) as caught:
        load_mapping(path)
    for fault in faults:
        assert any(fault in one for one in caught.value.faults), caught.value.faults
    for language in ("fi", "sv"):
        said = caught.value.message(language)
        assert "suunta" in said
        assert not [fault for fault in caught.value.faults if fault in said], (
            "nobody is answered in two languages"
        )


def test_every_fault_of_a_mapping_is_said_in_every_language_with_the_same_values() -> None:
    for code, texts in read_toml(Path(mapping_faults.__file__).with_name("faults.toml")).items():
        named = {language: set(re.findall(r"(?<!{){(\w+)", text)) for language, text in texts.items()}
        assert set(texts) == {"fi", "sv", "en"}, code
        # The name of the file stands at the head of the sentence already.
        assert named["fi"] == named["sv"], code
        assert named["en"] - named["fi"] <= {"file"}, code
        assert named["fi"] - named["en"] <= {"key", "name", "file"}, code


@pytest.mark.parametrize(
    ("code", "start"),
    [("utf-16", ""), ("utf-8-sig", ""), ("utf-8", "\n"), ("utf-16-le", "\ufeff")],
)
def test_a_mapping_may_be_saved_as_windows_saves_it(tmp_path: Path, code: str, start: str) -> None:
    path = tmp_path / "suunta.toml"
    path.write_bytes((start + block("toml")).replace("\n", "\r\n").encode(code))
    assert load_mapping(path).dataset == "visits"


def test_a_mapping_that_is_no_utf8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "suunta.toml"
    path.write_bytes(block("toml").encode("cp1252"))
    with pytest.raises(MappingFault) as caught:
        load_mapping(path)
    assert "rivi 7 ei ole UTF-8" in caught.value.message("fi")


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingFault, match=re.escape("puuttuu.toml cannot be opened")):
        load_mapping(tmp_path / "puuttuu.toml")


def test_the_reading_section_stands_in_the_document(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "jonot.toml"
    path.write_text(f"{COUNTS}\n{block('reading.toml')}", encoding="utf-8")
    data = b"day;unit;waiting\n2.1.2025;KOKKOLA;25,335\n2.1.2025;KANNUS;593\n"
    options = LoadOptions(mapping=load_mapping(path))
    report = load_bytes("jonot_20250103.csv", data, options, settings, now=NOW, today=TODAY)
    assert report.findings == ()
    counted = published_snapshot(settings).rows("SELECT unit, waiting FROM queue_counts ORDER BY unit")
    assert counted == [("KANNUS", 593), ("KOKKOLA", 25335)]


COUNTS = """
dataset = "queue_counts"
columns = { snapshot_on = "day", unit = "unit", waiting = "waiting" }
constants = { area = "18", service = "specialised_care" }
"""


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ('reading = ","', "reading must be a table"),
        ("[reading]\nthousand = ','", "unknown key 'reading.thousand'"),
        ("[reading]\nthousands = ';'", "reading.thousands must be one of"),
    ],
)
def test_what_is_wrong_with_the_reading_section_is_named(tmp_path: Path, section: str, fault: str) -> None:
    path = tmp_path / "jonot.toml"
    path.write_text(f"{COUNTS}\n{section}\n", encoding="utf-8")
    with pytest.raises(MappingFault) as caught:
        load_mapping(path)
    assert any(fault in one for one in caught.value.faults), caught.value.faults


def example(name: str, settings: Settings, tmp_path: Path, data: str | None = None) -> LoadReport:
    """The example of that name, its file and its mapping as they stand in the document, loaded."""
    path = tmp_path / f"{name}.toml"
    path.write_text(block(f"{name}.toml"), encoding="utf-8")
    data = block(f"{name}.csv") if data is None else data
    options = LoadOptions(mapping=load_mapping(path))
    return load_bytes(f"{name}.csv", data.encode("utf-8"), options, settings, now=NOW, today=TODAY)


def counts(settings: Settings) -> list[tuple]:
    return published_snapshot(settings).rows(
        "SELECT snapshot_on, area, unit, service, waiting, over_limit FROM queue_counts ORDER BY ALL"
    )


def figures(settings: Settings) -> list[tuple]:
    return published_snapshot(settings).rows(
        "SELECT indicator, area, period_start, period_end, numerator, denominator, value FROM figures ORDER BY ALL"
    )


SPECIALISED = "specialised_care"


def test_waiting_by_specialty_loads_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    report = example("waiting", settings, tmp_path)
    january = date(2025, 1, 31)
    assert counts(settings) == [
        (january, "18", "Ophthalmology", SPECIALISED, 25335, 379),
        (january, "18", "Physiotherapy", SPECIALISED, 593, None),
    ]
    assert [found.rows for found in report.findings if found.code == "row_without_output"] == [(6,)]


def test_bands_of_weeks_load_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    example("bands", settings, tmp_path)
    assert counts(settings) == [
        (date(2025, 1, 31), "18", "Kokkola", SPECIALISED, 199, 19),
        (date(2025, 2, 28), "18", "Kokkola", SPECIALISED, 201, 12),
    ]


def test_a_hundred_bands_load_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    example("weeks", settings, tmp_path)
    assert counts(settings) == [
        (date(2025, 3, 31), "18", "ENT", SPECIALISED, 75, 45),
        (date(2025, 3, 31), "18", "Surgery", SPECIALISED, 27714, 379),
    ]


def test_quarters_of_a_financial_year_load_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    example("quarters", settings, tmp_path)
    assert figures(settings) == [
        ("seven_day_access", "18", date(2011, 4, 1), date(2011, 6, 30), 1710, 1900, 90),
        ("seven_day_access", "18", date(2012, 1, 1), date(2012, 3, 31), 1744, 2000, 87.2),
    ]


def test_a_table_of_years_loads_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    report = example("years", settings, tmp_path)
    assert report.findings and {found.level for found in report.findings} == {"warning"}
    assert [(row[1], row[2].year, row[3], row[6]) for row in figures(settings)] == [
        ("18", 2023, date(2023, 12, 31), 41.5),
        ("18", 2024, date(2024, 12, 31), 38.2),
        ("20", 2023, date(2023, 12, 31), 44.0),
        ("20", 2025, date(2025, 12, 31), 39.9),
    ]


def test_what_is_counted_as_rows_loads_as_the_document_says(settings: Settings, tmp_path: Path) -> None:
    report = example("measures", settings, tmp_path)
    assert counts(settings) == [
        (date(2025, 1, 31), "18", "Keskussairaala", SPECIALISED, 1204, 88),
        (date(2025, 2, 28), "18", "Keskussairaala", SPECIALISED, 1187, None),
    ]
    assert [found.rows for found in report.findings if found.code == "end_notes"] == [(5,)]


def test_adults_and_children_add_up_in_one_file_and_in_two(settings: Settings, tmp_path: Path) -> None:
    example("ages", settings, tmp_path)
    march = date(2025, 3, 31)
    assert counts(settings) == [(march, "18", "Kirurgia", SPECIALISED, 355, 23)]
    children = "pvm;klinikka;odottaa;yli_6kk\n31.3.2025;Silmätaudit;45;1\n"
    example("children", settings, tmp_path, children)
    adults = block("children.toml").replace("lapset", "aikuiset")
    path = tmp_path / "adults.toml"
    path.write_text(adults, encoding="utf-8")
    data = children.replace("45;1", "310;22").encode()
    load_bytes("a.csv", data, LoadOptions(mapping=load_mapping(path)), settings, now=NOW, today=TODAY)
    assert counts(settings)[1:] == [
        (march, "18", "Silmätaudit, aikuiset", SPECIALISED, 310, 22),
        (march, "18", "Silmätaudit, lapset", SPECIALISED, 45, 1),
    ]
    told = [
        "show",
        "queue_length",
        "--by",
        "month",
        "--format",
        "json",
        "--warehouse",
        str(settings.warehouse),
    ]
    (row,) = json.loads(CliRunner().invoke(indicators, told).stdout)
    assert (row["period"], row["value"], row["status"]) == ("2025-03", 355 + 310 + 45, "ok")


def test_the_forms_of_periods_read_as_the_document_says() -> None:
    rows = [line.strip("|").split("|") for line in part("Periods").splitlines() if line.startswith("| `")]
    assert len(rows) > 5
    for form, text, days in [[cell.strip(" `") for cell in row] for row in rows]:
        found = [
            dates(pa.array([text]), [form], taken=DayTaken(last=last, year_starts=4))
            for last in (False, True)
        ]
        assert all(one.read[0] for one in found), form
        written = [date.fromisoformat(str(one.values[0])) for one in found]
        assert "–".join(f"{day.day}.{day.month}.{day.year}" for day in written) == days


def test_the_shapes_and_periods_shown_are_understood(tmp_path: Path) -> None:
    """The blocks that show keys alone are no mapping by themselves: each is read beside one."""
    path = tmp_path / "shown.toml"
    for name in ("shape.toml", "several.toml"):
        path.write_text(f"{COUNTS}\n{block(name)}", encoding="utf-8")
        assert load_mapping(path).shape
    told = block("periods.toml").split("\n\n")
    path.write_text(f"{COUNTS}\n{told[0]}\n", encoding="utf-8")
    assert load_mapping(path).outputs[0].dates["snapshot_on"] == DayTaken(last=True)
