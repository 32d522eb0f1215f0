"""Properties of reading: no form changes a row, and no bytes whatever bring about a traceback."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import random
import zipfile
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelines.checking.prepare import Prepared
from pipelines.findings import LANGUAGES, RefusedFile
from pipelines.identity_codes import _ASCII_RE2, _OTHER_RE2, _suspects
from pipelines.reading import workbook as workbooks
from pipelines.reading.encodings import _UTF8_CHARACTERS
from pipelines.reading.table import MISSING, RawTable, _has_short_lines, read_table
from pipelines.reading.unpacking import Limits
from pipelines.spreadsheet import from_cell
from tests.pipelines.reading_helpers import VISIT, entry, read, visit, written

QUICK = settings(
    deadline=None,
    max_examples=60,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

#: The days of a visit: all the same, as a day before another that it should follow is a finding.
VISIT_DAYS = ("Yhteydenotto", "Hoidon_tarpeen_arviointi", "Ajanvaraus_tehty", "Käynti")

# --- forms ---

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1")
ALPHABET = "abÅÄÖåäöé 0123456789.,;|\t\"'-–€\n\r\u00a0"


def packed(data: bytes, packing: str) -> bytes:
    if packing == "gz":
        return gzip.compress(data, mtime=0)
    if packing == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("poiminta.csv", data)
        return out.getvalue()
    return data


@st.composite
def forms(draw: st.DrawFn) -> dict[str, object]:
    return {
        "separator": draw(st.sampled_from(";,\t|")),
        "line_end": draw(st.sampled_from(["\r\n", "\n"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "encoding": draw(st.sampled_from(ENCODINGS)),
        "packing": draw(st.sampled_from(["none", "gz", "zip"])),
    }


def in_form(rows: list[list[str]], form: dict[str, object]) -> bytes:
    out = io.StringIO(newline="")
    # A line break in a cell is quoted, also the one of the two that does not end this file's lines.
    broken = any("\r" in cell or "\n" in cell for row in rows for cell in row)
    csv.writer(
        out,
        delimiter=form["separator"],
        lineterminator=form["line_end"],
        quoting=csv.QUOTE_ALL if broken else form["quoting"],
    ).writerows(rows)
    try:
        data = out.getvalue().encode(form["encoding"])
    except UnicodeEncodeError:
        # Not every form can hold every character; those that cannot hold these are no example.
        assume(False)
    return data


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    headers = draw(
        st.lists(st.text("abcÄö", min_size=1, max_size=6), min_size=width, max_size=width, unique=True)
    )
    cell = st.one_of(st.text(ALPHABET, max_size=8), st.sampled_from(MISSING), st.just("null"))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=6))
    # A row that says the header again is left out.
    return [
        headers,
        *(row for row in rows if [text.strip().lower() for text in row] != [h.lower() for h in headers]),
    ]


def expected(rows: list[list[str]]) -> list[list[str | None]]:
    read = [[from_cell(cell.strip()).strip() for cell in row] for row in rows]
    trimmed = [[None if cell.upper() in MISSING else cell for cell in row] for row in read]
    return [row for row in trimmed if any(cell is not None for cell in row)]


@QUICK
@given(tables(), forms())
def test_a_table_reads_back_whatever_form_it_was_written_in(
    rows: list[list[str]], form: dict[str, object]
) -> None:
    data = in_form(rows, form)
    if form["encoding"] in ("cp1252", "latin-1"):
        try:
            data.decode("utf-8")
            assume(data.isascii())
        except UnicodeDecodeError:
            # What could be the characters of a UTF-8 text with stray bytes in it is refused as that.
            assume(not _UTF8_CHARACTERS.search(data))
    raw = read_table(packed(data, form["packing"]))
    assert list(raw.headers) == rows[0]
    assert raw.ragged == ()
    assert [list(row.values()) for row in raw.table.to_pylist()] == expected(rows[1:])
    assert raw.detected.separator == form["separator"]


@QUICK
@given(tables())
def test_a_workbook_reads_back(rows: list[list[str]]) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            # A worksheet knows one line end only.
            sheet.write_string(number, column, cell.replace("\r", ""))
    book.close()
    raw = read_table(out.getvalue())
    assert list(raw.headers) == rows[0]
    plain = [[cell.replace("\r", "") for cell in row] for row in rows[1:]]
    assert [list(row.values()) for row in raw.table.to_pylist()] == expected(plain)


DAY_FORMS = (
    "%-d.%-m.%Y",
    "%d.%m.%Y",
    "%-d.%-m.%Y 9:05",
    "%Y-%m-%d",
    "%Y-%m-%dT09:05:00",
    "%Y-%m-%d 09:05",
    "%Y%m%d",
)


def day_text(day: date, form: str) -> str:
    return (
        form.replace("%-d", str(day.day))
        .replace("%-m", str(day.month))
        .replace("%d", f"{day.day:02}")
        .replace("%m", f"{day.month:02}")
        .replace("%Y", f"{day.year:04}")
    )


@settings(QUICK, max_examples=15)
@given(
    st.lists(st.dates(date(1990, 1, 1), date(2025, 6, 29)), min_size=1, max_size=4),
    st.sampled_from(DAY_FORMS),
    st.permutations(list(VISIT)),
    st.sampled_from([str, str.upper, str.lower, lambda h: f" {h}  "]),
    forms(),
)
def test_visits_are_the_same_rows_in_every_form(days, day_form, order, header_form, form) -> None:
    def rows(written_as: str) -> list[dict[str, str]]:
        return [
            visit(
                Käyntitunnus=str(number),
                **dict.fromkeys(VISIT_DAYS, day_text(day, written_as)),
                Yksikkö="Kälviä; itä",
            )
            for number, day in enumerate(days)
        ]

    table = [
        [header_form(name) for name in order],
        *([row[name] for name in order] for row in rows(day_form)),
    ]
    prepared = read(packed(in_form(table, form), form["packing"]))
    plain = [list(VISIT), *(list(row.values()) for row in rows("%-d.%-m.%Y"))]
    usual = {"separator": ";", "line_end": "\r\n", "quoting": csv.QUOTE_MINIMAL, "encoding": "cp1252"}
    assert prepared.accepted.equals(read(in_form(plain, usual)).accepted)
    assert prepared.accepted["visit_on"].to_pylist() == days
    assert prepared.findings == ()


# --- whatever the bytes ---


def loaded_or_told(data: bytes) -> Prepared | RefusedFile:
    """A load or findings that can be told and stored; anything else is raised."""
    try:
        result = read(data)
    except RefusedFile as refused:
        assert [found for found in refused.findings if found.level == "file"]
        result = refused
    for found in result.findings:
        for language in LANGUAGES:
            assert found.message(language)
        json.dumps(dict(found.params), default=date.isoformat)
    return result


def rows_add_up(prepared: Prepared) -> bool:
    repeats = sum(found.count for found in prepared.findings if found.code == "repeated_row")
    ragged = sum(found.count for found in prepared.findings if found.code == "ragged_row")
    one_each = sum(row["reasons"] == "ragged_row" for row in prepared.quarantined.to_pylist())
    quarantined = prepared.quarantined.num_rows - one_each + ragged
    return prepared.accepted.num_rows + quarantined + repeats == prepared.rows_read


BEGINNINGS = st.sampled_from(
    [b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b'"', b";",
     b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", written([visit()])[:180], "\ufeffa;b\r\n".encode("utf-16-le")]
)  # fmt: skip


@settings(QUICK, max_examples=200)
@given(BEGINNINGS, st.binary(max_size=600))
def test_any_bytes_give_a_load_or_a_finding(beginning: bytes, rest: bytes) -> None:
    loaded_or_told(beginning + rest)


@settings(QUICK, max_examples=200)
@given(BEGINNINGS, st.text('aä;,|\t"\r\n0123456789.-AX\u00a0', max_size=300))
def test_any_text_gives_a_load_or_a_finding(beginning: bytes, rest: str) -> None:
    loaded_or_told(beginning + rest.encode("utf-8"))


def workbook(cells: list[tuple[int, int, str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for row, column, text in cells:
        sheet.write_string(row, column, text)
    book.close()
    return out.getvalue()


SOUND = [visit(Käyntitunnus=str(n), Yksikkö='Itä; "2"\nkerros') for n in range(6)]
QUOTED = [[*VISIT], *([*row.values()] for row in SOUND)]
SEEDS = {
    f"{encoding} {packing}": packed(
        in_form(
            QUOTED, {"separator": ";", "line_end": "\r\n", "quoting": csv.QUOTE_MINIMAL, "encoding": encoding}
        ),
        packing,
    )
    for encoding in ("utf-8", "cp1252", "utf-16")
    for packing in ("none", "gz", "zip")
} | {
    "queue": written([entry(Jonotunnus=str(n)) for n in range(4)]),
    "xlsx": workbook([(r, c, text) for r, row in enumerate(QUOTED) for c, text in enumerate(row)]),
}
PIECES = (
    b"",
    b"\0",
    b'"',
    b";",
    b"\r",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\x81",
    b"-",
    b"..",
    b"131052-308T",
    b"9" * 40,
    b"\xe4",
    b"=",
)


def mutated(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data = data[:at] + rng.choice(PIECES) + data[at + rng.randrange(3) :]
        elif kind == 1:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
        elif kind == 2:
            end = at + rng.randrange(60)
            data = data[:at] + data[at:end] * rng.randrange(3) + data[end:]
        elif rng.random() < 0.3:
            data = data[:at]
    return data


@pytest.mark.parametrize("seed", list(SEEDS))
def test_a_damaged_file_gives_a_load_or_a_finding(seed: str) -> None:
    rng = random.Random(seed)
    loads = 0
    for _ in range(30):
        result = loaded_or_told(mutated(SEEDS[seed], rng))
        if isinstance(result, Prepared):
            loads += 1
            assert rows_add_up(result)
    assert 0 < loads < 30 or seed.endswith(("gz", "zip", "xlsx"))


# --- bombs and giants ---


def reason(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(RefusedFile) as caught:
        read_table(data, limits=limits or Limits())
    (found,) = caught.value.findings
    assert found.code == "unreadable"
    return found.params["reason"]


@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_a_file_that_unpacks_without_end_is_refused_early(packing: str) -> None:
    assert reason(packed(b"1;2\r\n" * (16 << 20), packing)) == "too_large"


def test_a_small_file_that_packs_well_is_no_bomb() -> None:
    raw = read_table(packed(b"a;b\r\n" + b"1;2\r\n" * 200_000, "gz"))
    assert raw.rows_read == 200_000


@pytest.mark.parametrize("packing", ["none", "gz", "zip"])
def test_the_limit_holds_where_the_ratio_does_not_matter(packing: str) -> None:
    noise = random.Random(1).randbytes(5000).hex().encode()
    assert reason(packed(noise, packing), Limits(file=1000)) == "too_large"


def test_one_stray_cell_in_the_far_corner_does_not_end_the_process() -> None:
    """The rectangle of 17 thousand million cells would be laid out before anybody could ask how large it is."""
    assert reason(workbook([(0, 0, "a"), (1, 0, "1"), (1_048_575, 16_383, "x")])) == "too_large"
    assert reason(without_references(workbook([(0, 0, "a")]))) == "too_large"
    raw = read_table(workbook([(0, 0, "a"), (1, 0, "1"), (30_000, 30, "x")]))
    assert (len(raw.headers), raw.rows_read, raw.row_numbers.tolist()) == (31, 2, [2, 30_001])


def without_references(data: bytes) -> bytes:
    """The workbook with many cells in one far row whose columns are not told but counted."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                cells = b"<x:c><x:v>1</x:v></x:c>" * 100
                rows = b'<x:row r = \'1\'><x:c/></x:row><x:row spans="1:9" r="1048576">' + cells + b"</x:row>"
                content = (
                    b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
                    + rows
                    + b"</x:sheetData></x:worksheet>"
                )
            new.writestr(name, content)
    return out.getvalue()


