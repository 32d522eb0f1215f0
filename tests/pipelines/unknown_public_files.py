"""Files in the shapes of public and system files of many makers, for the suggestion of mappings.

The files stand in `tests/fixtures/unknown`; all values are invented. What must be loaded of each was computed from the
numbers before the file was written, and stands in `expected.json` there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

COUNTS = "SELECT snapshot_on, unit, waiting, over_limit FROM queue_counts"
OF_VISITS = (
    "SELECT unit, service, count(*) FROM visits WHERE state = 'realised' GROUP BY ALL "
    "UNION ALL SELECT 'waits', 'days', sum(visit_on - assessed_on) FROM visits "
    "WHERE state = 'realised' AND urgency = 'non_urgent'"
)
SPECIALISED = {"# service": 'service = "specialised_care"'}
BEYOND = {"# over_limit": 'over_limit = "beyond"'}


@dataclass(frozen=True)
class PublicFile:
    """A file, the lines that a person corrects (beginning of a line → line), and the query of what is loaded."""

    name: str
    select: str = COUNTS
    corrections: dict[str, str] = field(default_factory=dict)
    as_of: str | None = None


PUBLIC = (
    # Bands of weeks as columns without a word for weeks, rows of totals, five titles, commas between thousands.
    PublicFile("rtt_incomplete_provider.csv", COUNTS, SPECIALISED),
    # A long table of figures: indicators, categories of regions, sexes, decimal commas, NA.
    PublicFile(
        "sotkanet_data.csv",
        "SELECT indicator, area, period_start, value FROM figures WHERE area <> 'FI'",
        {
            '# "Kotona': '"Kotona asuvat 75 vuotta täyttäneet, % vastaavanikäisestä väestöstä" = "over_75_living_at_home"',
            '# "Tehos': '"Tehostetussa palveluasumisessa 75 vuotta täyttäneet, % vastaavanikäisestä väestöstä" = '
            '"over_75_service_housing"',
        },
    ),
    # Thirds of a year, latin-1, blanks that are no numbers, rows of totals within each region.
    PublicFile("vantande_specialiserad_vard.csv", COUNTS, SPECIALISED),
    # Ages and bands of waiting as rows, codes that look like numbers.
    PublicFile("OpenData_OPNational02.csv", COUNTS, {**SPECIALISED, **BEYOND}),
    # Quarters of a financial year that begins in July, one of several categories, areas that are not ours.
    PublicFile(
        "elective-surgery-timeliness.csv",
        "SELECT area, period_start, numerator, denominator FROM figures",
        {
            "# indicator": 'indicator = "access_within_limit"',
            "year_starts": "year_starts = 7",
            "where": 'where = [{ column = "Urgency Category", is = ["3 - Non-urgent"] }]',
        },
    ),
    # Visits with titles above, `1.3.2025 klo 9.05`, and a line that counts the rows at the end.
    PublicFile("kayntiluettelo_pegasos.csv", OF_VISITS),
    # Notes on the first sheet, names only in the first of the rows that they are of, a mark for unknown numbers.
    PublicFile("ongoing-waits-2025-03.xlsx", COUNTS, SPECIALISED),
    # Referrals with `dd/mm/yy`, and the header once more in the middle.
    PublicFile(
        "referral_log_20250630.csv",
        "SELECT strftime(received_on, '%Y-%m'), count(*), count(*) FILTER (handled_on - received_on <= 21) "
        "FROM referrals GROUP BY 1",
        {
            '# "Psychiatry"': '"Psychiatry" = "adult_psychiatry"',
            '# "Oral surgery"': '"Oral surgery" = "oral_health"',
            '# "Cardiology"': '"Cardiology" = "specialised_care"',
        },
    ),
    # Months as columns beside a column of years.
    PublicFile(
        "kaynnit_ristiintaulukko.csv",
        "SELECT service, period_start, value FROM figures",
        {"# indicator": 'indicator = "visits"'},
    ),
    # Units as columns, weeks `vko 1/2025`, blank lines and a row of means.
    PublicFile("jono_viikoittain.csv", COUNTS, {"# service": 'service = "oral_health"'}),
    # A point between thousands, shares beside their parts, the whole country among regions.
    PublicFile(
        "udredningsret.csv",
        "SELECT area, period_start, numerator, denominator FROM figures",
        {"# indicator": 'indicator = "referral_handling"'},
    ),
    # Days with names of months, bands as columns beside their total, columns without headers.
    PublicFile("hs-niwts-tables-outpatients-q4-24-25.csv", COUNTS, {**SPECIALISED, **BEYOND}),
    # Entries of a queue in a workbook, ages in years, the day of the extract in a title.
    PublicFile(
        "Lifecare_jonolistaus.xlsx",
        "SELECT unit, service, urgency, reason, count(*), sum(snapshot_on - assessed_on) FROM queue GROUP BY ALL",
        as_of="2025-03-31",
    ),
    # Months as columns, what is counted as rows, UTF-16, a line of the source at the end.
    PublicFile("hoitoonpaasy_kuutio.tsv", COUNTS, SPECIALISED),
    # Codes beside each name, numbers of rows, bands as rows with their total.
    PublicFile("hlth0083.csv", COUNTS, SPECIALISED),
    # Visits in Swedish, tabs, latin-1.
    PublicFile("besokslista_abilita.txt", OF_VISITS),
    # Years as columns, several indicators as rows, notes at the end.
    PublicFile(
        "tunnusluvut_hva.xlsx",
        "SELECT indicator, area, period_start, value FROM figures",
        {
            '# "Kotona': '"Kotona asuvat yli 75-vuotiaat" = "over_75_living_at_home"',
            '# "Esteitä': '"Esteitä sähköisten palvelujen käytössä" = "digital_service_barriers"',
        },
    ),
    # ISO weeks, several services of each clinic, a row of all clinics in each week.
    PublicFile(
        "weekly_waitlist.csv",
        "SELECT snapshot_on, unit || '/' || service, waiting, over_limit FROM queue_counts",
    ),
    # Days as headers of a workbook, two columns of names, a row of totals that names one of them.
    PublicFile(
        "Jonoseuranta 2025.xlsx",
        "SELECT snapshot_on, unit || '/' || service, waiting, over_limit FROM queue_counts",
    ),
    # Entries of a queue in the words of a hospital: a list date, a date to come in, NULL.
    PublicFile(
        "IPWL_extract_2025-04-30.csv",
        "SELECT unit, count(*) FROM queue GROUP BY 1 "
        "UNION ALL SELECT 'days', sum(snapshot_on - queued_on) FROM queue",
    ),
    # Sexes and years in the headers.
    PublicFile(
        "odotti_yli_3kk_osuus.csv",
        "SELECT area, period_start, value FROM figures",
        {"# indicator": 'indicator = "public_oral_health_users"'},
    ),
    # Adults and children beside their sum, two limits.
    PublicFile(
        "tilanneraportti.psv",
        COUNTS,
        {"# service": 'service = "oral_health"', "# over_limit": 'over_limit = "Yli 6 kk"'},
    ),
)
