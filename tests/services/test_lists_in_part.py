"""What a campaign's list proves after a lost answer: whoever may stand on the rest of it is never added again."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from adding import CAMPAIGN, LIST, UNCLEAR, adds, contact_of, lose_the_addition, synced

from house import House
from ordercall.sandbox.provider import Mode

PHONE = "+919000000002"


@pytest.mark.parametrize("page_size", [5, 7, 11, 15])
@pytest.mark.parametrize(
    "marks", [{}, {"is_last": False}, {"pagination": {"total_entries": 21}}, {"size": 21}, {"total": None}], ids=str
)
def test_whoever_is_on_a_later_page_of_the_list_is_not_added_again(
    house: House, page_size: int, marks: dict[str, Any]
) -> None:
    ids = [synced(house, number) for number in range(1, 22)]
    shown = [contact_of(house, order_id) for order_id in ids[:page_size]]
    marks = {name: page_size if value is None else value for name, value in marks.items()}
    house.gate.answers("GET", LIST, {"data": shown, **marks} if marks else shown)
    lose_the_addition(house)
    for _ in range(3):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert house.kalimera.repeats == []
    assert Counter(house.states().values()) == {("on_campaign", None): page_size, UNCLEAR: 21 - page_size}


@pytest.mark.parametrize("marks", [None, {}, {"total": 2}, {"has_more": False}], ids=str)
def test_a_list_without_a_customer_who_is_rung_now_is_a_page_of_it(house: House, marks: dict[str, Any] | None) -> None:
    rung = [synced(house, number) for number in (1, 2, 3)]
    house.campaigns.flush(CAMPAIGN)
    new = synced(house, 4)
    shown = [contact_of(house, order_id) for order_id in rung[:2]]
    house.gate.answers("GET", LIST, shown if marks is None else {"data": shown, **marks})
    lose_the_addition(house)
    for _ in range(3):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert (house.states()[new], house.kalimera.repeats) == (UNCLEAR, [])


STRANGERS = ["stranger-1", "stranger-2", "stranger-3"]


@pytest.mark.parametrize(
    "shown",
    [STRANGERS, {"data": STRANGERS}, {"contacts": [{"id": one} for one in STRANGERS]}, {"ids": STRANGERS, "total": 3}],
)
@pytest.mark.parametrize("orders", [1, 3])
def test_a_list_of_strangers_that_does_not_say_that_it_ends_proves_nothing_of_the_first_request(
    house: House, shown: Any, orders: int
) -> None:
    ids = [synced(house, number) for number in range(1, 1 + orders)]
    house.gate.answers("GET", LIST, shown)
    lose_the_addition(house)
    for _ in range(3):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert {house.states()[order_id] for order_id in ids} == {UNCLEAR}
    assert house.kalimera.repeats == []


@pytest.mark.parametrize("end", [{"has_more": False}, {"next": None}, {"page": 1, "total_pages": 1}], ids=str)
def test_a_list_of_strangers_that_says_that_it_ends_is_all_of_it(house: House, end: dict[str, Any]) -> None:
    order_id = synced(house, 1)
    house.gate.answers("GET", LIST, {"data": STRANGERS, **end})
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.DOWN)
    for _ in range(2):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert house.states()[order_id] == ("on_campaign", None)


@pytest.mark.parametrize(("earlier", "state"), [(True, ("on_campaign", None)), (False, UNCLEAR)])
def test_a_list_without_an_end_is_believed_where_it_shows_who_was_added_last(
    house: House, earlier: bool, state: tuple[str, str | None]
) -> None:
    first = synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(hours=24)
    house.calls.see_silence()
    new = synced(house, 2)
    house.gate.answers("GET", LIST, [*STRANGERS, *([contact_of(house, first)] if earlier else [])])
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.DOWN)
    for _ in range(2):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert house.states()[new] == state


def test_a_list_without_a_customer_whose_call_is_over_may_be_all_of_it(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(hours=24)
    house.calls.see_silence()
    new = synced(house, 2)
    house.kalimera.campaign.contact_ids.clear()
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.DOWN)
    for _ in range(2):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert house.states()[new] == ("on_campaign", None)


@pytest.mark.parametrize(
    "marks", [{"meta": {"current_page": 1, "last_page": 4, "total": 8}}, {"total": 8}, {"has_more": True}]
)
def test_who_is_missing_on_a_page_of_the_list_is_asked_of_a_person(house: House, marks: dict[str, Any]) -> None:
    ids = [synced(house, number) for number in range(1, 9)]
    shown = [contact_of(house, order_id) for order_id in ids[:2]]
    house.gate.answers("GET", LIST, {"data": shown, **marks})
    lose_the_addition(house)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(seconds=10)

    house.campaigns.flush(CAMPAIGN)

    states = house.states()
    assert [states[order_id] for order_id in ids] == [("on_campaign", None)] * 2 + [UNCLEAR] * 6
    assert house.kalimera.repeats == []


def test_a_list_is_read_to_its_end_before_anybody_counts_as_missing(house: House) -> None:
    ids = [synced(house, number) for number in (1, 2)]
    house.gate.answers("GET", LIST, {"data": [contact_of(house, order_id) for order_id in ids], "total": 2})
    lose_the_addition(house)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None)] * 2


def test_a_list_does_not_prove_an_addition_of_somebody_who_was_on_it_before(house: House) -> None:
    first = synced(house, 1, phone=PHONE)
    house.campaigns.flush(CAMPAIGN)
    second = synced(house, 2, phone=PHONE)
    lose_the_addition(house)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states()[first], house.states()[second]) == (("on_campaign", None), UNCLEAR)


def test_an_addition_that_arrives_after_it_was_given_up_is_not_made_again(house: House) -> None:
    order_id = synced(house, 1)
    lose_the_addition(house)
    house.gate.answers("GET", LIST, {"contact_ids": [], "total": 0})

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("queued", None)
    house.gate.answers("GET", LIST, {"contact_ids": [contact_of(house, order_id)], "total": 1})
    house.pass_time(seconds=10)
    house.campaigns.flush(CAMPAIGN)
    assert house.states()[order_id] == ("on_campaign", None)
    assert len(adds(house)) == 1


def test_an_addition_that_never_arrived_is_made_again_a_while_later(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.DOWN)
    house.campaigns.flush(CAMPAIGN)
    assert house.jobs("flush_campaign")[-1][1] == house.now + timedelta(seconds=10)
    house.pass_time(seconds=10)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)
    assert house.kalimera.repeats == []


@pytest.mark.parametrize(
    "marks", [{"limit": 2, "offset": 0}, {"page": 1, "per_page": 2}, {"count": 8}, {"page": 0, "totalPages": 4}]
)
def test_a_full_page_of_the_list_is_not_the_list(house: House, marks: dict[str, Any]) -> None:
    ids = [synced(house, number) for number in range(1, 9)]
    house.gate.answers("GET", LIST, {"data": [contact_of(house, order_id) for order_id in ids[:2]], **marks})
    lose_the_addition(house)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(seconds=10)

    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.repeats == []
