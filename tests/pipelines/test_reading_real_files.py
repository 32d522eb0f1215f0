"""What real files bring along: dates in their names, placeholders, titles, other tables, other ways of writing."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import date

import pytest
import xlsxwriter

from pipelines.checking.extract_dates import dates_in_name
from pipelines.checking.prepare import Prepared
from pipelines.findings import RefusedFile
from pipelines.mapping.files import all_sources
from pipelines.mapping.source import Condition
from pipelines.reading.options import ReadingOptions
from pipelines.settings import load_settings
from tests.pipelines.reading_helpers import VISIT, codes, entry, read, visit, written
from tests.pipelines.test_reading_forms import text, workbook

MARCH_31, MARCH_1 = date(2025, 3, 31), date(2025, 3, 1)


# --- the extract date and the window ---


@pytest.mark.parametrize(
    "name",
    [
        "kaynnit_2025-03-31.csv",
        "kaynnit_31.3.2025.csv",
        "kaynnit_31.03.2025.xlsx",
        "kaynnit_20250331_v2.csv",
        "kaynnit_20250331 (1).csv",
        "20250331 kaynnit.csv.gz",
        "kaynnit-2025_03_31-korjattu.csv",
        "kaynnit_20250331T0630.csv",
        "kaynnit_20250331_063000.csv",
        "kaynnit_20250331063000.csv",
        "kaynnit_31032025.csv",
    ],
)
def test_a_date_in_the_name_is_the_extract_date(name: str) -> None:
    assert dates_in_name(name) == (MARCH_31, None)
    prepared = read([visit()], name)
    assert (prepared.extract_date, prepared.window, prepared.dated.extract_date_from) == (
        MARCH_31,
        None,
        "file_name",
    )
    assert codes(prepared) == []


@pytest.mark.parametrize(
    "name",
    [
        "kaynnit_20250301-20250331.csv",
        "20250301 - 20250331.csv",
        "kaynnit 2025-03-01 - 2025-03-31_v3.csv",
        "kaynnit_1.3.2025-31.3.2025.csv",
        "kaynnit_1.3.\u201331.3.2025.csv",
        "kaynnit_1.3.-31.3.2025.csv",
        "kaynnit_20250301_20250331.csv",
        "kaynnit_2025-03-01_to_2025-03-31.csv",
    ],
)
def test_two_dates_in_the_name_are_the_window_and_its_last_day_the_extract_date(name: str) -> None:
    assert dates_in_name(name) == (MARCH_1, MARCH_31)
    prepared = read([visit()], name)
    assert (prepared.extract_date, prepared.window) == (MARCH_31, (MARCH_1, MARCH_31))
    assert (prepared.dated.extract_date_from, prepared.dated.window_from) == ("file_name", "file_name")


@pytest.mark.parametrize(
    "name",
    ["kaynnit.csv", "kaynnit_99999999.csv", "kaynnit_20250332.csv", "20250301_poimittu_20250331.csv",
     "kaynnit_20250331-20250301.csv", "kaynnit_1234567890.csv", "kaynnit_2025-03.csv"],
)  # fmt: skip
def test_a_name_that_says_no_date_leaves_the_newest_realised_day(name: str) -> None:
    assert dates_in_name(name) is None
    rows = [
        visit(),
        visit(Käyntitunnus="2", Käynti="14.3.2025"),
        visit(Käyntitunnus="3", Tila="Varattu", Käynti="2.7.2025"),
    ]
    prepared = read(rows, name)
    assert (prepared.extract_date, prepared.dated.extract_date_from) == (date(2025, 3, 14), "rows")
    assert codes(prepared) == ["extract_date_assumed"]
    # Nothing is known of the days after the newest row.
    assert [(c.first_on, c.last_on) for c in prepared.coverage] == [(date(2025, 3, 10), date(2025, 3, 14))]


def test_a_stated_date_is_the_day_after_the_last_covered_one() -> None:
    (covered,) = read([visit()], "kaynnit.csv", as_of=MARCH_31).coverage
    assert covered.last_on == date(2025, 3, 30)


def test_the_assumed_date_is_the_one_that_rules_of_a_mapping_take() -> None:
    header = (
        "asiakkuus_id;asiakas;syntymavuosi;kotikunta;yksikko;palvelu;yhteydenotto_pvm;ensiarvio_pvm;"
        "hoidon_tarve_todettu_pvm;hoito_alkoi_pvm;paattyi_pvm;tila;menetelma"
    )
    line = "1;A1;1990;272;MT-KOK;Mielenterveyspalvelut;2025-03-03;2025-03-05;;;;jonossa;"
    prepared = read(f"{header}\n{line}\n".encode(), "asiakkuudet.csv")
    queue = next(part for part in prepared.parts if part.dataset == "queue")
    assert queue.accepted["snapshot_on"].to_pylist() == [prepared.extract_date] == [date(2025, 3, 5)]


# --- placeholders, keys, codes ---


def test_placeholders_are_no_person() -> None:
    rows = [visit(Käyntitunnus=str(n), Potilas=text_) for n, text_ in enumerate(["nan"] * 5 + ["null", "P1"])]
    persons = read(rows).accepted["person"].to_pylist()
    assert persons[:6] == [None] * 6 and persons[6] is not None


def test_a_mapping_has_placeholders_of_its_own() -> None:
    mapping = replace(all_sources()["exreport_kaynnit"], reading=ReadingOptions(missing=("ei tietoa",)))
    rows = [visit(Potilas="Ei tietoa", Ammattiryhmä="EI TIETOA"), visit(Käyntitunnus="1000232")]
    prepared = read(rows, mapping=mapping)
    assert (prepared.accepted["person"][0].as_py(), codes(prepared)) == (None, [])


@pytest.mark.parametrize("written_as", ["1000231.0", "1000231,0", "1000231.00"])
def test_a_key_with_decimals_is_the_key_without(written_as: str) -> None:
    prepared = read(
        [visit(Käyntitunnus=written_as, Kotikunta="272.0", Potilas="77.0", Syntymävuosi="1956.0")]
    )
    (row,) = prepared.accepted.to_pylist()
    plain = read([visit(Potilas="77")]).accepted.to_pylist()[0]
    assert (row["visit_id"], row["municipality_code"], row["person"]) == ("1000231", "272", plain["person"])
    assert codes(prepared) == []
    assert codes(read([visit(), visit(Käyntitunnus=written_as, Tila="Peruttu")])) == ["duplicate_key"]


def test_decimals_that_say_something_stay() -> None:
    assert read([visit(Käyntitunnus="1000231.5")]).accepted["visit_id"].to_pylist() == ["1000231.5"]
    assert read([visit(Yksikkö="12.0")]).accepted["unit_name"].to_pylist() == ["12.0"]


def test_the_share_of_bad_rows_is_of_those_that_belong() -> None:
    shipped = all_sources()["exreport_kaynnit"]
    output = replace(shipped.outputs[0], where=(Condition("Palvelu", True, ("Fysioterapia",)),))
    mapping = replace(shipped, name="own", outputs=(output,))
    others = [visit(Käyntitunnus=str(n)) for n in range(40)]
    bad = [visit(Käyntitunnus=f"9{n}", Palvelu="Fysioterapia", Käynti="31.2.2025") for n in range(2)]
    with pytest.raises(RefusedFile) as caught:
        read([*others, *bad], mapping=mapping, force=False)
    (found, *_) = caught.value.findings
    assert (found.code, found.count, found.params["rows_read"]) == ("too_many_bad_rows", 2, 2)


# --- dates ---


@pytest.mark.parametrize(
    ("assessed", "wait"),
    [
        ("3.3.2025 13.30", 7),
        ("3.3.2025 13.30.15", 7),
        ("3.3.2025 klo 13.30", 7),
        ("2025-03-03 09:00:00.000", 7),
        ("2025-03-03 09:00:00,1234567", 7),
        ("2025-03-03T09:00:00Z", 7),
        ("2025-03-02T22:30:00Z", 7),
        ("2025-03-02T22:30:00+00:00", 7),
        ("2025-03-02 22:30:00 UTC", 7),
        ("2025-03-02T22:30Z", 7),
        ("2025-03-02T21:30:00Z", 8),
        ("2025-03-03T00:30:00+02:00", 7),
        ("2025-03-03T00:30:00+0300", 8),
        ("2025-03-02T12:30:00-10:00", 7),
    ],
)
def test_the_day_is_that_of_finland(assessed: str, wait: int) -> None:
    (row,) = read([visit(Hoidon_tarpeen_arviointi=assessed)]).accepted.to_pylist()
    assert (row["visit_on"] - row["assessed_on"]).days == wait


def test_summer_time_is_known() -> None:
    def day(text_: str) -> date:
        return read([visit(Käynti=text_)]).accepted["visit_on"][0].as_py()

    assert day("2025-04-10T21:30:00Z") == date(2025, 4, 11)
    assert day("2025-03-10T21:30:00Z") == date(2025, 3, 10)


def test_a_mapping_says_the_zone_and_the_century() -> None:
    shipped = all_sources()["exreport_kaynnit"]
    mapping = replace(
        shipped, reading=ReadingOptions(timezone="UTC"), date_formats=("d.m.yy", "d.m.yyyy", "d.m.yyyy H:MM")
    )
    row = visit(Hoidon_tarpeen_arviointi="2.3.2025 22:30", Käynti="10.3.25", Yhteydenotto="1.3.99")
    (stored,) = read([row], mapping=mapping).accepted.to_pylist()
    assert (stored["assessed_on"], stored["visit_on"]) == (date(2025, 3, 3), date(2025, 3, 10))
    assert stored["contacted_on"] == date(1999, 3, 1)


@pytest.mark.parametrize(
    "never", ["31.12.9999", "1.1.1900", "9999-12-31 23:59:59", "0001-01-01", "1.1.1753", "30.12.1899"]
)
def test_a_day_that_stands_for_none_is_none_where_it_may_be_missing(never: str) -> None:
    prepared = read(
        [
            visit(Yhteydenotto=never, Ajanvaraus_tehty=never),
            visit(Käyntitunnus="2", Tila="Varattu", Käynti=never),
        ]
    )
    assert codes(prepared) == []
    assert prepared.accepted["contacted_on"].to_pylist() == [None, date(2025, 3, 3)]
    assert prepared.accepted["visit_on"].to_pylist()[1] is None
    assert codes(read([visit(Käynti=never)])) == ["missing_value"]
    assert codes(read([{**entry(), "Poimintapäivä": never}], as_of=MARCH_31)) == ["impossible_date"]


@pytest.mark.parametrize(("unit", "found"), [("percent", []), ("count", ["wrong_unit"])])
def test_a_percent_sign_belongs_to_per_cent(unit: str, found: list[str]) -> None:
    indicator = {"percent": "electronic_forms", "count": "omaolo_services"}[unit]
    head = (
        "indicator_id;area_code;service;period_start;period_end;numerator;denominator;value;unit;note;source"
    )
    prepared = read(f"{head}\n{indicator};18;;2024-01-01;2024-12-31;;;85,5 %;{unit};;R\n".encode())
    assert codes(prepared) == found
    assert prepared.accepted["value"].to_pylist() == ([85.5] if not found else [])


# --- tables in files ---


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_line_that_tells_the_separator_is_no_row(first: str) -> None:
    data = (first + "\r\n" + text([visit(Käynti="31.2.2025")])).encode("utf-8")
    (found,) = read(data).findings
    assert (found.code, found.rows) == ("bad_date", (2,))


@pytest.mark.parametrize("which", ["all", "one", "header", "three"])
def test_separators_at_the_end_of_rows_are_no_fields(which: str) -> None:
    lines = text([visit(), visit(Käyntitunnus="2")]).strip().split("\r\n")
    if which == "header":
        lines[0] += ";"
    else:
        more = ";;;" if which == "three" else ";"
        lines[1:] = [line + more if which != "one" or at == 1 else line for at, line in enumerate(lines[1:])]
    prepared = read(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    assert prepared.accepted["visit_id"].to_pylist() == ["1000231", "2"]
    assert [code for code in codes(prepared) if code != "ignored_column"] == []


def test_a_field_too_many_with_something_in_it_is_still_a_fault() -> None:
    lines = text([visit(), visit(Käyntitunnus="2")]).strip().split("\r\n")
    prepared = read("\r\n".join([lines[0], lines[1] + ";", lines[2] + ";x"]).encode("cp1252"))
    assert prepared.accepted["visit_id"].to_pylist() == ["1000231"]
    assert codes(prepared) == ["ragged_row"]


def refusal(data: bytes, **options: object) -> dict[str, object]:
    with pytest.raises(RefusedFile) as caught:
        read(data, **options)
    return dict(caught.value.findings[0].params)


TITLES = "Käynnit maaliskuussa 2025\r\n\r\n"


def test_a_title_above_the_header_is_told_and_can_be_passed() -> None:
    data = (TITLES + text([visit(Käynti="31.2.2025"), visit(Käyntitunnus="2")])).encode("cp1252")
    assert refusal(data) == {"reason": "title", "row": 3}
    prepared = read(data, header_row=3)
    assert prepared.accepted["visit_id"].to_pylist() == ["2"]
    assert prepared.findings[0].rows == (4,)
    assert refusal(data, header_row=99) == {"reason": "no_header_row", "row": 99}


def test_a_title_above_headers_that_nothing_knows_is_told_too() -> None:
    data = b"Report 2025;;;\r\nMade by hand;;;\r\nday;place;count;note\r\n1.2.2025;A;5;x\r\n"
    assert refusal(data) == {"reason": "title", "row": 3}


def test_the_sheet_and_the_row_are_told_and_can_be_said() -> None:
    book = two_sheets(above=0)
    assert refusal(book) == {"reason": "sheet", "sheet": "Tiedot", "sheets": ["Ohje", "Tiedot"]}
    for sheet in ("Tiedot", " tiedot", "2"):
        assert read(book, sheet=sheet).accepted.num_rows == 1
    lower = two_sheets(above=2)
    assert refusal(lower) == {
        "reason": "sheet_title",
        "sheet": "Tiedot",
        "sheets": ["Ohje", "Tiedot"],
        "row": 4,
    }
    assert refusal(lower, sheet="Tiedot") == {"reason": "title", "row": 4}
    assert read(lower, sheet="Tiedot", header_row=4).accepted.num_rows == 1
    assert refusal(book, sheet="Muu") == {"reason": "no_sheet", "sheet": "Muu", "sheets": ["Ohje", "Tiedot"]}


def two_sheets(above: int) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet("Ohje").write(0, 0, "Poiminnan ohje")
    sheet = book.add_worksheet("Tiedot")
    sheet.write(0, 0, "Käynnit" if above else next(iter(VISIT)))
    for row, cells in enumerate((list(VISIT), list(VISIT.values())), start=above + 1 if above else 0):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.close()
    return out.getvalue()


def test_a_mapping_says_sheet_and_row() -> None:
    shipped = all_sources()["exreport_kaynnit"]
    mapping = replace(shipped, reading=ReadingOptions(sheet="Tiedot", header_row=4))
    assert read(two_sheets(above=2), mapping=mapping).accepted.num_rows == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!DOCTYPE html><html><body><table><tr><td>a</td></tr></table></body></html>", "web_page"),
        (b'  <table border="1"><tr><td>a</td></tr></table>', "web_page"),
        (b'<?xml version="1.0"?><Workbook></Workbook>', "xml"),
        (b'{"rows": [1, 2]}', "json"),
        (b'[{"a": 1}]', "json"),
        (b"%PDF-1.7 abc", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(data: bytes, reason: str) -> None:
    assert refusal(data)["reason"] == reason


def test_a_layout_is_near_only_with_half_of_its_columns() -> None:
    headers = list(VISIT)
    few = (";".join(headers[:5]) + "\r\n" + "x;" * 4 + "x\r\n").encode("cp1252")
    assert refusal(few) == {"reason": "none"}
    half = (";".join(headers[:10]) + "\r\n" + "x;" * 9 + "x\r\n").encode("cp1252")
    told = refusal(half)
    assert (told["reason"], told["nearest"]) == ("near", "exreport_kaynnit")


def test_a_header_row_inside_the_data_is_skipped() -> None:
    lines = text([visit(), visit(Käyntitunnus="2")]).strip().split("\r\n")
    data = "\r\n".join([lines[0], lines[1], lines[0].upper(), lines[2]]).encode("cp1252")
    prepared = read(data)
    assert prepared.accepted["visit_id"].to_pylist() == ["1000231", "2"]
    assert [(f.code, f.rows) for f in prepared.findings] == [("repeated_header", (3,))]
    assert prepared.rows_read == 2


def test_a_header_alone_delivers_nothing() -> None:
    prepared = read(written([visit()]).split(b"\r\n")[0] + b"\r\n")
    assert (prepared.rows_read, codes(prepared), prepared.coverage) == (0, ["nothing_delivered"], ())


# --- encodings ---


def test_a_stray_byte_is_named_with_its_row() -> None:
    data = (
        text([visit(), visit(Käyntitunnus="2")])
        .encode("utf-8")
        .replace("Lääkäri".encode(), b"L\xe4\xe4k\xe4ri", 1)
    )
    told = refusal(data)
    assert (told["reason"], told["encoding"], told["row"], told["byte"]) == ("stray_byte", "UTF-8", 2, "0xE4")
    assert refusal(b"\xef\xbb\xbf" + data)["reason"] == "stray_byte"


@pytest.mark.parametrize("other", ["cp1252", "latin-1"])
def test_a_text_encoded_twice_is_named_with_its_row(other: str) -> None:
    twice = text([visit()]).encode("utf-8").decode(other).encode("utf-8")
    told = refusal(twice)
    assert (told["reason"], told["row"]) == ("encoded_twice", 1)
    assert read(text([visit(Yksikkö="São Paulo")]).encode("utf-8")).accepted.num_rows == 1


# --- limits ---


def test_a_packed_file_without_end_is_refused_before_it_is_held() -> None:
    settings = replace(load_settings({}), largest_file_mb=4)
    noise = b"".join(bytes([n % 251, n % 13 + 40]) for n in range(3 << 20))
    assert refusal(gzip.compress(noise, 1), settings=settings)["reason"] == "too_large"


def test_a_sheet_of_nothing_known_names_the_others() -> None:
    told = refusal(workbook([["a", "b"], ["1", "2"]]))
    assert (told["reason"], told["sheets"]) == ("sheets", ["Poiminta", "Muuta"])


def kept(prepared: Prepared) -> int:
    return prepared.accepted.num_rows


# --- identity codes written otherwise ---

HETU = "131052-308T"


@pytest.mark.parametrize(
    "written_as",
    ["131052\u2013308T", "131052\u2011308T", "131052\u2212308T", "131052\u2014308T", "1\u200b31052-308T",
     "131052\u00ad-308T", "131052 - 308T", "131052 308T", "131052.308T", "1 3 1 0 5 2-3 0 8 T",
     "\uff11\uff13\uff11\uff10\uff15\uff12\uff0d\uff13\uff10\uff18\uff34", "131052\u00a0-\u00a0308t"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["Yksikkökoodi", "Yksikkö"])
def test_an_identity_code_is_found_however_it_is_written(column: str, written_as: str) -> None:
    with pytest.raises(RefusedFile, match="wrong place"):
        read(written([{**visit(), column: written_as}], "utf-8"))
    with pytest.raises(RefusedFile, match="wrong place"):
        read([visit()], f"kaynnit_{written_as}.csv")
    with pytest.raises(RefusedFile, match="wrong place"):
        read(written([{**visit(), f"x {written_as}": "1"}], "utf-8"))


def test_without_a_separator_names_and_codes_differ() -> None:
    with pytest.raises(RefusedFile, match="wrong place"):
        read([visit(Yksikkö="ks. 131052308T")])
    prepared = read([visit(Yksikkökoodi="131052308T", Käyntitunnus="131052308T")], units=("131052308T",))
    assert codes(prepared) == ["person_id_lookalike", "person_id_lookalike"]
    assert kept(read([visit(Yksikkö="131052309T"), visit(Käyntitunnus="2", Yksikkö="puh. 0401234567")])) == 2


def test_the_same_person_whatever_the_dash() -> None:
    rows = [
        visit(Potilas=HETU),
        visit(Käyntitunnus="2", Potilas="131052\u2013308t "),
        visit(Käyntitunnus="3", Potilas="131052 -308T"),
    ]
    persons = read(written(rows, "utf-8")).accepted["person"].to_pylist()
    assert len(set(persons)) == 1
