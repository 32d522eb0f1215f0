"""What a mapping says of the shape of a table and of periods, beside a second, slow implementation of it."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipelines.checking.extract import Extract
from pipelines.checking.prepare import Prepared
from pipelines.findings import RefusedFile
from pipelines.mapping.files import MappingFault, load_mapping
from pipelines.mapping.source import Source
from pipelines.reading.dates import DayTaken, dates, format_fault
from pipelines.reading.periods import GRAINS, last_days
from tests.pipelines.reading_helpers import prepared_extract

COUNTS = """
dataset = "queue_counts"
constants = { area = "18", service = "specialised_care" }
"""


@pytest.fixture
def mapping(tmp_path: Path):
    def write(text: str) -> Source:
        path = tmp_path / "koe.toml"
        path.write_text(text, encoding="utf-8")
        return load_mapping(path)

    return write


def read(source: Source, data: str | bytes, name: str = "koe.csv", **more) -> Prepared:
    content = data.encode("utf-8") if isinstance(data, str) else data
    return prepared_extract(Extract(name, content, "18"), sources={}, units=(), mapping=source, **more)


def rows(prepared: Prepared, *names: str) -> list[tuple]:
    return list(zip(*(prepared.accepted.column(name).to_pylist() for name in names), strict=True))


# --- periods ---


@pytest.mark.parametrize(
    ("form", "text", "first", "last"),
    [
        ("dd/mm/yy", "03/04/25", "2025-04-03", "2025-04-03"),
        ("d. mmm yyyy", "3. maaliskuuta 2025", "2025-03-03", "2025-03-03"),
        ("d mmm yyyy", "5 okt. 2024", "2024-10-05", "2024-10-05"),
        ("mmm-yy", "FEB-24", "2024-02-01", "2024-02-29"),
        ("mmm yyyy", "Heinäkuu 2025", "2025-07-01", "2025-07-31"),
        ("mmm yyyy", "Septembre 2025", None, None),
        ("yyyy", "2024", "2024-01-01", "2024-12-31"),
        ("yyyy/yy", "2024/25", "2024-04-01", "2025-03-31"),
        ("yyyy-yyyy", "2024-2025", "2024-04-01", "2025-03-31"),
        ("yyyy/yy", "1999/00", "1999-04-01", "2000-03-31"),
        ("yyyy/yy", "2024/26", None, None),
        ("Qq yyyy/yyyy", "Q4 2011/2012", "2012-01-01", "2012-03-31"),
        ("yyyy/yy 'Month' mmm", "2024/25 month Mar", "2025-03-01", "2025-03-31"),
        ("yyyy 'Q'q", "2024 Q5", None, None),
        ("yyyy_Tt", "2025_T3", "2025-09-01", "2025-12-31"),
        ("yyyy_Tq", "2025_T3", "2025-07-01", "2025-09-30"),
        ("yyyy 'H'h", "2024 H2", "2024-07-01", "2024-12-31"),
        ("yyyy-Www", "2020-W53", "2020-12-28", "2021-01-03"),
        ("yyyy-Www", "2025-W53", None, None),
        ("w/yyyy", "1/2026", "2025-12-29", "2026-01-04"),
        ("m/yyyy", "13/2024", None, None),
        ("yyyy-mm-ddtHH:MM", "2025-03-10t13:30", "2025-03-10", "2025-03-10"),
    ],
)
def test_a_form_reads_the_days_of_its_period(
    form: str, text: str, first: str | None, last: str | None
) -> None:
    assert format_fault(form) is None
    for is_last, expected in ((False, first), (True, last)):
        found = dates(pa.array([text]), [form], taken=DayTaken(last=is_last, year_starts=4))
        assert (str(found.values[0]) if found.read[0] else None) == expected


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)))
def test_weeks_are_those_of_the_calendar(day: dt.date) -> None:
    year, week, weekday = day.isocalendar()
    found = [
        dates(pa.array([f"{year}-{week}"]), ["yyyy-w"], taken=DayTaken(last=last)) for last in (False, True)
    ]
    monday = day - dt.timedelta(days=weekday - 1)
    assert [one.values[0].item() for one in found] == [monday, monday + dt.timedelta(days=6)]


def _slow_last(day: dt.date, grain: str) -> dt.date:
    """Step month by month; a day that a month lacks is its last."""
    if grain == "week":
        return day + dt.timedelta(days=6)
    months = {"month": 1, "quarter": 3, "third": 4, "half": 6, "year": 12}[grain]
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return dt.date(year, month + 1, number) - dt.timedelta(days=1)
        except ValueError:
            continue
    raise AssertionError


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)), st.sampled_from(GRAINS))
def test_the_end_of_a_period_follows_from_its_start(day: dt.date, grain: str) -> None:
    assert last_days(np.array([day], dtype="datetime64[D]"), grain)[0].item() == _slow_last(day, grain)


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("m/d", "no year"),
        ("yyyy q m", "more than one part"),
        ("yyyy d", "has a day and no"),
        ("yyyy H:MM", "time of day without a day"),
        ("yyyy/yy w", "a week and two years"),
        ("yyyy/yyyy/yyyy", "a part twice"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(form: str, fault: str) -> None:
    assert fault in (format_fault(form) or "")


def test_no_day_is_made_up_of_a_month_where_none_is_declared(mapping) -> None:
    text = """
    dataset = "visits"
    date_formats = ["d.m.yyyy", "m/yyyy"]
    columns = { visit_id = "id", unit_code = "u", assessed_on = "a", visit_on = "v" }
    constants = { state_code = "realised", service_code = "primary_care" }
    """
    data = "id;u;a;v\n1;A;3/2025;10.3.2025\n"
    assert rows(read(mapping(text), data), "assessed_on", "visit_on") == [(None, dt.date(2025, 3, 10))]
    text += '[dates.assessed_on]\nday = "last"\n'
    assert rows(read(mapping(text), data.replace("3/2025", "2/2025")), "assessed_on") == [
        (dt.date(2025, 2, 28),)
    ]


def test_the_year_of_birth_alone_is_no_date_of_birth(mapping) -> None:
    text = """
    dataset = "visits"
    date_formats = ["d.m.yyyy", "yyyy"]
    columns = { visit_id = "id", unit_code = "u", visit_on = "v", birth_date = "b" }
    constants = { state_code = "realised", service_code = "primary_care" }
    """
    prepared = read(mapping(text), "id;u;v;b\n1;A;10.3.2025;1956\n")
    assert rows(prepared, "age_group", "age_band") == [("unknown", "unknown")]


@pytest.mark.parametrize(
    ("born", "age", "expected"),
    [
        ("", "22", ("0-22", "18-22", False, False)),
        ("", "75", ("23+", "75+", False, False)),
        ("", "76", ("23+", "75+", False, True)),
        ("2000", "22", ("23+", "23-29", False, False)),
        ("", "130", ("unknown", "unknown", False, None)),
        ("", "old", ("unknown", "unknown", False, None)),
    ],
)
def test_an_age_in_years_stands_in_for_a_year_of_birth(mapping, born: str, age: str, expected: tuple) -> None:
    text = """
    dataset = "visits"
    columns = { visit_id = "id", unit_code = "u", visit_on = "v", birth_year = "b", age = "ika" }
    constants = { state_code = "realised", service_code = "primary_care" }
    """
    prepared = read(mapping(text), f"id;u;v;b;ika\n1;A;10.3.2025;{born};{age}\n")
    assert rows(prepared, "age_group", "age_band", "age_uncertain", "over_75") == [expected]


# --- shapes ---

TABLE = [
    {"kk": month, "unit": unit, "band": band, "n": n}
    for month, unit, band, n in [
        ("1.1.2025", "A", "0-13", "10"),
        ("1.1.2025", "A", "over 13", "4"),
        ("1.1.2025", "B", "0-13", "7"),
        ("1.2.2025", "A", "0-13", "3"),
        ("1.1.2025", "A", "total", "14"),
    ]
]
GROUPED = (
    COUNTS
    + """