def test_a_sheet_is_measured_across_the_pieces_it_is_read_in(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook([(row, column, f"{row}") for row in range(40) for column in range(5)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry_ = archive.getinfo("xl/worksheets/sheet1.xml")
        for piece in (1, 7, 64, 1000, 1 << 20):
            monkeypatch.setattr(workbooks, "PIECE", piece)
            assert workbooks.sheet_cells(archive, entry_) == 200


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_large_field_is_read_and_an_enormous_one_refused(quote: bytes) -> None:
    def file(megabytes: int, inside: bytes) -> bytes:
        giant = quote + (inside * ((megabytes << 20) // len(inside))) + quote
        return b"a;b\r\n1;" + giant + b"\r\n2;y\r\n"

    raw: RawTable = read_table(file(7, b"x"))
    assert raw.rows_read == 2
    assert [len(text) for text in raw.table["c1"].to_pylist()] == [7 << 20, 1]
    for inside in (b"x", *((b"x;", b"x\r\n", b'x""') if quote else ())):
        assert reason(file(40, inside)) == "giant_row"


def test_headers_without_end_are_refused() -> None:
    assert reason(b"a;" * 20_000 + b"a\r\n1\r\n") == "structure"
    assert reason(b'"' + b"a;\r\n" * 100_000) == "structure"
    assert reason(b";" * 900_000) == "structure"


def test_a_zero_byte_anywhere_is_no_text() -> None:
    data = SEEDS["cp1252 none"]
    for at in (0, 5, len(data) // 2, len(data)):
        assert reason(data[:at] + b"\0" + data[at:]) == "not_text"


def test_a_quotation_mark_anywhere_gives_a_load_or_a_finding() -> None:
    data = written([visit(Käyntitunnus=str(n)) for n in range(3)])
    for at in range(0, len(data), 23):
        result = loaded_or_told(data[:at] + b'"' + data[at:])
        assert not isinstance(result, Prepared) or rows_add_up(result)


@QUICK
@given(
    st.lists(st.sampled_from([b"\n", b"a\n", b"ab\n", b"abcd\n", b"abcdefgh\n"]), max_size=30),
    st.integers(0, 3),
    st.integers(1, 12),
)
def test_lines_are_measured_the_same_by_leaps_and_one_by_one(
    lines: list[bytes], start: int, longest: int
) -> None:
    body = b"".join(lines) + b"xyz"
    start = min(start, len(body))
    ends = [start, *(at for at in range(start, len(body)) if body[at : at + 1] == b"\n"), len(body)]
    widest = max(after - before for before, after in itertools.pairwise(ends))
    assert _has_short_lines(body, start, longest) == (widest <= longest)


@settings(QUICK, max_examples=20)
@given(
    st.lists(
        st.text(st.sampled_from("0123456789ABT- \u2013\u00e4\uff11\uff12\u00b2\u2460\u0661/"), max_size=16)
        | st.sampled_from(
            [
                "131052-308T",
                "131052\u2011308T",
                "131052308T",
                "\uff11\uff13\uff11\uff10\uff15\uff12-308T",
                "ä 131052 308T",
            ]
        ),
        min_size=20,
        max_size=60,
    )
)
def test_the_quick_looks_for_identity_codes_pass_over_nothing_that_has_the_shape(texts: list[str]) -> None:
    values = pa.array(texts, pa.string())
    of_ascii, of_others = (
        pc.match_substring_regex(values, one).to_pylist() for one in (_ASCII_RE2, _OTHER_RE2)
    )
    expected = [at for at, text in enumerate(texts) if (of_ascii if text.isascii() else of_others)[at]]
    assert _suspects(values).tolist() == expected
