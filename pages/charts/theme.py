"""The colours and what each means: `indicators.wording.colours`, under the name that charts know."""

from indicators.wording.colours import (
    BENCHMARK,
    BREACH,
    CATEGORIES,
    DARK,
    LIGHT,
    LIMIT,
    MUTED_PCT,
    OTHERS,
    OURS,
    STAGES,
    TARGET,
    VERDICT_COLOURS,
    faint,
)

__all__ = [
    "BENCHMARK",
    "BREACH",
    "CATEGORIES",
    "DARK",
    "LIGHT",
    "LIMIT",
    "MUTED_PCT",
    "OTHERS",
    "OURS",
    "STAGES",
    "TARGET",
    "VERDICT_COLOURS",
    "faint",
]
