"""The scripts of the pages, all of them: the Content-Security-Policy lets no other inline script run.

What differs from run to run is data: attributes of the script's own element. So each text has one hash.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit import file_util

#: The language of the document, and Streamlit's link past the navigation in it: Streamlit knows English alone.
DOCUMENT_LANGUAGE = """
const { language, skip } = document.currentScript.dataset;
document.documentElement.lang = language;
document.querySelector('[data-testid="stSkipToContent"]')?.replaceChildren(skip);
"""
#: A cookie that the browser keeps, sent to this site alone.
COOKIE = """
const { name, value, seconds } = document.currentScript.dataset;
const secure = location.protocol === "https:" ? ";Secure" : "";
document.cookie = `${name}=${value};path=/;max-age=${seconds};SameSite=Lax${secure}`;
"""
#: What is read aloud at an uploader; it is drawn some time after the script has run.
UPLOADER_LABEL = """
const { label } = document.currentScript.dataset;
const places = "button, input".split(", ").map((tag) => `[data-testid="stFileUploaderDropzone"] ${tag}`).join();
for (const after of [400, 1500, 4000])
    setTimeout(() => document.querySelectorAll(places).forEach((place) => place.setAttribute("aria-label", label)), after);
"""
#: The print dialogue, once for each turn, when the page has been drawn and its charts are there.
PRINT = """
const { turn } = document.currentScript.dataset;
const drawn = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";
const waiting = window.takuuvahtiTurn !== turn && setInterval(() => {
    if (!drawn()) return;
    clearInterval(waiting);
    setTimeout(() => window.print(), 1500);
}, 200);
window.takuuvahtiTurn = turn;
"""
SCRIPTS = (DOCUMENT_LANGUAGE, COOKIE, UPLOADER_LABEL, PRINT)
_INLINE = re.compile(r"<script>(.*?)</script>", re.S)


def run(script: str, **data: str | int) -> None:
    """Run one of the scripts in the reader's browser, again whenever its data differ."""
    attributes = "".join(f' data-{name}="{html.escape(str(value))}"' for name, value in data.items())
    st.html(f"<script{attributes}>{script}</script>", unsafe_allow_javascript=True)


@cache
def sources() -> tuple[str, ...]:
    """The hashes of these scripts and of those in Streamlit's own first page, as the policy writes them."""
    first_page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(text.encode()).digest() for text in (*SCRIPTS, *_INLINE.findall(first_page)))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
