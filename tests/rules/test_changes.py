"""What a change touches: each change of the table in `docs/architecture.md` made in a copy of the product.

A change that came to need one file more, or a second place, fails here, and so does a table that says otherwise.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tests.pages.test_texts import needed
from tests.rules.repository import ROOT, tracked_files

#: Three visits of one unit, one of them before its assessment.
KNOWN_EXTRACT = "tests/fixtures/extracts/wait_before_assessment/kaynnit_20250430.csv"
COPIED = ("app.py", "pages", "indicators", "pipelines", "data", "tests")


@dataclass
class Copy:
    """A copy of the product in which files are written; the originals, to which it is linked, stay as they are."""

    root: Path
    touched: set[str] = field(default_factory=set)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")
        self.touched.add(name)

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        self.write(name, self.read(name) + text)

    def insert_before(self, name: str, mark: str, text: str) -> None:
        content = self.read(name)
        assert content.count(mark) == 1
        self.write(name, content.replace(mark, text + mark))

    def holds(self, code: str) -> None:
        """Run statements in the copy, assertions among them."""
        environment = {key: value for key, value in os.environ.items() if key != "TAKUUVAHTI_WAREHOUSE"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.root,
            env=environment | {"TAKUUVAHTI_WAREHOUSE": str(self.root / "none")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    for path in tracked_files():
        name = path.relative_to(ROOT)
        if name.parts[0] in COPIED:
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError:
                shutil.copy(path, target)
    return Copy(tmp_path)


def told(change: str) -> set[str]:
    """The files that the table of the document names for a change."""
    document = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| {re.escape(change)} \| (\d+) \| (.*) \|$", document, re.M)
    assert len(rows) == 1, change
    number, files = rows[0]
    named = set(re.findall(r"`([^`]+)`", files))
    assert len(named) == int(number)
    return named


def as_told(touched: set[str], names: dict[str, str]) -> set[str]:
    """Files under the names that the document gives them: its placeholders in the place of the example's own."""
    found = set()
    for name in touched:
        for own, placeholder in names.items():
            name = name.replace(own, placeholder)
        found.add(name)
    return found


def test_a_new_indicator(copy: Copy) -> None:
    text = copy.read("indicators/definitions/visits.toml")
    text = text.replace('id = "visits"', 'id = "dentist_visits"').replace(
        "rows = []", 'rows = ["oral_health", "dentist"]'
    )
    copy.write("indicators/definitions/dentist_visits.toml", text)
    copy.write("tests/golden/values/dentist_visits.txt", "written by the golden test\n")
    copy.holds(
        "from indicators.catalogue.definition import load_definitions\n"
        "from tests.oracle import by_kind, model\n"
        "by_kind.register()\n"
        "assert load_definitions()['dentist_visits'].text['fi'].name\n"
        "assert 'dentist_visits' in model.COMPLETED\n"
    )
    assert as_told(copy.touched, {"dentist_visits": "<indicator>"}) == told("a new indicator")


def test_a_further_language(copy: Copy) -> None:
    marked = Catalog(locale="de")
    for message in needed("de"):
        forms = message if isinstance(message, tuple) else (message,)
        marked.add(message, [f"⟦{form}⟧" for form in forms] if len(forms) > 1 else f"⟦{message}⟧")
    path = copy.root / "data" / "locale" / "de" / "all.po"
    copy.write(
        "data/locale/de/language.toml",
        copy.read("data/locale/sv/language.toml")
        .replace("order = 2", "order = 4")
        .replace("Svenska", "Deutsch")
        .replace("sv_FI", "de_DE"),
    )
    with path.open("wb") as file:
        write_po(file, marked)
    copy.touched.add("data/locale/de/all.po")
    copy.holds(
        "from streamlit.testing.v1 import AppTest\n"
        "from tests.access.sign_in import sign_in\n"
        "from indicators.catalogue.definition import definition\n"
        "from indicators.catalogue.errors import UsageError\n"
        "from indicators.catalogue.labels import name_of\n"
        "from indicators.catalogue.languages import LANGUAGES\n"
        "from pipelines.findings import finding\n"
        "assert list(LANGUAGES) == ['fi', 'sv', 'en', 'de']\n"
        "said = [definition('visits').text['de'].what, finding('repeated_row', rows=[7]).message('de'),\n"
        "        name_of('service', 'primary_care', 'de'), UsageError('unknown_area', area='99').message('de')]\n"
        "assert all(text.startswith('⟦') for text in said), said\n"
        "app = sign_in(AppTest.from_file('app.py', default_timeout=120))\n"
        "app.query_params['kieli'] = 'de'\n"
        "app.switch_page('pages/definitions.py')\n"
        "app.run()\n"
        "assert not app.exception\n"
        "assert any('⟦' in str(one.value) for one in app.html)\n"
    )
    assert as_told(copy.touched, {"/de/": "/<language>/", "all.po": "*.po"}) == told("a further language")


