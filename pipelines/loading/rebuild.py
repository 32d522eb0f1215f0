"""Rebuilding the warehouse from its archive, and the sentences that say what it did."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.catalogue.errors import UsageError
from pipelines.errors import WarehouseMissing
from pipelines.loading.publication import NextVersion, reconcile_with_newest_readable, republish
from pipelines.quality import contradictions, earlier_loads, stored_identity_codes
from pipelines.settings import Settings
from pipelines.texts import name_of, text
from pipelines.warehouse import archive, master
from pipelines.warehouse.build import SegmentsMaker
from pipelines.warehouse.records import ACTIVE, LoadRecord, reconcile_statuses
from pipelines.warehouse.swap_version import prune, writer_lock
from pipelines.warehouse.write_segments import Segments


@dataclass(frozen=True)
class Rebuilt:
    """A rebuilt warehouse: how many loads count in it, and the ids of those given up as lost.

    Of loads of an earlier version: `unknown` fields, the `published` queue counts, where identity codes were `removed`,
    and the rows set aside as `contradicting`.
    """

    active: int
    lost: tuple[str, ...] = ()
    unknown: tuple[earlier_loads.Unknown, ...] = ()
    published: tuple[str, ...] = ()
    removed: tuple[stored_identity_codes.StoredCodes, ...] = ()
    contradicting: tuple[contradictions.Contradicting, ...] = ()

    def sentences(self, language: str) -> Iterator[str]:
        """Say how many loads there are, which were lost, what earlier ones do not know, and what was removed."""
        yield text("rebuilt", language, count=self.active)
        if self.lost:
            yield text("rebuilt_without", language, loads=", ".join(self.lost))
        for unknown in self.unknown:
            yield text(
                "rebuilt_unknown",
                language,
                dataset=name_of("dataset", unknown.dataset, language),
                loads=numbered(unknown.load_ids),
                fields=", ".join(name_of("field", name, language) for name in unknown.fields),
            )
        if self.published:
            yield text("rebuilt_published", language, loads=numbered(self.published))
        for codes in self.removed:
            kind = f"rebuilt_{codes.removal}" if codes.load_id is not None else "rebuilt_decided"
            yield text(kind, language, subject=codes.load_id, column=codes.column, rows=codes.rows)
        for rows in self.contradicting:
            yield text("rebuilt_contradiction", language, subject=rows.load_id, detail=rows.in_words)
        if self.removed:
            yield text("rebuilt_old_versions", language)
        if self.unknown or self.published:
            yield text("rebuilt_look", language)


def build(settings: Settings, engine: str, master: str | None = None, **options: Any) -> Rebuilt:
    """Make the warehouse again by an engine, `duckdb` or `spark`, which give the same; `options` are those of `rebuild`.

    Raises UsageError for another engine, or for a `master` without Spark, and what `rebuild` and `rows_by_spark` raise.
    """
    if engine not in ("duckdb", "spark"):
        raise UsageError("unknown_engine", engine=engine)
    if engine == "duckdb":
        if master is not None:
            raise UsageError("option_of_spark", option="--master")
        return rebuild(settings, **options)
    from pipelines.spark.session import DEFAULT_MASTER, check_installed

    check_installed()
    from pipelines.spark.segments import rows_by_spark

    with rows_by_spark(settings, master or DEFAULT_MASTER) as rows_by:
        return rebuild(settings, **options, rows_by=rows_by)


def rebuild(
    settings: Settings,
    *,
    now: datetime,
    accept_loss: bool = False,
    area: str | None = None,
    rows_by: SegmentsMaker = Segments,
) -> Rebuilt:
    """Make the warehouse again from the archive and the master data alone.

    Raises WarehouseMissing where nothing is archived, WarehouseDamaged naming a missing or unreadable file; the
    published version stays. With `accept_loss` loads without whole files count as withdrawn instead, and damaged files
    are moved aside. Identity codes found today are removed, with the versions published before; contradicting rows are
    set aside. With an `area` the archive must have rows of no other. Raises UsageError. `rows_by` makes what works out the rows.
    """
    folder = settings.warehouse
    with writer_lock(folder, settings.lock_wait_seconds):
        published, followed = reconcile_with_newest_readable(settings)
        lost = archive.give_up_damaged(folder, published, now) if accept_loss else ()
        if not accept_loss:
            master.check_complete(folder, followed)
        records, fingerprint = archive.read_all(folder, published)
        if not records or fingerprint is None:
            raise WarehouseMissing("archive_empty", folder=folder)
        _check_area(records, area)
        removed = stored_identity_codes.remove(folder)
        contradicting = contradictions.set_aside(folder)
        if removed or contradicting:
            records, _ = archive.read_all(folder, published)
        records = reconcile_statuses(records)
        version = NextVersion(records, master.read_edits(folder), fingerprint, now)
        republish(settings, version, from_nothing=True, rows_by=rows_by)
        if removed or archive.is_cleaned(folder):
            prune(folder, keep=1)
        return Rebuilt(
            sum(record.status == ACTIVE for record in records),
            lost,
            earlier_loads.unknown_fields(folder, records),
            earlier_loads.known_published(folder, records),
            tuple(removed),
            tuple(contradicting),
        )


def _check_area(records: Iterable[LoadRecord], area: str | None) -> None:
    origins = {record.origin for record in records if record.row_level and record.withdrawn_at is None}
    if area is not None and origins - {area}:
        raise UsageError("other_areas", area=area, areas=", ".join(sorted(origins - {area})))


def numbered(load_ids: Iterable[str]) -> str:
    """Ids of loads, with ranges of neighbours.

    >>> numbered(["000003", "000001", "000002", "000007"])
    '000001\u2013000003, 000007'
    """
    runs = []
    ordered = sorted(load_ids, key=int)
    for _, run in itertools.groupby(enumerate(ordered), key=lambda one: int(one[1]) - one[0]):
        ids = [load_id for _, load_id in run]
        runs.append(ids[0] if len(ids) == 1 else f"{ids[0]}–{ids[-1]}")
    return ", ".join(runs)
