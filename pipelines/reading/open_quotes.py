"""Rows that have swallowed others: an unclosed quotation mark goes on to the next one, rows further down.

Where that one is in the same column, the row has as many fields as the header, and the rows between would be lost
unnoticed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: With so many columns no text has as many separators a line by chance.
_MANY_COLUMNS = 8


def swallowed_rows(
    columns: Sequence[pa.DictionaryArray], body: bytes, separator: str, encoding: str
) -> dict[int, int]:
    """Return the positions of rows that have swallowed others, each with how many.

    A field that ran on has as many line ends as rows, and all the separators of each. A text of several lines with
    separators is quoted as a whole.
    """
    found: dict[int, int] = {}
    if b'"' not in body or len(columns) < 2:
        return found
    for column in columns:
        values = column.dictionary
        lined = np.flatnonzero(np.asarray(pc.fill_null(pc.match_substring_regex(values, "[\r\n]"), False)))
        for at in lined.tolist():
            rows = _rows_in(values[at].as_py(), len(columns) - 1, body, separator, encoding)
            if rows:
                codes = np.asarray(column.indices.fill_null(-1))
                for position in np.flatnonzero(codes == at).tolist():
                    found[position] = found.get(position, 0) + rows
    return found


def _rows_in(text: str, separators: int, body: bytes, separator: str, encoding: str) -> int:
    """How many rows a field has taken in; 0 where it is a text of its own."""
    rows = text.count("\n") or text.count("\r")
    if text.count(separator) != rows * separators:
        return 0
    quoted = ('"' + text.replace('"', '""') + '"').encode(encoding)
    whole = any(quoted + end in body for end in (separator.encode(), b"\r", b"\n")) or body.endswith(quoted)
    return rows if not whole or separators + 1 >= _MANY_COLUMNS else 0
