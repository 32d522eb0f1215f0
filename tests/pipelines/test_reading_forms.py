"""How a file may be written: the same rows come out of every form. Known rows in, exact table out."""

from __future__ import annotations

import csv
import gzip
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

import pyarrow as pa
import pytest
import xlsxwriter

from pipelines.checking.prepare import Prepared
from pipelines.findings import RefusedFile
from pipelines.mapping.files import all_sources
from pipelines.reading.dates import dates
from pipelines.reading.numbers import number
from pipelines.reading.table import read_table
from tests.pipelines.reading_helpers import VISIT, codes, read, visit, written

ROWS = [
    visit(),
    visit(Käyntitunnus="1000232", Yksikkö="Kannuksen terveysasema – Å", Käynti="11.3.2025 8:05"),
    visit(Käyntitunnus="1000233", Potilas="", Tila="Varattu", Käynti="2.7.2025 8:05"),
]
PLAIN = [{**row, "Yksikkö": row["Yksikkö"].replace(" – Å", " - Å")} for row in ROWS]


def text(
    rows: list[dict[str, str]], separator: str = ";", line_end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=line_end, quoting=quoting)
    writer.writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return out.getvalue()


def workbook(rows: list[list[object]], above: int = 0) -> bytes:
    """The rows as the first sheet of two; days and numbers as cells of their own kind."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "d.m.yyyy"})
    sheet = book.add_worksheet("Poiminta")
    for number_, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(number_ + above, column, cell)
    book.add_worksheet("Muuta").write(0, 0, "ei luettava")
    book.close()
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def assert_same_rows(prepared: Prepared, rows: list[dict[str, str]] = ROWS) -> None:
    assert prepared.accepted.to_pylist() == read(rows).accepted.to_pylist()
    assert prepared.accepted.num_rows == len(rows)
    assert codes(prepared) == []


# --- separators, encodings, line ends ---


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_separators_and_line_ends_are_found_out(separator: str, line_end: str) -> None:
    prepared = read(text(ROWS, separator, line_end).encode("utf-8"))
    assert prepared.detected.separator == separator
    assert_same_rows(prepared)


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_encodings_are_found_out(encoding: str, detected: str) -> None:
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    prepared = read((mark + text(ROWS)).encode(encoding))
    assert prepared.detected.encoding == detected
    assert_same_rows(prepared)


def test_latin_1_is_read_where_windows_1252_has_no_character() -> None:
    rows = [visit(Yksikkö="Kälviä \x81")]
    prepared = read(text(rows).encode("latin-1"))
    assert prepared.detected.encoding == "iso-8859-1"
    assert prepared.accepted["unit_name"].to_pylist() == ["Kälviä \x81"]


def test_latin_1_without_such_characters_comes_out_the_same() -> None:
    assert_same_rows(read(text(PLAIN).encode("latin-1")), PLAIN)


def test_the_last_line_end_may_be_missing_and_blank_lines_count_for_nothing() -> None:
    lines = text(ROWS).split("\r\n")
    assert_same_rows(read("\r\n".join(lines[:-1]).encode("cp1252")))
    assert_same_rows(read("\r\n\r\n".join(["", "", *lines, ""]).encode("cp1252")))
    assert_same_rows(read("\r\n".join([*lines[:-1], ";" * 16, " ;" * 16, ""]).encode("cp1252")))


def test_quoted_separators_quotes_and_line_ends_are_part_of_the_value() -> None:
    name = 'Terveysasema "Itä"; Kokkola\r\n2. kerros'
    rows = [visit(Yksikkö=name), visit(Käyntitunnus="2")]
    prepared = read(text(rows).encode("cp1252"))
    assert prepared.accepted["unit_name"].to_pylist() == [name, "Kokkolan pääterveysasema"]
    assert_same_rows(read(text(ROWS, quoting=csv.QUOTE_ALL).encode("cp1252")))


def test_a_row_number_counts_rows_not_lines_and_the_header_is_row_1() -> None:
    rows = [visit(Yksikkö="a\r\nb\r\nc"), visit(Käyntitunnus="2", Käynti="31.2.2025")]
    (found,) = read(text(rows).encode("cp1252")).findings
    assert (found.code, found.rows) == ("bad_date", (3,))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_row_with_another_number_of_fields_is_set_aside_alone(encoding: str) -> None:
    lines = text(ROWS).split("\r\n")
    lines[2] += ";liikaa"
    prepared = read("\r\n".join(lines).encode(encoding))
    assert prepared.accepted["visit_id"].to_pylist() == ["1000231", "1000233"]
    assert [(found.code, found.count, found.rows) for found in prepared.findings] == [("ragged_row", 1, (3,))]
    assert prepared.quarantined.to_pylist() == [{"row": 3, "reasons": "ragged_row", "fields": "{}"}]
    assert prepared.accepted["unit_name"][0].as_py() == "Kokkolan pääterveysasema"


def test_rows_swallowed_by_an_open_quotation_mark_are_counted() -> None:
    data = text(ROWS).encode("cp1252").replace(b";TK-KOK-01;", b';"TK-KOK-01;', 1)
    prepared = read(data)
    assert (prepared.rows_read, prepared.accepted.num_rows) == (3, 0)
    assert [(found.code, found.count) for found in prepared.findings] == [("ragged_row", 3)]
    assert prepared.rows_quarantined == 3


NAME = "Kokkolan pääterveysasema"
#: The unit names of rows with quotation marks, by the place of the row among 60, and which rows are set aside.
OPEN_QUOTES = [
    ({10: f'"{NAME}', 11: f'"{NAME}'}, range(10, 12)),
    ({10: f'"{NAME}', 40: f'"{NAME}'}, range(10, 41)),
    ({10: f'"{NAME}', 40: f'"{NAME}"'}, range(10, 41)),
    ({10: f'"{NAME}', 40: 'Asema 5"'}, range(10, 41)),
    (dict.fromkeys(range(60), f'"{NAME}'), range(60)),
    ({10: '"Oiva" asema'}, ()),
    ({10: 'Oiva "asema', 40: 'Oiva "asema'}, ()),
    ({10: '"Oiva; a; b\r\nc; d; ""e"""'}, ()),
]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize(("names", "aside"), OPEN_QUOTES)
def test_quotation_marks_that_are_not_closed_lose_no_row_unseen(
    names: dict[int, str], aside: Sequence[int], encoding: str
) -> None:
    """A mark goes on to the next one: where that is in the same column, both rows make one of the right number of fields."""
    lines = text([visit(Käyntitunnus=str(n)) for n in range(60)]).split("\r\n")
    for at, name in names.items():
        lines[at + 1] = lines[at + 1].replace(NAME, name)
    prepared = read("\r\n".join(lines).encode(encoding))
    assert prepared.accepted["visit_id"].to_pylist() == [str(n) for n in range(60) if n not in aside]
    assert (prepared.rows_read, prepared.rows_quarantined) == (60, len(aside))
    assert [(f.code, f.count, f.rows[0]) for f in prepared.findings if f.code == "ragged_row"] == [
        ("ragged_row", len(aside), aside[0] + 2) for _ in aside[:1]
    ]


