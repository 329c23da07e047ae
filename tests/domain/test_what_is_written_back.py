"""What is written to an order in Shopify, and that nobody else's tag is ever touched, whatever comes in between."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.write_back import (
    Difference,
    Said,
    Standing,
    Wanted,
    WriteBack,
    Written,
    begun,
    difference,
    ended,
    is_behind,
    read_tag,
    said_of,
    wanted,
)
from properties import always

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WAITS = Standing(status=Status.PLACED, calling=CallingState.QUEUED)
RULES = WriteBack(
    tag_pending="to confirm", tag_confirmed="ok", tag_failed="not ok", tag_no_answer="silent", tag_call_back="later"
)
ALL = replace(RULES, metafields=True)

words = some.sampled_from(["", "ok", "OK", "silent", "to confirm", "VIP"])
rules = some.builds(
    WriteBack,
    tag_pending=words,
    tag_confirmed=words,
    tag_failed=words,
    tag_no_answer=words,
    tag_call_back=words,
    metafields=some.booleans(),
)
standings = some.builds(
    Standing,
    status=some.sampled_from([None, *Status]),
    calling=some.sampled_from([None, *CallingState]),
    reason=some.sampled_from([None, *Reason]),
    decided_at=some.sampled_from([None, NOW]),
    language=some.sampled_from([None, Language.HINDI]),
    calls=some.lists(some.tuples(some.sampled_from(CallState), some.sampled_from([None, *Follows])), max_size=3),
)
deaths = some.sampled_from(["", "before it leaves", "before the answer"])
refusals = some.sets(some.sampled_from(["removed", "added", "set"]))
theirs = some.lists(some.sampled_from(["VIP", "gift", "ok", "Silent"]), unique_by=str.casefold)


def said(**changes: Any) -> Said:
    return said_of(replace(WAITS, **changes))


def taken(asked: Difference, refused: Collection[str]) -> Difference:
    """Return what Shopify does of a request."""
    remove = () if "removed" in refused else asked.remove
    return replace(asked, remove=remove, add="" if "added" in refused else asked.add)


def in_shopify(tags: Collection[str], asked: Difference) -> list[str]:
    """Return the tags once Shopify has carried out what it was asked for."""
    gone = set(map(str.casefold, asked.remove))
    left = [tag for tag in tags if tag.casefold() not in gone]
    return left + ([asked.add] if asked.add and asked.add.casefold() not in map(str.casefold, left) else [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Said.PENDING),
        ({"calls": [(CallState.PLACED, None)]}, Said.PENDING),
        ({"status": Status.SUCCESS}, Said.CONFIRMED),
        ({"status": Status.FAILED}, Said.FAILED),
        ({"status": Status.RETURNED}, Said.RETURNED),
        ({"status": None}, Said.NOT_CALLED),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.PAID}, Said.NOT_CALLED),
        ({"calling": CallingState.NOT_CALLED, "reason": Reason.NO_PHONE}, Said.PENDING),
        ({"calling": CallingState.FAILED, "reason": Reason.NOT_REACHED}, Said.NO_ANSWER),
        ({"calls": [(CallState.PLANNED, Follows.SILENCE), (CallState.UNANSWERED, None)]}, Said.NO_ANSWER),
        ({"calls": [(CallState.PLACED, Follows.SILENCE), (CallState.UNANSWERED, None)]}, Said.NO_ANSWER),
        ({"calls": [(CallState.PLANNED, Follows.CALL_BACK), (CallState.ANSWERED, None)]}, Said.CALL_BACK),
        ({"calls": [(CallState.UNANSWERED, Follows.CALL_BACK), (CallState.ANSWERED, None)]}, Said.NO_ANSWER),
    ],
)
def test_the_state_is_read_off_the_order_and_its_calls(changes: dict[str, Any], expected: Said) -> None:
    assert said(**changes) is expected


def test_the_metafields_tell_the_calls_that_are_over_and_when_it_was_decided() -> None:
    calls = [(CallState.ANSWERED, Follows.SILENCE), (CallState.UNANSWERED, None)]
    order = replace(WAITS, status=Status.SUCCESS, decided_at=NOW, language=Language.HINDI, calls=calls)

    assert wanted(order, WriteBack(metafields=True)) == Wanted(
        Said.CONFIRMED,
        "",
        {"status": "confirmed", "attempts": "2", "language": "hi", "answered_at": "2026-11-24T12:00:00Z"},
    )


@always
@given(standings)
def test_nothing_is_written_while_the_policy_is_off(order: Standing) -> None:
    assert not is_behind(wanted(order, WriteBack()), Written())


@pytest.mark.parametrize("status", [None, Status.PLACED])
def test_an_order_that_is_never_called_is_left_alone(status: Status | None) -> None:
    order = Standing(status=status, calling=CallingState.NOT_CALLED, reason=Reason.PAID)

    assert not is_behind(wanted(order, ALL), Written())


def test_an_order_that_is_called_no_more_loses_its_tag() -> None:
    order = Standing(status=Status.PLACED, calling=CallingState.NOT_CALLED, reason=Reason.PAID)
    known = Written(Said.PENDING, "to confirm", "to confirm")

    assert difference(wanted(order, RULES), known, ["to confirm"]) == Difference(
        ("to confirm",), "", {}, tag="", had="to confirm"
    )


def test_a_state_without_a_tag_of_its_own_asks_shopify_for_nothing() -> None:
    assert not is_behind(wanted(WAITS, WriteBack(tag_confirmed="ok")), Written())


def test_a_new_state_takes_the_place_of_the_one_before() -> None:
    known = Written(Said.PENDING, "to confirm", "to confirm")

    asked = difference(wanted(replace(WAITS, status=Status.SUCCESS), RULES), known, ["gift", "To Confirm"])

    assert asked == Difference(("to confirm",), "ok", {}, tag="ok", had="to confirm")


def test_the_same_word_that_the_shop_gave_before_is_not_ours() -> None:
    first = difference(wanted(WAITS, RULES), Written(), ["To Confirm"])
    then = ended(wanted(WAITS, RULES), Written(), first)

    later = difference(wanted(replace(WAITS, status=Status.SUCCESS), RULES), then, ["To Confirm"])

    assert (first, later) == (Difference((), "", {}), Difference((), "ok", {}, tag="ok"))


def test_a_tag_that_a_person_took_away_stays_away_until_the_state_is_another() -> None:
    known = Written(Said.PENDING, "to confirm", "to confirm", fields={"attempts": "0"})
    fewer = replace(ALL, tag_confirmed="to confirm")

    same = difference(wanted(WAITS, ALL), known, [])
    another = difference(wanted(replace(WAITS, status=Status.SUCCESS), fewer), known, [])

    assert (same.add, same.fields["status"], another.add) == ("", "pending", "to confirm")


def test_a_tag_that_was_added_before_a_crash_is_found_to_be_ours() -> None:
    known = Written(adding="to confirm")

    assert is_behind(wanted(WAITS, RULES), known)
    assert difference(wanted(WAITS, RULES), known, ["to confirm"]) == Difference(
        (), "", {}, tag="to confirm", had="to confirm"
    )
    assert difference(wanted(WAITS, RULES), known, []) == Difference((), "to confirm", {}, tag="to confirm")


@always
@given(theirs, some.lists(some.tuples(standings, rules, some.booleans(), deaths, refusals), max_size=8))
def test_the_tags_of_others_stay_and_ours_are_known_whatever_comes(
    begin: list[str], steps: list[tuple[Standing, WriteBack, bool, str, set[str]]]
) -> None:
    known, tags = Written(), list(begin)
    for order, policy, is_removed_by_hand, dies, refused in steps:
        want = wanted(order, policy)
        if is_removed_by_hand and known.tag:
            tags = [tag for tag in tags if tag.casefold() != known.tag.casefold()]
        if not is_behind(want, known):
            continue
        asked = difference(want, known, tags)
        tags = tags if dies == "before it leaves" else in_shopify(tags, taken(asked, refused))
        known = begun(known, asked) if dies else ended(want, known, asked, refused)

        added = {tag.casefold() for tag in tags} - set(map(str.casefold, begin))
        assert set(begin) <= set(tags)
        assert added <= {known.tag.casefold(), known.adding.casefold()}


@always
@given(standings, rules, theirs)
def test_what_is_written_is_not_written_again(order: Standing, policy: WriteBack, tags: list[str]) -> None:
    want = wanted(order, policy)
    asked = difference(want, Written(), tags)
    known = ended(want, Written(), asked)

    assert not is_behind(want, known)
    assert difference(want, known, in_shopify(tags, asked)).is_empty


TAGS = [
    ("call confirmed", "call confirmed"),
    ("  call   confirmed ", "call confirmed"),
    ("Cafe\u0301", "Caf\u00e9"),
    ("पुष्टि हुई", "पुष्टि हुई"),
    ("ok ✅", "ok ✅"),
    ("", ""),
    ("   ", ""),
    ("x" * 40, "x" * 40),
    ("x" * 41, None),
    ("one, two", None),
    (",", None),
    ("a\nb", None),
    ("a\u00a0b", None),
    ("a\0", None),
    ("a\u200e", None),
    ("\u202eok", None),
    ("\ufeffok", None),
    ("o\u200dk", None),
    ("a\ud83d", None),
]


@pytest.mark.parametrize(("text", "tag"), TAGS, ids=[repr(text[:20]) for text, _ in TAGS])
def test_a_tag_is_one_that_shopify_keeps_as_it_is(text: str, tag: str | None) -> None:
    assert read_tag(text) == tag
