"""The command line of the indicators: `python -m indicators --help`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from indicators.answer_notes import missing_queues, note, notes
from indicators.answer_tables import (
    FILE_FORMATS,
    FORMATS,
    answer_table,
    shown_targets,
    targets_table,
    with_missing,
    write,
    write_bytes,
    written,
)
from indicators.answers import answer
from indicators.catalogue.definition import Definition, load_definitions
from indicators.catalogue.errors import BadQuestion, UsageError
from indicators.catalogue.labels import ALL_AREAS, area_codes
from indicators.catalogue.languages import LANGUAGES
from indicators.drawing.picture import PICTURE_TYPES
from indicators.engine.measures import definitions_of
from indicators.engine.question import Question, Where
from indicators.engine.unit_names import unit_names
from indicators.programme.targets import target_areas, target_results
from indicators.report.content import FORMATS as REPORT_FORMATS
from indicators.report.content import Asked
from indicators.results.folder import check_place, results, write_results
from indicators.results.values import Audience
from indicators.terminal_tables import in_words, legend
from pipelines.command_line import language, register
from pipelines.errors import EXIT_CODES, WarehouseMissing
from pipelines.settings import Settings, load_settings, today_in_finland
from pipelines.warehouse import Snapshot, Warehouse

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From the published warehouse to numbers. Exact unless --suppress: it runs where the raw data is.",
    epilog=EXIT_CODES,
)

WarehouseOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", envvar="TAKUUVAHTI_WAREHOUSE", help="Folder of the warehouse.", show_default=False
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", help="table, csv, json, parquet or xlsx.", show_default="the ending of --out, else table"
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write to a file instead.")]
AreaOption = Annotated[
    str | None, typer.Option("--area", help="Area code, or all.", show_default="the setting default_area")
]
SuppressOption = Annotated[
    bool,
    typer.Option(
        "--suppress", help="The shareable view: counts of persons perturbed, small ones suppressed."
    ),
]

InternalOption = Annotated[
    bool, typer.Option("--internal", help="Exact numbers, for those who may see them; else shareable.")
]

LanguageOption = Annotated[
    str | None,
    typer.Option("--language", help="fi, sv or en.", show_default="the setting default_language"),
]


@register(app, "list")
def list_indicators(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Every indicator: its id, name, unit, direction and what it can be split by; measures of the warehouse by theme."""
    settings = load_settings().with_warehouse(warehouse)
    table = pd.DataFrame(
        [
            {
                "indicator": found.id,
                "name": found.text[language()].name,
                "family": found.family,
                "unit": found.unit,
                "better": found.better,
                "splits": ",".join(found.dimensions),
                "theme": found.theme or None,
            }
            for found in _definitions(settings).values()
        ]
    )
    typer.echo(written(table, "json") if as_json else written(in_words(table, language()), "table"), nl=False)


