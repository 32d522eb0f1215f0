"""The values of distinct texts after parsing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: How a value came out. A check of a required or an optional value looks at this, never at the value.
READ, BLANK, NOT_READ, AMBIGUOUS = 0, 1, 2, 3


@dataclass(frozen=True)
class Parsed:
    """Values of distinct texts and whether each could be read; what could not has a meaningless value."""

    values: np.ndarray
    read: np.ndarray
