"""Who a row is about: where an identity code may stand, what becomes of it, and how old its bearer is."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.checking.extract import LoadOptions
from pipelines.errors import KeyMismatch
from pipelines.findings import LANGUAGES, RefusedFile
from pipelines.key_strength import weakness
from pipelines.loading.load import inspect_bytes, load_bytes
from pipelines.loading.publication import published_snapshot
from pipelines.loading.report import LoadReport
from pipelines.mapping.files import SOURCES, all_sources, load_mapping
from pipelines.pseudonyms import KEY_VARIABLE, Pseudonymiser, load_key
from pipelines.quality.check import check
from pipelines.settings import Settings, load_settings
from tests.pipelines import extracts
from tests.pipelines.reading_helpers import ENTRY, KEY, VISIT, codes, entry, read, visit, written

HETU = "131052-308T"
TODAY, NOW = date(2026, 1, 2), datetime(2026, 1, 2, 8, 0)
AVOHILMO = {
    "AVOHILMO_ID": "9",
    "TNRO": HETU,
    "ASIAKAS_KOTIKUNTA": "272",
    "PALVELUNTUOTTAJA_YKSIKKO": "TK-KOK-01",
    "KAYNTI_PALVELUMUOTO": "T11",
    "HOIDONTARVE_AJANKOHTA": "03.03.2025 09:12",
    "KAYNTI_ALKOI": "10.03.2025 13:30",
    "PERUUTUS_AJANKOHTA": "",
}


# --- where an identity code may stand ---


@pytest.mark.parametrize("column", [name for name in VISIT if name != "Potilas"])
def test_an_identity_code_in_any_other_column_refuses_the_file(column: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        read([visit(), {**visit(), "Käyntitunnus": "2", column: f"ks. {HETU.lower()}, soita"}])
    (found,) = caught.value.findings
    assert (found.code, found.level, found.rows, found.count) == ("person_id_in_wrong_place", "file", (3,), 1)
    assert found.params["column"] == column
    assert all(column in found.message(language) for language in LANGUAGES)
    assert HETU not in repr(caught.value).upper()
    assert HETU not in "".join(found.message(language) for language in LANGUAGES).upper()


@pytest.mark.parametrize("column", [name for name in ENTRY if name != "Potilas"])
def test_the_same_in_a_queue(column: str) -> None:
    with pytest.raises(RefusedFile, match="wrong place"):
        read([{**entry(), column: HETU}])


@pytest.mark.parametrize("code", ["010105A123A", "010190-123A", "010190+123A", "010190Y123A", "311299F999Y"])
def test_every_century_sign_is_known(code: str) -> None:
    for written_as in (code, code.lower(), f"({code})", f"x{code}y"):
        with pytest.raises(RefusedFile, match="wrong place"):
            read([visit(Yksikkö=written_as)])


@pytest.mark.parametrize(
    "harmless",
    ["20250301-20250331", "320190-123A", "011390-123A", "010190-123G", "010190-12A", "0010190-1234"],
)
def test_what_only_resembles_one_is_let_through(harmless: str) -> None:
    assert read([visit(Yksikkö=harmless)]).accepted.num_rows == 1


def test_an_identity_code_in_an_ignored_column_a_header_or_the_name_refuses_the_file() -> None:
    for rows, name, reason in (
        ([{**visit(), "Lisätieto": f"soita {HETU}"}], "kaynnit.csv", "column"),
        ([{**visit(), HETU: "x"}], "kaynnit.csv", "header"),
        ([visit()], f"kaynnit_{HETU}.csv", "file_name"),
    ):
        with pytest.raises(RefusedFile) as caught:
            read(rows, name)
        (found,) = caught.value.findings
        assert (found.code, found.params["reason"]) == ("person_id_in_wrong_place", reason)
        assert HETU not in repr(found)


def test_the_file_of_a_month_is_not_taken_for_one() -> None:
    assert read([visit()], "kaynnit_20250301-20250331.csv").window == (date(2025, 3, 1), date(2025, 3, 31))


def test_a_row_without_a_header_row_is_not_told() -> None:
    """The first row of data stands where the headers should: nothing of it may be quoted."""
    with pytest.raises(RefusedFile) as caught:
        read(written([visit(Potilas="Meikäläinen Matti")]).split(b"\r\n", 1)[1])
    assert "Meikäläinen" not in repr(caught.value.findings)


# --- what becomes of it ---


def test_the_same_person_has_the_same_pseudonym_from_every_source() -> None:
    from_visit = read([visit(Potilas=f" {HETU.lower()} ")], origin="18")
    from_queue = read([entry(Potilas=HETU)], origin="20")
    from_register = read(written([AVOHILMO]), origin="06")
    assert [p.source for p in (from_visit, from_queue, from_register)] == [
        "exreport_kaynnit",
        "exreport_jono",
        "avohilmo",
    ]
    persons = {p.accepted["person"][0].as_py() for p in (from_visit, from_queue, from_register)}
    assert len(persons) == 1


def test_the_century_sign_is_part_of_the_identity() -> None:
    rows = [visit(Potilas="010105-123A"), visit(Käyntitunnus="2", Potilas="010105A123A")]
    one, other = read(rows).accepted["person"].to_pylist()
    assert one != other


def test_a_local_id_is_the_same_person_only_within_its_id_space_and_origin() -> None:
    def person(rows: list[dict[str, str]], **options: object) -> str:
        return read(written(rows), **options).accepted["person"][0].as_py()

    assert person([visit(Potilas="P7")]) == person([entry(Potilas="P7")])
    assert person([visit(Potilas="P7")]) != person([visit(Potilas="P7")], origin="20")
    assert person([visit(Potilas="P7")]) != person([{**AVOHILMO, "TNRO": "P7"}])
    own = replace(all_sources()["exreport_kaynnit"], name="own", person_id_space="elsewhere")
    assert person([visit(Potilas="P7")]) != person([visit(Potilas="P7")], mapping=own)
    assert person([visit(Potilas="P7")]) != person([visit(Potilas="P7")], key=Pseudonymiser(b"o" * 32))


def test_a_quarantined_row_holds_no_person_and_no_birth_date() -> None:
    prepared = read([visit(Potilas="Meikäläinen Matti", Käynti="31.2.2025"), visit(Käyntitunnus="2")])
    (row,) = prepared.quarantined.to_pylist()
    assert (row["row"], row["reasons"]) == (2, "bad_date:visit_on")
    assert '"Potilas": "***"' in row["fields"]
    assert "Matti" not in row["fields"]
    assert '"Käynti": "31.2.2025"' in row["fields"]


# --- the key ---


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, *lines: str) -> LoadReport:
    data = extracts.visits(*lines)
    return load_bytes("kaynnit.csv", data, LoadOptions(), settings, now=NOW, today=TODAY)


def test_a_missing_or_another_key_is_refused_and_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(settings, extracts.visit(1))
    version = published_snapshot(settings).version
    files = sorted(settings.warehouse.rglob("*"))
    monkeypatch.setattr("pipelines.pseudonyms.platformdirs.user_config_path", lambda name: tmp_path / name)
    for key, code in (
        (None, "key_missing"),
        ("another key, long enough", "key_mismatch"),
        ("short", "key_too_short"),
    ):
        if key is None:
            monkeypatch.delenv(KEY_VARIABLE)
        else:
            monkeypatch.setenv(KEY_VARIABLE, key)
        for attempt in (load, inspected):
            with pytest.raises(KeyMismatch) as caught:
                attempt(settings, extracts.visit(2))
            assert (caught.value.code, caught.value.exit_code) == (code, 3)
            assert (key or "\0") not in caught.value.message("fi")
    assert (published_snapshot(settings).version, sorted(settings.warehouse.rglob("*"))) == (version, files)
    assert not (tmp_path / "takuuvahti").exists()


def inspected(settings: Settings, *lines: str) -> LoadReport:
    return inspect_bytes("kaynnit.csv", extracts.visits(*lines), LoadOptions(), settings, today=TODAY)


def test_the_first_load_makes_a_key_for_its_owner_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    monkeypatch.setattr("pipelines.pseudonyms.platformdirs.user_config_path", lambda name: tmp_path / name)
    inspected(settings, extracts.visit(1))
    path = tmp_path / "takuuvahti" / "pseudonym.key"
    assert not path.exists()
    load(settings, extracts.visit(1))
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    assert (
        published_snapshot(settings).meta("key_fingerprint")
        == Pseudonymiser(load_key(create=False)).fingerprint
    )
    key = path.read_bytes().strip()
    assert not any(key in found.read_bytes() for found in settings.warehouse.rglob("*") if found.is_file())
    assert load(settings, extracts.visit(2)).status == "loaded"


#: Keys that are long enough and could be guessed, with what is said of them.
WEAK = [
    ("0" * 64, "key_repeated"),
    ("1" * 17, "key_repeated"),
    ("ab" * 32, "key_repeated"),
    ("0123456789abcde" * 3 + "012", "key_repeated"),
    ("salasana" * 2, "key_repeated"),
    ("0" * 63 + "1", "key_uniform"),
    ("11010001101011010001110100011", "key_uniform"),
    ("0" * 40 + "123456789abcdef01234", "key_uniform"),
]


@pytest.mark.parametrize(("key", "code"), WEAK)
@pytest.mark.parametrize("in_file", [False, True])
def test_no_warehouse_begins_with_a_key_that_could_be_guessed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, code: str, in_file: bool
) -> None:
    monkeypatch.setattr("pipelines.pseudonyms.platformdirs.user_config_path", lambda name: tmp_path / name)
    if in_file:
        monkeypatch.delenv(KEY_VARIABLE)
        (tmp_path / "takuuvahti").mkdir()
        (tmp_path / "takuuvahti" / "pseudonym.key").write_text(f"{key}\n")
    else:
        monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(KeyMismatch) as caught:
        load(settings, extracts.visit(1))
    assert (caught.value.code, caught.value.exit_code) == (code, 3)
    for language in ("fi", "sv", "en"):
        message = caught.value.message(language)
        assert key not in message and "secrets.token_hex(32)" in message
        assert ("pseudonym.key" if in_file else KEY_VARIABLE) in message
    assert not list(settings.warehouse.rglob("*.parquet")) and published_snapshot(settings) is None


def test_a_warehouse_that_was_made_with_such_a_key_goes_on_and_check_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "ab" * 32)
    with monkeypatch.context() as earlier:
        earlier.setattr("pipelines.loading.publication.refuse_weak", lambda _key: None)
        load(settings, extracts.visit(1))
    assert load(settings, extracts.visit(2)).status == "loaded"
    found = [problem for problem in check(settings, today=TODAY) if problem.code.startswith("key")]
    assert [(problem.code, problem.level) for problem in found] == [("key_weak", "warning")]
    # Another weak key is still another key.
    monkeypatch.setenv(KEY_VARIABLE, "cd" * 32)
    with pytest.raises(KeyMismatch) as caught:
        load(settings, extracts.visit(3))
    assert caught.value.code == "key_mismatch"


def test_keys_made_at_random_are_strong() -> None:
    assert not [key for _turn in range(500) if weakness(key := secrets.token_hex(32).encode())]
    assert not [key for _turn in range(500) if weakness(key := secrets.token_urlsafe(12).encode())]


def test_a_key_does_not_show_itself() -> None:
    assert KEY.decode() not in repr(Pseudonymiser(KEY))


# --- ages ---


def groups(*rows: dict[str, str]) -> list[tuple[object, ...]]:
    prepared = read(list(rows))
    names = ("age_group", "age_band", "age_uncertain")
    return [tuple(row[name] for name in names) for row in prepared.accepted.to_pylist()]


@pytest.mark.parametrize(
    ("person", "born", "expected"),
    [
        # Assessed on 3.3.2025. With the birth date the age is exact, to the day.
        ("040302A123A", "", ("0-22", "18-22", False)),
        ("030302A123A", "", ("23+", "23-29", False)),
        ("020302A123A", "", ("23+", "23-29", False)),
        ("040302A123A", "1956", ("0-22", "18-22", False)),
        # With the year alone 23 may still be 22 and counts so.
        ("P1", "2002", ("0-22", "18-22", True)),
        ("P1", "2003", ("0-22", "18-22", False)),
        ("P1", "2001", ("23+", "23-29", False)),
        ("", "2002", ("0-22", "18-22", True)),
        # The bands at their edges.
        ("P1", "2025", ("0-22", "0-6", False)),
        ("P1", "2019", ("0-22", "0-6", False)),
        ("P1", "2018", ("0-22", "7-12", False)),
        ("P1", "2012", ("0-22", "13-17", False)),
        ("P1", "2007", ("0-22", "18-22", False)),
        ("P1", "1996", ("23+", "23-29", False)),
        ("P1", "1995", ("23+", "30-64", False)),
        ("P1", "1961", ("23+", "30-64", False)),
        ("P1", "1960", ("23+", "65-74", False)),
        ("P1", "1950", ("23+", "75+", False)),
        ("030350-123A", "", ("23+", "75+", False)),
        ("040350-123A", "", ("23+", "65-74", False)),
        # Nothing known, or a day that never was.
        ("P1", "", ("unknown", "unknown", False)),
        ("310250-123A", "", ("unknown", "unknown", False)),
        ("030305+123A", "", ("unknown", "unknown", False)),
        ("310250-123A", "1950", ("23+", "75+", False)),
    ],
)  # fmt: skip
def test_age_groups(person: str, born: str, expected: tuple[object, ...]) -> None:
    assert groups(visit(Potilas=person, Syntymävuosi=born)) == [expected]


# Over 75, as the Act counts it: from the day after the 75th birthday; by the birth year alone from 76.
OVER_75 = (
    # Assessed on 3.3.2025.
    ("030350-123A", "", False),
    ("020350-123A", "", True),
    ("040350-123A", "", False),
    ("030349-123A", "", True),
    ("020350-123A", "1960", True),
    ("P1", "1950", False),
    ("P1", "1949", True),
    ("P1", "1905", True),
    ("P1", "1904", None),
    ("P1", "2026", None),
    ("P1", "", None),
    ("310250-123A", "1949", True),
)


@pytest.mark.parametrize(("person", "born", "expected"), OVER_75)
def test_over_75_is_the_day_after_the_birthday_or_76_by_the_years(
    person: str, born: str, expected: bool | None
) -> None:
    prepared = read([visit(Potilas=person, Syntymävuosi=born)])
    assert prepared.accepted.column("over_75").to_pylist() == [expected]


def test_age_is_counted_to_the_assessment_else_to_the_visit_or_the_snapshot() -> None:
    at_visit = visit(Potilas="090302A123A", Syntymävuosi="", Hoidon_tarpeen_arviointi="")
    at_assessment = visit(Käyntitunnus="2", Potilas="090302A123A", Syntymävuosi="")
    assert groups(at_visit, at_assessment) == [("23+", "23-29", False), ("0-22", "18-22", False)]
    waiting = entry(
        Potilas="090302A123A", Syntymävuosi="", Hoidon_tarpeen_arviointi="", Poimintapäivä="9.3.2025"
    )
    assert groups(waiting) == [("23+", "23-29", False)]


def test_29_february_has_its_birthday_on_1_march() -> None:
    # 22 on 28.2.2027, 23 on 1.3.2027; here 12 and 13.
    born = "290212A123A"
    rows = [
        visit(Potilas=born, Hoidon_tarpeen_arviointi="28.2.2025"),
        visit(Käyntitunnus="2", Potilas=born, Hoidon_tarpeen_arviointi="1.3.2025"),
    ]
    assert [band for _, band, _ in groups(*rows)] == ["7-12", "13-17"]


@pytest.mark.parametrize(
    ("born", "found"), [("1904", True), ("1905", False), ("2025", False), ("2026", True)]
)
def test_an_impossible_age_is_told_and_unknown(born: str, found: bool) -> None:
    prepared = read([visit(Syntymävuosi=born)])
    assert (codes(prepared) == ["birth_year_out_of_range"]) == found
    assert (prepared.accepted["age_group"].to_pylist() == ["unknown"]) == found


def test_a_birth_date_column_gives_the_exact_age_and_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(SOURCES / "exreport_kaynnit", folder)
    columns = folder / "columns.csv"
    text = columns.read_text(encoding="utf-8")
    columns.write_text(text.replace("birth_year,Syntymävuosi", "birth_date,Syntymäaika"), encoding="utf-8")
    rows = [{**visit(Käyntitunnus=str(n)), "Syntymäaika": f"{n}.3.2002"} for n in (3, 4)]
    prepared = read(rows, mapping=load_mapping(folder))
    assert prepared.accepted["age_group"].to_pylist() == ["23+", "0-22"]
    assert "birth_date" not in prepared.accepted.column_names