# Many parameters because they are the command's options.
@register(app, "show")
def show(
    indicator: Annotated[str, typer.Argument(metavar="ID", help="An id of `list`.")],
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="week, month, quarter or year.", show_default="week; published figures as they come"
        ),
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", help="Dimensions, with commas or repeated.")
    ] = None,
    area: AreaOption = None,
    date_from: Annotated[str | None, typer.Option("--from", help="First day, 2025-01-01.")] = None,
    date_to: Annotated[str | None, typer.Option("--to", help="Last day, 2025-12-31.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="unit=TK-KOK-01; repeated: any of one dimension, all of several."),
    ] = None,
    rows_only: Annotated[
        bool,
        typer.Option(
            "--rows-only",
            help="Leave published figures out; demo rows next to them are a line of their own.",
        ),
    ] = False,
    labels: Annotated[str | None, typer.Option("--labels", help="Add names: fi, sv or en.")] = None,
    kind: FormatOption = None,
    out: OutOption = None,
    suppress: SuppressOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """The values of an indicator. Shares and coverage are per cent, unrounded in csv and json."""
    settings = load_settings().with_warehouse(warehouse)
    if labels is not None and labels not in LANGUAGES:
        raise BadQuestion("unknown_language", value=labels, known=", ".join(LANGUAGES))
    question = Question(
        indicator,
        by=by,
        splits=tuple(dict.fromkeys(name for part in split or () for name in part.split(",") if name)),
        area=area,
        date_from=_day("--from", date_from),
        date_to=_day("--to", date_to),
        where=_where(where or ()),
        suppress=suppress,
        rows_only=rows_only,
    )
    chosen = _format(kind, out)
    snapshot = _snapshot(settings)
    found = answer(snapshot, question, settings)
    table = answer_table(found, labels, unit_names(snapshot))
    spoken = labels or language()
    words = missing_queues(snapshot, found, settings, spoken) if chosen == "table" else []
    _print(with_missing(table, found) if chosen == "json" else table, chosen, out, words, spoken)
    for sentence in notes(snapshot, found, settings, language(), with_table=chosen == "table"):
        typer.echo(sentence, err=True)
    _explain(table, chosen, out, spoken)


@register(app, "targets")
def targets(
    area: AreaOption = None,
    year: Annotated[int | None, typer.Option("--year", help="Targets whose period has a day of it.")] = None,
    kind: FormatOption = None,
    out: OutOption = None,
    suppress: SuppressOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Targets against actuals, with verdicts."""
    settings = load_settings().with_warehouse(warehouse)
    area = area or settings.default_area
    if area not in area_codes():
        raise BadQuestion("no_such_area", area=area)
    chosen = _format(kind, out)
    snapshot, today = _snapshot(settings), today_in_finland()
    results = [
        result
        for one in (target_areas(snapshot) if area == ALL_AREAS else [area])
        for result in target_results(snapshot, settings, as_of=today, area=one, year=year, suppress=suppress)
    ]
    # A file is for other programs whatever its format: nothing is cut or rounded in it.
    table = shown_targets(results) if chosen == "table" else targets_table(results)
    _print(table, chosen, out)
    _explain(table, chosen, out, language())
    if table.empty:
        typer.echo(note("no_rows", language()), err=True)


@register(app, "results")
def write_results_folder(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder to write.",
            show_default="the setting results_folder, or results_internal_folder",
        ),
    ] = None,
    internal: InternalOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Every indicator as tables for Power BI and Excel, Parquet and CSV, in a folder that is exchanged whole."""
    settings, audience = load_settings().with_warehouse(warehouse), Audience(internal)
    folder = out or (settings.results_internal_folder if internal else settings.results_folder)
    if folder is None:
        raise UsageError("results_no_folder")
    check_place(folder, audience)
    tables = results(_snapshot(settings), settings, as_of=today_in_finland(), audience=audience)
    write_results(folder, tables)
    typer.echo(folder)


# Many parameters because they are the command's options.
@register(app, "report")
def report(
    kind: Annotated[str, typer.Option("--format", help=f"{', '.join(REPORT_FORMATS)}.")] = "pdf",
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path(),
    area: AreaOption = None,
    year: Annotated[
        int | None,
        typer.Option("--year", help="Year of the targets.", show_default="the newest that has begun"),
    ] = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="The one-page weekly sheet of the units named by --unit.")
    ] = False,
    units: Annotated[list[str] | None, typer.Option("--unit", help="Code of a unit; repeated.")] = None,
    spoken: LanguageOption = None,
    internal: InternalOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """The board's report of an area, or the weekly sheet of units, to take away. The file's name says for whom it is."""
    from indicators.report.make import report_of, write_report

    settings, spoken, area = _taken_away(warehouse, spoken, area, kind, REPORT_FORMATS)
    if area not in area_codes() or area == ALL_AREAS:
        raise BadQuestion("no_such_area", area=area)
    if sheet != bool(units):
        raise UsageError("sheet_needs_units")
    snapshot = _snapshot(settings)
    unknown = [unit for unit in units or () if unit not in unit_names(snapshot)]
    if unknown:
        raise BadQuestion("unknown_unit", unit=", ".join(unknown))
    asked = Asked(area, today_in_finland(), Audience(internal), year, tuple(units or ()))
    typer.echo(write_report(report_of(snapshot, settings, asked), kind, spoken, out))


# Many parameters because they are the command's options.
@register(app, "chart")
def chart(
    indicator: Annotated[str, typer.Argument(metavar="ID", help="An id of `list`.")],
    kind: Annotated[str, typer.Option("--format", help=f"{', '.join(PICTURE_TYPES)}.")] = "svg",
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path(),
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="week, month, quarter or year.", show_default="week; published figures as they come"
        ),
    ] = None,
    area: AreaOption = None,
    date_from: Annotated[str | None, typer.Option("--from", help="First day, 2025-01-01.")] = None,
    date_to: Annotated[str | None, typer.Option("--to", help="Last day, 2025-12-31.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", help="unit=TK-KOK-01; repeated.", show_default="the services it is judged by on pages"
        ),
    ] = None,
    spoken: LanguageOption = None,
    internal: InternalOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """The chart of an indicator over time as a picture to take away. The file's name says for whom it is."""
    from indicators.report.make import write_chart

    settings, spoken, area = _taken_away(warehouse, spoken, area, kind, PICTURE_TYPES)
    asked = Asked(area, today_in_finland(), Audience(internal))
    question = replace(
        asked.question(indicator, by=by, where=_where(where or ())),
        date_from=_day("--from", date_from),
        date_to=_day("--to", date_to),
    )
    typer.echo(write_chart(_snapshot(settings), settings, asked, question, kind, spoken, out))


