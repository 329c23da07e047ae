"""What comes next in a cancellation: the whole table of what may be stored and what Shopify may have said."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from ordercall.domain.orders.cancelling import (
    LONGEST_TRY,
    LOST_ANSWER,
    Attempt,
    Cancellation,
    Job,
    Shown,
    Step,
    Trouble,
    next_step,
)
from ordercall.domain.orders.order import CANCEL_TRANSITIONS, CancelState

QUEUED, SENDING, WORKING, UNKNOWN = CancelState.QUEUED, CancelState.SENDING, CancelState.WORKING, CancelState.UNKNOWN
NOW, SOON, LONG_AGO = timedelta(0), LOST_ANSWER, LONGEST_TRY + timedelta(seconds=1)


def step(
    state: CancelState | None,
    shown: Shown | None = None,
    trouble: Trouble | None = None,
    *,
    age: timedelta | None = NOW,
    wanted: bool = True,
    out_of_reach: bool = False,
    accepted: bool = False,
    job: Job | None = None,
) -> Step:
    stored = Cancellation(state=state, wanted=wanted, has_job=state is WORKING, age=age, out_of_reach=out_of_reach)
    return next_step(stored, Attempt(shown=shown, trouble=trouble, accepted=accepted, job=job))


EVERYTHING = list(
    product(
        (None, *CancelState),
        (None, *Shown),
        (None, *Trouble),
        (None, NOW, SOON, LONG_AGO),
        (True, False),
        (True, False),
        (None, *Job),
    )
)
STORED = {
    Step.SEND: SENDING,
    Step.WITHDRAW: None,
    Step.FINISH: CancelState.DONE,
    Step.REFUSE: CancelState.REFUSED,
    Step.LEAVE_UNCLEAR: CancelState.UNCLEAR,
}


def every_step() -> list[tuple[CancelState | None, Shown | None, bool, Step]]:
    return [
        (state, shown, wanted, step(state, shown, trouble, age=age, wanted=wanted, accepted=yes, job=job))
        for state, shown, trouble, age, wanted, yes, job in EVERYTHING
    ]


def test_what_is_stored_by_a_step_may_follow_what_was_stored_before() -> None:
    for state, _, _, after in every_step():
        assert after not in STORED or STORED[after] in CANCEL_TRANSITIONS[state], (state, after)


def test_nothing_is_sent_that_is_not_wanted_or_before_it_was_looked_that_the_order_stands() -> None:
    for _, shown, wanted, after in every_step():
        assert after is not Step.SEND or (wanted and shown in (Shown.LIVE, Shown.HIDDEN))


def test_nothing_is_said_to_stand_while_a_request_may_have_left_that_nobody_looked_for() -> None:
    for state, shown, _, after in every_step():
        assert after is not Step.REFUSE or state is QUEUED or shown not in (None, Shown.CANCELLED)


def test_every_attempt_comes_to_an_end() -> None:
    for state, shown, _, after in every_step():
        assert after is not Step.LOOK or (state is not None and shown is None), "it was looked at already"


@pytest.mark.parametrize("state", [None, CancelState.DONE, CancelState.REFUSED, CancelState.UNCLEAR])
def test_what_has_come_to_its_end_or_never_began_is_left_alone(state: CancelState | None) -> None:
    steps = {step(state, shown, trouble) for shown in (None, *Shown) for trouble in (None, *Trouble)}

    assert steps == {Step.NOTHING}


@pytest.mark.parametrize("state", [QUEUED, SENDING, WORKING, UNKNOWN])
def test_an_order_of_the_sandbox_is_withdrawn_where_there_is_none(state: CancelState) -> None:
    assert step(state, out_of_reach=True, trouble=Trouble.LOCKED_OUT) is Step.WITHDRAW


@pytest.mark.parametrize(
    ("state", "shown", "expected"),
    [
        (QUEUED, None, Step.LOOK),
        (QUEUED, Shown.HIDDEN, Step.SEND),
        (QUEUED, Shown.LIVE, Step.SEND),
        (QUEUED, Shown.SHIPPED, Step.REFUSE),
        (QUEUED, Shown.CANCELLED, Step.FINISH),
        (SENDING, None, Step.LOOK),
        (SENDING, Shown.HIDDEN, Step.SEND),
        (SENDING, Shown.LIVE, Step.SEND),
        (SENDING, Shown.SHIPPED, Step.REFUSE),
        (SENDING, Shown.CANCELLED, Step.FINISH),
        (UNKNOWN, None, Step.LOOK),
        (UNKNOWN, Shown.HIDDEN, Step.SEND),
        (UNKNOWN, Shown.LIVE, Step.SEND),
        (UNKNOWN, Shown.SHIPPED, Step.REFUSE),
        (UNKNOWN, Shown.CANCELLED, Step.FINISH),
        (WORKING, None, Step.LOOK),
        (WORKING, Shown.CANCELLED, Step.FINISH),
    ],
)
def test_the_order_is_looked_at_and_then_cancelled_if_it_can_be(
    state: CancelState, shown: Shown | None, expected: Step
) -> None:
    assert step(state, shown) is expected


@pytest.mark.parametrize(
    ("state", "shown", "expected"),
    [
        (QUEUED, None, Step.WITHDRAW),
        (QUEUED, Shown.LIVE, Step.WITHDRAW),
        (QUEUED, Shown.SHIPPED, Step.WITHDRAW),
        (QUEUED, Shown.CANCELLED, Step.FINISH),
        (SENDING, None, Step.LOOK),
        (SENDING, Shown.LIVE, Step.WITHDRAW),
        (UNKNOWN, None, Step.LOOK),
        (UNKNOWN, Shown.SHIPPED, Step.WITHDRAW),
        (WORKING, None, Step.LOOK),
    ],
)
@pytest.mark.parametrize("age", [None, SOON, LONG_AGO])
def test_what_is_not_wanted_any_more_is_withdrawn_once_nothing_is_on_its_way(
    state: CancelState, shown: Shown | None, expected: Step, age: timedelta | None
) -> None:
    assert step(state, shown, wanted=False, age=age) is expected


@pytest.mark.parametrize("shown", [Shown.HIDDEN, Shown.LIVE, Shown.SHIPPED])
@pytest.mark.parametrize("state", [SENDING, UNKNOWN])
def test_what_is_not_wanted_any_more_is_not_withdrawn_while_shopify_may_be_at_it(
    state: CancelState, shown: Shown
) -> None:
    assert step(state, shown, wanted=False, age=SOON - timedelta(seconds=1)) is Step.MARK_UNKNOWN


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("shown", [Shown.HIDDEN, Shown.LIVE, Shown.SHIPPED])
@pytest.mark.parametrize(
    ("state", "job", "expected"),
    [
        (WORKING, Job.UNDER_WAY, Step.WAIT),
        (WORKING, Job.FAILED, Step.REFUSE),
        (WORKING, Job.FORGOTTEN, Step.MARK_UNKNOWN),
        (SENDING, None, Step.MARK_UNKNOWN),
    ],
)
def test_after_a_yes_the_order_is_believed(
    state: CancelState, job: Job | None, expected: Step, shown: Shown, *, wanted: bool
) -> None:
    assert step(state, shown, accepted=True, job=job, wanted=wanted) is expected


@pytest.mark.parametrize(
    ("state", "shown", "age", "expected"),
    [
        (QUEUED, None, NOW, Step.LOOK),
        (QUEUED, Shown.LIVE, NOW, Step.REFUSE),
        (QUEUED, Shown.HIDDEN, LONG_AGO, Step.REFUSE),
        (SENDING, Shown.LIVE, NOW, Step.MARK_UNKNOWN),
        (SENDING, Shown.LIVE, SOON, Step.LEAVE_UNCLEAR),
        (SENDING, Shown.LIVE, None, Step.LEAVE_UNCLEAR),
        (UNKNOWN, Shown.HIDDEN, NOW, Step.MARK_UNKNOWN),
        (UNKNOWN, Shown.LIVE, SOON, Step.LEAVE_UNCLEAR),
        (WORKING, None, NOW, Step.LOOK),
        (WORKING, Shown.LIVE, NOW, Step.LEAVE_UNCLEAR),
        (WORKING, Shown.CANCELLED, NOW, Step.FINISH),
    ],
)
def test_after_a_refusal_it_is_looked_whether_shopify_is_at_it(
    state: CancelState, shown: Shown | None, age: timedelta | None, expected: Step
) -> None:
    assert step(state, shown, Trouble.REFUSED, age=age) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (QUEUED, Step.REFUSE),
        (SENDING, Step.LEAVE_UNCLEAR),
        (WORKING, Step.LEAVE_UNCLEAR),
        (UNKNOWN, Step.LEAVE_UNCLEAR),
    ],
)
def test_a_shopify_that_lets_nobody_in_is_not_looked_at_again(state: CancelState, expected: Step) -> None:
    assert step(state, trouble=Trouble.LOCKED_OUT) is expected


@pytest.mark.parametrize(
    ("state", "shown", "age", "expected"),
    [
        (QUEUED, None, None, Step.RETRY),
        (QUEUED, None, LONG_AGO, Step.RETRY),
        (SENDING, None, None, Step.RETRY),
        (UNKNOWN, None, LONGEST_TRY, Step.RETRY),
        (UNKNOWN, None, LONG_AGO, Step.LOOK),
        (UNKNOWN, Shown.LIVE, LONG_AGO, Step.LEAVE_UNCLEAR),
        (UNKNOWN, Shown.HIDDEN, LONG_AGO, Step.LEAVE_UNCLEAR),
        (UNKNOWN, Shown.CANCELLED, LONG_AGO, Step.FINISH),
        (WORKING, Shown.LIVE, LONG_AGO, Step.LEAVE_UNCLEAR),
    ],
)
def test_an_answer_that_stays_lost_for_an_hour_is_left_to_a_person(
    state: CancelState, shown: Shown | None, age: timedelta | None, expected: Step
) -> None:
    assert step(state, shown, Trouble.LOST, age=age) is expected


def test_a_job_that_began_in_this_attempt_has_its_time_also_an_hour_after_the_first_request() -> None:
    assert step(WORKING, None, Trouble.LOST, age=LONG_AGO, accepted=True) is Step.RETRY
