"""The rows of a file as they leave checking: base rows of a dataset, keys, and the rows set aside."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from indicators.catalogue.datasets import DATASETS
from pipelines.checking.ages import Ages, age_groups
from pipelines.checking.check_rows import Checked
from pipelines.checking.fields import field_of, key_fields
from pipelines.checking.rows import Rows, distinct, per_row
from pipelines.identity_codes import MASK, mask
from pipelines.mapping.recognise import Recognised
from pipelines.pseudonyms import Pseudonymiser, pseudonyms
from pipelines.reading.table import RawTable, coded, codes_of

_ARROW = {
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
    "UUID": pa.dictionary(pa.int32(), pa.string()),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
}


def base_rows(
    rows: Rows, loaded: np.ndarray, age: Ages | None, key: Pseudonymiser, origin: str, published: bool
) -> pa.Table:
    """Return the base rows of the dataset at the positions `loaded`, in the order of the file, persons pseudonymised.

    `published` holds for queue counts that do not say themselves whether they have been published.
    """
    base = _arrow_types(rows.dataset)
    arrays = {} if age is None else _person_columns(rows, loaded, age, key, origin)
    for name, kind in base.items():
        if name in arrays:
            continue
        codes = rows.codes[name][loaded]
        if name not in rows.parsed:
            arrays[name] = coded(codes, rows.texts[name]).cast(kind)
            continue
        parsed = rows.parsed[name]
        missing = per_row(~parsed.read, codes, True)
        values = per_row(parsed.values, codes, np.zeros(1, parsed.values.dtype)[0])
        if kind == pa.int64():
            values = np.where(missing, 0, values).astype(np.int64)
        arrays[name] = pa.array(values, mask=missing).cast(kind)
    if "published" in arrays:
        arrays["published"] = pc.fill_null(arrays["published"], published)
    return pa.table([arrays[name] for name in base], schema=pa.schema(base.items()))


def _person_columns(
    rows: Rows, loaded: np.ndarray, age: Ages, key: Pseudonymiser, origin: str
) -> dict[str, pa.Array]:
    names = pseudonyms(rows.texts["person"], key, rows.found.source.person_id_space, origin)
    years_at, years = pd.factorize(age.years[loaded], use_na_sentinel=False)
    group, band = age_groups(years)
    return {
        "person": distinct(rows.codes["person"][loaded], names),
        "age_group": distinct(years_at, pa.array(group, pa.string())),
        "age_band": distinct(years_at, pa.array(band, pa.string())),
        "age_uncertain": pa.array(age.uncertain[loaded] & age.known[loaded]),
        "over_75": pa.array(age.over_75[loaded], mask=~age.known[loaded]),
    }


def _arrow_types(dataset: str) -> dict[str, pa.DataType]:
    """Return the Arrow types of the base columns: dictionaries for texts, but not for the key, whose values are distinct."""
    shape = DATASETS[dataset]
    return {
        name: pa.string() if kind == "VARCHAR" and name in shape.key else _ARROW[kind]
        for name, kind in shape.base.items()
    }


def key_rows(rows: Rows, wanted: np.ndarray) -> pa.Table:
    """Return the keys of some rows of a file; rows whose key cannot be read are left out."""
    at = np.flatnonzero(wanted)
    kinds = _arrow_types(rows.dataset)
    columns = {}
    for name in key_fields(rows.dataset):
        if name in rows.parsed:
            days = rows.days(name)[at]
            columns[name] = pa.array(days, mask=np.isnat(days)).cast(kinds[name])
        else:
            columns[name] = coded(rows.codes[name][at], rows.texts[name]).cast(kinds[name])
    found = pa.table(columns)
    for name in columns:
        if field_of(rows.dataset, name).required:
            found = found.filter(pc.is_valid(found[name]))
    return found


def quarantined_rows(raw: RawTable, found: Recognised, checked: Checked) -> pa.Table:
    """Return the rows set aside: number, reasons, and the mapped fields without person and birth date.

    Of ragged rows only the number is stored: which of their fields is the person cannot be known.
    """
    why: dict[int, list[str]] = {}
    for field, code, positions in checked.reasons:
        for row in positions.tolist():
            why.setdefault(row, []).append(f"{code}:{field}")
    at = np.array(sorted(why), dtype=np.int64)
    texts = {
        raw.headers[position]: _masked_texts(raw.table.column(position), at, personal) if len(at) else []
        for position, personal in sorted(found.used.items())
    }
    cells = (dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True))
    fields = [json.dumps(row, ensure_ascii=False) for row in cells]
    return pa.table(
        {
            "row": pa.array([*raw.row_numbers[at].tolist(), *raw.ragged], pa.int64()),
            "reasons": pa.array(
                [*(" ".join(why[row]) for row in at.tolist()), *["ragged_row"] * len(raw.ragged)], pa.string()
            ),
            "fields": pa.array([*fields, *["{}"] * len(raw.ragged)], pa.string()),
        }
    )


def _masked_texts(column: pa.ChunkedArray, at: np.ndarray, personal: bool) -> list[str | None]:
    """Return the texts of some rows of a column without what could tell who a person is."""
    chunk = column.chunk(0)
    used, which = np.unique(codes_of(chunk)[at], return_inverse=True)
    texts = chunk.dictionary.take(pa.array(used, mask=used < 0)).to_pylist()
    masked = [text if text is None else MASK if personal else mask(text) for text in texts]
    return [masked[one] for one in which.tolist()]
