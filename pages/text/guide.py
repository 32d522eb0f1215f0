"""The user guide: a chapter for each role, `data/locale/<language>/guide/<role>.md`, as HTML for the page.

A chapter is Markdown that is read in the repository too. `page:queues?nakyma=taulukko` links to a page of the application,
the file of another chapter to that chapter; pictures are files of `guide/pictures`, made by `make pictures`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from indicators.catalogue.languages import ENGLISH
from indicators.catalogue.places import LOCALE
from pages.access.rules import Role

#: The roles that have a chapter, each with the code of its chapter in the address; those of the tours.
CHAPTERS: Mapping[Role, str] = {
    Role.MANAGER: "esihenkilo",
    Role.ANALYST: "analyytikko",
    Role.BOARD: "hallitus",
}
#: What a link to a page of the application begins with.
PAGE = "page"
#: Pixels of a picture for each pixel of the page.
SCALE = 2
#: Where width and height are written in a PNG file.
_SIZE_IN_PNG = slice(16, 24)
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Target:
    """Where a link of the guide leads: a page, with parameters of its address."""

    page: str
    parameters: Mapping[str, tuple[str, ...]]


def folder(language: str) -> Path:
    """The folder of a language's guide; the English one where the language has none."""
    own = LOCALE / language / "guide"
    return own if own.is_dir() else LOCALE / ENGLISH / "guide"


def chapter_file(role: Role, language: str) -> Path:
    """The file of a role's chapter; the English one where the language has none."""
    own = folder(language) / f"{role.value}.md"
    return own if own.is_file() else folder(ENGLISH) / own.name


def tokens(path: Path) -> list[Token]:
    """A chapter, parsed."""
    return _PARSER.parse(path.read_text(encoding="utf-8"))


def inline(parsed: list[Token], kind: str) -> Iterator[Token]:
    """The links (`link_open`) or pictures (`image`) of a parsed chapter."""
    return (one for token in parsed for one in token.children or () if one.type == kind)


def target_of(href: str) -> Target | None:
    """What a link leads to inside the application; None for any other.

    >>> target_of("page:queues?nakyma=taulukko").page
    'queues'
    >>> target_of("board.md")
    Target(page='guide', parameters={'nakyma': ('hallitus',)})
    """
    written = urlsplit(href)
    if written.scheme == PAGE:
        return Target(written.path, {name: tuple(said) for name, said in parse_qs(written.query).items()})
    codes = {f"{role.value}.md": code for role, code in CHAPTERS.items()}
    return Target("guide", {"nakyma": (codes[href],)}) if href in codes else None


def chapter_html(role: Role, language: str, link: Callable[[Target], str]) -> str:
    """A chapter as HTML without its title, which the page has in its tabs; `link` gives the address of what is linked to."""
    path = chapter_file(role, language)
    parsed = tokens(path)
    for one in inline(parsed, "link_open"):
        target = target_of(str(one.attrs["href"]))
        if target is not None:
            one.attrs["href"] = link(target)
    for one in inline(parsed, "image"):
        content = (path.parent / str(one.attrs["src"])).read_bytes()
        width, height = struct.unpack(">II", content[_SIZE_IN_PNG])
        one.attrs["src"] = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        one.attrs |= {"width": width // SCALE, "height": height // SCALE}
    body = parsed[3:] if parsed[0].type == "heading_open" else parsed
    return f'<div class="tv tv-guide">{_PARSER.renderer.render(body, _PARSER.options, {})}</div>'
