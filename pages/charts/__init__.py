"""Charts: from the rows of an answer to a figure. Pure: the same rows give the same figure.

Tooltips have the words of the table. Axes of shares go from 0 to 100, of counts from zero. Lines are for time, dots for
comparison, a band for what missing dates leave possible.
"""

from pages.charts.comparison import Emphasis, Sized, against_plan, by_size, funnel, ranked
from pages.charts.control import Course, Projected, around, courses, projected_point, xmr
from pages.charts.debt import balance
from pages.charts.distribution import Band, Mark, Stack, band_words, histogram, stacked, stacks
from pages.charts.flows import Weekly, flows, weekly_bars
from pages.charts.series import Break, Reference, Step, hover, middle, span_of
from pages.charts.trend import against_targets, small, trend
