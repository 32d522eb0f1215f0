"""The style sheets: of every page, and of pages with boards of targets."""

from __future__ import annotations

from indicators.wording import colours

STYLE = f"""<style>
.stMainBlockContainer {{ max-width: 76rem; padding-top: 3.5rem; }}
.tv-muted, .tv-sources, .tv-note {{ color: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent); }}
.tv-audience {{ font-size: .875rem; line-height: 1.45; margin: 0;
  color: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent); }}
.tv-audience.tv-internal, .tv-audience.tv-own_units {{ color: inherit; font-weight: 600; }}
.tv-finding {{ font-size: 1.2rem; line-height: 1.5; max-width: 52rem; margin: 0; }}
.tv-finding strong {{ font-weight: 650; white-space: nowrap; }}
.tv-subheading {{ font-size: 1.05rem; line-height: 1.5; max-width: 52rem; margin: 0; }}
.tv-demo {{ border: 1px solid {colours.BREACH}; border-left-width: .4rem; border-radius: .3rem; padding: .45rem .8rem; }}
.tv-sources, .tv-note {{ font-size: .875rem; line-height: 1.45; max-width: 60rem; margin: 0; }}
.tv-tiles {{ display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr));
  margin: 0 !important; padding: 0 !important; list-style: none; }}
@media (min-width: 1100px) {{ .stHtml ul.tv-tiles.tv-of-4 {{ grid-template-columns: repeat(4, 1fr); }}
  .stHtml ul.tv-tiles.tv-of-5 {{ grid-template-columns: repeat(5, 1fr); }} }}
@media (max-width: 1099px) and (min-width: 641px) {{ .stHtml ul.tv-tiles.tv-of-4 {{
  grid-template-columns: repeat(2, 1fr); }} .stHtml ul.tv-tiles.tv-of-5 .tv-first {{ grid-column: 1 / -1; }} }}
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
.tv-long .tv-data, [data-testid="stExpander"] .tv-table {{ max-height: 34rem; overflow: auto;
  background: linear-gradient(transparent, transparent) bottom / 100% 2.6rem no-repeat local,
    linear-gradient(to top, color-mix(in srgb, currentColor 22%, transparent), transparent) bottom / 100% 1.1rem
    no-repeat scroll; }}
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
  fill: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent) !important; }}
.stMultiSelect [data-tag] {{ color: inherit !important;
  background: color-mix(in srgb, currentColor 14%, transparent) !important; }}
.stMain :focus-visible, .stSidebar :focus-visible {{ outline: 3px solid {colours.OURS}; outline-offset: 2px; }}
.st-key-choice_of_language button {{ padding-inline: .4rem; }}
.st-key-filter_toggle {{ display: none; }}
[data-testid="InputInstructions"] {{ display: none; }}
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
  .st-key-filter_row, .st-key-filter_toggle, .st-key-audience .stCheckbox, .st-key-audience .stPopover,
  [data-testid="stDownloadButton"], [data-testid="stPageLink"],
  [data-testid="stExpander"]:has(details:not([open])), [class*="st-key-choice_"] {{ display: none !important; }}
  .stApp, .stMain, .stAppViewContainer {{ position: static !important; overflow: visible !important;
    height: auto !important; }}
  .stMainBlockContainer {{ max-width: none; padding: 0; }}
  .stPlotlyChart, .tv-tile, .tv-tiles, .tv-finding {{ break-inside: avoid; }}
  h2, h3 {{ break-after: avoid; }}
  .tv-table, .tv-long .tv-data, [data-testid="stExpander"] .tv-table {{ max-height: none; overflow: visible; }}
  .tv-table tr {{ break-inside: avoid; }}
  .tv-table thead {{ display: table-header-group; }}
}}
</style>"""
BOARD_STYLE = f"""<style>
.tv-board {{ overflow-x: auto; }}
.tv-board table {{ border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }}
.tv-board caption {{ text-align: left; padding: .2rem 0; font-size: .875rem; }}
.tv-board th, .tv-board td {{ padding: .4rem .55rem .4rem 0; text-align: left; vertical-align: top; font-weight: 400;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); line-height: 1.35; }}
.tv-board thead th {{ font-weight: 600; border-bottom-width: 2px; }}
.tv-board tbody th[scope=row] {{ font-weight: 600; min-width: 11rem; }}
.tv-board .tv-group th {{ font-weight: 650; padding-top: 1rem; border-bottom-width: 2px; }}
.tv-board .tv-muted {{ font-weight: 400; font-size: .8125rem; display: block; }}
.tv-board .tv-quote {{ font-weight: 400; font-size: .8125rem; display: block; max-width: 26rem; }}
.tv-board .tv-led td, .tv-board .tv-led th {{ border-bottom: 0; padding-bottom: .1rem; }}
.tv-board .tv-under td {{ padding-top: 0; }}
.tv-board .tv-under .tv-quote {{ max-width: 58rem; }}
.tv-board a {{ color: inherit; text-decoration: underline; text-decoration-thickness: 1px;
  text-underline-offset: .15em; }}
.tv-board a:hover {{ text-decoration-thickness: 2px; }}
@media (min-width: 641px) {{ .tv-board .tv-earlier, .tv-board td .tv-muted {{ max-width: 15rem; }} }}
.tv-board td img {{ width: 5.5rem; height: 2rem; display: block; }}
.tv-board .tv-strong {{ font-weight: 650; white-space: nowrap; }}
.tv-board .tv-nowrap, .tv-nowrap {{ white-space: nowrap; }}
.tv-earlier {{ border: 1px dashed color-mix(in srgb, currentColor 55%, transparent); border-radius: .35rem;
  padding: .05rem .35rem; display: inline-block; }}
.tv-years td {{ min-width: 7.6rem; }}
p.tv-narrower {{ font-size: 1.1rem; }}
.tv-opened {{ margin: .4rem 0 .2rem; }}
@media (min-width: 760px) {{ .stHtml ul.tv-tiles {{ grid-template-columns: repeat(3, 1fr); }} }}
@media (min-width: 641px) {{ .tv-board.tv-tall {{ max-height: 36rem; overflow-y: auto; }}
  .tv-board.tv-tall thead th {{ position: sticky; top: 0; z-index: 1;
    background: var(--tv-paper, Canvas); }} }}
@media (max-width: 640px) {{
  .tv-board thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .tv-board table, .tv-board tbody, .tv-board tr, .tv-board th, .tv-board td {{ display: block; width: auto;
    min-width: 0; }}
  .tv-board th, .tv-board td {{ border: 0; padding: .1rem 0; }}
  .tv-board tr {{ border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .55rem 0; }}
  .tv-board td[data-label]:before {{ content: attr(data-label) ": "; font-size: .8125rem;
    color: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent); }}
  .tv-board td:empty {{ display: none; }}
  .tv-board tr.tv-led {{ border-bottom: 0; padding-bottom: 0; }}
  .tv-board tr.tv-under {{ padding-top: 0; }}
  .tv-board.tv-years {{ max-height: 75vh; overflow-y: auto; }}
  .tv-years tbody tr:not(.tv-under) {{ display: grid; grid-template-columns: 1fr 1fr; gap: 0 .8rem; }}
  .tv-years tbody th[scope=row] {{ grid-column: 1 / -1; }}
}}
@media print {{
  @page {{ size: A4; margin: 10mm; }}
  .tv-board {{ max-height: none !important; overflow: visible !important; }}
  .tv-board table {{ font-size: 6pt; }}
  .tv-board th, .tv-board td {{ padding: .25pt 5pt .25pt 0; line-height: 1.15; }}
  .tv-board tbody th[scope=row] {{ min-width: 58mm; }}
  .tv-board td .tv-muted {{ display: inline; margin-left: 3pt; }}
  .tv-board td .tv-strong {{ padding-right: 2pt; }}
  .tv-board .tv-earlier {{ padding: 0 .3rem; }}
  .tv-years tbody th[scope=row] {{ min-width: 40mm; }}
  .tv-years td {{ min-width: 0; }}
  .tv-board .tv-muted, .tv-board .tv-quote {{ font-size: 5.8pt; }}
  .tv-demo {{ font-size: 8pt; padding: 2pt 5pt; margin: 0; }}
  .tv-board .tv-quote {{ max-width: none; }}
  .tv-board .tv-group th {{ padding-top: 2.5pt; }}
  .tv-board td img {{ height: .8rem; width: 4rem; }}
  .tv-board a {{ color: inherit !important; text-decoration: none !important; }}
  .tv-board tr {{ break-inside: avoid; }}
  .tv-board thead {{ display: table-header-group; }}
  .tv-board thead th {{ position: static !important; }}
  .stHtml ul.tv-tiles {{ gap: 4pt; grid-template-columns: repeat(3, 1fr); }}
  .tv-tile {{ padding: 2pt 5pt; gap: 0; }}
  .tv-tile .tv-number, .tv-tile.tv-first .tv-number {{ font-size: 13pt; line-height: 1.1; }}
  .tv-tile .tv-number.tv-word {{ font-size: 9pt; }}
  .tv-tile .tv-name, .tv-tile p {{ font-size: 6.6pt; line-height: 1.2; }}
  .tv-tile img {{ height: .9rem; }}
  .tv-finding {{ font-size: 9pt; line-height: 1.3; max-width: none; }}
  .tv-sources, .tv-note {{ font-size: 7pt; max-width: none; }}
  h1 {{ font-size: 15pt !important; padding: 0 !important; }}
  h2 {{ font-size: 11pt !important; padding: 4pt 0 0 !important; }}
  [data-testid="stVerticalBlock"] {{ gap: 3pt !important; }}
  [data-testid="stExpander"]:not(:has(details[open])) {{ display: none; }}
}}
</style>"""
