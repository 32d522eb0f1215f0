"""Colours, marks and the style sheet of the pages.

One meaning, one colour, in every chart. The colours of marks are the same on the light and the dark background and
have at least 3 : 1 against both, because the server does not know for sure which one the reader sees; text takes its
colour from the theme. `tests/pages/test_palette.py` computes contrast and distinctness.
"""

from __future__ import annotations

LIGHT = {
    "background": "#ffffff",
    "panel": "#f3f5f8",
    "text": "#1a1f26",
    "link": "#0b57a4",
    "border": "#d5dae1",
}
DARK = {
    "background": "#12171e",
    "panel": "#1b222c",
    "text": "#e8ebf0",
    "link": "#7fb8ff",
    "border": "#37404c",
}

#: Fixed meanings.
OURS = "#0f92f7"
TARGET = "#017b37"
LIMIT = "#db1f0f"
BREACH = "#cb8315"
BENCHMARK = "#8b44b8"
#: Everything that is there for comparison only.
OTHERS = "#7d8793"
#: Ten categories, the meanings first.
CATEGORIES = (
    *(OURS, TARGET, LIMIT, BREACH, BENCHMARK),
    *("#126df5", "#9d69c1", "#5d9591", "#b2307a", "#fd4576"),
)
#: The stages of a wait, in their order.
STAGES = (CATEGORIES[7], CATEGORIES[6], CATEGORIES[8])
#: Share of the text colour in muted text; the rest is background.
MUTED_PCT = 74

VERDICT_COLOURS = {
    "met": TARGET,
    "not_met": LIMIT,
    "not_due": OTHERS,
    "no_data": OTHERS,
    "no_target": OTHERS,
    "suppressed": OTHERS,
}


def faint(colour: str, opacity: float) -> str:
    """A colour let through, as plotly and style sheets write it.

    >>> faint("#0f92f7", 0.2)
    'rgba(15, 146, 247, 0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


STYLE = f"""<style>
.stMainBlockContainer {{ max-width: 76rem; padding-top: 3.5rem; }}
.tv-muted, .tv-sources, .tv-note {{ color: color-mix(in srgb, currentColor {MUTED_PCT}%, transparent); }}
.tv-finding {{ font-size: 1.2rem; line-height: 1.5; max-width: 52rem; margin: 0; }}
.tv-finding strong {{ font-weight: 650; white-space: nowrap; }}
.tv-beside {{ font-size: 1.05rem; line-height: 1.5; max-width: 52rem; margin: 0; }}
.tv-demo {{ border: 1px solid {BREACH}; border-left-width: .4rem; border-radius: .3rem; padding: .45rem .8rem; }}
.tv-sources, .tv-note {{ font-size: .875rem; line-height: 1.45; max-width: 60rem; margin: 0; }}
.tv-tiles {{ display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr));
  margin: 0 !important; padding: 0 !important; list-style: none; }}
.tv-tile a {{ color: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .15em; }}
.tv-tile {{ border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .7rem .85rem; margin: 0 !important; break-inside: avoid; display: flex; flex-direction: column; gap: .1rem; }}
.tv-tile .tv-name {{ font-size: .9rem; font-weight: 600; line-height: 1.3; }}
.tv-tile .tv-number {{ font-size: 1.9rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }}
.tv-tile.tv-first .tv-number {{ font-size: 2.4rem; }}
.tv-tile .tv-number.tv-word, .tv-tile.tv-first .tv-number.tv-word {{ font-size: 1.3rem; }}
.tv-tile.tv-hollow {{ border-style: dashed; }}
.tv-tile.tv-hollow .tv-number {{ -webkit-text-stroke: 1.1px currentColor; -webkit-text-fill-color: transparent; }}
.tv-tile p {{ margin: 0; font-size: .875rem; line-height: 1.4; }}
.tv-tile img {{ width: 100%; height: 2.4rem; margin-top: auto; }}
.tv-small {{ margin: 0; font-size: .9rem; font-weight: 600; line-height: 1.3; }}
.tv-mark {{ font-size: 1.05em; }}
.tv-table {{ overflow-x: auto; }}
[data-testid="stExpander"] .tv-table {{ max-height: 34rem; overflow-y: auto; }}
.tv-table table {{ border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }}
.tv-table caption {{ text-align: left; padding: .2rem 0; font-size: .875rem; }}
.tv-table th, .tv-table td {{ padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }}
.tv-table thead th {{ font-weight: 600; border-bottom-width: 2px; vertical-align: bottom; }}
.tv-table tbody th {{ font-weight: 400; }}
.tv-table .tv-right {{ text-align: right; white-space: nowrap; }}
.tv-table thead th.tv-right {{ white-space: normal; }}
[class*="st-key-aside_rows"] .tv-table th:first-child {{ min-width: 15rem; }}
.tv-hidden {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.stMain [data-testid="stPageLink"] a, .stMain [data-testid="stPageLink"] a * {{ white-space: normal; overflow: visible;
  height: auto; }}
.stPlotlyChart .infolayer text, .stPlotlyChart .xtick text, .stPlotlyChart .ytick text {{
  fill: color-mix(in srgb, currentColor {MUTED_PCT}%, transparent) !important; }}
.stMultiSelect [data-tag] {{ color: inherit !important;
  background: color-mix(in srgb, currentColor 14%, transparent) !important; }}
.stMain :focus-visible, .stSidebar :focus-visible {{ outline: 3px solid {OURS}; outline-offset: 2px; }}
.st-key-choice_of_language button {{ padding-inline: .4rem; }}
.st-key-filter_toggle {{ display: none; }}
@media (max-width: 640px) {{
  .stMainBlockContainer h1 {{ font-size: 1.6rem; }}
  .stMainBlockContainer {{ padding: 3.2rem .9rem 2rem; }}
  .tv-finding {{ font-size: 1.08rem; }}
  .tv-finding strong {{ white-space: normal; }}
  .st-key-filter_toggle {{ display: block; }}
  .st-key-filter_area:has(.st-key-filter_toggle input:not(:checked)) .st-key-filter_row {{ display: none; }}
}}
@media print {{
  @page {{ size: A4; margin: 14mm; }}
  .stSidebar, .stHeader, [data-testid="stToolbar"], [data-testid="stExpandSidebarButton"], .st-key-filter_area button,
  .st-key-filter_row, .st-key-filter_toggle, [data-testid="stDownloadButton"], [data-testid="stPageLink"],
  [data-testid="stExpander"]:has(details:not([open])), [class*="st-key-choice_"] {{ display: none !important; }}
  .stApp, .stMain, .stAppViewContainer {{ position: static !important; overflow: visible !important;
    height: auto !important; }}
  .stMainBlockContainer {{ max-width: none; padding: 0; }}
  .stPlotlyChart, .tv-tile, .tv-tiles, .tv-finding {{ break-inside: avoid; }}
  h2, h3 {{ break-after: avoid; }}
  .tv-table, [data-testid="stExpander"] .tv-table {{ max-height: none; overflow: visible; }}
  .tv-table tr {{ break-inside: avoid; }}
  .tv-table thead {{ display: table-header-group; }}
}}
</style>"""