def test_a_note_of_two_lines_with_separators_is_a_value() -> None:
    header = "snapshot_date,area_code,unit,service,waiting,over_guarantee,note,source"
    rows = [f'2025-01-06,18,{unit},primary_care,10,1,"a, b, c\nd, e, f, g",x' for unit in "AB"]
    prepared = read("\n".join([header, *rows, ""]).encode(), source="queue_counts")
    assert prepared.accepted["waiting"].to_pylist() == [10, 10]


# --- packed files and workbooks ---


def test_gz_and_zip_of_one_csv() -> None:
    data = written(ROWS)
    for packed, name in ((gzip.compress(data), "gz"), (zipped(**{"kaynnit.csv": data}), "zip")):
        prepared = read(packed)
        assert prepared.detected.compressed == name
        assert_same_rows(prepared)
    assert_same_rows(read(zipped(**{"kaynnit.csv": data, "__MACOSX/._kaynnit.csv": b"x"})))


def test_a_zip_in_a_zip_or_a_workbook_in_a_gz_is_refused() -> None:
    for inner in (zipped(a=written(ROWS)), gzip.compress(written(ROWS)), workbook([["a"], ["b"]])):
        for packed in (zipped(inner=inner), gzip.compress(inner)):
            with pytest.raises(RefusedFile) as caught:
                read_table(packed)
            assert caught.value.findings[0].params["reason"] == "archive"


