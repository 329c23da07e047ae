"""What an answer says of many contacts: who was added, who stands on the list, and whether that is all of it."""

from __future__ import annotations

from typing import Any

import pytest
from asking import PHONE, error_of

from ordercall.errors import CredentialsRefused, ProviderRefused
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


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["c-1", "c-2"], {"c-1", "c-2"}),
        ({"contact_ids": ["c-1", 2]}, {"c-1", "2"}),
        ({"data": {"contacts": [{"id": "c-1"}, {"contact_id": "c-2"}]}}, {"c-1", "c-2"}),
        ({"contacts": [], "total": 0}, set()),
        ({"items": [{"contact": {"id": "c-1"}}], "total": "1", "next": None, "has_more": False}, {"c-1"}),
        ({"data": ["c-1"], "meta": {"current_page": 1, "last_page": 1, "total": 1}, "links": {"next": None}}, {"c-1"}),
    ],
)
def test_a_list_is_whole_where_nothing_in_it_says_otherwise(
    stub: Stub, kalimera: KalimeraClient, body: Any, expected: set[str]
) -> None:
    stub.answers(body)

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert (listed.ids, listed.whole) == (expected, True)


@pytest.mark.parametrize(
    "marks",
    [
        {"total": 3},
        {"meta": {"total_count": "9"}},
        {"next_page": 2},
        {"nextPage": "2"},
        {"has_more": True},
        {"hasNextPage": True},
        {"pageInfo": {"hasNextPage": True, "endCursor": "x"}},
        {"links": {"next": "https://elsewhere.example/campaign/contacts?page=2"}},
        {"_links": {"next": {"href": "/campaign/contacts?page=2"}}},
        {"meta": {"current_page": 1, "last_page": 4}},
        {"pagination": {"page": 1, "pages": 2}},
        {"meta": {"paging": {"next_cursor": "abc"}}},
        {"truncated": True},
        {"limit": 2, "offset": 0},
        {"page": 1, "per_page": 2},
        {"count": 8},
        {"recordsTotal": 8},
        {"last": False},
        {"paging": {"cursors": {"after": "x"}}},
        {"scroll_id": "x"},
        {"page": 0, "totalPages": 3},
    ],
)
def test_a_page_that_cannot_be_read_on_is_not_the_list(
    stub: Stub, kalimera: KalimeraClient, marks: dict[str, Any]
) -> None:
    stub.answers({"contacts": [{"id": "c-1"}, {"id": "c-2"}], **marks})

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert (listed.ids, listed.whole) == ({"c-1", "c-2"}, False)


@pytest.mark.parametrize(
    "pages",
    [
        [
            {"data": ["c-1", "c-2"], "meta": {"current_page": 1, "last_page": 2}},
            {"data": ["c-3"], "meta": {"current_page": 2, "last_page": 2}},
        ],
        [{"data": ["c-1", "c-2"], "total": 3}, {"data": ["c-3"], "total": 3}],
        [{"data": ["c-1", "c-2"], "next": "/campaign/contacts?cursor=x"}, {"data": ["c-3"], "next": None}],
        [{"data": ["c-1", "c-2"], "has_more": True}, {"data": ["c-3"], "has_more": False}],
        [
            {"data": ["c-1"], "page": 0, "totalPages": 3},
            *({"data": [f"c-{n + 1}"], "page": n, "totalPages": 3} for n in (1, 2)),
        ],
    ],
)
def test_a_list_is_read_on_to_its_end(stub: Stub, kalimera: KalimeraClient, pages: list[Any]) -> None:
    stub.answers_in_turn(pages)

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert (listed.ids, listed.whole) == ({"c-1", "c-2", "c-3"}, True)


def test_ten_contacts_of_which_nothing_says_that_they_are_all_look_like_a_page(
    stub: Stub, kalimera: KalimeraClient
) -> None:
    stub.answers([f"c-{number}" for number in range(10)])

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert not listed.whole


@pytest.mark.parametrize("body", [{"contacts": [{"phone": PHONE}]}, {}, b"<html>", {"success": False}])
def test_what_is_no_list_shows_nobody(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    assert kalimera.listed_contacts("main") is None


def test_a_look_at_a_list_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: kalimera.listed_contacts("main"))) is CredentialsRefused
