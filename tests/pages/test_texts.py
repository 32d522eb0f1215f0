"""Every text a page shows is there in Finnish and Swedish: none missing, none left over, none half translated."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from indicators.catalogue.languages import ENGLISH, LANGUAGES, WRITTEN_LANGUAGES
from indicators.catalogue.messages import catalogue_files
from indicators.catalogue.places import LOCALE
from indicators.wording import formats
from indicators.wording import translations as texts
from tests.rules.repository import place, python_files, tree
from tests.rules.written_texts import texts_of_files

TRANSLATED = tuple(code for code in LANGUAGES if code != ENGLISH)
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
#: English words that no translation keeps.
ENGLISH_WORDS = re.compile(r"\b(the|and|of|with|which|visits?|share|days?|weeks?|data)\b")


@cache
def said() -> dict[object, list[str]]:
    """Every message of the application (two forms where it has a plural) and where it is said."""
    found: dict[object, list[str]] = {}
    for path in python_files("app.py", "pages", "indicators"):
        for line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            found.setdefault(message, []).append(f"{place(path)}:{line}")
    return found


def entries(language: str) -> Iterator[tuple[Path, Message]]:
    """Every message of a language's catalogues."""
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    yield path, message


@cache
def needed(language: str) -> dict[object, list[str]]:
    """Every message that the catalogues of a language need: those of the application, and the English texts of the
    files that do not carry the language."""
    found = dict(said())
    if language not in WRITTEN_LANGUAGES:
        for name, text in texts_of_files(ENGLISH):
            found.setdefault(text, [name])
    return found


def forms(message: object) -> list[str]:
    return list(message) if isinstance(message, list | tuple) else [str(message)]


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _format, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_message_is_missing(language: str) -> None:
    there = {message.id for _path, message in entries(language)}
    missing = {message: where for message, where in needed(language).items() if message not in there}
    listed = "\n".join(f'#: {where[0]}\nmsgid "{message}"\nmsgstr ""\n' for message, where in missing.items())
    assert not missing, f"not in data/locale/{language}/:\n{listed}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_message_is_left_over(language: str) -> None:
    assert not [f"{place(path)}: {m.id}" for path, m in entries(language) if m.id not in needed(language)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_message_is_fuzzy_or_empty(language: str) -> None:
    assert not [
        f"{place(path)}: {message.id}"
        for path, message in entries(language)
        if message.fuzzy or not all(form.strip() for form in forms(message.string))
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_message_in_two_catalogues_says_the_same(language: str) -> None:
    first: dict[object, Message] = {}
    assert not [
        f"{place(path)}: {message.id}"
        for path, message in entries(language)
        if first.setdefault(message.id, message).string != message.string
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same(language: str) -> None:
    assert not [
        f"{place(path)}: {message.id}"
        for path, message in entries(language)
        for form in forms(message.string)
        if not placeholders(forms(message.id)[0]) <= placeholders(form) <= placeholders(forms(message.id)[-1])
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_stays_english(language: str) -> None:
    assert not [
        f"{place(path)}: {form}"
        for path, message in entries(language)
        for form in forms(message.string)
        if ENGLISH_WORDS.search(re.sub(r"\{\w+\}", "", form))
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_obsolete_entries_are_not_kept(language: str) -> None:
    assert not [place(path) for path in catalogue_files(language) if "\n#~" in path.read_text("utf-8")]


def test_the_languages_have_the_same_catalogues() -> None:
    fi, sv = ([path.name for path in catalogue_files(language)] for language in ("fi", "sv"))
    assert fi == sv
    assert {path.parent.name for path in LOCALE.rglob("*.po")} == set(TRANSLATED)


def test_a_message_is_said_in_the_language_asked_for() -> None:
    heard = {}
    for language in ("fi", "sv", "en"):
        with texts.in_language(language):
            heard[language] = (texts._("suppressed"), formats.percent(71.43), formats.period("2025-W10"))
    assert heard == {
        "fi": ("peitetty", "71,4\xa0%", "viikko 10/2025"),
        "sv": ("dold", "71,4\xa0%", "vecka 10/2025"),
        "en": ("suppressed", "71.4%", "week 10/2025"),
    }


def test_no_message_is_said_inside_an_f_string() -> None:
    """Extraction reads them on some Pythons only."""
    inside = [
        place(path, call)
        for path in python_files("app.py", "pages", "indicators")
        for text in ast.walk(tree(path))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in KEYWORDS
        and any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert not inside