def test_a_workbook_is_read_like_a_csv() -> None:
    days = {"Yhteydenotto", "Ajanvaraus tehty"}
    times = {"Hoidon tarpeen arviointi", "Käynti"}

    def cell(name: str, value: str) -> object:
        if not value:
            return None
        if name in days:
            return datetime.strptime(value, "%d.%m.%Y")  # noqa: DTZ007
        if name in times:
            return datetime.strptime(value, "%d.%m.%Y %H:%M")  # noqa: DTZ007
        return int(value) if name in ("Käyntitunnus", "Syntymävuosi", "Kotikunta") else value

    cells = [list(VISIT), *([cell(*item) for item in row.items()] for row in ROWS)]
    for above in (0, 3):
        prepared = read(workbook(cells, above))
        assert (prepared.detected.kind, prepared.detected.encoding) == ("xlsx", None)
        assert_same_rows(prepared)
    assert_same_rows(read(workbook([list(VISIT), *(list(row.values()) for row in ROWS)])))


def test_a_row_number_of_a_workbook_is_the_one_the_sheet_shows() -> None:
    cells = [list(VISIT), list(VISIT.values()), [], list(visit(Käyntitunnus="2", Käynti="kesällä").values())]
    (found,) = read(workbook(cells, above=2)).findings
    assert (found.code, found.rows) == ("bad_date", (6,))


def test_numbers_and_truths_of_a_workbook_have_no_exponent() -> None:
    raw = read_table(workbook([["a", "b", "c", "d"], [12345678901234, 0.1, 1e-7, True]]))
    assert raw.table.to_pylist() == [{"c0": "12345678901234", "c1": "0.1", "c2": "0.0000001", "c3": "true"}]


# --- values ---

TENTH = date(2025, 3, 10)


@pytest.mark.parametrize(
    ("written_as", "day"),
    [
        ("10.3.2025", TENTH),
        ("10.03.2025", TENTH),
        (" 10.3.2025 ", TENTH),
        ("10.3.2025 9:05", TENTH),
        ("10.3.2025 23:59", TENTH),
        ("10.3.2025 9:05:07", TENTH),
        ("2025-03-10", TENTH),
        ("2025-03-10 09:05", TENTH),
        ("2025-03-10 09:05:07", TENTH),
        ("2025-03-10T09:05", TENTH),
        ("2025-03-10T09:05:07", TENTH),
        ("20250310", TENTH),
        ("29.2.2024", date(2024, 2, 29)),
        ("31.2.2025", None),
        ("29.2.2025", None),
        ("0.3.2025", None),
        ("10.13.2025", None),
        ("10.3.2025 24:00", None),
        ("10.3.2025 9:60", None),
        ("2025-3-10", None),
        ("3/10/2025", None),
        ("10.3.", None),
        ("10.3.2025x", None),
        ("x10.3.2025", None),
        ("2025031", None),
        ("45726", None),
    ],
)
def test_dates(written_as: str, day: date | None) -> None:
    parsed = dates(pa.array([written_as.strip()]))
    assert (parsed.values[0].item() if parsed.read[0] else None) == day
    prepared = read([visit(Käynti=written_as)])
    assert prepared.accepted["visit_on"].to_pylist() == ([day] if day else [])
    assert ("bad_date" in codes(prepared)) == (day is None)


