"""What becomes of orders where Kalimera answers oddly: whoever may be on the list already is never added again."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from adding import ASIDE, CAMPAIGN, CONTACTS, LIST, UNCLEAR, adds, contact_of, synced

from house import House
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode


def creations(house: House) -> int:
    return len([call for call in house.kalimera.calls if call.method == "POST" and call.path.endswith(CONTACTS)])


def test_who_is_named_as_failed_is_set_aside_with_the_words_and_all_others_are_listed(house: House) -> None:
    ids = [synced(house, number) for number in (1, 2, 3)]
    failed = {"contact_id": contact_of(house, ids[1]), "reason": "number is on the DND list"}
    house.gate.answers("POST", LIST, {"success": True, "failed": [failed]})

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None), ASIDE, ("on_campaign", None)]
    assert "number is on the DND list" in house.order(ids[1]).calling_detail


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"success": False, "added_count": 5, "failed_count": 1, "message": "1 of 6 could not be added"}, 200),
        ({"success": False, "added": 6, "failed": 0}, 422),
        ({"message": "0 contacts failed, 6 contacts added"}, 200),
        ({"message": "Campaign is paused"}, 200),
        ({"message": "Some contacts already in campaign"}, 409),
        ({"success": False, "failed_count": 1}, 200),
        ({"error": "1 contact failed"}, 400),
        ({"success": False, "errors": [{"row": 3, "message": "bad phone"}]}, 200),
        ({"success": False, "error": "Request timed out"}, 200),
        ({"statusCode": 500, "message": "Internal Server Error"}, 200),
        ("", 303),
    ],
    ids=str,
)
def test_an_answer_that_is_not_understood_is_settled_by_the_list_and_adds_nobody_again(
    house: House, body: Any, status: int
) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    house.gate.says_once("POST", LIST, body, status)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None)] * 6
    assert (len(adds(house)), house.kalimera.repeats) == (1, [])


def test_whoever_is_not_on_the_list_after_an_answer_that_is_not_understood_waits_for_a_person(house: House) -> None:
    order_id = synced(house, 1)
    house.gate.answers("POST", LIST, {"message": "Insufficient balance"})
    for _ in range(3):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert house.states()[order_id] == UNCLEAR
    assert any("Its list is looked at" in message for message in house.messages(order_id))
    looks = [call for call in house.kalimera.calls if call.method == "GET" and LIST in call.path]
    assert len(looks) == 2  # at once, and when it can no more be at work there


def test_an_ordinary_day_asks_kalimera_nothing_more(house: House) -> None:
    for number in range(1, 9):
        synced(house, number)

    house.campaigns.flush(CAMPAIGN)

    asked = Counter((call.method, call.path.rpartition("/kalimera")[2]) for call in house.kalimera.calls)
    assert asked == {
        ("POST", "/contact"): 8,
        ("PUT", f"/campaign/{CAMPAIGN}"): 1,
        ("POST", "/campaign/contacts"): 1,
    }


def test_a_contact_of_somebody_else_with_the_same_email_is_not_rung(house: House) -> None:
    other = {"id": "c-of-somebody-else", "phone": "+919000011111"}
    house.gate.answers("POST", CONTACTS, {"message": "A contact with this email already exists", "contact": other}, 409)

    order_id = synced(house, 1)

    assert (house.order(order_id).contact_id, house.states()[order_id]) == (None, ASIDE)


@pytest.mark.parametrize("path", [LIST, CONTACTS])
def test_a_page_of_a_proxy_sets_nobody_aside(house: House, path: str) -> None:
    ids = [house.receive(make_order(number, state="Kerala")) for number in range(1, 4)]
    if path == LIST:
        for order_id in ids:
            house.sync.sync(order_id)
    house.gate.answers("POST", path, "Forbidden", 403)
    with suppress(ProviderBusy):
        house.sync.sync(ids[0])
        house.campaigns.flush(CAMPAIGN)

    assert {state for state, _ in house.states().values()} == {"queued"}


def test_a_paused_campaign_takes_nobody(house: House) -> None:
    order_id = synced(house, 1)
    house.gate.answers("POST", LIST, {"status": "error", "message": "Campaign is paused"})

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ASIDE
    assert "Campaign is paused" in house.order(order_id).calling_detail


def test_an_answer_that_counts_fewer_is_settled_by_the_list(house: House) -> None:
    ids = [synced(house, number) for number in (1, 2)]
    house.gate.answers("POST", LIST, {"success": True, "added": 1})
    house.gate.answers("GET", LIST, {"contact_ids": [contact_of(house, ids[0])], "total": 2})
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(seconds=10)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None), UNCLEAR]


@pytest.mark.parametrize("look_up", [(404, {"message": "Not found"}), (200, []), (405, {"message": "No such method"})])
def test_a_contact_without_an_id_is_made_once_and_then_a_person_is_asked(
    house: House, look_up: tuple[int, Any]
) -> None:
    house.gate.answers("GET", CONTACTS, look_up[1], look_up[0])
    house.gate.answers("POST", CONTACTS, {"message": "Created"}, 201)
    order_id = synced(house, 1)

    house.sync.sync(order_id)

    assert house.states()[order_id] == ASIDE
    assert "its answer holds no id" in house.order(order_id).calling_detail


def test_where_contacts_cannot_be_looked_up_one_whose_answers_are_lost_is_made_twice_at_most(house: House) -> None:
    house.gate.answers("GET", CONTACTS, {"message": "Not found"}, 404)
    order_id = house.receive(make_order(1))
    house.kalimera.switch(Mode.LOST)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            house.sync.sync(order_id)

    house.sync.sync(order_id)

    assert creations(house) == 2
    assert house.states()[order_id] == ASIDE


def test_a_person_who_syncs_again_has_the_contact_made_anew(house: House) -> None:
    house.gate.answers("GET", CONTACTS, {"message": "Not found"}, 404)
    house.gate.answers("POST", CONTACTS, {}, 201)
    order_id = synced(house, 1)
    house.gate.answers("POST", CONTACTS, {"id": 42}, 201)
    house.gate.answers("POST", LIST, {"success": True})

    house.orders.request_sync(order_id, by="a person")
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)


def test_an_id_that_looks_like_a_number_is_shown_without_the_quotes_it_is_kept_in(house: House) -> None:
    house.gate.answers("POST", CONTACTS, {"id": "42"}, 201)
    order_id = synced(house, 1)

    assert house.orders.request_sync(order_id, by="a person").contact_id == "42"
    assert "Contact 42 created." in house.messages(order_id)


def test_a_refusal_that_names_who_was_added_adds_nobody_again(house: House) -> None:
    ids = [synced(house, number) for number in (1, 2, 3, 4)]
    *added, failed = (contact_of(house, order_id) for order_id in ids)
    house.gate.answers("POST", LIST, {"added": added, "failed": [{"contact_id": failed, "reason": "DND"}]}, 422)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None)] * 3 + [ASIDE]


@pytest.mark.parametrize("list_is_shown", [True, False])
def test_whom_a_refusal_names_is_set_aside_and_the_others_are_added_without_them(
    house: House, list_is_shown: bool
) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    named = contact_of(house, ids[2])
    body = {"message": "Unprocessable", "errors": [{"contact_id": named, "message": "number is on the DND list"}]}
    house.gate.answers_once("POST", LIST, body, 422)
    if not list_is_shown:
        house.gate.answers("GET", LIST, {"message": "Not found"}, 404)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids if order_id != ids[2]] == [("on_campaign", None)] * 5
    assert house.states()[ids[2]] == ASIDE
    assert "number is on the DND list" in house.order(ids[2]).calling_detail
    assert (len(adds(house)), house.kalimera.repeats) == (1, [])


def test_whoever_is_not_named_by_an_answer_about_some_is_added_without_them_when_the_list_does_not_show_them(
    house: House,
) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    house.gate.answers_once("POST", LIST, {"failed": [contact_of(house, ids[2])]}, 422)
    for _ in range(2):
        house.campaigns.flush(CAMPAIGN)
        house.pass_time(seconds=10)

    assert [house.states()[order_id] for order_id in ids if order_id != ids[2]] == [("on_campaign", None)] * 5
    assert (house.states()[ids[2]], house.kalimera.repeats) == (ASIDE, [])


def test_a_refusal_that_names_one_and_added_the_others_adds_nobody_again(house: House) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    body = {"errors": [{"contact_id": contact_of(house, ids[2]), "message": "DND"}]}
    house.gate.says_once("POST", LIST, body, 422)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids if order_id != ids[2]] == [("on_campaign", None)] * 5
    assert (house.states()[ids[2]], len(adds(house)), house.kalimera.repeats) == (ASIDE, 1, [])


@pytest.mark.parametrize(
    "body",
    [
        False,
        {"added": []},
        {"status": "paused"},
        {"success": True, "failed": {"count": 1}},
        {"message": "No contacts added"},
    ],
)
def test_what_is_no_yes_puts_nobody_on_the_campaign(house: House, body: Any) -> None:
    order_id = synced(house, 1)
    house.gate.answers("POST", LIST, body)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id][0] != "on_campaign"
