"""The synthetic extracts: reproducible, in the stated layouts, and with the shares the pages rely on."""

import csv
import hashlib
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from indicators.catalogue.errors import UsageError
from indicators.catalogue.places import REFERENCE
from pipelines.checking.extract import LoadOptions
from pipelines.demo.avohilmo import avohilmo_header
from pipelines.demo.effica import ASSESSMENT_HEADER, NOTIFICATION_HEADER
from pipelines.demo.exreport import QUEUE_HEADER, REFERRAL_HEADER, VISIT_HEADER
from pipelines.demo.pirkko import PATHWAY_HEADER
from pipelines.demo.population import AREA, SILENT_FROM, SILENT_TO, SILENT_UNIT
from pipelines.demo.scales import demo_units
from pipelines.demo.write import write_demo
from pipelines.loading.load import inspect_bytes
from pipelines.mapping.files import all_sources
from pipelines.settings import load_settings

PERSON_ID = re.compile(
    r"(?<!\d)(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d[-+YXWVUA-F]\d{3}[0-9A-FHJ-NPR-Y](?!\d)", re.IGNORECASE
)
REMOTE = ["R50", "R51", "R52", "R55", "R56"]
AGGREGATES = {
    *("figures", "targets", "queue_counts", "project_budgets", "traffic_lights", "milestones", "annotations"),
    *("measures", "risks", "annual_clock", "target_groups"),
}
NO_CONTACT = ["R60", "R71", "R72", "R80"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


def read(path: Path, encoding: str) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", encoding=encoding, dtype=str, keep_default_na=False)


def days(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.str.split(" ").str[0], format="%d.%m.%Y", errors="coerce")


@pytest.fixture(scope="module")
def visits(folder: Path) -> pd.DataFrame:
    frame = read(folder / "demo_exreport_kaynnit_20260101.csv", "cp1252")
    frame["visit_on"] = days(frame["Käynti"])
    frame["assessed_on"] = days(frame["Hoidon tarpeen arviointi"])
    frame["wait_days"] = (frame["visit_on"] - frame["assessed_on"]).dt.days
    frame["unit"] = frame["Yksikkökoodi"].str.strip()
    frame["remote"] = frame["Yhteystapa"].isin(REMOTE)
    return frame


@pytest.fixture(scope="module")
def judged(visits: pd.DataFrame) -> pd.DataFrame:
    """Realised non-urgent curative visits: what the access shares are made of."""
    return visits[
        (visits["Tila"] == "Toteutunut")
        & ~visits["Yhteystapa"].isin(NO_CONTACT)
        & (visits["Kiireellisyys"] == "Kiireetön")
        & (visits["Käynnin luonne"] == "SH")
        & visits["visit_on"].notna()
    ]


@pytest.fixture(scope="module")
def queue(folder: Path) -> pd.DataFrame:
    frame = read(folder / "demo_exreport_jono_20260101.csv", "cp1252")
    frame["snapshot_on"] = days(frame["Poimintapäivä"])
    return frame


def seven_day_share(rows: pd.DataFrame, start: str, end: str) -> float:
    seen = rows[rows["visit_on"].between(start, end) & (rows["wait_days"] >= 0)]
    return float((seen["wait_days"] <= 7).mean())


def coverage(rows: pd.DataFrame, start: str, end: str) -> float:
    return float((rows[rows["visit_on"].between(start, end)]["wait_days"] >= 0).mean())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    def hashes(files: list[Path]) -> dict[str, str]:
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    first = hashes(sorted(folder.iterdir()))
    assert hashes(write_demo(tmp_path / "again")) == first
    other = hashes(write_demo(tmp_path / "other", seed=19))
    assert all(other[name] != first[name] for name in first if "_20" in name)


def test_each_layout_has_exactly_its_header(folder: Path) -> None:
    expected = {
        "demo_exreport_kaynnit_20260101.csv": ("cp1252", "\r\n", VISIT_HEADER),
        "demo_exreport_jono_20260101.csv": ("cp1252", "\r\n", QUEUE_HEADER),
        "demo_exreport_lahetteet_20260101.csv": ("cp1252", "\r\n", REFERRAL_HEADER),
        "demo_pirkko_asiakkuudet_20251231.csv": ("utf-8-sig", "\n", PATHWAY_HEADER),
        "demo_efica_ilmoitukset_20260101.csv": ("latin-1", "\r\n", NOTIFICATION_HEADER),
        "demo_efica_palvelutarve_20260101.csv": ("latin-1", "\r\n", ASSESSMENT_HEADER),
        "demo_avohilmo_20240101.csv": ("latin-1", "\n", avohilmo_header()),
    }
    assert {file.name for file in folder.iterdir()} == set(expected) | {
        f"demo_{source}.csv" for source in all_sources() if source in AGGREGATES
    }
    for name, (encoding, end_of_line, header) in expected.items():
        data = (folder / name).read_bytes()
        lines = data.decode(encoding).split(end_of_line)
        assert lines[0] == header
        assert lines[-1] == ""
        assert b"\n" not in data.replace(end_of_line.encode(), b"")
        separator = "|" if "|" in header else ";"
        assert {line.count(separator) for line in lines[:-1]} == {header.count(separator)}
        with pytest.raises(UnicodeDecodeError):
            (folder / "demo_exreport_kaynnit_20260101.csv").read_bytes().decode("utf-8")


def test_headers_are_those_of_the_layouts() -> None:
    assert VISIT_HEADER == (
        "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
        "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;"
        "Käynti;Tila"
    )
    assert QUEUE_HEADER == (
        "Poimintapäivä;Jonotunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;"
        "Kiireellisyys;Hoidon tarpeen arviointi;Jonoon asetettu;Varattu aika;Jonotuksen syy"
    )
    assert avohilmo_header().startswith("AVOHILMO_ID;TNRO;ASIAKAS_KOTIKUNTA;")
    assert avohilmo_header().endswith(";KAYNTI_ALKOI;KAYNTI_LOPPUI")


def test_nothing_has_the_shape_of_a_person_id(folder: Path) -> None:
    for file in folder.iterdir():
        assert not PERSON_ID.search(file.name)
        assert not PERSON_ID.search(file.read_bytes().decode("cp1252")), file.name


def test_size_and_period(visits: pd.DataFrame, queue: pd.DataFrame, folder: Path) -> None:
    assert 39_000 <= len(visits) <= 42_000
    assert 40_000 <= len(queue) <= 60_000
    realised = visits[visits["Tila"] == "Toteutunut"]
    assert realised["visit_on"].min() == pd.Timestamp("2024-01-01")
    assert realised["visit_on"].max() == pd.Timestamp("2025-12-31")
    register = read(folder / "demo_avohilmo_20240101.csv", "latin-1")
    started = pd.to_datetime(register["KAYNTI_ALKOI"], format="%d.%m.%Y %H:%M", errors="coerce")
    assert 1_500 <= len(register) <= 4_000
    assert started.min() >= pd.Timestamp("2023-10-01")
    assert started.max() < pd.Timestamp("2024-01-01")
    assert started.isna().sum() == (register["PERUUTUS_AJANKOHTA"] != "").sum()


def test_years_count_back_from_the_same_last_day(tmp_path: Path) -> None:
    write_demo(tmp_path, years=1)
    frame = read(tmp_path / "demo_exreport_kaynnit_20260101.csv", "cp1252")
    realised = days(frame[frame["Tila"] == "Toteutunut"]["Käynti"])
    assert (realised.min().date(), realised.max().date()) == (date(2025, 1, 1), date(2025, 12, 31))


def test_unknown_scale_and_years_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Known scales: small, showcase, county"):
        write_demo(tmp_path, scale="galaxy")
    with pytest.raises(UsageError, match="0 years"):
        write_demo(tmp_path, years=0)
    assert list(tmp_path.iterdir()) == []


def test_states(visits: pd.DataFrame) -> None:
    shares = visits["Tila"].value_counts(normalize=True)
    assert 0.83 <= shares["Toteutunut"] <= 0.87
    assert 0.08 <= shares["Peruttu"] <= 0.12
    assert 0.03 <= shares["Saapumatta"] <= 0.06
    ahead = visits[visits["visit_on"] > "2025-12-31"]
    assert 150 <= len(ahead) <= 800
    assert set(ahead["Tila"]) <= {"Varattu", "Toteutunut", "Peruttu"}
    assert (ahead["Tila"] == "Varattu").mean() > 0.99


def test_the_seven_day_share_grows_and_doctors_lag_behind(judged: pd.DataFrame) -> None:
    primary = judged[judged["Palvelu"] == "Avosairaanhoito"]
    assert 0.55 <= seven_day_share(primary, "2024-01-01", "2024-03-31") <= 0.61
    assert 0.72 <= seven_day_share(primary, "2025-10-01", "2025-12-31") <= 0.79
    doctors = primary[primary["Ammattiryhmä"] == "Lääkäri"]
    nurses = primary[primary["Ammattiryhmä"] == "Sairaanhoitaja"]
    year = ("2025-01-01", "2025-12-31")
    assert seven_day_share(doctors, *year) + 0.3 < seven_day_share(nurses, *year)
    remote, in_person = primary[primary["remote"]], primary[~primary["remote"]]
    assert seven_day_share(in_person, *year) + 0.15 < seven_day_share(remote, *year)


def test_one_health_centre_gets_worse_while_others_improve(judged: pd.DataFrame) -> None:
    first, last = ("2024-01-01", "2024-06-30"), ("2025-07-01", "2025-12-31")
    change = {
        unit: seven_day_share(rows, *last) - seven_day_share(rows, *first)
        for unit, rows in judged[judged["Palvelu"] == "Avosairaanhoito"].groupby("unit")
        if unit.startswith("TK-") and unit != "TK-VET-01"
    }
    assert change["TK-KAN-01"] < -0.1
    assert change["TK-KAU-01"] > 0.1
    assert sum(value > 0 for value in change.values()) >= 5


def test_dentists_have_long_waits(judged: pd.DataFrame) -> None:
    dentists = judged[(judged["Ammattiryhmä"] == "Hammaslääkäri") & (judged["wait_days"] >= 0)]
    assert 25 <= dentists["wait_days"].median() <= 60
    assert 120 <= dentists["wait_days"].quantile(0.9) <= 220


def test_coverage_improves_but_in_one_unit(judged: pd.DataFrame) -> None:
    assert 0.52 <= coverage(judged, "2024-01-01", "2024-03-31") <= 0.60
    assert 0.76 <= coverage(judged, "2025-10-01", "2025-12-31") <= 0.84
    low = judged[judged["unit"] == "TK-VET-01"]
    assert 0.12 <= coverage(low, "2024-01-01", "2025-12-31") <= 0.26


def test_remote_contacts_grow(visits: pd.DataFrame) -> None:
    contacts = visits[(visits["Tila"] == "Toteutunut") & ~visits["Yhteystapa"].isin(NO_CONTACT)]
    quarter = contacts.groupby(contacts["visit_on"].dt.to_period("Q"))["remote"].mean()
    assert 0.22 <= quarter["2024Q1"] <= 0.28
    assert 0.37 <= quarter["2025Q4"] <= 0.43
    not_contacts = visits["Yhteystapa"].isin(NO_CONTACT).mean()
    assert 0.03 <= not_contacts <= 0.06


def test_rhythm_of_the_year_and_the_week(visits: pd.DataFrame) -> None:
    realised = visits[(visits["Tila"] == "Toteutunut") & visits["visit_on"].notna()]
    month = realised.groupby(realised["visit_on"].dt.to_period("M")).size()
    assert month["2025-07"] < 0.7 * month["2025-10"]
    weekday = realised.groupby(realised["visit_on"].dt.day_of_week).size()
    assert weekday[0] > weekday[4] > 5 * weekday[5]
    independence_day = (realised["visit_on"] == "2024-12-06").sum()
    assert independence_day < 0.3 * (realised["visit_on"] == "2024-12-05").sum()


def test_clients_live_where_people_live(visits: pd.DataFrame) -> None:
    with (REFERENCE / "municipality_population_2025.csv").open(encoding="utf-8", newline="") as file:
        residents = {
            row["municipality_code"]: int(row["population_2025"])
            for row in csv.DictReader(file)
            if row["hyvinvointialue_code"] == AREA
        }
    assert len(residents) == 8
    home = visits["Kotikunta"].replace({"74": "074"})
    share = home[home.isin(residents)].value_counts(normalize=True)
    for code, people in residents.items():
        assert share[code] == pytest.approx(people / sum(residents.values()), rel=0.3, abs=0.006)
    assert (visits["Kotikunta"] == "74").sum() > 20


def test_both_age_groups_and_repeat_visits(visits: pd.DataFrame) -> None:
    born = pd.to_numeric(visits["Syntymävuosi"], errors="coerce")
    assert 0.15 <= (born >= 2003).mean() <= 0.4
    people = visits[visits["Potilas"] != ""]["Potilas"]
    assert people.str.fullmatch(r"P\d{7}").all()
    assert 3 <= len(people) / people.nunique() <= 8
    blank = visits["Potilas"] == ""
    assert 0.002 <= blank.mean() <= 0.02
    assert (visits[blank]["Syntymävuosi"] == "").all()


def test_faults_are_there_and_rare(visits: pd.DataFrame) -> None:
    faults = {
        "bad dates": visits["Käynti"].ne("") & visits["visit_on"].isna(),
        "bad assessments": visits["Hoidon tarpeen arviointi"].ne("") & visits["assessed_on"].isna(),
        "blank unit": visits["Yksikkökoodi"].eq(""),
        "visit before assessment": visits["wait_days"].lt(0),
        "unknown profession": visits["Ammattiryhmä"].eq("Hoitokoordinaattori"),
        "unknown mode": visits["Yhteystapa"].eq("R59"),
        "unknown municipality": visits["Kotikunta"].eq("999"),
        "birth year": visits["Syntymävuosi"].isin(["1856", "2095"]),
        "spaces": visits["Yksikkökoodi"].ne(visits["Yksikkökoodi"].str.strip()),
        "repeated rows": visits.duplicated(),
        "contradicting rows": visits.duplicated("Käyntitunnus") & ~visits.duplicated(),
    }
    counts = {name: int(rows.sum()) for name, rows in faults.items()}
    assert all(3 <= count <= 0.004 * len(visits) for count in counts.values()), counts
    assert sum(counts.values()) < 0.01 * len(visits)


def test_an_entry_stays_in_the_queue_until_it_is_served(queue: pd.DataFrame) -> None:
    assert (queue["snapshot_on"].dt.day_of_week == 0).all()
    assert queue["snapshot_on"].nunique() == 105
    once = queue[queue["Yksikkökoodi"] != SILENT_UNIT].drop_duplicates(["snapshot_on", "Jonotunnus"])
    entries = once.groupby("Jonotunnus")
    weeks = (entries["snapshot_on"].max() - entries["snapshot_on"].min()).dt.days // 7 + 1
    assert (weeks == entries.size()).all()
    for column in ("Potilas", "Yksikkökoodi", "Palvelu", "Jonoon asetettu", "Hoidon tarpeen arviointi"):
        assert (entries[column].nunique() == 1).all()
    assert entries.size().max() > 10
    booked = days(once["Varattu aika"])
    assert (booked.dropna() > once["snapshot_on"][booked.notna()]).all()


def test_queue_reasons_and_waits(queue: pd.DataFrame) -> None:
    reasons = queue["Jonotuksen syy"].value_counts(normalize=True)
    assert 0.05 <= reasons["Potilaan oma toive"] <= 0.25
    assert 0.02 <= reasons["Lääketieteellinen"] <= 0.12
    wait = (queue["snapshot_on"] - days(queue["Hoidon tarpeen arviointi"])).dt.days
    dental = queue["Palvelu"] == "Suun terveydenhuolto"
    assert 0.02 <= (wait[dental] > 183).sum() / dental.sum() <= 0.2
    assert (wait.dropna() >= 0).all()


def test_one_unit_sends_no_queue_for_a_while(queue: pd.DataFrame) -> None:
    of_unit = queue[queue["Yksikkökoodi"] == SILENT_UNIT]["snapshot_on"]
    silent = of_unit.between(pd.Timestamp(SILENT_FROM), pd.Timestamp(SILENT_TO))
    assert not silent.any()
    assert len(of_unit) > 100


def test_units_share_out_every_municipality() -> None:
    served: dict[tuple[str, str], float] = {}
    codes = {code for row in demo_units() for code in row.serves if code != "*"}
    for row in demo_units():
        for code in codes:
            share = row.serves.get(code, row.serves.get("*", 0.0))
            served[row.service, code] = served.get((row.service, code), 0.0) + share
    assert np.allclose(list(served.values()), 1.0), served


def test_every_layout_is_there_and_is_recognised(folder: Path, tmp_path: Path) -> None:
    settings = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    found = set()
    for path in sorted(folder.iterdir()):
        report = inspect_bytes(path.name, path.read_bytes(), LoadOptions(), settings, today=date(2026, 1, 2))
        assert (report.status, path.name) == ("inspected", path.name)
        assert report.rows_quarantined < 0.01 * report.rows_read
        found.add(report.source)
    assert found == set(all_sources())


def test_pathways_referrals_and_cases_get_quicker(folder: Path) -> None:
    pathways = pd.read_csv(folder / "demo_pirkko_asiakkuudet_20251231.csv", sep=";", encoding="utf-8-sig")
    asked = pd.to_datetime(pathways["yhteydenotto_pvm"], errors="coerce")
    gap = (pd.to_datetime(pathways["ensiarvio_pvm"]) - asked).dt.days
    quick = [(gap[asked.dt.year == year].dropna() <= 7).mean() for year in (2024, 2025)]
    assert 0.6 < quick[0] < quick[1] < 0.95
    assert set(pathways["tila"]) >= {"jonossa", "hoidossa", "päättynyt", "keskeytynyt"}
    assert pathways.loc[pathways["tila"] == "jonossa", "hoito_alkoi_pvm"].isna().all()
    cases = pd.read_csv(
        folder / "demo_efica_palvelutarve_20260101.csv", sep="|", encoding="latin-1", dtype=str
    )
    assert set(cases["ASIAKASRYHMA"].dropna()) == {"LAPSIPERHE", "IKAANTYNYT", "TYOIKAINEN", "VAMMAISPALVELU"}
    begun, ready = (pd.to_datetime(cases[name], format="%Y%m%d") for name in ("ALOITETTU", "VALMIS"))
    assert (ready.dropna() > begun[ready.notna()]).all()
    assert begun.max() <= pd.Timestamp(2025, 12, 31)
