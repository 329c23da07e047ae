"""What Kalimera took of a pause, in words."""

from __future__ import annotations

import pytest

from ordercall.domain.calls.pausing import Ending, Outcome, in_words

ENDED, ASKED = Ending("a", Outcome.ENDED, None), Ending("b", Outcome.ASKED, None)


@pytest.mark.parametrize(
    ("endings", "sentences"),
    [
        ([], []),
        ([ENDED], ["Kalimera has ended the windows of 1 campaign."]),
        ([ENDED, ENDED], ["Kalimera has ended the windows of 2 campaigns."]),
        ([ASKED], ["Kalimera is being told to end the windows of 1 campaign."]),
        (
            [ENDED, ASKED, Ending("c", Outcome.REFUSED, "No"), Ending("d", Outcome.UNCLEAR, "Lost")],
            [
                "Kalimera has ended the windows of 1 campaign.",
                "Kalimera is being told to end the windows of 1 campaign.",
                "Campaign c goes on, for Kalimera refused its end: No.",
                "Campaign d may have ended, and Kalimera is told again: Lost.",
            ],
        ),
        (
            [Ending("b", Outcome.ASKED, "Kalimera did not answer")],
            ["Campaign b goes on until Kalimera takes its end: Kalimera did not answer."],
        ),
    ],
)
def test_each_window_is_told_by_what_became_of_it(endings: list[Ending], sentences: list[str]) -> None:
    assert in_words(endings) == sentences
