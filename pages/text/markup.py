"""Texts from outside, made harmless for Markdown."""

from __future__ import annotations

import re

#: Markdown's own characters, and those without which an address of the web or of mail is no link.
_SPECIAL = re.compile(r"([\\`*_{}\[\]#<>$~|^@]|:(?=[\w/])|(?<=www)\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """A text that Markdown shows as it is.

    >>> plain("a_b*c").replace(chr(92), "!"), plain("http://x.fi").replace(chr(92), "!")
    ('a!_b!*c', 'http!://x.fi')
    """
    return _SPECIAL.sub(r"\\\1", text)