def test_a_year_of_two_digits_is_impossible_instead_of_guessed() -> None:
    assert codes(read([visit(Käynti="10.3.25")])) == ["impossible_date"]


@pytest.mark.parametrize(
    ("written_as", "value"),
    [
        ("84,6", 84.6),
        ("84.6", 84.6),
        ("1 234,5", 1234.5),
        ("1\u00a0234\u00a0567,5", 1234567.5),
        ("12\u202f345", 12345.0),
        ("-3", -3.0),
        ("−3,5", -3.5),
        ("+3", 3.0),
        ("0", 0.0),
        ("007", 7.0),
        ("1,2,3", None),
        ("1 23", None),
        ("1.234,5", None),
        ("n. 20", None),
        ("20 %", 20.0),
        ("85,5 %", 85.5),
        ("85%", 85.0),
        ("85\u00a0%", 85.0),
        ("% 85", None),
        ("85 %%", None),
        ("1e5", None),
        ("inf", None),
        ("nan", None),
        ("٣", None),
        ("9" * 400, None),
    ],
)
def test_numbers(written_as: str, value: float | None) -> None:
    assert number(written_as) == value


FIGURES = (
    "indicator_id;area_code;service;period_start;period_end;numerator;denominator;value;unit;note;source"
)


def figures(value: str, encoding: str = "utf-8") -> Prepared:
    row = f"omaolo_services;18;;1.1.2025;31.1.2025;;;{value};pcs;;Esimerkki"
    return read(f"{FIGURES}\r\n{row}\r\n".encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_number_keeps_its_value_in_every_encoding(encoding: str) -> None:
    assert figures("1\u00a0234,5", encoding).accepted["value"].to_pylist() == [1234.5]


@pytest.mark.parametrize(
    "missing",
    [*("", " ", "-", "..", "NULL", "null", " - ", "\u00a0", "nan", "NaN", "None", "NA", "n/a", "#N/A", "<NA>", "NaT"),
     *("#PUUTTUU!", "\\N")],
)  # fmt: skip
def test_what_is_missing(missing: str) -> None:
    prepared = read([visit(Potilas=missing, Ammattiryhmä=missing, Yhteydenotto=missing)])
    (row,) = prepared.accepted.to_pylist()
    assert (row["person"], row["profession_code"], row["contacted_on"]) == (None, None, None)
    assert codes(prepared) == []
    assert codes(read([visit(Palvelu=missing)])) == ["missing_value"]
    assert codes(figures(missing)) == ["missing_value"]


@pytest.mark.parametrize("text_", ["–", "0", "n.a.", "--", ".", "Nanna", "Nonenmäki"])
def test_what_is_not_missing(text_: str) -> None:
    assert read([visit(Yksikkö=text_)]).accepted["unit_name"].to_pylist() == [text_]


@pytest.mark.parametrize(("code", "stored"), [("272", "272"), ("5", "005"), ("49", "049"), ("049", "049")])
def test_a_municipality_gets_its_lost_zeros_back(code: str, stored: str) -> None:
    prepared = read([visit(Kotikunta=code)])
    assert prepared.accepted["municipality_code"].to_pylist() == [stored]
    assert codes(prepared) == []


def test_codes_are_known_without_case_and_umlauts() -> None:
    prepared = read([visit(Kiireellisyys=" kiireeton", Tila="TOTEUTUNUT", Palvelu="avosairaanhoito")])
    (row,) = prepared.accepted.to_pylist()
    assert (row["urgency_code"], row["state_code"], row["service_code"]) == (
        "Kiireetön",
        "Toteutunut",
        "Avosairaanhoito",
    )
    assert codes(prepared) == []


# --- headers ---


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        str.lower,
        lambda h: f"  {h} ",
        lambda h: h.replace("ä", "a").replace("ö", "o"),
        lambda h: h.replace(" ", "  "),
    ],
    ids=["upper", "lower", "spaces", "folded", "doubled"],
)
def test_headers_are_compared_without_what_does_not_count(change) -> None:
    rows = [{change(name): value for name, value in row.items()} for row in ROWS]
    assert_same_rows(read(written(rows)))


