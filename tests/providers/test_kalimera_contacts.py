"""Whose contact an answer shows: an id belongs to the number that is rung under it, and to no other that stands by."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.domain.contract import read_contract
from ordercall.providers.kalimera.cards import SeenCard, card_of_phone
from ordercall.providers.kalimera.contacts import id_made_for, shows_contacts

PHONE, OTHER = "+919000000002", "+919000011111"

CALL = "0199b3e07d1c7b2a8c1d4e5f60718293"


def id_of_phone(body: Any, phone: str) -> str | None:
    found = card_of_phone(body, phone, CALL)
    return found.contact_id if found else None


HIS_MAIN_NUMBER: list[Any] = [
    {"id": "c-1", "phone": PHONE, "mobile": OTHER},
    {"id": "c-1", "phone": PHONE, "alternate_phone": OTHER, "whatsapp": OTHER},
    {"id": "c-1", "phone": "", "mobile": PHONE},
    {"id": "c-1", "phone": "N/A", "mobile": PHONE},
    {"id": "c-1", "phone": {"primary": PHONE, "secondary": OTHER}},
    {"id": "c-1", "phone": {"value": PHONE}},
    {"id": "c-1", "country_code": "+91", "phone": "9000000002"},
    {"id": "c-1", "country_code": 91, "phone": "919000000002"},
    {"id": "c-1", "country_code": "IN", "phone": "9000000002"},
    {"id": "c-1", "country_code": "91", "phone": "09000000002"},
]
ANOTHERS: list[Any] = [
    {"id": "c-9", "phone": OTHER, "mobile": PHONE},
    {"id": "c-9", "phone": OTHER, "whatsapp": PHONE},
    {"id": "c-9", "phone": {"primary": OTHER, "secondary": PHONE}},
    {"id": "c-9", "phones": {"home": OTHER}},
    {"id": "c-9", "country_code": "1", "phone": "9000000002"},
    {"id": "c-9", "dial_code": "+971", "phone": "9000000002"},
    {"id": "c-9", "phone": OTHER, "family": [{"id": "c-8", "phone": PHONE}]},
    {"phone": PHONE, "contact": {"id": "c-9", "phone": OTHER}},
    {"contact": {"id": "c-9"}, "phone": OTHER},
]


@pytest.mark.parametrize("entry", HIS_MAIN_NUMBER, ids=str)
def test_a_contact_is_that_of_the_number_that_is_rung(entry: dict[str, Any]) -> None:
    assert (id_of_phone({"data": [entry]}, PHONE), id_of_phone(entry, PHONE)) == ("c-1", "c-1")
    assert id_made_for(entry, PHONE) == "c-1"


@pytest.mark.parametrize("entry", ANOTHERS, ids=str)
def test_a_contact_of_another_number_is_never_taken(entry: dict[str, Any]) -> None:
    assert (id_of_phone({"data": [entry]}, PHONE), id_of_phone(entry, PHONE)) == (None, None)
    assert id_made_for(entry, PHONE) is None


NAMES = ("mobile_phone", "primary_phone", "phone1", "to_number", "phoneE164", "customer_phone", "fullPhone", "whatsapp")


@pytest.mark.parametrize("name", NAMES)
def test_an_id_beside_another_phone_is_not_taken_whatever_its_name(name: str) -> None:
    assert id_made_for({"message": "exists", "contact": {"id": "c-9", name: OTHER[3:]}}, PHONE) is None
    assert id_made_for({"id": "c-1", name: PHONE[3:]}, PHONE) == "c-1"


@pytest.mark.parametrize(
    "body",
    [
        *({"id": nothing} for nothing in ("null", "None", "undefined", "NaN", "00000000-0000-0000-0000-000000000000")),
        {"id": "c-9", "line": OTHER},
        {"id": "req-1", "data": None},
        {"request_id": "x", "uuid": "trace-1"},
        {"id": "r-1", "status": "queued", "job": "x"},
    ],
    ids=str,
)
def test_an_id_that_is_not_that_of_the_contact_is_not_taken(body: dict[str, Any]) -> None:
    assert id_made_for(body, PHONE) is None


@pytest.mark.parametrize("counted", ["total", "count", "totalCount", "total_results"])
def test_a_question_that_found_nobody_is_no_contact(counted: str) -> None:
    body = {"id": "of the question", "phone": PHONE, counted: 0}

    assert id_of_phone(body, PHONE) is None
    assert shows_contacts(body)


@pytest.mark.parametrize("digits", ["०१२३४५६७८९", "૦૧૨૩૪૫૬૭૮૯", "０１２３４５６７８９"])
def test_a_contact_is_found_by_the_digits_of_every_script(digits: str) -> None:
    phone = PHONE[3:].translate(str.maketrans("0123456789", digits))

    assert id_of_phone({"data": [{"id": "c-1", "phone": phone}]}, PHONE) == "c-1"


@pytest.mark.parametrize(
    "body",
    [
        {"id": "c-1", "request_id": "x"},
        {"id": "c-1", "phone": PHONE, "data": None},
        {"contact_id": "c-1", "job": "x"},
        {"request_id": "x", "data": {"uuid": "c-1"}},
    ],
    ids=str,
)
def test_an_id_beside_that_of_the_request_is_that_of_the_contact(body: dict[str, Any]) -> None:
    assert id_made_for(body, PHONE) == "c-1"


@pytest.mark.parametrize("last", ["ref", "id"])
def test_a_new_contact_has_the_id_that_stands_where_the_contract_says(last: str) -> None:
    theirs = read_contract(f'[answer]\ncontact_id = "data.{last}"', "kalimera.toml")

    for beside in ({}, {"contact_id": "of a job"}, {"id": "of a row"}):
        body = theirs.heard({"id": "of the request", "data": {**beside, last: 42}})
        assert id_made_for(body, PHONE, theirs.id_path) == "42"
    assert id_made_for(theirs.heard({"data": {"name": "Asha"}}), PHONE, theirs.id_path) is None


OURS: list[Any] = [
    {"metadata": {"call_id": CALL}},
    {"metadata": [{"key": "call_id", "value": CALL}]},
    {"metadata": f'{{"call_id": "{CALL}"}}'},
    {"attributes": {"meta": {"callId": CALL}}},
]
NOT_OURS: list[tuple[Any, bool | None]] = [
    ({}, None),
    ({"metadata": {"shopify_id": 1}}, None),
    ({"metadata": {"call_id": None}}, None),
    ({"metadata": {"call_id": CALL[::-1]}}, False),
    ({"attributes": {"callId": CALL[::-1]}}, False),
]


@pytest.mark.parametrize("shown", OURS, ids=str)
def test_of_several_contacts_the_one_that_shows_the_call_is_ours(shown: dict[str, Any]) -> None:
    others = [{"id": "c-8", "phone": PHONE}, {"id": "c-9", "phone": PHONE, "metadata": {"call_id": "another"}}]
    body = {"contacts": [*others, {"id": "c-1", "phone": PHONE} | shown]}

    assert card_of_phone(body, PHONE, CALL) == SeenCard("c-1", is_ours=True)


@pytest.mark.parametrize(("shown", "is_ours"), NOT_OURS, ids=str)
def test_a_contact_that_shows_another_call_or_none_is_not_known_as_ours(
    shown: dict[str, Any], is_ours: bool | None
) -> None:
    assert card_of_phone([{"id": "c-1", "phone": PHONE} | shown], PHONE, CALL) == SeenCard("c-1", is_ours)


def test_the_contact_of_another_number_is_not_ours_whatever_it_shows() -> None:
    assert card_of_phone([{"id": "c-1", "phone": OTHER, "metadata": {"call_id": CALL}}], PHONE, CALL) is None


def test_the_id_of_another_call_is_known_by_the_name_that_kalimera_gives_it() -> None:
    body = [{"id": "c-1", "phone": PHONE, "metadata": {"ref": "another"}}]

    assert card_of_phone(body, PHONE, CALL, named="ref") == SeenCard("c-1", is_ours=False)
