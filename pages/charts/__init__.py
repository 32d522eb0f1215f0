"""Charts: from the rows of an answer to a figure. Pure: the same rows give the same figure.

Colours have the meanings of `pages.charts.theme`; text takes the theme's colour. Tooltips say what the table says, with
the same words. Axes of shares go from 0 to 100, of counts from zero. Lines are for time, dots for comparison, a band
for what missing dates could hide. Shown through `pages.ui.components.show_chart`.
"""

from pages.charts.comparison import Emphasis, Sized, against_plan, by_size, funnel, ranked
from pages.charts.control import Course, Projected, around, projected_point, xmr
from pages.charts.debt import balance
from pages.charts.distribution import Band, Mark, Stack, band_words, histogram, stacked
from pages.charts.series import Break, Reference, Step, hover, middle, span_of
from pages.charts.trend import against_targets, small, sparkline, trend
