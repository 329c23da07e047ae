"""The fake Kalimera keeps its side of the contract, over real HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest
from playing import INDIA, NOBODY, OTHER_PHONE, PHONE, add, create, window

from ordercall.sandbox.other_names import OtherNames


def test_a_stranger_is_refused_by_kalimera(to_kalimera):
    answer = to_kalimera.get("/contact", params={"phone": PHONE}, headers={"Authorization": "Bearer wrong"})

    assert answer.status_code == 401


@pytest.mark.parametrize("phone", [None, "", "98250 00000", "+0123456789", 9825000000])
def test_a_contact_needs_a_phone_in_e164(to_kalimera, phone):
    answer = to_kalimera.post("/contact", json={"name": "Asha", "phone": phone})

    assert answer.status_code == 400
    assert "phone" in answer.json()["message"]


def test_an_existing_contact_is_refused_with_its_id(to_kalimera):
    contact_id = create(to_kalimera)

    answer = to_kalimera.post("/contact", json={"phone": PHONE})

    assert answer.status_code == 400
    assert answer.json() == {"message": "Contact already exists", "contact_id": contact_id}


def test_the_refusal_of_an_existing_contact_can_hide_its_id(to_kalimera, kalimera):
    create(to_kalimera)
    kalimera.duplicate_shows_id = False

    assert to_kalimera.post("/contact", json={"phone": PHONE}).json() == {"message": "Contact already exists"}


def test_a_contact_is_found_by_its_phone(to_kalimera):
    contact_id = create(to_kalimera)

    found = to_kalimera.get("/contact", params={"phone": PHONE}).json()["contacts"]
    others = to_kalimera.get("/contact", params={"phone": OTHER_PHONE}).json()["contacts"]

    assert [(contact["contact_id"], contact["phone"]) for contact in found] == [(contact_id, PHONE)]
    assert others == []


@pytest.mark.parametrize("shown", [True, False])
def test_a_look_up_shows_the_metadata_or_does_not(to_kalimera, kalimera, shown: bool) -> None:
    to_kalimera.post("/contact", json={"phone": PHONE, "metadata": {"call_id": "call-1"}})
    kalimera.lookup_shows_card = shown

    [found] = to_kalimera.get("/contact", params={"phone": PHONE}).json()["contacts"]

    assert found.get("metadata") == ({"call_id": "call-1"} if shown else None)


def test_a_campaign_is_taken_without_its_time_zone_where_the_names_leave_that_out(to_kalimera, kalimera):
    kalimera.names = OtherNames({"campaign": {"timezone": ""}})
    sent = window("sandbox-agent-hindi", datetime(2026, 11, 23, 18, 5, tzinfo=INDIA))
    del sent["timezone"]

    assert to_kalimera.put("/campaign/main", json=sent).status_code == 200
    assert kalimera.campaign.agent_id == "sandbox-agent-hindi"


def test_a_field_that_the_names_leave_out_is_not_answered_either(to_kalimera, kalimera):
    kalimera.names = OtherNames({"contact": {"name": ""}})
    create(to_kalimera)

    [contact] = to_kalimera.get("/contact", params={"phone": PHONE}).json()["contacts"]

    assert {"", "name"} & contact.keys() == set()


def test_the_campaign_keeps_agent_and_window(to_kalimera, kalimera):
    start = datetime(2026, 11, 23, 18, 5, tzinfo=INDIA)

    answer = to_kalimera.put("/campaign/main", json=window("sandbox-agent-hindi", start))

    assert answer.status_code == 200
    assert (kalimera.campaign.agent_id, kalimera.campaign.start) == ("sandbox-agent-hindi", start)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"agent_id": "nobody"}, 422),
        ({"agent_id": ""}, 400),
        ({"start_time": "2026-11-23T18:05:00Z"}, 400),
        ({"end_time": "2026-13-41T18:05:00+05:30"}, 400),
        ({"end_time": "2020-01-01T00:00:00+05:30"}, 400),
        ({"timezone": "Mars/Olympus"}, 400),
    ],
)
def test_a_campaign_update_that_cannot_be_read_changes_nothing(to_kalimera, kalimera, changes, status):
    answer = to_kalimera.put("/campaign/main", json=window("sandbox-agent-english") | changes)

    assert answer.status_code == status
    assert kalimera.campaign.updates == 0


def test_an_unknown_campaign_is_not_found(to_kalimera):
    contact_id = create(to_kalimera)
    listing = {"campaign_ids": ["unknown"], "contact_ids": [contact_id]}

    assert to_kalimera.put("/campaign/unknown", json=window("sandbox-agent-english")).status_code == 404
    assert to_kalimera.post("/campaign/contacts", json=listing).status_code == 404


def test_one_unknown_contact_refuses_the_whole_batch_by_name(to_kalimera, kalimera):
    answer = add(to_kalimera, create(to_kalimera), NOBODY)

    assert answer.status_code == 400
    assert NOBODY in answer.json()["message"]
    assert kalimera.listings == []


def test_every_listing_remembers_the_agent_in_force(to_kalimera, kalimera):
    first, second = create(to_kalimera), create(to_kalimera, OTHER_PHONE)

    to_kalimera.put("/campaign/main", json=window("sandbox-agent-english"))
    add(to_kalimera, first)
    to_kalimera.put("/campaign/main", json=window("sandbox-agent-hindi"))
    add(to_kalimera, second)

    assert kalimera.agent_of(PHONE) == "sandbox-agent-english"
    assert kalimera.agent_of(OTHER_PHONE) == "sandbox-agent-hindi"
    assert kalimera.repeats == []


def test_a_repeated_listing_is_marked(to_kalimera, kalimera):
    contact_id = create(to_kalimera)
    add(to_kalimera, contact_id)
    add(to_kalimera, contact_id)

    assert [listing.repeated for listing in kalimera.listings] == [False, True]


def test_the_list_of_a_campaign_can_be_read_unless_switched_off(to_kalimera, kalimera):
    contact_id = create(to_kalimera)
    add(to_kalimera, contact_id)

    shown = to_kalimera.get("/campaign/contacts", params={"campaign_id": "main"})
    kalimera.campaign_lookup = False
    hidden = to_kalimera.get("/campaign/contacts", params={"campaign_id": "main"})

    assert shown.json() == {"campaign_id": "main", "contact_ids": [contact_id], "total": 1}
    assert hidden.status_code == 404


def test_a_contact_from_an_earlier_start_is_known_where_wanted(to_kalimera, kalimera):
    earlier = create(to_kalimera)
    kalimera.contacts.clear()

    assert add(to_kalimera, earlier).status_code == 400
    kalimera.recalls_contacts = True
    assert add(to_kalimera, earlier).status_code == 200
    assert kalimera.listings[0].phone == PHONE
