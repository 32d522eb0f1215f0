"""Tabs and what unfolds live in the address by codes, whatever the language; links change what they name and keep the rest."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages.server.protection import CONTENT_SECURITY_POLICY
from pages.ui import scripts
from pages.ui.page_registry import ENTRIES
from pipelines.settings import Settings
from tests.pages.app import PATIENCE, all_words, assert_healthy, open_page


def tabbed() -> None:
    """A page of two tabs and two things that unfold, which says what it draws."""
    import streamlit as st

    from pages.ui import components

    labels = st.session_state.get("labels", ["Odotusajat", "Taulukko"])
    opened, place = components.tabs("nakyma", dict(zip(("ajat", "taulukko"), labels, strict=True)))
    with place:
        st.write(f"tab {opened}")
    for code in ("vuodet", "maaritelma"):
        unfolded = components.unfold("auki", code, code)
        if unfolded is not None:
            with unfolded:
                st.write(f"unfolded {code}")


def run(script=tabbed, **address: str | list[str]) -> AppTest:
    app = AppTest.from_function(script, default_timeout=PATIENCE)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def drawn(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value for one in app.markdown]


@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        (None, "ajat"),
        ("ajat", "ajat"),
        ("taulukko", "taulukko"),
        ("Taulukko", "ajat"),
        ("", "ajat"),
        ("x", "ajat"),
    ],
)
def test_the_address_opens_one_tab_and_only_it_is_drawn(asked: str | None, opened: str) -> None:
    app = run(**({} if asked is None else {"nakyma": asked}))
    assert drawn(app) == [f"tab {opened}"]
    # What it does not know is left in the address: another page may.
    assert app.query_params.get("nakyma") in (asked, [asked], None if asked is None else [asked])


def test_a_tab_stays_open_when_its_label_changes_with_the_language() -> None:
    app = run(nakyma="taulukko")
    app.session_state["labels"] = ["Väntetider", "Tabell"]
    app.run()
    assert drawn(app) == ["tab taulukko"]
    assert app.session_state["tabs_nakyma"] == "Tabell"


@pytest.mark.parametrize(
    ("asked", "unfolded"),
    [
        ([], []),
        (["vuodet"], ["vuodet"]),
        (["maaritelma", "vuodet"], ["vuodet", "maaritelma"]),
        (["x", ""], []),
        (["x", "maaritelma"], ["maaritelma"]),
    ],
)
def test_only_what_the_address_unfolds_is_drawn(asked: list[str], unfolded: list[str]) -> None:
    app = run(**({"auki": asked} if asked else {}))
    assert drawn(app)[1:] == [f"unfolded {code}" for code in unfolded]
    assert [one.label for one in app.expander] == ["vuodet", "maaritelma"]


def linked() -> None:
    """Links of a page, as text."""
    import streamlit as st

    from pages.ui import address, components

    st.session_state["filters_page"] = "care_guarantee"
    address.carry()
    for link in (
        components.link_here({}),
        components.link_here({"kausi": "2025-W10"}),
        components.link_here({"yksikko": ["a&b", 'c"d']}),
        components.link_here({"nakyma": "", "yksikko": []}),
        components.link_address("queues", {"yksikko": 'c"d'}),
        components.link_address("queues"),
    ):
        st.text(link)


def test_links_change_what_they_name_and_keep_the_rest() -> None:
    app = run(linked, yksikko=["TK-1", "TK-2"], nakyma="taulukko", kieli="sv", jarjestys="-n")
    assert not app.exception
    links = [one.value for one in app.text]
    assert not [link for link in links if '"' in link or "<" in link]
    paths = [urlsplit(link).path for link in links]
    assert paths == ["care_guarantee"] * 4 + ["queues"] * 2
    here = {"yksikko": ["TK-1", "TK-2"], "nakyma": ["taulukko"], "kieli": ["sv"], "jarjestys": ["-n"]}
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert asked[0] == here
    assert asked[1] == here | {"kausi": ["2025-W10"]}
    assert asked[2] == here | {"yksikko": ["a&b", 'c"d']}
    assert asked[3] == {"kieli": ["sv"], "jarjestys": ["-n"]}
    # To another page go language and filters, not what is open or how it is sorted.
    assert asked[4] == {"kieli": ["sv"], "yksikko": ['c"d']}
    assert asked[5] == {"kieli": ["sv"], "yksikko": ["TK-1", "TK-2"]}


def test_a_language_is_changed_in_the_open_tab(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, "care_guarantee", nakyma="vaiheet", kieli="fi")
    assert_healthy(app)
    assert "Pullonkaula on" in all_words(app)
    next(one for one in app.segmented_control if one.key == "choice_of_language").set_value("sv").run()
    assert app.query_params["nakyma"] in ("vaiheet", ["vaiheet"])
    assert "Flaskhalsen är" in all_words(app)


# --- scripts ------------------------------------------------------------------------------------------------------


def test_every_script_is_a_block_of_its_own_with_its_hash_in_the_policy() -> None:
    assert len(set(scripts.SCRIPTS)) == len(scripts.SCRIPTS)
    allowed = scripts.sources()
    for script in scripts.SCRIPTS:
        # Names declared outside of a block could not be declared again by the next run.
        assert script.startswith("{\n") and script.endswith("}")
        assert script.count("{") == script.count("}")
        assert (
            "eval(" not in script
            and "new Function" not in script
            and "http" not in script.replace("https:", "")
        )
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed
        assert f"'sha256-{digest}'" in CONTENT_SECURITY_POLICY


def test_all_scripts_of_the_module_are_in_its_list() -> None:
    written = {
        value
        for name, value in vars(scripts).items()
        if name.isupper() and isinstance(value, str) and value.startswith("{\n")
    }
    assert written == set(scripts.SCRIPTS)


def test_data_of_a_script_is_an_attribute_and_never_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(scripts.st, "html", lambda body, **_more: sent.append(body))
    scripts.run(scripts.SHEET, before='<div id="a"></div>', html='"><script>alert(1)</script>')
    [body] = sent
    assert body.count("<script") == 1
    assert body.endswith(f">{scripts.SHEET}</script>")
    assert 'data-html="&quot;&gt;&lt;script&gt;' in body


@pytest.mark.parametrize("page", [entry.name for entry in ENTRIES])
def test_pages_send_no_other_scripts(
    page: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, demo_settings.warehouse, page)
    sent = [
        text for one in app.html for text in re.findall(r"<script[^>]*>(.*?)</script>", str(one.value), re.S)
    ]
    assert sent and set(sent) <= set(scripts.SCRIPTS)