def test_decomposed_letters_in_headers_are_the_same() -> None:
    rows = [{unicodedata.normalize("NFD", name): value for name, value in row.items()} for row in ROWS]
    assert_same_rows(read(written(rows, "utf-8")))


def test_columns_may_stand_in_any_order() -> None:
    for order in (sorted(VISIT), sorted(VISIT, reverse=True), list(VISIT)[7:] + list(VISIT)[:7]):
        assert_same_rows(read(written([{name: row[name] for name in order} for row in ROWS])))


def test_extra_columns_are_ignored_and_listed_once() -> None:
    rows = [{"Rivi": "1", **row, "Lisätieto": "soitti", "": "x"} for row in ROWS]
    prepared = read(written(rows))
    (found,) = prepared.findings
    assert (found.code, found.count, found.params["columns"]) == (
        "ignored_column",
        3,
        ["Rivi", "Lisätieto", "(20)"],
    )
    assert prepared.accepted.to_pylist() == read(ROWS).accepted.to_pylist()


# --- overriding what is found out ---


def test_encoding_and_separator_can_be_overridden() -> None:
    data = text([visit(Yksikkö="Vesiy¦;")], "|").encode("cp1252")
    told = read(data, encoding="iso-8859-15", separator="|")
    assert (told.detected.encoding, told.detected.separator) == ("iso-8859-15", "|")
    assert told.accepted["unit_name"].to_pylist() == ["VesiyŠ;"]
    with pytest.raises(RefusedFile) as caught:
        read(text(ROWS).encode("cp1252"), encoding="utf-8")
    assert caught.value.findings[0].params == {"reason": "not_decodable", "encoding": "utf-8"}


def test_a_mapping_overrides_encoding_separator_and_date_forms() -> None:
    shipped = all_sources()["exreport_kaynnit"]
    mapping = replace(
        shipped, name="own", encoding="cp850", separator="~", date_formats=("yyyy/mm/dd", "yyyy/mm/dd HH.MM")
    )
    row = {
        **visit(Yksikkö="Kälviä"),
        **dict.fromkeys(("Yhteydenotto", "Hoidon tarpeen arviointi", "Ajanvaraus tehty"), "2025/03/03"),
    }
    row["Käynti"] = "2025/03/10 13.30"
    prepared = read(written([row], "cp850", "~"), mapping=mapping)
    assert asdict(prepared.detected) == {
        "kind": "csv",
        "compressed": None,
        "encoding": "cp850",
        "separator": "~",
    }
    (stored,) = prepared.accepted.to_pylist()
    assert (stored["unit_name"], stored["visit_on"]) == ("Kälviä", TENTH)


def test_the_source_can_be_told() -> None:
    with pytest.raises(RefusedFile) as caught:
        read(ROWS, source="exreport_jono")
    assert {found.code for found in caught.value.findings} == {"missing_column"}


def test_what_was_found_out_is_told() -> None:
    prepared = read(written(ROWS), "kaynnit_20250301-20250331.csv", as_of=date(2025, 4, 1))
    assert asdict(prepared.detected) == {
        "kind": "csv",
        "compressed": None,
        "encoding": "windows-1252",
        "separator": ";",
    }
    assert (prepared.source, prepared.layout, prepared.rows_read) == ("exreport_kaynnit", "1", 3)
    assert (prepared.extract_date, prepared.window) == (
        date(2025, 4, 1),
        (date(2025, 3, 1), date(2025, 3, 31)),
    )
    assert prepared.period == (TENTH, date(2025, 7, 2))
