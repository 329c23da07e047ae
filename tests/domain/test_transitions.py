"""Which state may become which: every pair of each table, written down a second time as a person would draw it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ordercall.domain.calls.call import CALL_TRANSITIONS, MAY_RING, CallState
from ordercall.domain.calls.calling import CALLING_TRANSITIONS, CallingState, Reason, calling_sources
from ordercall.domain.orders.order import CANCEL_TRANSITIONS, STATUS_TRANSITIONS, CancelState, Status
from ordercall.domain.transitions import Transitions, sources

STATUS = """
           Placed Success Returned Failed
-          yes    yes     yes      yes
Placed     .      yes     yes      yes
Success    yes    .       yes      yes
Returned   yes    yes     .        yes
Failed     yes    yes     yes      .
"""

CALLING = """
                   queued waiting_for_hours on_campaign not_called failed
-                  yes    .                 yes         yes        yes
queued             yes    yes               yes         yes        yes
waiting_for_hours  yes    .                 yes         yes        yes
on_campaign        yes    .                 .           .          yes
not_called         yes    .                 yes         .          yes
failed             yes    .                 yes         yes        .
"""

CANCEL = """
         -    queued delayed frozen sending working done refused unknown unclear
-        .    yes    yes     .      .       .       yes  .       .       .
queued   yes  .      yes     yes    yes     .       yes  yes     .       .
delayed  yes  yes    .       .      .       .       yes  .       .       .
frozen   yes  yes    .       .      .       .       yes  .       .       .
sending  yes  yes    .       .      yes     yes     yes  yes     yes     yes
working  yes  .      .       .      .       .       yes  yes     yes     yes
done     .    .      .       .      .       .       .    .       .       .
refused  .    yes    yes     .      .       .       yes  .       .       .
unknown  yes  .      .       .      yes     .       yes  yes     .       yes
unclear  .    yes    yes     .      .       .       yes  .       .       .
"""

CALL = """
               planned placing placed in_doubt rejected withdrawn unanswered ended_unknown overtaken answered
-              .       .       .      .        .        .         .          .             .         .
planned        .       yes     .      .        yes      yes       .          .             .         .
placing        yes     .       yes    yes      yes      .         .          .             yes       yes
placed         .       .       .      .        .        .         yes        yes           yes       yes
in_doubt       yes     .       yes    .        .        .         .          yes           yes       yes
rejected       .       .       .      .        .        .         .          .             .         .
withdrawn      .       .       .      .        .        .         .          .             .         .
unanswered     .       .       .      .        .        .         .          .             .         yes
ended_unknown  .       .       .      .        .        .         yes        .             .         yes
overtaken      .       .       .      .        .        .         .          .             .         yes
answered       .       .       .      .        .        .         .          .             .         .
"""

TABLES = [
    pytest.param(STATUS_TRANSITIONS, Status, STATUS, id="status"),
    pytest.param(CALLING_TRANSITIONS, CallingState, CALLING, id="calling"),
    pytest.param(CANCEL_TRANSITIONS, CancelState, CANCEL, id="cancel"),
    pytest.param(CALL_TRANSITIONS, CallState, CALL, id="call"),
]


def drawn(picture: str) -> dict[tuple[str | None, str | None], bool]:
    """Return for every pair of a picture, of which a dash is no state, whether the first may become the second."""
    head, *lines = (line.split() for line in picture.strip().splitlines())
    return {
        (_state(was), _state(then)): word == "yes"
        for was, *words in lines
        for then, word in zip(head, words, strict=True)
    }


def _state(word: str) -> str | None:
    return None if word == "-" else word


@pytest.mark.parametrize(("table", "kind", "picture"), TABLES)
def test_every_pair_is_allowed_or_refused_as_drawn(table: Transitions[Any], kind: type[Any], picture: str) -> None:
    expected = drawn(picture)
    targets = {then for _, then in expected}

    assert {(was, then): then in table[was] for was, then in product((None, *kind), targets)} == expected
    assert {then for following in table.values() for then in following} <= targets


@pytest.mark.parametrize(
    ("table", "ends"),
    [
        (STATUS_TRANSITIONS, set()),
        (CALLING_TRANSITIONS, set()),
        (CANCEL_TRANSITIONS, {CancelState.DONE}),
        (CALL_TRANSITIONS, {None, CallState.REJECTED, CallState.WITHDRAWN, CallState.ANSWERED}),
    ],
)
def test_every_state_has_a_way_on_or_is_an_end(table: Transitions[Any], ends: set[Any]) -> None:
    assert {state for state, following in table.items() if not following} == ends


def test_no_ended_call_is_planned_or_rings_again() -> None:
    ended = {state for state in CallState if not state.live}

    assert not {then for state in ended for then in CALL_TRANSITIONS[state]} - ended


@pytest.mark.parametrize("state", sorted(MAY_RING))
def test_a_report_is_believed_of_each_call_that_may_ring(state: CallState) -> None:
    assert CallState.ANSWERED in CALL_TRANSITIONS[state]


@pytest.mark.parametrize(("table", "kind", "picture"), TABLES)
def test_the_sources_of_a_state_are_those_that_may_become_it(
    table: Transitions[Any], kind: type[Any], picture: str
) -> None:
    for target in kind:
        assert sources(table, target) == {
            was for (was, then), allowed in drawn(picture).items() if allowed and then == target
        }


@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_order_that_is_not_called_fails_only_when_it_may_be_rung_or_a_person_decides(reason: Reason | None) -> None:
    fails = CallingState.NOT_CALLED in calling_sources(CallingState.FAILED, reason)

    assert fails is (reason in (Reason.OUTCOME_UNKNOWN, Reason.CANCEL_UNDONE))


@pytest.mark.parametrize("reason", [None, *Reason])
@pytest.mark.parametrize("target", [state for state in CallingState if state is not CallingState.FAILED])
def test_no_other_calling_state_asks_for_the_reason(target: CallingState, reason: Reason | None) -> None:
    assert calling_sources(target, reason, further=True) == sources(CALLING_TRANSITIONS, target)


def test_only_a_further_call_brings_an_order_on_its_way_that_is_on_its_campaign() -> None:
    further = calling_sources(CallingState.QUEUED, further=True)

    assert further - calling_sources(CallingState.QUEUED) == {CallingState.ON_CAMPAIGN}


@pytest.mark.parametrize("state", CancelState)
def test_a_cancellation_that_a_job_works_on_may_come_to_its_end(state: CancelState) -> None:
    assert not state.under_way or CancelState.DONE in CANCEL_TRANSITIONS[state]


@pytest.mark.parametrize("state", CancelState)
def test_a_cancellation_that_is_left_to_a_person_can_be_tried_again(state: CancelState) -> None:
    again = {CancelState.QUEUED, CancelState.DELAYED, CancelState.DONE}
    assert state.left_to_a_person is (CANCEL_TRANSITIONS[state] == again)


@pytest.mark.parametrize("state", CancelState)
def test_a_cancellation_that_waits_can_be_undone_and_can_go_on(state: CancelState) -> None:
    assert state.waits is (CANCEL_TRANSITIONS[state] == {None, CancelState.QUEUED, CancelState.DONE})


@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_order_on_its_campaign_is_left_to_a_person_for_four_reasons_alone(reason: Reason | None) -> None:
    left = CallingState.ON_CAMPAIGN in calling_sources(CallingState.FAILED, reason)

    assert left is (reason in (Reason.PHONE_CHANGED, Reason.NOT_REACHED, Reason.PASSED_OVER, Reason.CANCEL_UNDONE))
