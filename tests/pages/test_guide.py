"""The user guide: the same chapters in every language, links that open pages, pictures that are there and described."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.places import LOCALE
from indicators.wording.translations import in_language
from pages.text import guide
from pages.text.guide import CHAPTERS, PAGE, chapter_file, chapter_html, inline, tokens
from pages.text.tour import TOURS
from pages.ui.page_registry import ENTRIES, titles
from pipelines.settings import Settings
from tests.browser.guide_pictures import PICTURES
from tests.pages.app import assert_healthy, open_page
from tests.pages.opening import opened, said
from tests.rules.repository import page_files

FILES = [(language, role) for language in LANGUAGES for role in CHAPTERS]
BYTES_OF_A_PICTURE, BYTES_OF_ALL = 150 * 1024, 3 * 1024 * 1024
#: Words of a chapter, at most: one or two screens beside its pictures.
WORDS = 450
#: Words of a sentence, at most.
WORDS_OF_A_SENTENCE = 20


def links(path: Path) -> list[tuple[str, str]]:
    """The links of a chapter: what they say, and where they lead."""
    return re.findall(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)", path.read_text(encoding="utf-8"))


def shape(path: Path) -> list[str]:
    """What a chapter is made of, whatever its words: headings, lists, tables, links and pictures."""
    parsed = tokens(path)
    return [
        *(
            token.tag
            for token in parsed
            if token.type in {"heading_open", "list_item_open", "tr_open", "th_open"}
        ),
        *(str(one.attrs["href"]) for one in inline(parsed, "link_open")),
        *(str(one.attrs["src"]) for one in inline(parsed, "image")),
    ]


def sentences(path: Path) -> list[str]:
    """The sentences of a chapter."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-#|]|\d+\.))|\|", text)
    return [one for block in blocks for one in re.split(r"(?<=[.?:])\s+", re.sub(r"\s+", " ", block)) if one]


def test_every_role_with_a_tour_has_a_chapter_under_the_same_code() -> None:
    assert {role: tour.code for role, tour in TOURS.items()} == dict(CHAPTERS)


def test_every_language_has_its_own_guide() -> None:
    for language in LANGUAGES:
        assert guide.folder(language) == LOCALE / language / "guide"
        assert {path.stem for path in guide.folder(language).glob("*.md")} == {
            role.value for role in CHAPTERS
        }


def test_a_language_without_a_guide_has_the_english_one() -> None:
    assert guide.folder("so") == LOCALE / "en" / "guide"


@pytest.mark.parametrize("role", CHAPTERS)
def test_the_languages_have_the_same_chapter(role) -> None:
    first, *others = (shape(chapter_file(role, language)) for language in LANGUAGES)
    assert len(first) > 10
    assert others == [first] * len(others)


@pytest.mark.parametrize(("language", "role"), FILES)
def test_a_chapter_is_short(language: str, role) -> None:
    path = chapter_file(role, language)
    found = sentences(path)
    assert sum(len(one.split()) for one in found) <= WORDS
    assert not [one for one in found if len(one.split()) > WORDS_OF_A_SENTENCE]


@pytest.mark.parametrize(("language", "role"), FILES)
def test_links_open_pages_that_exist_at_tabs_that_exist(language: str, role) -> None:
    names = {entry.name for entry in ENTRIES}
    sources = {path.stem: path.read_text(encoding="utf-8") for path in page_files()}
    found = links(chapter_file(role, language))
    assert found
    for _said, href in found:
        written = urlsplit(href)
        assert written.scheme == PAGE
        assert written.path in names
        for values in parse_qs(written.query).values():
            assert all(f'"{value}"' in sources[written.path] for value in values)


@pytest.mark.parametrize(("language", "role"), FILES)
def test_a_link_to_the_top_of_a_page_says_its_title(language: str, role) -> None:
    with in_language(language):
        called = titles()
    assert [
        (said, called[urlsplit(href).path])
        for said, href in links(chapter_file(role, language))
        if "?" not in href
    ] == [
        (called[urlsplit(href).path],) * 2
        for _said, href in links(chapter_file(role, language))
        if "?" not in href
    ]


@pytest.mark.parametrize(("language", "role"), FILES)
def test_every_picture_is_there_and_described(language: str, role) -> None:
    path = chapter_file(role, language)
    pictures = list(inline(tokens(path), "image"))
    assert pictures
    for one in pictures:
        file = path.parent / str(one.attrs["src"])
        assert file.is_file()
        assert len(one.content.split()) > 5


def test_the_pictures_are_those_that_are_taken_and_small() -> None:
    used = {
        Path(str(one.attrs["src"])).stem
        for role in CHAPTERS
        for one in inline(tokens(chapter_file(role, "fi")), "image")
    }
    files = [path for language in LANGUAGES for path in (guide.folder(language) / "pictures").iterdir()]
    assert used == set(PICTURES)
    assert sorted(path.name for path in files) == sorted(
        f"{name}.png" for name in PICTURES for _one in LANGUAGES
    )
    assert all(path.stat().st_size <= BYTES_OF_A_PICTURE for path in files)
    assert sum(path.stat().st_size for path in files) <= BYTES_OF_ALL
    for path in files:
        with Image.open(path) as picture:
            assert picture.format == "PNG"


def test_places_numbered_in_a_picture_are_the_items_of_the_list_below_it() -> None:
    for role in CHAPTERS:
        text = chapter_file(role, "fi").read_text(encoding="utf-8")
        for name, picture in PICTURES.items():
            if picture.marked and f"pictures/{name}.png" in text:
                below = text.split(f"pictures/{name}.png)")[1].split("\n## ")[0]
                first_list = below.split("\n1. ")[1].split("\n\n")[0]
                assert len(re.findall(r"^\d+\. ", f"1. {first_list}", re.M)) == len(picture.marked), name


def test_a_chapter_as_html_has_addresses_of_the_application_and_pictures_in_it() -> None:
    role = next(iter(CHAPTERS))
    html = chapter_html(role, "fi", lambda target: f"{target.page}?kieli=fi")
    assert "<h1" not in html
    assert 'href="queues?kieli=fi"' in html
    assert f"{PAGE}:" not in html
    pictures = re.findall(r"<img[^>]*>", html)
    assert pictures
    assert all(
        'src="data:image/png;base64,' in one and 'width="' in one and 'alt="' in one for one in pictures
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_chapter_the_address_names(
    language: str, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("guide", figures_settings, monkeypatch, language, nakyma=CHAPTERS[list(CHAPTERS)[2]])
    assert_healthy(app)
    path = chapter_file(list(CHAPTERS)[2], language)
    heading = re.search(r"^## (.*)$", path.read_text(encoding="utf-8"), re.M)
    assert heading is not None
    assert heading[1] in said(app)


@pytest.mark.parametrize(
    ("group", "first"), [("board", "hallitus"), ("managers", "esihenkilo"), ("analysts", "analyytikko")]
)
def test_the_chapter_of_the_readers_role_is_open(
    group: str, first: str, figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, figures_settings.warehouse, "guide", group, kieli="fi")
    role = next(role for role, code in CHAPTERS.items() if code == first)
    heading = re.search(r"^## (.*)$", chapter_file(role, "fi").read_text(encoding="utf-8"), re.M)
    assert heading is not None
    assert heading[1] in said(app)
