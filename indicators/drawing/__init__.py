"""Small charts as SVG, for pages and printed reports alike: a trend with its limits and targets, a sparkline, a histogram."""
