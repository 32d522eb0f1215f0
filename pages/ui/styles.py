"""The style sheets: of every page, of pages with boards of targets, and of pages of text."""

from __future__ import annotations

from indicators.wording import colours


def _variables() -> str:
    """The inks of first screens as variables: the browser chooses by the theme; an old browser gets the light ones."""
    plain = "; ".join(f"--tv-{name}: {light}" for name, (light, _dark) in colours.INKS.items())
    both = "; ".join(
        f"--tv-{name}: light-dark({light}, {dark})" for name, (light, dark) in colours.INKS.items()
    )
    return f":root {{ {plain}; }}\n@supports (color: light-dark(red, red)) {{ :root {{ {both}; }} }}"


def _marks() -> str:
    """The fixed meanings in plotly's charts, which know no theme, in the inks of first screens."""
    rules = []
    for name, colour in colours.MEANINGS.items():
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        for what in ("fill", "stroke"):
            written = (f"{what}: rgb({red}, {green}, {blue})", f"{what}:{colour}", f"{what}: {colour}")
            places = ", ".join(f'.stPlotlyChart [style*="{one}"]' for one in written)
            rules.append(f"{places} {{ {what}: var(--tv-{name}) !important; }}")
    return "\n".join(rules)


_INKS = "\n".join(f".tv-ink-{name} {{ color: var(--tv-{name}); }}" for name in colours.INKS)
SHEET_STYLE = f"""<style>
{_variables()}
{_INKS}
.stMainBlockContainer {{ max-width: 76rem; padding: 1.4rem 2rem 3rem; }}
.stMainBlockContainer > div > [data-testid="stVerticalBlock"],
  .stMainBlockContainer [data-testid="stVerticalBlock"] {{ gap: .8rem; }}
.stAppHeader {{ background: transparent; pointer-events: none; height: 0; min-height: 0; }}
.stAppHeader * {{ pointer-events: auto; }}
[data-testid="stStatusWidget"] {{ display: none; }}
.stApp[data-test-script-state="running"]::before {{ content: ""; position: fixed; z-index: 999999; inset: 0 auto auto 0;
  height: 3px; width: 30%; background: var(--tv-ours); opacity: 0; animation: tv-running 1.1s linear .4s infinite; }}
@keyframes tv-running {{ from {{ transform: translateX(-100%); opacity: 1; }} to {{ transform: translateX(340%); opacity: 1;
  }} }}
@media (prefers-reduced-motion: reduce) {{ *, *::before, *::after {{ transition: none !important; }}
  .stApp[data-test-script-state="running"]::before {{ width: 100%; animation: none;
  opacity: 1; }} }}
[data-testid="stSidebarHeader"]::before {{ content: "Takuuvahti"; font-size: 1.1rem; font-weight: 650; padding-left: .3rem; }}
[data-testid="stElementContainer"]:has(> .stHtml > :is(script, style):only-child) {{ display: none; }}
.stSidebar {{ width: 216px !important; min-width: 216px !important; }}
.stSidebar[aria-expanded="false"] {{ width: 0 !important; min-width: 0 !important; }}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {{ color: var(--tv-muted) !important;
  opacity: 1 !important; }}
[data-testid="stBaseButton-primary"]:enabled, [data-testid="stBaseButton-primary"]:enabled p {{
  color: var(--tv-paper) !important; }}
.st-key-page_head {{ align-items: baseline; }}
.st-key-page_head h1 {{ padding: 0; }}
.tv-marks {{ display: flex; flex-wrap: wrap; gap: .1rem 1rem; justify-content: flex-end; font-size: .8125rem;
  line-height: 1.4; color: var(--tv-muted); }}
.tv-marks p {{ margin: 0; font-size: .8125rem; }}
.tv-marks .tv-demo {{ color: var(--tv-breach); font-weight: 600; }}
.tv-marks .tv-internal, .tv-marks .tv-own_units {{ color: var(--tv-text); font-weight: 600; }}
.tv, .tv p, .tv li, .tv td, .tv th, .tv dt, .tv dd {{ line-height: 1.4; }}
.tv p, .tv ul, .tv dl, .tv dd, .tv h2 {{ margin: 0; padding: 0; }}
.tv h2 {{ font-size: .95rem; font-weight: 650; line-height: 1.3; }}
.tv a {{ color: inherit; font-weight: 600; text-decoration: underline; text-decoration-thickness: 1px;
  text-underline-offset: .18em; text-decoration-color: var(--tv-muted); }}
.tv a:hover {{ text-decoration-thickness: 2px; color: var(--tv-ours); }}
.tv-funding {{ display: flex; align-items: center; gap: .75rem; margin-top: 1rem; }}
.tv-funding span, .tv-funding svg {{ display: block; }}
.tv-funding p {{ margin: 0; max-width: 14rem; }}
.tv-small, .tv-small p {{ font-size: .8125rem; color: var(--tv-muted); font-weight: 400; }}
.tv-strong {{ font-weight: 650; }}
.tv-sr {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }}
.tv-nowrap {{ white-space: nowrap; }}
.tv-finding {{ font-size: 1.2rem; line-height: 1.45; max-width: 56rem; margin: 0; }}
.tv p.tv-finding {{ font-size: 1.2rem; line-height: 1.45; }}
.tv .tv-finding + * {{ margin-top: .9rem; }}
.tv-finding strong {{ font-weight: 650; white-space: nowrap; }}
.tv-sheet {{ display: grid; grid-template-columns: 19.5rem minmax(0, 1fr); gap: 1rem 2.25rem; align-items: start;
  grid-template-areas: "num chart" "num table" "act table"; grid-template-rows: auto auto 1fr; }}
.tv-sheet:not(:has(> .tv-area-act)) {{ grid-template-areas: "num chart" "num table"; grid-template-rows: auto 1fr; }}
.tv-sheet:not(:has(> .tv-area-num)) {{ grid-template-areas: "act chart" "act table"; }}
.tv-area-num {{ grid-area: num; }} .tv-area-chart {{ grid-area: chart; min-width: 0; }} .tv-area-act {{ grid-area: act; }}
.tv-area-table {{ grid-area: table; min-width: 0; }}
.tv p.tv-headline {{ font-size: 3.3rem; font-weight: 650; line-height: 1.1; font-variant-numeric: tabular-nums;
  margin: .1rem 0 .3rem; }}
.tv-number-block + .tv-number-block {{ margin-top: 1rem; }}
.st-key-filter_series {{ width: auto !important; }}
.tv-headline small {{ font-size: 1.6rem; font-weight: 500; }}
.tv-headline .tv-word {{ font-size: 1.6rem; }}
.tv p.tv-badge {{ display: flex; gap: .5rem; align-items: baseline; margin: .2rem 0; }}
.tv-shape {{ font-size: 1.05em; min-width: 1.1em; display: inline-block; text-align: center; }}
.tv-shape.tv-met {{ color: var(--tv-target); }} .tv-shape.tv-not_met {{ color: var(--tv-limit); }}
.tv-arrow {{ fill: none; stroke: var(--tv-muted); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round;
  flex: none; vertical-align: -.2em; }}
.tv-arrow.tv-good {{ stroke: var(--tv-ours); }} .tv-arrow.tv-bad {{ stroke: var(--tv-limit); }}
.tv-lines {{ border-top: 1px solid var(--tv-hairline); margin-top: .6rem !important; padding-top: .5rem !important;
  font-size: .875rem; }}
.tv-lines > div {{ display: flex; justify-content: space-between; gap: 1rem; padding: .08rem 0; }}
.tv-lines dt {{ color: var(--tv-muted); }} .tv-lines dd {{ font-variant-numeric: tabular-nums; text-align: right; }}
.tv-lines dd[class] {{ font-weight: 650; }}
.tv-actions {{ background: var(--tv-panel); border-radius: .5rem; padding: .8rem .9rem; }}
.tv-actions.tv-strip {{ margin-bottom: 1rem; }}
.tv-number-block + .tv-actions {{ margin-top: 1rem; }}
.tv-actions ul {{ list-style: none; }}
.tv-actions li {{ display: flex; gap: .7rem; margin: 0; padding: .35rem 0; min-height: 44px;
  border-top: 1px solid var(--tv-hairline); font-size: .95rem; }}
.tv-actions h2 {{ padding-bottom: .5rem !important; }}
.tv-actions .tv-figure {{ flex: 0 0 3.4rem; text-align: right; font-size: 1.3rem; font-weight: 650; line-height: 1.15;
  font-variant-numeric: tabular-nums; }}
@supports (grid-template-columns: subgrid) {{
  .tv-actions:not(.tv-strip) ul {{ display: grid; grid-template-columns: auto minmax(0, 1fr); }}
  .tv-actions:not(.tv-strip) li {{ display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; gap: 0 .7rem; }}
}}
.tv-strip ul {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 1.5rem; }}
.tv-strip li {{ border-top: 0; padding: 0; }}
.tv-title-line {{ display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; align-items: baseline;
  padding-bottom: .25rem; }}
.tv svg {{ max-width: 100%; height: auto; display: block; overflow: visible; }}
.tv td svg, .tv .tv-arrow {{ display: inline-block; vertical-align: middle; }}
.tv .tv-narrow {{ display: none; }}
.tv-point .tv-tip {{ visibility: hidden; pointer-events: none; }} .tv-point:hover .tv-tip {{ visibility: visible; }}
.tv-point[data-href] {{ cursor: pointer; }}
.tv-tip text, .tv-marked {{ paint-order: stroke; stroke: var(--tv-paper); stroke-width: 4px; }}
.tv-data {{ overflow-x: auto; position: relative; }}
.tv-data table {{ border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }}
.tv-data th, .tv-data td {{ border: 0; border-bottom: 1px solid var(--tv-hairline); padding: .2rem .5rem .2rem 0;
  text-align: left;
  font-weight: 400; vertical-align: middle; }}
.tv-data thead th {{ font-size: .78rem; font-weight: 600; color: var(--tv-muted); vertical-align: bottom;
  border-bottom: 1px solid var(--tv-muted); }}
.tv-data thead a {{ text-decoration: none; font-weight: 600; }}
.tv-data thead a:hover {{ text-decoration: underline; }}
.tv-data .tv-right {{ text-align: right; padding-left: .5rem; white-space: nowrap; }}
.tv-data th:last-child, .tv-data td:last-child {{ padding-right: 0; }}
.tv-data thead .tv-right {{ white-space: normal; }}
.tv-data .tv-group th {{ font-weight: 650; padding-top: .6rem; border-bottom-color: var(--tv-muted); }}
.tv-data .tv-selected {{ background: color-mix(in srgb, var(--tv-ours) 10%, transparent); }}
.tv-data tbody tr:hover {{ background: color-mix(in srgb, var(--tv-muted) 8%, transparent); }}
.tv-columns {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem 2rem; }}
.tv details, .tv-help {{ font-size: .875rem; }}
.tv summary, .tv-help summary {{ cursor: pointer; padding: .3rem 0; }} .tv details ul {{ padding-left: 1.2rem; }}
.stMain :is(.stTabs, .tv-opened) {{ scroll-margin-top: 3rem; }}
.tv-folds details {{ border-bottom: 1px solid var(--tv-hairline); }}
.tv-folds summary {{ font-size: .95rem; padding: .45rem 0; }}
.tv-folds dl.tv-facts {{ display: grid; grid-template-columns: 12rem 1fr; gap: .3rem 1.25rem; }}
.tv-folds dl.tv-facts dt {{ color: var(--tv-muted); }} .tv-folds dl.tv-facts dd {{ max-width: 52rem; }}
.tv-folds details > p {{ padding: .3rem 0 .6rem; }}
.tv-help p {{ margin: 0 0 .4rem; max-width: 52rem; }}
.tv .tv-tour {{ background: var(--tv-panel); border-left: 4px solid var(--tv-ours); border-radius: .3rem; padding: .5rem .9rem; }}
.tv-empty {{ padding: .4rem 0; }}
.st-key-filter_area {{ flex-direction: row; flex-wrap: wrap; align-items: center; gap: .5rem .8rem !important; }}
.st-key-filter_area > *, .st-key-filter_row, .st-key-filter_words {{ width: auto !important; flex-wrap: wrap; flex: none; }}
.st-key-filter_row {{ max-width: 100%; }}
.st-key-filter_words {{ max-width: 100%; }}
.st-key-filter_area > :has(> .st-key-filter_toggle) {{ display: none; }}
.st-key-choice_of_language button {{ padding-inline: .3rem; font-size: .8125rem; min-width: 0; }}
.st-key-choice_of_language button * {{ font-size: .8125rem; }}
@media (max-width: 1240px) {{
  .tv-sheet {{ grid-template-columns: 17rem minmax(0, 1fr); grid-template-areas: "num act" "chart chart" "table table";
  grid-template-rows: auto; }}
  .tv-sheet:not(:has(> .tv-area-act)) {{ grid-template-columns: minmax(0, 1fr); grid-template-areas: "num" "chart" "table";
  grid-template-rows: auto; }}
}}
@media screen and (max-width: 1400px) {{ .tv-data .tv-nowrap {{ white-space: normal; }} }}
/* Paper is narrow too, and has all columns. */
.tv .tv-only-medium, .tv .tv-only-narrow {{ display: none; }}
@media screen and (max-width: 960px) {{ .tv-hide-medium {{ display: none; }} .tv .tv-only-medium {{ display: block; }} }}
@media screen and (max-width: 760px) {{ .tv-hide-narrow, .tv .tv-only-medium {{ display: none; }}
  .tv .tv-only-narrow {{ display: block; }} }}
@media (max-width: 760px) {{
  .stMainBlockContainer {{ padding: 3.2rem 1rem 2rem; }}
  .stAppHeader {{ background: var(--tv-paper); height: 2.9rem; min-height: 2.9rem; }}
  .st-key-page_head {{ gap: .2rem .8rem !important; }}
  .st-key-page_head > :has(h1) {{ flex: 1 0 100%; }} .st-key-page_head > :has(> * > .tv-marks) {{ flex: 1 1 0; min-width: 0; }}
  .tv-sheet, .tv-sheet:not(:has(> .tv-area-num)) {{ grid-template-columns: minmax(0, 1fr);
  grid-template-areas: "num" "chart" "act" "table"; grid-template-rows: auto; }}
  .tv-data .tv-right, .tv-data .tv-nowrap {{ white-space: normal; }}
  .tv-data {{ background: linear-gradient(var(--tv-paper), var(--tv-paper)) right / 2.6rem 100% no-repeat local,
    linear-gradient(to left, color-mix(in srgb, currentColor 22%, transparent), transparent) right / .9rem 100%
    no-repeat scroll; }}
  .tv-folds dl.tv-facts {{ grid-template-columns: 1fr; gap: 0; }}
  .tv .tv-wide {{ display: none; }} .tv .tv-narrow {{ display: block; }}
  .stHtml p.tv-finding {{ font-size: 1.08rem; }} .tv-finding strong {{ white-space: normal; }}
  .tv p.tv-headline {{ font-size: 3rem; }}
  .tv-marks {{ justify-content: flex-start; }}
  .tv-strip ul {{ grid-template-columns: minmax(0, 1fr); }}
  .tv-strip li {{ border-top: 1px solid var(--tv-hairline); padding: .5rem 0; }}
}}
@media screen and (max-width: 360px) {{ .tv-hide-small {{ display: none; }} }}
.tv-data:is(:has(+ .tv-more[open]), :has(+ .tv-more + .tv-more[open])) :is(th, td) {{ display: table-cell; }}
@media print {{
  :root {{ color-scheme: light; }}
  .tv-sheet {{ display: block; }} .tv-sheet > div {{ margin-bottom: 4mm; }}
  .tv-number-block {{ columns: 2; column-gap: 8mm; break-inside: avoid; }}
  .tv-number-block > *, .tv-number-block .tv-lines div {{ break-inside: avoid; }}
  .tv-actions ul {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(50mm, 1fr)); gap: 2mm 4mm; }}
  .tv-help:not([open]), .tv .tv-tour {{ display: none; }}
  .tv .tv-wide {{ display: block; }} .tv .tv-narrow {{ display: none; }}
  .tv-actions, .tv-data tr, .tv svg {{ break-inside: avoid; }}
  .tv-data {{ overflow: visible; }} .tv-data table {{ font-size: 8pt; }}
  .tv p.tv-headline {{ font-size: 30pt; }}
  .st-key-page_head .stPopover, .stTabs [role="tablist"] {{ display: none; }}
}}
</style>"""
STYLE = f"""<style>
.tv-muted, .tv-sources, .tv-note {{ color: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent); }}
.tv-subheading {{ font-size: 1.05rem; line-height: 1.5; max-width: 52rem; margin: 0; }}
.tv-sources, .tv-note {{ font-size: .875rem; line-height: 1.45; max-width: 60rem; margin: 0; }}
.tv-tiles {{ display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr));
  margin: 0 !important; padding: 0 !important; list-style: none; }}
@media (min-width: 1100px) {{ .stHtml ul.tv-tiles.tv-of-4 {{ grid-template-columns: repeat(4, 1fr); }}
  .stHtml ul.tv-tiles.tv-of-5 {{ grid-template-columns: repeat(5, 1fr); }} }}
@media (max-width: 1099px) and (min-width: 641px) {{ .stHtml ul.tv-tiles.tv-of-4 {{
  grid-template-columns: repeat(2, 1fr); }} }}
.tv-tile {{ border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .7rem .85rem; margin: 0 !important; break-inside: avoid; display: flex; flex-direction: column; gap: .1rem; }}
.tv-tile .tv-name {{ font-size: .9rem; font-weight: 600; line-height: 1.3; }}
.tv-tile .tv-number {{ font-size: 1.9rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }}
.tv-tile .tv-number.tv-word {{ font-size: 1.3rem; }}
.tv-tile p {{ margin: 0; font-size: .875rem; line-height: 1.4; }}
.tv-small-chart {{ margin: 0; font-size: .9rem; font-weight: 600; line-height: 1.3; }}
.tv-mark {{ font-size: 1.05em; }}
.tv-table {{ overflow-x: auto; position: relative; }}
.tv-long .tv-data, [data-testid="stExpander"] .tv-table {{ max-height: 34rem; overflow: auto;
  background: linear-gradient(var(--tv-paper), var(--tv-paper)) bottom / 100% 2.6rem no-repeat local,
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
@media screen and (max-width: 760px) {{ .tv-table .tv-right {{ white-space: normal; }}
  .tv-table table {{ font-size: .8125rem; }} .tv-table th, .tv-table td {{ padding-right: .4rem; }} }}
[class*="st-key-aside_rows"] .tv-table th:first-child {{ min-width: 15rem; }}
.tv-hidden {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.stMain [data-testid="stPageLink"] a, .stMain [data-testid="stPageLink"] a * {{ white-space: normal; overflow: visible;
  height: auto; }}
.stPlotlyChart .infolayer text, .stPlotlyChart .xtick text, .stPlotlyChart .ytick text {{
  fill: color-mix(in srgb, currentColor {colours.MUTED_PCT}%, transparent) !important; }}
{_marks()}
.stMultiSelect [data-tag] {{ color: inherit !important;
  background: color-mix(in srgb, currentColor 14%, transparent) !important; }}
.stMain :focus-visible, .stSidebar :focus-visible {{ outline: 3px solid {colours.OURS}; outline-offset: 2px; }}
.stMain:focus-visible {{ outline: 3px solid {colours.OURS}; outline-offset: -3px; }}
.st-key-filter_toggle {{ display: none; }}
[data-testid="InputInstructions"] {{ display: none; }}
@media (max-width: 640px) {{
  .stMainBlockContainer h1 {{ font-size: 1.4rem; }}
  .stMain .stButtonGroup button {{ padding-inline: .65rem; }}
  .st-key-filter_toggle, .st-key-filter_area > :has(> .st-key-filter_toggle) {{ display: block; }}
  .st-key-filter_area:has(.st-key-filter_toggle input:not(:checked)) .st-key-filter_row {{ display: none; }}
}}
.stElementContainer:has(.tv-paper) {{ display: none; }}
@media print {{
  @page {{ size: A4; margin: 14mm; }}
  .stSidebar, .stAppHeader, [data-testid="stToolbar"], [data-testid="stExpandSidebarButton"], .st-key-filter_area button,
  .st-key-filter_row, .st-key-filter_toggle, .st-key-audience .stCheckbox, .st-key-audience .stPopover,
  [data-testid="stDownloadButton"], [data-testid="stPageLink"],
  [data-testid="stExpander"]:has(details:not([open])), [class*="st-key-choice_"] {{ display: none !important; }}
  .stElementContainer:has(.tv-paper) {{ display: block; }}
  .tv-paper {{ font-size: 9pt; margin: 0; }}
  .st-key-filter_words .stElementContainer:not(:has(.tv-paper)) {{ display: none !important; }}
  .stApp, .stMain, .stAppViewContainer {{ position: static !important; overflow: visible !important;
    height: auto !important; }}
  .stMainBlockContainer {{ max-width: none; padding: 0; }}
  .stPlotlyChart, .tv-tile, .tv-tiles, .tv-finding {{ break-inside: avoid; }}
  /* A chart as wide as the page: a script gives it the size it was drawn in (scripts.LINKS). */
  .stElementContainer:has(> .stPlotlyChart), .stPlotlyChart, .stPlotlyChart > div, .js-plotly-plot, .plot-container,
  .js-plotly-plot .svg-container {{
    width: 100% !important; height: auto !important; }}
  .js-plotly-plot svg.main-svg {{ width: 100% !important; height: auto !important; }}
  .js-plotly-plot svg.main-svg:first-child {{ position: static !important; display: block; }}
  h2, h3 {{ break-after: avoid; }}
  .tv-table, .tv-long .tv-data, [data-testid="stExpander"] .tv-table {{ max-height: none; overflow: visible; }}
  .tv-table tr {{ break-inside: avoid; }}
  .tv-table thead {{ display: table-header-group; }}
}}
</style>"""
BOARD_STYLE = f"""<style>
.tv-board {{ overflow-x: auto; position: relative; }}
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
  .tv-tile .tv-number {{ font-size: 13pt; line-height: 1.1; }}
  .tv-tile .tv-number.tv-word {{ font-size: 9pt; }}
  .tv-tile .tv-name, .tv-tile p {{ font-size: 6.6pt; line-height: 1.2; }}
  .tv-finding {{ font-size: 9pt; line-height: 1.3; max-width: none; }}
  .tv-sources, .tv-note {{ font-size: 7pt; max-width: none; }}
  h1 {{ font-size: 15pt !important; padding: 0 !important; }}
  h2 {{ font-size: 11pt !important; padding: 4pt 0 0 !important; }}
  [data-testid="stVerticalBlock"] {{ gap: 3pt !important; }}
  [data-testid="stExpander"]:not(:has(details[open])) {{ display: none; }}
}}
</style>"""
GUIDE_STYLE = """<style>
.tv.tv-guide { max-width: 52rem; }
.tv.tv-guide p, .tv.tv-guide li, .tv.tv-guide td, .tv.tv-guide th { line-height: 1.55; }
.tv.tv-guide p, .tv.tv-guide ul, .tv.tv-guide ol { margin: 0 0 .7rem; }
.tv.tv-guide ul, .tv.tv-guide ol { padding-left: 1.4rem; }
.tv.tv-guide li { margin: 0 0 .25rem; padding: 0; font-size: 1rem; }
.tv.tv-guide h2 { font-size: 1.2rem; margin: 1.4rem 0 .5rem; }
.tv.tv-guide h3 { font-size: 1rem; margin: 1rem 0 .3rem; padding: 0; }
.tv.tv-guide img { display: block; max-width: 100%; height: auto; border: 1px solid var(--tv-hairline); border-radius: .5rem; }
.tv.tv-guide table { border-collapse: collapse; width: 100%; margin: 0 0 .9rem; font-size: .95rem; }
.tv.tv-guide th, .tv.tv-guide td { border: 0; border-bottom: 1px solid var(--tv-hairline); padding: .35rem .8rem .35rem 0;
  text-align: left; vertical-align: top; }
.tv.tv-guide dl.tv-facts { display: grid; grid-template-columns: 14rem 1fr; gap: .3rem 1.25rem; margin: 0 0 .7rem; }
.tv.tv-guide dl.tv-facts dt { color: var(--tv-muted); }
.tv.tv-guide dl.tv-facts dd { overflow-wrap: anywhere; }
@media (max-width: 640px) { .tv.tv-guide dl.tv-facts { grid-template-columns: 1fr; gap: 0; }
  .tv.tv-guide dl.tv-facts dd { margin: 0 0 .5rem; } }
.tv.tv-guide code { overflow-wrap: anywhere; }
@media print { .tv.tv-guide img { max-height: 90mm; width: auto; break-inside: avoid; } }
</style>"""