def test_a_new_limit(copy: Copy) -> None:
    limits = "data/reference/statutory_limits.csv"
    copy.append(
        limits,
        "outpatient_care,child_health_clinic,assessment,first_care_event,10,days,all,,2099-01-01,,"
        "An act to come,A,2027-12-31,Huomautus,Anmärkning,Note\n",
    )
    copy.append(
        "data/reference/statutory_limit_examples.csv",
        "child_health_clinic,assessment,first_care_event,2099-01-01,all,,10 days,2099-01-11\n",
    )
    copy.holds(
        "from indicators.catalogue.limits import load_limits\n"
        "assert any(one.value == 10 and one.unit == 'days' for one in load_limits())\n"
    )
    assert copy.touched == told("a new or changed statutory limit")


def test_a_new_source(copy: Copy) -> None:
    for name in ("source.toml", "columns.csv", "values.csv"):
        text = copy.read(f"pipelines/sources/exreport_jono/{name}")
        copy.write(f"pipelines/sources/lifecare_jono/{name}", text.replace("exreport_jono", "lifecare_jono"))
    copy.append(
        "data/reference/source_priority.csv", "queue,,lifecare_jono,2,,,The units of another system\n"
    )
    copy.holds(
        "from pipelines.warehouse.priority import rank\n"
        "assert rank('queue', '18', 'lifecare_jono', None) == 2\n"
    )
    assert as_told(copy.touched, {"lifecare_jono": "<source>"}) == told("a new source system")


PAGE = '''"""One number of the area."""

from indicators.wording.translations import _
from pages.ui import components


def draw() -> None:
    """The page."""
    components.title(_("A page of one number"))


components.guarded(draw)
'''


def test_a_new_page(copy: Copy) -> None:
    copy.write("pages/one_number.py", PAGE)
    copy.insert_before(
        "pages/ui/page_registry.py",
        '    Entry(\n        "queues",\n',
        '    Entry(\n        "one_number",\n        FOLLOWING,\n        WithoutQuestions,\n'
        '        N_("A page of one number"),\n        N_("A page of one number"),\n    ),\n',
    )
    for language, title in (("fi", "Yhden luvun sivu"), ("sv", "En sida med ett värde")):
        text = copy.read(f"data/locale/{language}/queues.po").partition("\n\n")[0]
        copy.write(
            f"data/locale/{language}/one_number.po",
            f'{text}\n\nmsgid "A page of one number"\nmsgstr "{title}"\n',
        )
    copy.holds(
        "from streamlit.testing.v1 import AppTest\n"
        "from tests.access.sign_in import sign_in\n"
        "app = sign_in(AppTest.from_file('app.py', default_timeout=120))\n"
        "app.query_params['kieli'] = 'sv'\n"
        "app.switch_page('pages/one_number.py')\n"
        "app.run()\n"
        "assert not app.exception\n"
        "assert [one.value for one in app.title] == ['En sida med ett värde']\n"
    )
    assert as_told(copy.touched, {"one_number": "<page>"}) == told("a new page")


def test_a_new_finding(copy: Copy) -> None:
    schemas = "pipelines/checking/schemas.py"
    text = copy.read(schemas)
    rule = '"wait_days": _at_least_0("wait_before_assessment")'
    assert rule in text
    checks = 'pandera.Check.ge(0, error="wait_before_assessment"), pandera.Check.le(3650, error="long_wait")'
    copy.write(schemas, text.replace(rule, f'"wait_days": pandera.Column(float, [{checks}], nullable=True)'))
    copy.insert_before(
        "pipelines/findings.toml",
        "[negative_interval]\n",
        '[long_wait]\nlevel = "warning"\nfi = "Pitkä odotus: {count}."\nsv = "Lång väntan: {count}."\n'
        'en = "A long wait: {count}."\n\n',
    )
    fixture = "tests/fixtures/extracts/long_wait/kaynnit_20250430.csv"
    known = copy.root / KNOWN_EXTRACT
    copy.write(fixture, known.read_text("cp1252").replace("3.3.2025 9:12", "3.3.2010 9:12"))
    copy.holds(
        "from datetime import date, datetime\n"
        "from pathlib import Path\n"
        "from pipelines.checking.extract import LoadOptions\n"
        "from pipelines.loading.load import load_bytes\n"
        "from pipelines.settings import load_settings\n"
        "settings = load_settings().with_warehouse(Path('warehouse'))\n"
        f"path = Path('{fixture}')\n"
        "report = load_bytes(path.name, path.read_bytes(), LoadOptions(), settings,\n"
        "    now=datetime(2026, 1, 2, 8), today=date(2026, 1, 2))\n"
        "said = {one.code: one.message('sv') for one in report.findings}\n"
        "assert said['long_wait'].startswith('Lång väntan: '), said\n"
    )
    names = {"long_wait": "<finding>", "kaynnit_20250430.csv": "*"}
    assert as_told(copy.touched, names) == told("a new finding")


