"""What a report may do: by itself no more than nobody could object to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.judging import Verdict, judge, may_move
from ordercall.domain.reports.matching import Match
from ordercall.domain.reports.report import Answer, Completion, Connection, Report, Unread
from properties import always

ORDER = 1
ITS = Match((ORDER,))
PLACED, SUCCESS, RETURNED, FAILED = Status
APPLIED, KEPT, PERSON = Fate


def judged(match: Match = ITS, was: Status | None = PLACED, *, may_force: bool = False, **said: Any) -> Verdict:
    return judge(Report(**said), match, dict.fromkeys((*match.orders, *match.beside), was), may_force=may_force)


@pytest.mark.parametrize(("answer", "status"), [(Answer.CONFIRMED, SUCCESS), (Answer.REFUSED, FAILED)])
def test_a_clear_answer_is_applied(answer: Answer, status: Status) -> None:
    assert judged(answer=answer) == Verdict(APPLIED, Why.SAID, {ORDER: status})


@pytest.mark.parametrize("was", [PLACED, None])
@pytest.mark.parametrize("wanted", Status)
def test_a_placed_order_may_become_anything(was: Status | None, wanted: Status) -> None:
    assert judged(was=was, status=wanted).fate is (KEPT if was is wanted else APPLIED)


def test_a_confirmed_order_may_come_back() -> None:
    assert judged(was=SUCCESS, status=RETURNED) == Verdict(APPLIED, Why.SAID, {ORDER: RETURNED})


@pytest.mark.parametrize("status", Status)
def test_the_same_again_is_no_change(status: Status) -> None:
    assert judged(was=status, status=status) == Verdict(KEPT, Why.SAME)


OTHER_CHANGES = [
    (was, wanted)
    for was in (SUCCESS, RETURNED, FAILED)
    for wanted in Status
    if was is not wanted and (was, wanted) != (SUCCESS, RETURNED)
]


@pytest.mark.parametrize(("was", "wanted"), OTHER_CHANGES)
def test_every_other_change_of_a_decided_order_is_a_persons_unless_forced(was: Status, wanted: Status) -> None:
    assert judged(was=was, status=wanted) == Verdict(PERSON, Why.DECIDED)
    assert judged(was=was, status=wanted, force=True, may_force=True).changes == {ORDER: wanted}
    assert judged(was=was, status=wanted, force=True) == Verdict(PERSON, Why.NO_RIGHT)


def test_force_does_not_say_which_order_is_meant() -> None:
    doubtful = Match((), Why.STALE_CARD, (ORDER, 2))

    assert judged(doubtful, status=FAILED, force=True, may_force=True) == Verdict(PERSON, Why.STALE_CARD)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"answer": Answer.UNCLEAR}, Why.UNCLEAR),
        ({"answer": Answer.CHANGED}, Why.CHANGED),
        ({"answer": Answer.WRONG_PERSON}, Why.WRONG_PERSON),
        ({"do_not_call": True}, Why.DO_NOT_CALL),
        ({"language": "ta"}, Why.LANGUAGE),
        ({"address": {"zip": "380015"}}, Why.ADDRESS),
        ({"connection": Connection.INVALID_NUMBER}, Why.INVALID_NUMBER),
        ({"completion": Completion.COMPLETED}, Why.NO_ANSWER_SAID),
        ({"completion": Completion.PARTIAL}, Why.NO_ANSWER_SAID),
        ({}, Why.SAYS_NOTHING),
        ({"unread": (Unread("answer", "haan"),)}, Why.UNKNOWN_WORD),
        ({"answer": Answer.CONFIRMED, "connection": Connection.NO_ANSWER}, Why.CONTRADICTION),
        ({"answer": Answer.REFUSED, "connection": Connection.VOICEMAIL}, Why.CONTRADICTION),
        ({"answer": Answer.REFUSED, "completion": Completion.NONE}, Why.CONTRADICTION),
        ({"answer": Answer.CONFIRMED, "status": FAILED}, Why.CONTRADICTION),
        ({"answer": Answer.UNCLEAR, "status": SUCCESS}, Why.CONTRADICTION),
    ],
)
def test_what_only_a_person_can_do_changes_nothing(said: dict[str, Any], why: Why) -> None:
    assert judged(**said) == Verdict(PERSON, why)


def test_a_confirmation_with_an_address_is_applied_and_a_persons() -> None:
    found = judged(answer=Answer.CONFIRMED, address={"zip": "380015"})

    assert found == Verdict(PERSON, Why.ADDRESS, {ORDER: SUCCESS})


def test_the_language_of_a_talk_that_was_understood_is_no_wish() -> None:
    assert judged(answer=Answer.CONFIRMED, language="hi").fate is APPLIED


@pytest.mark.parametrize("connection", sorted(set(Connection) - {Connection.CONNECTED, Connection.INVALID_NUMBER}))
def test_a_call_that_reached_nobody_is_kept(connection: Connection) -> None:
    assert judged(connection=connection) == Verdict(KEPT, Why.NOBODY_REACHED)


def test_an_answer_that_is_not_the_last_word_waits_for_it() -> None:
    assert judged(answer=Answer.REFUSED, final=False) == Verdict(KEPT, Why.NOT_FINAL)


def test_a_status_counts_though_it_is_not_the_last_word() -> None:
    assert judged(status=FAILED, final=False) == Verdict(APPLIED, Why.SAID, {ORDER: FAILED})


def test_what_cannot_be_read_beside_the_answer_does_not_hold_it_up() -> None:
    assert judged(answer=Answer.CONFIRMED, unread=(Unread("duration_seconds", "long"),)).fate is APPLIED


def test_a_joint_call_is_confirmed_for_all_and_refused_by_a_person() -> None:
    joint = Match((1, 2))

    assert judged(joint, answer=Answer.CONFIRMED).changes == {1: SUCCESS, 2: SUCCESS}
    assert judged(joint, answer=Answer.REFUSED) == Verdict(PERSON, Why.JOINT_REFUSAL)


DECIDED = Match((), Why.NOT_WAITING, (ORDER,))


def test_a_second_report_of_the_same_answer_is_kept() -> None:
    assert judged(DECIDED, was=SUCCESS, answer=Answer.CONFIRMED) == Verdict(KEPT, Why.SAME)
    assert judged(DECIDED, was=SUCCESS, recording_url="https://example.com/1") == Verdict(KEPT, Why.NOTED)


def test_a_later_answer_that_contradicts_the_first_is_a_persons() -> None:
    assert judged(DECIDED, was=SUCCESS, answer=Answer.REFUSED) == Verdict(PERSON, Why.DECIDED)
    assert judged(DECIDED, was=FAILED, answer=Answer.CONFIRMED) == Verdict(PERSON, Why.DECIDED)


def test_an_answer_for_an_order_that_nobody_rings_for_is_a_persons() -> None:
    assert judged(DECIDED, was=PLACED, answer=Answer.CONFIRMED) == Verdict(PERSON, Why.NOT_WAITING)


_MAYBE = {
    "status": some.sampled_from([None, *Status]),
    "answer": some.sampled_from([None, *Answer]),
    "connection": some.sampled_from([None, *Connection]),
    "completion": some.sampled_from([None, *Completion]),
    "do_not_call": some.sampled_from([None, True]),
    "language": some.sampled_from([None, "hi"]),
    "address": some.sampled_from([None, {"zip": "1"}]),
    "final": some.booleans(),
    "unread": some.sampled_from([(), (Unread("answer", "?"),)]),
}
_MATCHES = some.sampled_from([ITS, DECIDED, Match((1, 2)), *(Match((), why, (ORDER, 2)) for why in Why)])


@always
@given(some.builds(Report, **_MAYBE, force=some.booleans()), _MATCHES, some.sampled_from(Status))
def test_no_programs_word_cancels_a_success_and_no_doubt_changes_anything(
    report: Report, match: Match, was: Status
) -> None:
    found = judge(report, match, dict.fromkeys((1, 2), was))

    assert set(found.changes) <= set(match.orders)
    assert all(may_move(was, wanted) and wanted is not was for wanted in found.changes.values())
    if was is SUCCESS:
        assert FAILED not in found.changes.values()
