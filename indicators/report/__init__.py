"""Reports to take away: the board's report and the weekly sheet of units, as PDF, workbook or slides."""
