"""Visits: one file in, base rows out."""

import datetime as dt

from indicators.catalogue.datasets import DATASETS
from pipelines.pseudonyms import Pseudonymiser
from tests.pipelines.reading_helpers import KEY, codes, read, visit


def test_an_exreport_visit_becomes_a_base_row_of_the_dataset():
    prepared = read([visit()])
    assert prepared.source == "exreport_kaynnit"
    assert prepared.accepted.column_names == list(DATASETS["visits"].base)
    assert prepared.accepted.to_pylist() == [
        {
            "visit_id": "1000231",
            "person": Pseudonymiser(KEY).pseudonym("P0048213", "exreport", "18"),
            "age_group": "23+",
            "age_band": "65-74",
            "age_uncertain": False,
            "over_75": False,
            "municipality_code": "272",
            "unit_code": "TK-KOK-01",
            "unit_name": "Kokkolan pääterveysasema",
            "service_code": "Avosairaanhoito",
            "profession_code": "Lääkäri",
            "mode_source_code": "R10",
            "urgency_code": "Kiireetön",
            "nature_code": "SH",
            "first_visit_code": "K",
            "with_referral_code": None,
            "producer_code": None,
            "state_code": "Toteutunut",
            "contacted_on": dt.date(2025, 3, 3),
            "assessed_on": dt.date(2025, 3, 3),
            "booked_on": dt.date(2025, 3, 3),
            "booked_for": None,
            "visit_on": dt.date(2025, 3, 10),
        }
    ]
    assert codes(prepared) == []
