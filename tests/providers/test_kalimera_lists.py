"""What an answer says of many contacts: who was added, who stands on the list, and whether that is all of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import batched
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
        {"is_last": False},
        {"isLastPage": False},
        *({name: False} for name in ("end", "eof", "complete", "done", "lastPage")),
        *({name: True} for name in ("has_more_items", "hasMoreResults", "more_pages", "incomplete", "truncated")),
        {"remaining": 6},
        *({name: 8} for name in ("total_size", "totalSize", "total_entries", "recordsFiltered", "contacts_count")),
        *({name: 8} for name in ("contact_count", "item_count", "num_results", "hits", "@odata.count", "nbHits")),
        *({name: 4} for name in ("total_page", "max_page", "nbPages", "pageCount", "last_page")),
        *({name: "x"} for name in ("@odata.nextLink", "continuationToken", "LastEvaluatedKey", "bookmark", "next_key")),
        *({name: "x"} for name in ("next_id", "starting_after", "search_after", "pageToken", "cursor", "scrollId")),
        {"next_start": 2},
        {"page": "1 of 4"},
        {"page": "1/4"},
        {"total": {"value": 8, "relation": "eq"}},
        {"total": 8.0},
        {"total": "8 contacts"},
        {"links": {"self": "/a", "last": "/campaign/contacts?page=4"}},
        {"Items": [], "Count": 2, "LastEvaluatedKey": {"id": "c-2"}},
        {"total": 2, "has_more": True},
        {"totalElements": 8, "size": 20},
    ],
    ids=str,
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


@pytest.mark.parametrize("number", [5, 8, 10, 12, 15, 16, 20, 24, 25, 50, 100])
@pytest.mark.parametrize("wrap", [list, lambda ids: {"data": ids}, lambda ids: {"data": ids, "count": len(ids)}])
def test_as_many_contacts_as_a_page_holds_look_like_one_where_nothing_says_that_they_are_all(
    stub: Stub, kalimera: KalimeraClient, number: int, wrap: Callable[[list[str]], Any]
) -> None:
    stub.answers(wrap([f"c-{one}" for one in range(number)]))

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert not listed.whole


@pytest.mark.parametrize(
    "end",
    [
        {"total": 2},
        {"total": "2"},
        {"total": {"value": 2}},
        {"meta": {"pagination": {"total": 2, "count": 2, "per_page": 15, "current_page": 1, "total_pages": 1}}},
        {"next": None},
        {"links": {"self": "/a?page=1", "first": "/a?page=1", "last": "/a?page=1", "prev": None, "next": None}},
        {"page_info": {"hasNextPage": False, "endCursor": "x"}},
        {"totalSize": 2, "done": True},
        {"is_last": True, "cursor": "x"},
        {"page": 1, "pages": 1},
        {"page": {"number": 0, "size": 20, "totalElements": 2, "totalPages": 1}},
        {"page": "1 of 1"},
        {"remaining": 0},
        {"object": "list", "has_more": False},
        {"continuationToken": None},
    ],
    ids=str,
)
def test_a_list_that_says_where_it_ends_is_asked_for_once(
    stub: Stub, kalimera: KalimeraClient, end: dict[str, Any]
) -> None:
    stub.answers({"data": ["c-1", "c-2"], **end})

    listed = kalimera.listed_contacts("main", {"c-3"})

    assert listed is not None
    assert (listed.ids, listed.whole, len(stub.requests)) == ({"c-1", "c-2"}, True, 1)


@pytest.mark.parametrize("second", [[], ["c-1", "c-2", "c-3"], {"message": "No such page"}, {"data": []}])
def test_a_list_of_which_nothing_says_that_it_ends_is_asked_for_its_next_page(
    stub: Stub, kalimera: KalimeraClient, second: Any
) -> None:
    stub.answers_in_turn([["c-1", "c-2", "c-3"], second])

    listed = kalimera.listed_contacts("main", {"c-4"})

    assert listed is not None
    assert (listed.whole, len(stub.requests)) == (second != {"message": "No such page"}, 2)


@pytest.mark.parametrize("size", [1, 3, 5, 7, 15])
def test_a_bare_list_of_pages_is_read_to_its_end(stub: Stub, kalimera: KalimeraClient, size: int) -> None:
    ids = [f"c-{number}" for number in range(21)]
    stub.answers_in_turn([*(list(page) for page in batched(ids, size)), []])

    listed = kalimera.listed_contacts("main", {"c-99"})

    assert listed is not None
    assert (listed.ids, listed.whole) == (set(ids), True)


def test_a_list_on_which_everybody_is_found_is_not_read_on(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"data": ["c-1", "c-2", 7], "total": 300})

    listed = kalimera.listed_contacts("main", {"c-2", "7"})

    assert listed is not None
    assert (listed.has("c-2"), listed.has("7"), len(stub.requests)) == (True, True, 1)


@pytest.mark.parametrize(
    "headers", [{"X_Total_Count": "8"}, {"X_Next_Page": "2"}, {"X_Total_Pages": "4"}, {"Content_Range": "items 0-1/8"}]
)
def test_a_header_tells_a_page_from_the_list(stub: Stub, kalimera: KalimeraClient, headers: dict[str, str]) -> None:
    stub.answers(["c-1", "c-2"], **headers)

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert not listed.whole


@pytest.mark.parametrize(
    ("entry", "contact"),
    [
        ({"id": 5, "contact_id": "c-1"}, "c-1"),
        ({"id": 5, "contact": "c-1"}, "c-1"),
        ({"id": 5, "contact": {"id": "c-1"}}, "c-1"),
        ({"id": 5, "relationships": {"contact": {"data": {"type": "contacts", "id": "c-1"}}}}, "c-1"),
        ({"type": "contacts", "id": "c-1", "attributes": {"name": "Asha"}}, "c-1"),
        ({"node": {"id": "c-1"}}, "c-1"),
        ({"row": 5, "uuid": "c-1"}, "c-1"),
    ],
    ids=str,
)
def test_a_place_on_the_list_is_not_taken_for_its_contact(
    stub: Stub, kalimera: KalimeraClient, entry: dict[str, Any], contact: str
) -> None:
    stub.answers({"data": [entry], "total": 1})

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert (listed.has(contact), listed.has("5")) == (True, False)


@pytest.mark.parametrize("total", ["9" * 5_000, -1, 1, "many", None, [], True])
def test_a_total_that_cannot_be_is_no_end(stub: Stub, kalimera: KalimeraClient, total: Any) -> None:
    stub.answers({"data": ["c-1", "c-2"], "total": total})

    kalimera.listed_contacts("main")

    assert len(stub.requests) == 2


@pytest.mark.parametrize("body", [{"contacts": [{"phone": PHONE}]}, {}, b"<html>", {"success": False}])
def test_what_is_no_list_shows_nobody(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    assert kalimera.listed_contacts("main") is None


def test_a_look_at_a_list_with_a_wrong_token_is_an_error(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers({"message": "Unauthorized"}, 401)

    assert type(error_of(lambda: kalimera.listed_contacts("main"))) is CredentialsRefused