# Many parameters because they are the command's options.
@register(app, "plan")
def plan_queue(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A JSON or TOML file, or the name of one that ships."),
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="Service of the queue, without a scenario.")
    ] = None,
    units: Annotated[list[str] | None, typer.Option("--unit", help="Code of a unit; repeated.")] = None,
    area: AreaOption = None,
    target: Annotated[str | None, typer.Option("--target", help="share=90, queue=120 or over=0.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Day by which the target is met, 2026-06-30.")
    ] = None,
    needed: Annotated[
        bool, typer.Option("--needed", help="Also what the target takes, extra visits to the longest waits.")
    ] = False,
    moved: Annotated[
        bool, typer.Option("--from-now", help="The scenario begins on the day after the snapshot.")
    ] = False,
    runs: Annotated[int, typer.Option("--runs", min=10, max=10_000, help="Random runs.")] = 1000,
    kind: FormatOption = None,
    out: OutOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """What becomes of a queue, as today and under a scenario. Exact numbers; csv has one row per week, json everything."""
    from indicators.plan_command import planned, scenario_of, summary_rows, weekly, with_target, written_json

    settings = load_settings().with_warehouse(warehouse)
    asked = scenario_of(scenario, area or settings.default_area, units or [], service)
    asked = with_target(asked, target, _day("--by", by))
    chosen = _format(kind, out)
    found, values = planned(_snapshot(settings), settings, asked, runs=runs, needed=needed, moved=moved)
    if chosen == "json":
        text = written_json(values)
        if out is None:
            sys.stdout.write(text)
        else:
            write_bytes(text.encode(), out)
        return
    _print(summary_rows(values) if chosen == "table" else weekly(found), chosen, out)


def _taken_away(
    warehouse: Path | None, spoken: str | None, area: str | None, kind: str, kinds: Iterable[str]
) -> tuple[Settings, str, str]:
    """The settings, the language and the area of a file to take away; those of the settings where not asked for.

    Raises BadQuestion for a language or a kind of file that is not known.
    """
    settings = load_settings().with_warehouse(warehouse)
    chosen = spoken or language()
    if chosen not in LANGUAGES:
        raise BadQuestion("unknown_language", value=chosen, known=", ".join(LANGUAGES))
    if kind not in kinds:
        raise BadQuestion("unknown_format", format=kind, known=", ".join(kinds))
    return settings, chosen, area or settings.default_area


def _definitions(settings: Settings) -> Mapping[str, Definition]:
    """All definitions; the shipped ones alone where there is no warehouse yet."""
    try:
        return definitions_of(_snapshot(settings))
    except WarehouseMissing:
        return load_definitions()


def _snapshot(settings: Settings) -> Snapshot:
    return Warehouse(settings.warehouse, settings.memory_limit_mb).current()


def _where(written: list[str] | tuple[()]) -> Where:
    found: dict[str, list[str]] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise BadQuestion("bad_where", where=one)
        found.setdefault(name.strip(), []).append(value.strip())
    return tuple((name, tuple(values)) for name, values in found.items())


def _day(option: str, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError as error:
        raise BadQuestion("bad_day", option=option, value=value) from error


def _format(kind: str | None, out: Path | None) -> str:
    """The format asked for, else that of the file's ending, else a table."""
    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    chosen = kind or (ending if ending in FORMATS else "table")
    if chosen not in FORMATS:
        raise BadQuestion("unknown_format", format=chosen, known=", ".join(FORMATS))
    if chosen in FILE_FORMATS and out is None:
        raise BadQuestion("format_needs_file", format=chosen)
    return chosen


def _explain(table: pd.DataFrame, kind: str, out: Path | None, spoken: str) -> None:
    """Say beside a table on a terminal what the statuses and verdicts in it mean."""
    if out is None and kind == "table":
        for sentence in legend(table, spoken):
            typer.echo(sentence, err=True)


def _print(
    table: pd.DataFrame, kind: str, out: Path | None, words: Sequence[str] = (), spoken: str | None = None
) -> None:
    """Write a table, and on the terminal the words that belong to it. A file is for other programs: it has our names."""
    spoken = spoken or language()
    if out is not None:
        write(table, kind, out)
    elif kind == "table":
        sys.stdout.write(written(in_words(table, spoken), kind))
    else:
        sys.stdout.write(written(table, kind))
    for sentence in words:
        typer.echo(sentence)
