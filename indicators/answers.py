"""The entrance of every page and command: a question and a published version give an answer."""

from __future__ import annotations

from indicators.catalogue.definition import HIDDEN_DEBTS
from indicators.engine.evaluate import answer_from_data
from indicators.engine.measures import definitions_of
from indicators.engine.question import Answer, Question
from indicators.service_debt.hidden_debt import hidden_answer
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


def answer(snapshot: Snapshot, question: Question, settings: Settings) -> Answer:
    """Answer a question from one published version. Raises BadQuestion.

    The hidden service debt is computed from answers to other questions, everything else from rows and figures.
    """
    if question.checked(definitions_of(snapshot)).measure.statistic in HIDDEN_DEBTS:
        return hidden_answer(snapshot, question, settings)
    return answer_from_data(snapshot, question, settings)
