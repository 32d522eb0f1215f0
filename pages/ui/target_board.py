"""Targets, actuals and distances as HTML cells of a board."""

from __future__ import annotations

import html

from indicators.catalogue.definition import Definition
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.targets import SHORT_WORDING
from indicators.wording.translations import _
from pages.text import names
from pages.text import targets as words
from pages.ui import indicator_links, markup


def distance_html(result: TargetResult, definition: Definition) -> str:
    """The distance in a narrow column: on one line where it is short, else its unit may be on the next."""
    text = words.distance(result, definition)
    if len(text) <= SHORT_WORDING:
        return f'<span class="tv-nowrap">{html.escape(text)}</span>' if text else ""
    return html.escape(text.replace(formats.NBSP, " "))


def target_html(target: Target, year: int | None = None) -> str:
    """A target as it was written, with its period where it is not the year, and a long wording in full."""
    shown = words.wording(target) if words.level(target) else _("no level")
    kind = "" if target.is_direction else ' class="tv-nowrap"'
    return f"<span{kind}>{html.escape(shown)}</span>" + markup.muted(
        words.period(target, year).replace(" ", formats.NBSP)
    )


def quote_html(target: Target) -> str:
    """A long wording in quotation marks, in the language of its source."""
    text = words.quote(target)
    return f'<span class="tv-muted tv-quote" lang="fi">”{html.escape(text)}”</span>' if text else ""


def actual_html(result: TargetResult, definition: Definition) -> str:
    """The actual with what it rests on; without one the newest earlier, hollow; then the year before and demo data."""
    below = markup.muted(words.year_before(result, definition)) + markup.muted(
        words.demo_words(result, definition)
    )
    if not result.actual.has_value and result.earlier is not None:
        return (
            f'<span class="tv-earlier">{html.escape(words.earlier_words(result, definition))}</span>' + below
        )
    if result.actual.value is None and result.actual.low is None:
        return below
    shown = html.escape(words.value(result, definition))
    return f'<span class="tv-strong">{shown}</span>' + markup.muted(words.basis(result.actual)) + below


def indicator_html(definition: Definition, area: str) -> str:
    """An indicator's name as a link to its page."""
    link = indicator_links.indicator_address(definition, area)
    name = html.escape(names.text(definition).name)
    return f'<a href="{html.escape(link, quote=True)}" target="_self">{name}</a>'
