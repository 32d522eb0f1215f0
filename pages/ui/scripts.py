"""The scripts of the pages, all of them: the Content-Security-Policy lets no other inline script run.

What differs from run to run is data: attributes of the script's own element. So each text has one hash. Each is a block,
since a name declared outside of one could not be declared again by the next run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
from streamlit import file_util

#: The language of the document, and what Streamlit names in English alone: names for screen readers, hints, its link past
#: the navigation. Its navigation is no list to those who hear it, since its items are not items of a list.
DOCUMENT_LANGUAGE = """{
const { language, skip, labels } = document.currentScript.dataset;
document.documentElement.lang = language;
const words = JSON.parse(labels);
const beginnings = Object.keys(words).filter((one) => one.endsWith(" "));
const mend = () => {
    document.querySelector('[data-testid="stSkipToContent"]')?.replaceChildren(skip);
    for (const name of ["aria-label", "title", "placeholder"])
        document.querySelectorAll(`[${name}]`).forEach((part) => {
            const label = part.getAttribute(name);
            const begun = beginnings.find((one) => label.startsWith(one));
            const said = words[label] ?? (begun && words[begun] + label.slice(begun.length));
            if (said) part.setAttribute(name, said);
        });
    document.querySelectorAll('[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li')
        .forEach((part) => part.setAttribute("role", "presentation"));
};
let waiting = 0;
window.takuuvahtiLabels?.disconnect();
window.takuuvahtiLabels = new MutationObserver(() => { waiting ||= setTimeout(() => { waiting = 0; mend(); }, 200); });
window.takuuvahtiLabels.observe(document.body, { childList: true, subtree: true });
mend();
}"""
#: Links of our own change the address without a reload, as those of Streamlit do; what is clicked keeps the focus. One that
#: opens a tab, or unfolds a line, brings it to the top of the screen. And charts of plotly, which are drawn for the width of
#: the screen, are scaled to the width of the paper while they are printed.
LINKS = """{
const showTabs = () => {
    let left = 24;
    const drawn = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";
    const show = () => {
        if (left <= 0) return;
        document.querySelector(".stMain :is(.tv-opened, .stTabs)")?.scrollIntoView();
        left = drawn() ? Math.min(left - 1, 3) : left - 1;
        setTimeout(show, 250);
    };
    for (const moved of ["wheel", "touchmove", "keydown"]) addEventListener(moved, () => { left = 0; }, { once: true });
    setTimeout(show);
};
const follow = (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const part = event.target.closest?.(".stMain :is(a[href], [data-href])");
    const written = part?.getAttribute("href") ?? part?.dataset.href;
    if (!written || written.startsWith("#") || part.hasAttribute("download")) return;
    const to = new URL(written, location.href);
    if (to.origin !== location.origin) return;
    event.preventDefault();
    const elsewhere = to.pathname !== location.pathname;
    const tab = (address) => address.searchParams.get("nakyma");
    const opensTab = !elsewhere && (to.href === location.href || tab(to) !== tab(new URL(location.href)));
    window.takuuvahtiFocus = elsewhere ? null : { sheet: part.closest(".tv")?.id, text: part.textContent };
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    if (elsewhere) document.querySelector(".stMain")?.scrollTo(0, 0);
    if (opensTab && tab(to)) showTabs();
};
const drawn = "svg.main-svg";
const fit = () => document.querySelectorAll(drawn).forEach((chart) =>
    chart.setAttribute("viewBox", `0 0 ${chart.getAttribute("width")} ${chart.getAttribute("height")}`));
const free = () => document.querySelectorAll(drawn).forEach((chart) => chart.removeAttribute("viewBox"));
if (!window.takuuvahtiLinks) {
    document.addEventListener("click", follow);
    addEventListener("beforeprint", fit);
    addEventListener("afterprint", free);
}
window.takuuvahtiLinks = true;
}"""
#: Puts the HTML of a sheet into its place, and the focus back where it was.
SHEET = """{
const place = document.currentScript.previousElementSibling;
place.innerHTML = document.currentScript.dataset.html;
const focus = window.takuuvahtiFocus;
if (focus?.sheet === place.id) {
    const same = [...place.querySelectorAll("a[href]")].find((part) => part.textContent === focus.text);
    same?.focus({ preventScroll: true });
    window.takuuvahtiFocus = null;
}
}"""
#: A cookie that the browser keeps, sent to this site alone.
COOKIE = """{
const { name, value, seconds } = document.currentScript.dataset;
const secure = location.protocol === "https:" ? ";Secure" : "";
document.cookie = `${name}=${value};path=/;max-age=${seconds};SameSite=Lax${secure}`;
}"""
#: What is read aloud at an uploader; it is drawn some time after the script has run.
UPLOADER_LABEL = """{
const { label } = document.currentScript.dataset;
const places = "button, input".split(", ").map((tag) => `[data-testid="stFileUploaderDropzone"] ${tag}`).join();
for (const after of [400, 1500, 4000])
    setTimeout(() => document.querySelectorAll(places).forEach((place) => place.setAttribute("aria-label", label)), after);
}"""
#: The print dialogue, once for each turn, when the page has been drawn and its charts are there.
PRINT = """{
const { turn } = document.currentScript.dataset;
const drawn = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";
const waiting = window.takuuvahtiTurn !== turn && setInterval(() => {
    if (!drawn()) return;
    clearInterval(waiting);
    setTimeout(() => window.print(), 1500);
}, 200);
window.takuuvahtiTurn = turn;
}"""
SCRIPTS = (DOCUMENT_LANGUAGE, LINKS, SHEET, COOKIE, UPLOADER_LABEL, PRINT)
_INLINE = re.compile(r"<script>(.*?)</script>", re.S)


def run(script: str, *, before: str = "", **data: str | int) -> None:
    """Run one of the scripts in the reader's browser, again whenever its data differ; `before` is HTML it works on."""
    attributes = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    st.html(f"{before}<script{attributes}>{script}</script>", unsafe_allow_javascript=True)


@cache
def sources() -> tuple[str, ...]:
    """The hashes of these scripts and of those in Streamlit's own first page, as the policy writes them."""
    first_page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(text.encode()).digest() for text in (*SCRIPTS, *_INLINE.findall(first_page)))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