columns = { snapshot_on = "kk", unit = "unit", waiting = "all", over_limit = "over" }
where = { column = "band", is_not = ["total"] }

[group]
by = ["kk", "unit"]

[group.sum]
all = "n"
over = { column = "n", when = { column = "band", is_like = ["over *"] } }
"""
)


def csv_of(table: list[dict[str, str]]) -> str:
    return "\n".join([";".join(table[0]), *(";".join(row.values()) for row in table)]) + "\n"


def changed(at: int, n: str) -> str:
    return csv_of([{**row, "n": n} if at == index else row for index, row in enumerate(TABLE)])


def test_rows_of_a_group_are_added_up_without_those_left_out(mapping) -> None:
    prepared = read(mapping(GROUPED), csv_of(TABLE))
    assert rows(prepared, "snapshot_on", "unit", "waiting", "over_limit") == [
        (dt.date(2025, 1, 1), "A", 14, 4),
        (dt.date(2025, 1, 1), "B", 7, 0),
        (dt.date(2025, 2, 1), "A", 3, 0),
    ]
    assert (prepared.rows_read, prepared.rows_accepted) == (4, 3)
    assert [f.rows for f in prepared.findings if f.code == "row_without_output"] == [(6,)]


@pytest.mark.parametrize(
    ("n", "code"), [("<5", "bad_number"), ("12,000", "ambiguous_number"), ("8 %", "bad_number")]
)
def test_a_number_that_cannot_be_read_sets_the_sum_aside(mapping, n: str, code: str) -> None:
    prepared = read(mapping(GROUPED), changed(0, n), force=True)
    assert rows(prepared, "unit", "waiting") == [("B", 7), ("A", 3)]
    assert code in {f.code for f in prepared.findings}
    assert prepared.quarantined.column("row").to_pylist() == [2]


def test_a_blank_makes_a_sum_unknown_unless_it_is_said_to_be_nothing(mapping) -> None:
    blank = changed(0, "..")
    assert rows(read(mapping(GROUPED), blank), "waiting")[0] == (None,)
    zero = GROUPED + "\n[reading]\nblank_adds_zero = true\n"
    assert rows(read(mapping(zero), blank), "waiting")[0] == (4,)


FILLED = f"""{COUNTS}
fill_down = ["board", "unit"]
columns = {{ snapshot_on = "day", unit = "both", waiting = "n" }}
join = {{ both = "{{board}}/{{unit}}" }}
"""


@given(st.lists(st.tuples(st.sampled_from(["A", "B", ""]), st.sampled_from(["x", "y", ""])), max_size=12))
def test_names_are_those_of_the_rows_above(tmp_path_factory, entries) -> None:
    path = tmp_path_factory.mktemp("m") / "m.toml"
    path.write_text(FILLED, encoding="utf-8")
    lines = [f"{at // 28 + 1:02d}.{at % 28 + 1:02d}.2024;{b};{u};{at}" for at, (b, u) in enumerate(entries)]
    expected, board, unit = [], "", ""
    for at, (own_board, own_unit) in enumerate(entries):
        if own_board:
            board, unit = own_board, own_unit
        unit = own_unit or unit
        if board and unit:
            expected.append((f"{board}/{unit}", at))
    prepared = read(load_mapping(path), "day;board;unit;n\n" + "\n".join(lines) + "\n", force=True)
    assert sorted(rows(prepared, "unit", "waiting")) == sorted(expected)


NOTED = f"""{COUNTS}
columns = {{ snapshot_on = "day", unit = "unit", waiting = "n" }}
reading = {{ end_notes = true }}
"""


@pytest.mark.parametrize(
    ("end", "notes", "ragged"),
    [
        ("Source: register\n", (3,), ()),
        ("Source;;\n\nTotal rows: 1\n", (3, 5), ()),
        # A row that is cut off, a note above data and a row of two cells are no notes.
        ("2.1.2025;B\n", (), (3,)),
        ("Source\n2.1.2025;B;4\n", (), (3,)),
        ("Source;register;\n", (), ()),
        (";;5\n", (), ()),
    ],
)
def test_notes_are_rows_of_one_cell_at_the_end(mapping, end: str, notes: tuple, ragged: tuple) -> None:
    prepared = read(mapping(NOTED), f"day;unit;n\n1.1.2025;A;3\n{end}", force=True)
    found = {f.code: f.rows for f in prepared.findings}
    assert (found.get("end_notes", ()), found.get("ragged_row", ())) == (notes, ragged)
    assert rows(prepared, "unit", "waiting")[0] == ("A", 3)


def test_without_being_said_a_note_is_a_row_set_aside(mapping) -> None:
    plain = NOTED.replace("reading = { end_notes = true }", "")
    prepared = read(mapping(plain), "day;unit;n\n1.1.2025;A;3\nSource: register\n", force=True)
    assert [f.rows for f in prepared.findings if f.code == "ragged_row"] == [(3,)]


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["x", "y"]), st.none() | st.integers(0, 99_999)),
        max_size=12,
    )
)
def test_sums_over_rows_are_those_of_adding_one_by_one(tmp_path_factory, entries) -> None:
    path = tmp_path_factory.mktemp("m") / "m.toml"
    path.write_text(GROUPED.replace("over *", "y*"), encoding="utf-8")
    table = [
        {"kk": "1.1.2025", "unit": unit, "band": band, "n": "" if n is None else str(n)}
        for unit, band, n in [*entries, ("C", "x", 1)]
    ]
    expected: dict[str, list[int | None]] = {}
    for row in table:
        sums = expected.setdefault(row["unit"], [0, 0])
        for at, counts in enumerate((True, row["band"] == "y")):
            if counts and sums[at] is not None:
                sums[at] = sums[at] + int(row["n"]) if row["n"] else None
    prepared = read(load_mapping(path), csv_of(table), force=True)
    found = {unit: [waiting, over] for unit, waiting, over in rows(prepared, "unit", "waiting", "over_limit")}
    # A part that is larger than an unknown whole, or a row without any number, is told elsewhere.
    assert found == {unit: sums for unit, sums in expected.items() if sums != [None, None]}


def test_columns_become_rows(mapping) -> None:
    text = (
        COUNTS
        + """
    date_formats = ["yyyy-m"]
    columns = { snapshot_on = "kk", unit = "Yksikkö", waiting = "n" }
    where = "n"
    unpivot = { columns = ["2025-*"], name = "kk", value = "n" }
    dates = { snapshot_on = { day = "last" } }
    """
    )
    prepared = read(mapping(text), "Yksikkö;2025-1;2025-02;Σ\nA;5;6;11\nB;;7;7\n")
    assert rows(prepared, "snapshot_on", "unit", "waiting") == [
        (dt.date(2025, 1, 31), "A", 5),
        (dt.date(2025, 2, 28), "A", 6),
        (dt.date(2025, 2, 28), "B", 7),
    ]
    assert [f.params["columns"] for f in prepared.findings if f.code == "ignored_column"] == [["Σ"]]


def test_several_columns_become_one_row_together(mapping) -> None:
    text = """
    dataset = "queue_counts"
    constants = { area = "18" }
    columns = { snapshot_on = "pvm", unit = "u", service = "s", waiting = "w", over_limit = "o" }
    [unpivot]
    name = "s"
    value = ["w", "o"]
    [unpivot.columns]
    oral_health = ["hammas", "hammas yli"]
    physiotherapy = ["fysio", "fysio yli"]
    """
    prepared = read(mapping(text), "pvm;u;hammas;hammas yli;fysio;fysio yli\n1.1.2025;A;9;1;8;2\n")
    assert rows(prepared, "service", "waiting", "over_limit") == [
        ("oral_health", 9, 1),
        ("physiotherapy", 8, 2),
    ]


def test_keys_are_joined_and_numbers_with_decimals_are_whole_in_them(mapping) -> None:
    text = """
    dataset = "visits"
    columns = { visit_id = "avain", unit_code = "u", visit_on = "v" }
    constants = { state_code = "realised", service_code = "primary_care" }
    join = { avain = "{u}/{id}" }
    """
    prepared = read(mapping(text), "id;u;v\n7.0;A;10.3.2025\n;A;11.3.2025\n", force=True)
    assert rows(prepared, "visit_id") == [("A/7",)]
    assert [f.code for f in prepared.findings if f.level == "row"] == ["missing_value"]


def test_an_identity_code_made_by_joining_refuses_the_file(mapping) -> None:
    text = """
    dataset = "visits"
    columns = { visit_id = "avain", unit_code = "u", visit_on = "v" }
    constants = { state_code = "realised", service_code = "primary_care" }
    join = { avain = "{a}-{b}" }
    """
    with pytest.raises(RefusedFile) as refused:
        read(mapping(text), "a;b;u;v\n010190;123A;A;10.3.2025\n")
    (found,) = refused.value.findings
    assert (found.code, found.params["column"]) == ("person_id_in_wrong_place", "a, b")
    assert "sarakkeissa a, b, joista lähdekuvaus tekee sarakkeen avain" in found.message("fi")


#: A person, a visit of theirs and one that is set aside; the date of birth tells as much as the number.
PERSONS = "hlo;synt;u;v;nro\nA-17;1.2.1956;A;10.3.2025;7\n131052-308t;3.4.1960;A;11.3.2025;\nA-18;2.2.1970;A;31.2.2025;9\n"


@pytest.mark.parametrize(
    "text",
    [
        'columns.visit_id = "avain"\njoin = { avain = "{hlo}/{v}" }',
        'columns.visit_id = "avain"\njoin = { avain = "{synt}/{v}" }',
        'columns.visit_id = "avain"\njoin = { eka = "{hlo}/{u}", avain = "{eka}/{v}" }',
        'columns.visit_id = "nro|hlo"',
        'columns.visit_id = "hlo"',
        'columns.visit_id = "avain"\nadd = { avain = ["hlo"] }',
        'columns.visit_id = "arvo"\nunpivot = { columns = ["hlo"], name = "mikä", value = "arvo" }',
    ],
)
def test_a_key_made_of_what_tells_who_somebody_is_becomes_a_pseudonym(mapping, text: str) -> None:
    source = mapping(
        f"""
    dataset = "visits"
    where = ["hlo", "v"]
    constants = {{ state_code = "realised", service_code = "primary_care" }}
    columns.person = "hlo"
    columns.birth_date = "synt"
    columns.unit_code = "u"
    columns.visit_on = "v"
    {text}
    """
    )
    prepared = read(source, PERSONS, force=True)
    keys = [key for (key,) in rows(prepared, "visit_id")]
    assert len(keys) == len(set(keys)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}|7", key) for key in keys)
    assert keys == [
        key for (key,) in rows(read(source, PERSONS.replace("308t", "308T"), force=True), "visit_id")
    ]
    stored = str([prepared.accepted.to_pylist(), prepared.quarantined.to_pylist()])
    stored += str([[p.absent.to_pylist(), p.set_aside.to_pylist()] for p in prepared.parts])
    stored += str([f.message("fi") for f in prepared.findings])
    assert not [text for text in ("A-17", "A-18", "308t", "308T", "1956", "2.2.1970") if text in stored]


def test_a_queue_entry_known_by_its_person_has_the_pseudonym_of_the_person(mapping) -> None:
    text = """
    dataset = "queue"
    columns = { entry_id = "hlo", person = "hlo", unit_code = "u", snapshot_on = "p", queued_on = "j" }
    constants = { service_code = "primary_care" }
    """
    prepared = read(mapping(text), "hlo;u;p;j\nA-17;A;10.3.2025;1.3.2025\n")
    ((entry, person),) = rows(prepared, "entry_id", "person")
    assert entry == person
    assert "A-17" not in entry


def test_a_person_made_of_columns_makes_no_key_of_them(mapping) -> None:
    text = """
    dataset = "visits"
    columns = { visit_id = "avain", person = "hetu", unit_code = "u", visit_on = "v" }
    constants = { state_code = "realised", service_code = "primary_care" }
    join = { hetu = "{a}-{b}", avain = "{a}-{b}/{v}" }
    """
    prepared = read(mapping(text), "a;b;u;v\n010190;123A;A;10.3.2025\n")
    assert "010190" not in str(prepared.accepted.to_pylist())


def test_a_person_who_was_masked_makes_no_key(mapping) -> None:
    text = """
    dataset = "visits"
    columns = { visit_id = "avain", person = "hlo", unit_code = "u", visit_on = "v" }
    constants = { state_code = "realised", service_code = "primary_care" }
    join = { avain = "{hlo}/{v}" }
    """
    prepared = read(mapping(text), "hlo;u;v\n***;A;10.3.2025\n", force=True)
    assert [f.code for f in prepared.findings if f.level == "row"] == ["missing_value"]


def test_a_column_that_the_shape_needs_and_the_file_lacks_is_named(mapping) -> None:
    text = (
        COUNTS
        + """
    columns = { snapshot_on = "pvm", unit = "u", waiting = "all" }
    add = { all = ["0-13 vk", "13-26 vk"] }
    """
    )
    with pytest.raises(RefusedFile) as refused:
        read(mapping(text), "pvm;u;0-13 vk;13-27 vk\n1.1.2025;A;1;2\n")
    (missing,) = refused.value.findings
    assert (missing.code, missing.params["column"]) == ("missing_column", "13-26 vk")
    assert missing.params["nearest"] == "13-27 vk"


def test_a_made_column_may_not_be_called_as_one_of_the_file(mapping) -> None:
    text = (
        COUNTS
        + """
    columns = { snapshot_on = "pvm", unit = "u", waiting = "n" }
    join = { u = "{klinikka}" }
    """
    )
    with pytest.raises(RefusedFile) as refused:
        read(mapping(text), "pvm;u;klinikka;n\n1.1.2025;A;B;1\n")
    assert [f.code for f in refused.value.findings] == ["duplicate_column"]


def test_a_title_above_the_header_on_the_second_sheet(mapping) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "d.m.yyyy"}) as book:
        book.add_worksheet("Huomautukset").write(0, 0, "Tietoja")
        sheet = book.add_worksheet("Jonot")
        sheet.write(0, 0, "Jonotilanne")
        sheet.write_row(2, 0, ["Pvm", "Yksikkö", "Odottaa"])
        sheet.write_datetime(3, 0, dt.datetime(2025, 1, 31))
        sheet.write_row(3, 1, ["A", 25335])
    text = (
        COUNTS
        + """
    columns = { snapshot_on = "Pvm", unit = "Yksikkö", waiting = "Odottaa" }
    reading = { sheet = 2, header_row = 3 }
    """
    )
    prepared = read(mapping(text), written.getvalue(), "jonot.xlsx")
    assert rows(prepared, "snapshot_on", "unit", "waiting") == [(dt.date(2025, 1, 31), "A", 25335)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("unpivot = 3", "unpivot must be a table"),
        ('unpivot = { columns = ["a"], name = "b" }', "unpivot must have name and value"),
        ('unpivot = { columns = [], name = "b", value = "c" }', "unpivot.columns must be a list"),
        ('unpivot = { columns = ["a"], name = "b", value = ["c", "d"] }', "unpivot.columns must be a table"),
        ('unpivot = { columns = { x = ["a"] }, name = "b", value = ["c", "d"] }', "each name needs 2"),
        ('unpivot = { columns = ["a"], name = "b", value = "c", as = "d" }', "unknown key 'unpivot.as'"),
        ('join = { a = "{b}", b = "{p}" }', "a: the column 'b' is not made yet"),
        ("fill_down = []", "fill_down must be a list of headers"),
        ("fill_down = 3", "fill_down must be a list of headers"),
        ('join = { a = "b" }', "join.a names no header"),
        ("add = { a = [] }", "add.a must be a list of headers"),
        ('group = { sum = { a = "b" } }', "group.by must be a list"),
        ('group = { by = ["a"], sum = { b = 3 } }', "group.sum.b must be a header"),
        ('join = { a = "{b}" }\nadd = { A = ["c"] }', "two made columns are called 'a'"),
        ('dates = { waiting = { day = "last" } }', "'waiting' is no date field"),
        ('dates = { snapshot_on = { day = "middle" } }', "dates.snapshot_on.day must be one of"),
        ('dates = { snapshot_on = { grain = "day" } }', "dates.snapshot_on.grain must be one of"),
        ('date_formats = ["m/yyyy"]', "say which day of a period snapshot_on takes"),
        ('date_formats = ["yyyy/yy", "d.m.yyyy"]', "year_starts = 4"),
        ("reading = { year_starts = 13 }", "reading.year_starts must be"),
        ('reading = { blank_adds_zero = "yes" }', "reading.blank_adds_zero must be"),
        ("reading = { end_notes = 1 }", "reading.end_notes must be"),
        ('where = { column = "a", looks_like = "b" }', "given, is, is_not, is_like, is_not_like"),
    ],
)
def test_what_is_wrong_with_a_shape_is_named(mapping, text: str, fault: str) -> None:
    with pytest.raises(MappingFault) as caught:
        mapping(f'{COUNTS}\ncolumns = {{ snapshot_on = "p", unit = "u", waiting = "n" }}\n{text}\n')
    assert any(fault in one for one in caught.value.faults), caught.value.faults
