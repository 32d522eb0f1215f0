"""Opening a page of the application in the test runner of Streamlit, and reading what it says."""

from __future__ import annotations

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from pipelines.settings import Settings
from tests.pages.app import markup_of, open_page


def opened(
    page: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    language: str = "fi",
    **address: str | list[str],
) -> AppTest:
    """A page of the application over a warehouse, run once, with these parameters in its address."""
    application = open_page(monkeypatch, settings.warehouse, page, kieli=language, **address)
    assert not application.exception
    return application


def said(application: AppTest) -> str:
    """Everything the page says, as plain text with single spaces."""
    parts = []
    for kind in (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "info",
        "warning",
        "error",
        "html",
        "code",
    ):
        for element in application.get(kind):
            body = getattr(element, "value", None) or getattr(element.proto, "body", "")
            parts.append(html.unescape(re.sub(r"<[^>]+>", " ", markup_of(str(body)))))
    return re.sub(r"\s+", " ", " ".join(parts)).replace("\u00a0", " ")
