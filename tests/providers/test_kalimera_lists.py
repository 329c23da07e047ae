"""What an answer says of many contacts over HTTP: who was added, and who was refused with which words."""

from __future__ import annotations

from typing import Any

import pytest
from asking import PHONE, error_of

from ordercall.errors import ProviderRefused
from ordercall.providers.kalimera.client import KalimeraClient
from stub import Stub

CONTACTS = {"c-1": PHONE, "c-2": "+919000000003", "c-3": None}
ALL_ADDED: list[Any] = [
    {},
    {"message": "Contacts added", "added": 3},
    {"success": True, "added": ["c-1", "c-2", "c-3"], "failed": []},
    {"success": 1},
    {"added_count": "3", "failed_count": 0},
    {"data": {"contact_ids": ["c-1", "c-2", "c-3"], "status": "queued"}},
    {"results": [{"contact_id": contact_id, "status": "created"} for contact_id in ("c-1", "c-2", "c-3")]},
    {"results": {"c-1": True, "c-2": "queued", "c-3": "201"}},
    {"inserted": 3, "errors": []},
    {"status": "ok", "total": 900},
    "OK",
]
SECOND_REFUSED: list[Any] = [
    {"success": True, "added": ["c-1", "c-3"], "failed": [{"contact_id": "c-2", "reason": "On the DND list"}]},
    {"failed": ["c-2"]},
    {"status": "partial", "failed_contacts": [{"id": "c-2", "message": "DND"}]},
    {"data": {"added": 2, "errors": [{"contactId": "c-2", "error": "DND"}]}},
    {"success": True, "rejected": {"c-2": "DND"}},
    {"errors": {"c-2": ["DND"]}},
    {"results": [{"contact_id": "c-2", "status": 400, "error": "DND"}]},
    {"results": [{"contact_id": "c-2", "status": "skipped"}]},
    {"results": {"c-2": "DND"}},
    {"c-1": True, "c-2": False, "c-3": True},
    {"failed": "c-2, c-9"},
    [{"id": "c-1", "success": True}, {"id": "c-2", "success": False}, {"id": "c-3", "success": True}],
    {"results": [{"contact": {"id": "c-2"}, "added": False}]},
    {"failed": [{"phone": "9000000003", "reason": "DND"}]},
    {"failures": ["+91 90000 00003"]},
    {"invalid": [{"contact_id": "c-2"}], "added": [{"contact_id": "c-1"}, {"contact_id": "c-3"}]},
    {"skipped": [{"contact_id": "c-2", "reason": "already in the campaign"}]},
    {"success": False, "added": ["c-1", "c-3"], "errors": [{"contact_id": "c-2", "message": "DND"}]},
    {"results": {"c-1": {"status": "ok"}, "c-2": {"status": "failed"}, "c-3": {"status": "ok"}}},
    {"failed": "c-2"},
]
SOME_UNCLEAR: list[tuple[Any, set[str], set[str]]] = [
    ({"added": 2}, set(), {"c-1", "c-2", "c-3"}),
    ({"success": True, "failed": 1}, set(), {"c-1", "c-2", "c-3"}),
    ({"success": True, "failed_count": 2, "failed": ["c-2"]}, {"c-2"}, {"c-1", "c-3"}),
    ({"added": ["c-1"]}, set(), {"c-2", "c-3"}),
    ({"added": ["c-1"], "failed": ["c-2"]}, {"c-2"}, {"c-3"}),
    ({"success": True, "errors": ["One number is on the DND list"]}, set(), {"c-1", "c-2", "c-3"}),
    ({"added": []}, set(), {"c-1", "c-2", "c-3"}),
    ({"success": True, "added": [], "failed": []}, set(), {"c-1", "c-2", "c-3"}),
    ({"success": True, "failed": {"count": 1}}, set(), {"c-1", "c-2", "c-3"}),
    ({"status": "paused"}, set(), {"c-1", "c-2", "c-3"}),
    ({"success": "partial"}, set(), {"c-1", "c-2", "c-3"}),
    (None, set(), {"c-1", "c-2", "c-3"}),
    ([], set(), {"c-1", "c-2", "c-3"}),
    ({"success": True, "data": ["c-1", "c-2"]}, set(), {"c-3"}),
    ({"results": [{"contact_id": "c-1", "status": 201}, {"contact_id": "c-2", "status": 400}]}, {"c-2"}, {"c-3"}),
    ({"success": False, "errors": [{"contact_id": "c-2", "message": "DND"}]}, {"c-2"}, {"c-1", "c-3"}),
]


@pytest.mark.parametrize("body", ALL_ADDED)
def test_all_are_on_the_list(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body.encode() if isinstance(body, str) else body)

    addition, _call = kalimera.add_contacts("main", CONTACTS)

    assert (addition.refused, addition.unclear) == ({}, set())


@pytest.mark.parametrize("body", SECOND_REFUSED)
@pytest.mark.parametrize("status", [200, 207])
def test_who_is_named_as_failed_is_not_on_the_list(
    stub: Stub, kalimera: KalimeraClient, status: int, body: Any
) -> None:
    stub.answers(body, status)

    addition, _call = kalimera.add_contacts("main", CONTACTS)

    assert (set(addition.refused), addition.unclear) == ({"c-2"}, set())


@pytest.mark.parametrize(("body", "refused", "unclear"), SOME_UNCLEAR)
def test_of_whom_an_answer_does_not_say_enough_is_unclear(
    stub: Stub, kalimera: KalimeraClient, body: Any, refused: set[str], unclear: set[str]
) -> None:
    stub.answers(body)

    addition, _call = kalimera.add_contacts("main", CONTACTS)

    assert (set(addition.refused), addition.unclear) == (refused, unclear)


def test_a_refusal_is_kept_in_the_words_of_kalimera_without_the_phone(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers(
        {"failed": [{"contact_id": "c-2", "phone": "9000000003", "reason": "+91 9000000003 is on the DND list"}]}
    )

    addition, _call = kalimera.add_contacts("main", CONTACTS)

    assert addition.refused == {"c-2": "+••• is on the DND list"}


def test_a_contact_whose_id_is_a_number_is_not_taken_for_a_count(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"added": 2, "failed": 0})

    addition, _call = kalimera.add_contacts("main", {"2": None, "0": None})

    assert (addition.refused, addition.unclear) == ({}, set())


def test_a_refusal_that_names_who_was_added_is_none_of_them(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"added": ["c-1", "c-3"], "failed": [{"contact_id": "c-2", "reason": "DND"}]}, 422)

    addition, _call = kalimera.add_contacts("main", CONTACTS)

    assert (addition.refused, addition.unclear) == ({"c-2": "DND"}, set())


@pytest.mark.parametrize(
    "body",
    [
        {"status": "error", "message": "Campaign is paused"},
        {"error": "paused"},
        {"message": "No contacts added"},
        {"message": "0 contacts were added"},
        b"false",
    ],
)
def test_a_no_that_names_nobody_is_a_no_to_all(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    assert type(error_of(lambda: kalimera.add_contacts("main", CONTACTS))) is ProviderRefused
