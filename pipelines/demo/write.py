"""Writing the demo extracts, one file per layout."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from indicators.catalogue.errors import UsageError
from pipelines.demo import DEFAULT_SEED
from pipelines.demo.aggregates import write_aggregates
from pipelines.demo.avohilmo import avohilmo, avohilmo_header
from pipelines.demo.effica import ASSESSMENT_HEADER, NOTIFICATION_HEADER, assessments, notifications
from pipelines.demo.exreport import (
    PRODUCER_HEADER,
    QUEUE_HEADER,
    REFERRAL_HEADER,
    VISIT_HEADER,
    queue,
    referrals,
    visits,
)
from pipelines.demo.pirkko import PATHWAY_HEADER, pathways
from pipelines.demo.population import EXTRACT_DATE, MOST_YEARS, Chunk, World
from pipelines.demo.scales import scale_named

_EXTRACTS = (
    ("exreport_kaynnit", VISIT_HEADER, ("cp1252", "\r\n"), visits),
    ("exreport_jono", QUEUE_HEADER, ("cp1252", "\r\n"), queue),
    ("exreport_lahetteet", REFERRAL_HEADER, ("cp1252", "\r\n"), referrals),
    ("pirkko_asiakkuudet", f"\ufeff{PATHWAY_HEADER}", ("utf-8", "\n"), pathways),
    ("efica_ilmoitukset", NOTIFICATION_HEADER, ("latin-1", "\r\n"), notifications),
    ("efica_palvelutarve", ASSESSMENT_HEADER, ("latin-1", "\r\n"), assessments),
    ("avohilmo", avohilmo_header(), ("latin-1", "\n"), avohilmo),
)


def write_demo(out: Path, scale: str = "small", years: int = 2, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write one synthetic extract per layout into a folder, replacing files of the same names; return the files.

    `years` whole calendar years are covered, the last of them 2025; the AvoHILMO file has the three months before them.
    Raises UsageError for an unknown scale or number of years.
    """
    amounts = scale_named(scale)
    if not 1 <= years <= MOST_YEARS:
        raise UsageError("bad_years", value=years, most=MOST_YEARS)
    world = World(amounts, years, seed)
    out.mkdir(parents=True, exist_ok=True)
    # Pirkko's is taken a day earlier, so that its queue falls in a month of which the queue extract knows more.
    dates = {"pirkko_asiakkuudet": EXTRACT_DATE - timedelta(days=1), "avohilmo": world.first_day}
    extracts = []
    for name, header, form, rows in _EXTRACTS:
        if amounts.producers and rows in (visits, queue):
            header = f"{header};{PRODUCER_HEADER}"
        path = out / f"demo_{name}_{dates.get(name, EXTRACT_DATE):%Y%m%d}.csv"
        extracts.append(_write(path, header, form, rows(world)))
    return [*extracts, *write_aggregates(out, world)]


def _write(path: Path, header: str, form: tuple[str, str], chunks: Iterator[Chunk]) -> Path:
    """Write the rows of an extract; `form` is its encoding and the end of its lines."""
    encoding, end_of_line = form
    separator = "|" if "|" in header else ";"
    options = pa.csv.WriteOptions(
        include_header=False, delimiter=separator, eol=end_of_line, quoting_style="none", batch_size=16_384
    )
    with path.open("wb") as file:
        file.write((header + end_of_line).encode(encoding))
        for columns in chunks:
            text = io.BytesIO()
            table = pa.table(list(columns), names=header.split(separator))
            pa.csv.write_csv(table, text, write_options=options)
            file.write(text.getvalue().decode("utf-8").encode(encoding))
    return path
