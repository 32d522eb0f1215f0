"""The application as its tests open it: through the router, with a warehouse and an address."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.access.sign_in import sign_in
from tests.rules.repository import ROOT

#: Seconds a page may take on a busy machine.
PATIENCE = 120


def open_page(
    monkeypatch: pytest.MonkeyPatch, warehouse: Path, page: str, *groups: str, **address: str | list[str]
) -> AppTest:
    """A page as a reader meets it who opens its address; of these groups, an analyst where none is given."""
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(warehouse))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py")
    return sign_in(app, *groups).run()


def finding(app: AppTest) -> str:
    """The sentence the page begins with, no-break spaces as plain ones."""
    found = re.findall(r'<p class="tv-finding"[^>]*>(.*?)</p>', "".join(_pieces(app)), re.S)
    assert len(found) == 1
    return words(found[0])


def all_words(app: AppTest) -> str:
    """Everything the page says in its own markup and in messages."""
    said = [words(text) for text in _pieces(app)]
    for kind in (app.title, app.header, app.caption, app.info, app.error, app.markdown):
        said += [str(element.value) for element in kind]
    return "\n".join(said).replace("\xa0", " ")


def tiles(app: AppTest) -> dict[str, str]:
    """The number tiles: title → the rest of what they say."""
    found = {}
    for text in _pieces(app):
        for tile in re.findall(r'<li class="tv-tile.*?</li>', text, re.S):
            title = re.search(r'<p class="tv-name">(.*?)</p>', tile, re.S)
            assert title is not None
            found[words(title.group(1))] = words(tile.replace(title.group(0), ""))
    return found


def table(app: AppTest, caption: str) -> list[list[str]]:
    """The rows of the table with a caption, heading first."""
    for text in _pieces(app):
        if re.search(rf"<caption[^>]*>{re.escape(html.escape(caption))}</caption>", text):
            return [
                [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
                for row in re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.S)
            ]
    raise AssertionError(caption)


def words(markup: str) -> str:
    """Markup without its tags, as it is read."""
    markup = re.sub(r"</?(?:strong|small)>", "", markup)
    text = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\xa0", " ")
    return re.sub(r"\s+", " ", text).strip()


def assert_healthy(app: AppTest) -> None:
    """Nothing went wrong, neither told nor thrown."""
    assert not app.exception
    assert not app.error


def first_screen(app: AppTest) -> tuple[str, dict[str, str]]:
    """The number of a page with the words around it, and the lines of its small print: name → value."""
    return numbers(app)[0]


def numbers(app: AppTest) -> list[tuple[str, dict[str, str]]]:
    """The numbers of a page, each with the words around it and the lines of its small print: name → value."""
    found = []
    for text in _pieces(app):
        for block in text.split('<div class="tv-number-block">')[1:]:
            head, _start, rest = block.partition("<dl")
            lines = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", rest.partition("</dl>")[0], re.S)
            head = head if rest else head.partition("</div>")[0]
            found.append((words(head), {words(name): words(value) for name, value in lines}))
    return found


def actions(app: AppTest) -> list[tuple[str, str, str]]:
    """What the page asks its reader to do: figure, words, address."""
    for text in _pieces(app):
        if 'class="tv-actions' in text:
            return [
                (words(figure), words(rest), html.unescape(re.findall(r'href="([^"]*)"', rest)[0]))
                for figure, rest in re.findall(
                    r'<li><span class="tv-figure[^>]*>(.*?)</span><span>(.*?)</li>', text, re.S
                )
            ]
    raise AssertionError("nothing to do")


def _pieces(app: AppTest) -> list[str]:
    return [markup_of(str(element.value)) for element in app.html if "<style>" not in str(element.value)]


def markup_of(body: str) -> str:
    """The markup of an element; of a sheet that which its script puts into the page."""
    found = re.search(r'<div class="tv" id="[^"]*"></div><script data-html="([^"]*)"', body)
    return html.unescape(found[1]) if found else body