def test_a_new_split(copy: Copy) -> None:
    copy.append(
        "indicators/catalogue/dimensions.toml",
        '\n[urgency]\ndatasets = ["visits", "queue"]\naddress = "kiireellisyys"\n'
        'fi = "Kiireellisyys"\nsv = "Brådskegrad"\nen = "Urgency"\n',
    )
    copy.holds(
        "from datetime import date, datetime\n"
        "from pathlib import Path\n"
        "from indicators.answers import answer\n"
        "from indicators.catalogue.definition import definition\n"
        "from indicators.catalogue.dimensions import filters_of\n"
        "from indicators.engine.question import Question\n"
        "from pages.text.names import dimension\n"
        "from indicators.wording.translations import in_language\n"
        "from pages.ui.address import PARAMETERS\n"
        "from pipelines.settings import load_settings\n"
        "from pipelines.warehouse import Warehouse\n"
        "from pipelines.checking.extract import LoadOptions\n"
        "from pipelines.loading.load import load_bytes\n"
        "settings = load_settings().with_warehouse(Path('warehouse'))\n"
        f"path = Path('{KNOWN_EXTRACT}')\n"
        "load_bytes(path.name, path.read_bytes(), LoadOptions(), settings,\n"
        "    now=datetime(2026, 1, 2, 8), today=date(2026, 1, 2))\n"
        "snapshot = Warehouse(settings.warehouse).current()\n"
        "split = Question('visits', by='year', splits=('urgency',), suppress=False)\n"
        "rows = answer(snapshot, split, settings).rows\n"
        "assert list(rows['urgency']) == ['non_urgent'] and rows['value'].sum() > 0\n"
        "where = (('urgency', ('urgent',)),)\n"
        "narrowed = Question('visits', by='year', where=where, suppress=False)\n"
        "assert not answer(snapshot, narrowed, settings).rows['value'].sum()\n"
        "assert 'urgency' in filters_of('queue') and PARAMETERS['urgency'] == 'kiireellisyys'\n"
        "with in_language('sv'):\n"
        "    assert dimension('urgency') == 'Brådskegrad'\n"
    )
    assert copy.touched == told("a new filter or split")


def test_a_new_dataset(copy: Copy) -> None:
    copy.append(
        "indicators/catalogue/fields.csv",
        "staff,area,code,row,area,,,,,\nstaff,day,date,row,,realised,,,,\nstaff,present,whole,,,,count,,,\n"
        "staff,cited_source,text,,,,,,,\n",
    )
    copy.insert_before(
        "indicators/catalogue/datasets.py",
        '        Dataset(\n            "risks",\n',
        '        Dataset("staff", ("area", "day")),\n',
    )
    copy.holds(
        "from datetime import date, datetime\n"
        "from pathlib import Path\n"
        "from pipelines.checking.extract import LoadOptions\n"
        "from pipelines.loading.load import load_bytes\n"
        "from pipelines.mapping.files import load_mapping\n"
        "from pipelines.settings import load_settings\n"
        "from pipelines.warehouse import Warehouse\n"
        'Path(\'staff.toml\').write_text(\'dataset = "staff"\\n[columns]\\narea = "alue"\\nday = "paiva"\\n'
        'present = "paikalla"\\ncited_source = "lahde"\\n\')\n'
        "settings = load_settings().with_warehouse(Path('warehouse'))\n"
        "report = load_bytes('staff.csv', b'alue;paiva;paikalla;lahde\\n18;2025-03-31;12;x\\n',\n"
        "    LoadOptions(mapping=load_mapping(Path('staff.toml'))), settings,\n"
        "    now=datetime(2026, 1, 2, 8), today=date(2026, 1, 2))\n"
        "assert report.status == 'loaded', report\n"
        "rows = Warehouse(settings.warehouse).current().rows('SELECT area, day, present FROM staff')\n"
        "assert rows == [('18', date(2025, 3, 31), 12)]\n"
    )
    assert copy.touched == told("a new dataset")
