"""Stub."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing to do."""

    figure: str
    kind: str
    what: str
    where: str
    href: str


def action_list(title: str, shown: Sequence[Action]) -> str:
    """Things to do."""
    rows = "".join(
        f'<li><strong>{html.escape(one.figure)}</strong> <a href="{html.escape(one.href, quote=True)}" target="_self">'
        f'{html.escape(one.what)}</a> <span class="tv-muted">{html.escape(one.where)}</span></li>'
        for one in shown
    )
    return f'<section class="tv-actions"><h2>{html.escape(title)}</h2><ul>{rows}</ul></section>'
