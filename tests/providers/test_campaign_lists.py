"""Who stands on a campaign's list, and whether that is all of it: a page is not the list."""

from __future__ import annotations

from collections.abc import Callable
from itertools import batched
from typing import Any

import pytest
from asking import PHONE, error_of

from ordercall.errors import CredentialsRefused
from ordercall.providers.kalimera.client import KalimeraClient
from stub import Stub


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["c-1", "c-2"], {"c-1", "c-2"}),
        ({"contact_ids": ["c-1", 2]}, {"c-1", "2"}),
        ({"data": {"contacts": [{"id": "c-1"}, {"contact_id": "c-2"}]}}, {"c-1", "c-2"}),
        ({"contacts": [], "total": 0}, set()),
        ({"contacts": ["c-1"], "message": "Showing 1 of 1", "range": "0-0/1", "all_loaded": True}, {"c-1"}),
        (
            {
                "contacts": ["c-1"],
                "at": "24/11/2026",
                "of": "day 24 of November",
                "note": "since 2026-11-24/2026-12-01",
            },
            {"c-1"},
        ),
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
        *({name: 22} for name in ("all", "overall", "available", "length", "purple")),
        {"stats": {"all": 22}},
        {"showing": "2 of 22"},
        {"message": "Showing 2 of 22 contacts"},
        {"message": "Contacts 1 to 2 of about 22 returned"},
        {"info": {"text": "1–2 of 22"}},
        {"range": "0-1/22"},
        {"range": "contacts 0-1/22"},
        {"all_loaded": False},
        {"allShown": "false"},
        {"meta": [{"next": "/campaign/contacts?page=2"}]},
        {"meta": [{"total": 8}, {"took": 3}]},
        {"meta": ["page 1 of 3"]},
        {"meta": '{"total": 8}'},
        {"pageInfo": [{"hasNextPage": True}]},
        {"extensions": [[{"cursor": "x"}]]},
        {"links": [{"rel": "self", "href": "/a"}, {"rel": "next", "href": "/campaign/contacts?page=2"}]},
        {"links": [{"rel": ["next"], "href": "/campaign/contacts?page=2"}]},
        {"links": [{"relation": "next", "url": "/campaign/contacts?page=2"}]},
        {"links": [{"rel": "last", "uri": "/campaign/contacts?page=4"}]},
        {"links": [{"label": "1", "url": "?page=1"}, {"label": "Next &raquo;", "url": "?page=2"}]},
        {"links": [{"next": "/campaign/contacts?page=2"}]},
        {"link": '</campaign/contacts?page=2>; rel="next"', "next": "x"},
        *(
            {"total": text}
            for text in ("1,022", "1 022", "1\u202f022", "1.022", "1'022", "1,02,200", "१०२२", "१,०२२", "२२")
        ),
        *(
            {"total": text}
            for text in ("100+", "2+", ">2", "over 2", "about 2", "many", "twenty-two", "2 of 22", "2/22")
        ),
        {"total": {"value": 2, "relation": "gte"}},
        *({"page": text} for text in ("1/3", "page 1 of 3", "Page 1/3", "१/३", "1 out of 3", "first of three")),
        *({name: "1/3"} for name in ("pagination", "paging", "pages", "position")),
        *({name: "page 1 of 3"} for name in ("message", "summary", "info")),
        *({name: "1-50/120"} for name in ("range", "items", "showing", "pagination", "count")),
        *({"showing": text} for text in ("1-2 of 22", "1 to 2 of 22", "१-२ / २२", "2 of 1,022")),
        *({"is_last": no} for no in ("no", "N", 0, "0", "False")),
        {"count": "a few"},
        *({"total": text} for text in ("?", "∞")),
        *({name: "x"} for name in ("offset", "marker", "resume", "resumptionToken", "page_state", "sync_token")),
        {"contacts_count": "1,022"},
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
        {"page": "१/१"},
        {"message": "Page 1 of 1"},
        {"links": [{"rel": "self", "href": "/a"}, {"rel": "next", "href": None}]},
        {"meta": [{"has_more": False}]},
        *({"is_last": yes} for yes in ("yes", "Y", 1, "1", "True")),
        {"pages": "1", "total": "२"},
        {
            "meta": {
                "current_page": 1,
                "last_page": 1,
                "links": [
                    {"label": "&laquo; Previous", "url": None},
                    {"label": "1", "url": "?page=1", "page": 1, "active": True},
                    {"label": "Next &raquo;", "url": None},
                ],
            }
        },
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


@pytest.mark.parametrize("total", [2, "2", {"value": 2}], ids=str)
@pytest.mark.parametrize("second", [{"data": [], "total": 2}, {"message": "No such page"}, None], ids=str)
def test_a_total_that_is_all_that_says_so_is_believed_when_nobody_follows(
    stub: Stub, kalimera: KalimeraClient, total: Any, second: Any
) -> None:
    page = {"data": ["c-1", "c-2"], "total": total}
    stub.answers_in_turn([page, second or page])

    listed = kalimera.listed_contacts("main", {"c-3"})

    assert listed is not None
    assert (listed.ids, listed.whole, len(stub.requests)) == ({"c-1", "c-2"}, True, 2)


def test_a_total_of_the_page_alone_is_no_end(stub: Stub, kalimera: KalimeraClient) -> None:
    stub.answers_in_turn([{"data": ids, "total": len(ids)} for ids in (["c-1", "c-2"], ["c-3", "c-4"], ["c-5"], [])])

    listed = kalimera.listed_contacts("main", {"c-6"})

    assert listed is not None
    assert (listed.ids, listed.whole) == ({f"c-{number}" for number in range(1, 6)}, True)


@pytest.mark.parametrize("second", [[], ["c-1", "c-2", "c-3"], {"message": "No such page"}, {"data": []}])
def test_a_list_of_which_nothing_says_that_it_ends_is_asked_for_its_next_page(
    stub: Stub, kalimera: KalimeraClient, second: Any
) -> None:
    stub.answers_in_turn([["c-1", "c-2", "c-3"], second])

    listed = kalimera.listed_contacts("main", {"c-4"})

    assert listed is not None
    assert listed.whole == (second != {"message": "No such page"})
    assert stub.requests[1][1].endswith("page=2")


@pytest.mark.parametrize("marks", [({}, {}), ({"has_more": True}, {"has_more": False})], ids=str)
def test_a_page_that_is_passed_over_where_pages_are_counted_from_zero_is_read_at_last(
    stub: Stub, kalimera: KalimeraClient, marks: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    stub.answers_in_turn(
        [{"data": ["c-0"], **marks[0]}, {"data": ["c-2"], **marks[1]}, {"data": []}, {"data": ["c-1"]}]
    )
    if marks[0]:
        stub.pages.pop(2)

    listed = kalimera.listed_contacts("main", {"c-9"})

    assert listed is not None
    assert (listed.ids, listed.whole) == ({"c-0", "c-1", "c-2"}, True)
    assert stub.requests[-1][1].endswith("page=1")


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
