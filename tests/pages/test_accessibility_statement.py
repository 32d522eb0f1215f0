"""The accessibility statement: what the law asks for, nothing that is not checked, and readable without signing in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indicators.catalogue.languages import LANGUAGES
from indicators.wording.translations import in_language
from pages.text import accessibility
from pages.text.accessibility import load_evaluation
from pages.ui.page_registry import ENTRIES
from pages.ui.statement import statement_html
from pipelines.settings import Settings, load_settings
from tests.pages.app import all_words, assert_healthy, finding, open_page
from tests.pages.opening import opened, said

EVALUATION = load_evaluation()
SETTINGS = load_settings({})
#: Language → the heading of each part, in the order of the page.
HEADINGS = {
    "fi": [
        *("Mitä seloste koskee", "Sisältö, joka ei ole saavutettavaa", "Miten saavutettavuus arvioitiin"),
        *("Vielä arvioimatta", "Anna palautetta", "Valvonta"),
    ],
    "sv": [
        *("Vad utlåtandet gäller", "Innehåll som inte är tillgängligt", "Hur tillgängligheten bedömdes"),
        *("Ännu inte bedömt", "Ge respons", "Tillsyn"),
    ],
}


@pytest.mark.parametrize("language", HEADINGS)
def test_it_has_the_parts_the_law_asks_for(language: str) -> None:
    with in_language(language):
        assert [one.heading for one in accessibility.sections(EVALUATION, SETTINGS, 16)] == HEADINGS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_was_checked_and_no_more(language: str) -> None:
    assert set(EVALUATION.languages) <= set(LANGUAGES)
    with in_language(language):
        html = statement_html(SETTINGS)
        method = accessibility.sections(EVALUATION, SETTINGS, len(ENTRIES))[2]
    assert method.table is not None
    assert [row[0].text for row in method.table.rows] == [
        LANGUAGES[one.language].name for one in EVALUATION.checked
    ]
    for row, one in zip(method.table.rows, EVALUATION.checked, strict=True):
        assert (row[3].text == str(len(ENTRIES))) is not one.tabs
    assert EVALUATION.engine in html
    assert all(one.what[language].split(".")[0] in html for one in EVALUATION.exceptions)
    assert all(one[language] in html for one in EVALUATION.not_evaluated)
    assert EVALUATION.authority.email[language] in html


def test_full_conformity_is_said_only_where_nothing_is_missing_or_unevaluated() -> None:
    whole = replace(EVALUATION, exceptions=[], not_evaluated=[])
    with in_language("fi"):
        assert accessibility.finding(whole) == "Takuuvahti täyttää lain saavutettavuusvaatimukset."
        for partly in (
            replace(whole, exceptions=EVALUATION.exceptions),
            replace(whole, not_evaluated=[{"fi": "x"}]),
        ):
            assert (
                accessibility.finding(partly) == "Takuuvahti täyttää lain saavutettavuusvaatimukset osittain."
            )
        parts = {one.heading: one for one in accessibility.sections(whole, SETTINGS, 16)}
    assert "Vielä arvioimatta" not in parts
    assert not parts["Sisältö, joka ei ole saavutettavaa"].items


def test_an_exception_excuses_its_own_element_alone() -> None:
    found = replace(EVALUATION.exceptions[0], rule="color-contrast", element="stSlider")
    one = replace(EVALUATION, exceptions=[*EVALUATION.exceptions, found])
    assert one.excuses("color-contrast", '<div data-testid="stSlider">')
    assert not one.excuses("color-contrast", "<p>")
    assert not one.excuses("region", '<div data-testid="stSlider">')
    assert not EVALUATION.excuses("", "<p>")


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("saavutettavuus@alue.fi", '<a href="mailto:saavutettavuus@alue.fi">saavutettavuus@alue.fi</a>'),
        ("https://alue.fi/palaute?a=1&b=2", '<a href="https://alue.fi/palaute?a=1&amp;b=2">'),
        ("<b>kirjaamo</b>", "&lt;b&gt;kirjaamo&lt;/b&gt;"),
        ("", "Kirjoita hyvinvointialueen kirjaamoon."),
    ],
)
def test_feedback_goes_where_the_settings_say(contact: str, shown: str) -> None:
    with in_language("fi"):
        assert shown in statement_html(replace(SETTINGS, accessibility_contact=contact))


@pytest.mark.parametrize("group", ["board", "managers", "analysts", "admins"])
def test_every_role_may_read_it(
    group: str, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "accessibility", group, kieli="fi")
    assert_healthy(app)
    assert finding(app) == "Takuuvahti täyttää lain saavutettavuusvaatimukset osittain."


def test_it_is_read_without_a_role(figures_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "overview", "others", kieli="sv")
    assert "Du har ännu ingen åtkomst" in all_words(app)
    assert "Tillgänglighetsutlåtande" in all_words(app)
    assert "Transport- och kommunikationsverket Traficom" in said(app)


def test_the_page_is_there_without_a_warehouse(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("accessibility", replace(SETTINGS, warehouse=tmp_path / "none"), monkeypatch, "fi")
    assert "Traficom" in said(app)
