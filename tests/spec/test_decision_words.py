"""What a board decides on in words: a question with its figure, in three languages."""

from __future__ import annotations

import pytest

from indicators.catalogue.definition import definition, load_definitions
from indicators.programme.decisions import MISSED, UNREPORTED, WORSE, Decision
from indicators.wording.decisions import decision_actions, note
from indicators.wording.translations import in_language
from tests.spec.test_decisions import NAMES, result

SAID = [
    (
        Decision(MISSED, (result("share", "not_met", 80, 71.4),)),
        "71,4 %|{share}: mitä muutetaan, jotta tavoite saavutetaan?|tavoite ≥ 80 % · ero tavoitteeseen −8,6 %-yks.",
        "71,4 %|{share}: vad ändras för att målet ska nås?|mål ≥ 80 % · skillnad till målet −8,6 procentenheter",
        "71.4%|{share}: what is changed so that the target is reached?|target ≥ 80% · distance −8.6 pp",
    ),
    (
        Decision(WORSE, (result("share", "not_due", 80, 71.4),)),
        "71,4 %|{share}: puututaanko heikkenemiseen nyt?|heikentynyt enemmän kuin sattuma selittää · tavoite ≥ 80 %",
        "71,4 %|{share}: ingriper vi nu mot försämringen?|försämrats mer än slumpen förklarar · mål ≥ 80 %",
        "71.4%|{share}: do we act on the decline now?|got worse by more than chance explains · target ≥ 80%",
    ),
    (
        Decision(UNREPORTED, (result("scanners", "no_data", 3, None),)),
        "1|tavoite ilman tietoja: kuka raportoi?|{scanners}",
        "1|mål utan uppgifter: vem rapporterar?|{scanners}",
        "1|target without data: who reports on it?|{scanners}",
    ),
    (
        Decision(UNREPORTED, tuple(result(name, "no_data", 3, None) for name in ("scanners", "coaching"))),
        "2|tavoitetta ilman tietoja: kuka raportoi?|{scanners}, {coaching}",
        "2|mål utan uppgifter: vem rapporterar?|{scanners}, {coaching}",
        "2|targets without data: who reports on them?|{scanners}, {coaching}",
    ),
]


@pytest.mark.parametrize("decision, fi, sv, en", SAID, ids=("missed", "worsened", "one", "two"))
def test_a_decision_in_three_languages(decision: Decision, fi: str, sv: str, en: str) -> None:
    for language, wanted in (("fi", fi), ("sv", sv), ("en", en)):
        with in_language(language):
            (line,) = decision_actions((decision,), load_definitions(), (("nakyma", ("ilman-tietoja",)),))
        short = {named: definition(code).text[language].short for named, code in NAMES.items()}
        said = "|".join((line.figure, line.what, line.where)).replace("\xa0", " ")
        assert said == wanted.format(**short)
        assert line.kind == decision.kind
        if decision.kind == UNREPORTED:
            assert (line.page, line.query) == ("overview", {"alue": ["18"], "nakyma": ["ilman-tietoja"]})
        else:
            assert (line.indicator, line.scope) == (decision.result.target.indicator, None)


def test_nothing_to_decide_is_one_sentence() -> None:
    with in_language("fi"):
        assert note(()) == "Tavoitteet eivät vaadi nyt päätöstä."
        assert note((Decision(MISSED, (result("share", "not_met", 80, 71.4),)),)) == ""


def test_why_these_of_the_missed_targets_is_said_where_not_all_are_named() -> None:
    main, wait, p90 = (
        result(name, "not_met", 10, value) for name, value in (("share", 9), ("wait", 21), ("p90", 11))
    )
    results = (main, wait, p90)
    with in_language("fi"):
        assert note((Decision(MISSED, (main,)), Decision(MISSED, (wait,))), results) == (
            "Päätavoite ja suurimmat erot. Taulukossa 1 muu."
        )
        assert note((Decision(MISSED, (main,)),), results).endswith("Taulukossa 2 muuta.")
        # Where the main target is met, those missed by most lead.
        met = result("share", "met", 10, 11)
        assert note((Decision(MISSED, (wait,)),), (met, wait, p90)) == (
            "Suhteessa eniten jääneet. Taulukossa 1 muu."
        )
        assert note((Decision(MISSED, (main,)),), (main,)) == ""
