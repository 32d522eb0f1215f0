"""Ages on the day of the start event, in whole years, and the groups that are stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.checking.fields import OLDEST_YEARS
from pipelines.checking.rows import Rows, per_row
from pipelines.identity_codes import births

#: Up to which age (exclusive) each band goes.
AGE_BANDS = (
    (7, "0-6"), (13, "7-12"), (18, "13-17"), (23, "18-22"), (30, "23-29"), (65, "30-64"), (75, "65-74"),
)  # fmt: skip
OLDEST_BAND = "75+"
UNKNOWN = "unknown"
#: The age the statutory limits change at.
ADULT_FROM = 23
#: Older than this is "over 75": from the day after the 75th birthday.
OVER = 75
#: The day an age is counted to: that of the first of these fields that a row has.
_STARTS = {
    "visits": ("assessed_on", "visit_on"),
    "queue": ("assessed_on", "snapshot_on"),
    "referrals": ("need_found_on", "received_on"),
    "cases": ("arrived_on",),
}


@dataclass(frozen=True)
class Ages:
    """Age in years of each row on its start event's day, NaN where unknown; `uncertain`: may be a year more."""

    years: np.ndarray
    uncertain: np.ndarray
    over_75: np.ndarray

    @property
    def known(self) -> np.ndarray:
        return (self.years >= 0) & (self.years <= OLDEST_YEARS)


def ages(rows: Rows) -> Ages:
    """Return the ages of row-level rows on the day of the assessment, else visit, snapshot or arrival.

    The assessment of a pathway is the day the need was found. A full birth date gives the age exactly; a birth year the
    difference of years, where exactly 23 may still be 22 and counts as 22, the stricter rule. Over 75 by the birth date
    is from the day after the 75th birthday, by the birth year from 76.
    """
    start = np.full(rows.count, np.datetime64("NaT"), dtype="datetime64[D]")
    for name in _STARTS[rows.dataset]:
        start = np.where(np.isnat(start), rows.days(name), start)
    start_known = ~np.isnat(start)
    start_year = start.astype("datetime64[Y]").astype(np.int64) + 1970
    by_year = np.where(start_known, start_year - rows.values("birth_year"), np.nan)
    uncertain = by_year == ADULT_FROM
    years = np.where(uncertain, ADULT_FROM - 1, by_year)
    over_75 = by_year > OVER
    if len(rows.texts["age"]):
        stated_age = np.where(np.isnan(by_year), rows.values("age"), np.nan)
        years = np.where(np.isnan(by_year), stated_age, years)
        over_75 |= stated_age > OVER
    stated = per_row(births(rows.texts["person"]), rows.codes["person"], np.datetime64("NaT"))
    born = np.where(np.isnat(stated), rows.days("birth_date"), stated)
    exact = start_known & ~np.isnat(born)
    if exact.any():
        years[exact] = _full_years(born[exact], start[exact])
        uncertain[exact] = False
        over_75[exact] = _full_years(born[exact], start[exact] - np.timedelta64(1, "D")) >= OVER
    return Ages(years, uncertain, over_75)


def _full_years(born: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Completed years of age; a birthday of 29 February is on 1 March in other years."""
    year, born_year = on.astype("datetime64[Y]"), born.astype("datetime64[Y]")
    month = born.astype("datetime64[M]")
    month_of_year = (month - born_year.astype("datetime64[M]")).astype(np.int64)
    day_of_month = (born - month.astype("datetime64[D]")).astype(np.int64)
    birthday = (year.astype("datetime64[M]") + month_of_year).astype("datetime64[D]") + day_of_month
    return (year - born_year).astype(np.int64) - (on < birthday)


def age_groups(years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The age group and band codes of ages in years; NaN and impossible ages are unknown.

    >>> group, band = age_groups(np.array([6.0, 22, 23, 75, 121]))
    >>> list(group), list(band)
    (['0-22', '0-22', '23+', '23+', 'unknown'], ['0-6', '18-22', '23-29', '75+', 'unknown'])
    """
    known = (years >= 0) & (years <= OLDEST_YEARS)
    limits = np.array([limit for limit, _ in AGE_BANDS])
    names = np.array([name for _, name in AGE_BANDS] + [OLDEST_BAND, UNKNOWN], dtype=object)
    at = np.where(known, np.searchsorted(limits, np.where(known, years, 0), side="right"), len(names) - 1)
    group = np.where(known, np.where(years < ADULT_FROM, "0-22", "23+"), UNKNOWN).astype(object)
    return group, names[at]
