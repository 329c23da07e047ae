"""Whether a list goes on, where an answer says it in its head, or in a list of its body."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.providers.kalimera.client import KalimeraClient
from stub import Stub


@pytest.mark.parametrize(
    "headers",
    [
        *(
            {name: "8"}
            for name in ("X_Total_Count", "X_Total", "Total_Count", "X_WP_Total", "X_Pagination_Total_Count")
        ),
        *({name: "8"} for name in ("Pagination_Count", "X_Count", "X_Result_Count", "Count", "X_Total_Results")),
        *({name: "4"} for name in ("X_Total_Pages", "X_Page_Count", "X_WP_TotalPages", "X_Pagination_Page_Count")),
        *(
            {name: "2"}
            for name in ("X_Next_Page", "X_Pagination_Next_Page", "X_Per_Page", "X_Page_Size", "X_Remaining")
        ),
        *({name: "abc"} for name in ("X_Next_Cursor", "X_Continuation_Token", "x_ms_continuation", "opc_next_page")),
        *({name: "8"} for name in ("X_Items", "X_Records", "X_Collection_Size", "X_List_Size", "X_Objects")),
        *({name: "2"} for name in ("X_Limit", "X_Pagination_Limit")),
        *({name: "abc"} for name in ("X_Marker", "X_Resume", "X_Last", "X_Last_Key", "Next_Range")),
        *({name: "abc"} for name in ("X_Cursor", "X_Next_Token", "X_Next_Link", "X_Page_Token", "X_Scroll_Id")),
        *({name: "true"} for name in ("X_Has_More", "X_Has_Next_Page", "X_Pagination_Has_Next", "X_Truncated")),
        *({"Content_Range": value} for value in ("items 0-1/8", "0-1/8", "contacts 0-1/*", "items 0-1/many")),
        {"X_Total_Count": "1,022"},
        {"X_Total_Count": "100+"},
        {"X_Pagination": '{"TotalCount":8,"PageSize":20,"CurrentPage":1,"TotalPages":4}'},
        {"X_Pagination": '{"HasNext":true}'},
        {"X_Pagination": '{"hasNext'},
        {"X_Pagination": "page=1, pages=4, total=8"},
        {"X_Pagination": "1/4"},
        {"X_Paging": "page 1 of 4"},
        {"Link": '</campaign/contacts?page=2>; rel="next"'},
        {"Link": '</campaign/contacts?page=1>; rel="first", </campaign/contacts?page=4>; rel="last"'},
        {"Link": "</campaign/contacts?page=2>; title=x; rel=Next"},
        {"Link": '</campaign/contacts?page=2>; rel="next last"'},
    ],
    ids=str,
)
def test_a_header_tells_a_page_from_the_list(stub: Stub, kalimera: KalimeraClient, headers: dict[str, str]) -> None:
    stub.answers(["c-1", "c-2"], **headers)

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert not listed.whole


@pytest.mark.parametrize(
    "body",
    [
        [{"id": "main", "contacts": ["c-1", "c-2"], "next": "/campaign/contacts?page=2"}],
        [{"id": "main", "contacts": ["c-1", "c-2"], "total": 8}],
        {"data": [{"id": "main", "contact_ids": ["c-1", "c-2"], "has_more": True}]},
        [{"id": "c-1"}, {"id": "c-2", "has_more": True}],
        [{"id": "c-1"}, {"id": "c-2", "pagination": {"total": 8}}],
        {
            "data": {
                "contacts": {
                    "edges": [{"cursor": "x", "node": {"id": "c-1"}}, {"cursor": "y", "node": {"id": "c-2"}}],
                    "pageInfo": [{"hasNextPage": True, "endCursor": "y"}],
                }
            }
        },
    ],
    ids=str,
)
def test_a_mark_that_stands_in_a_list_is_one(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    listed = kalimera.listed_contacts("main", {"c-9"})

    assert listed is not None
    assert (listed.ids, listed.whole) == ({"c-1", "c-2"}, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"X_RateLimit_Remaining": "99", "X_RateLimit_Limit": "100", "RateLimit_Remaining": "99"},
        {"X_NextJS_Cache": "HIT", "X_Powered_By": "Next.js", "X_Request_Count": "7"},
        {"Access_Control_Expose_Headers": "Link, X-Total-Count", "Accept_Ranges": "bytes"},
        {"X_Total_Count": "2", "X_Next_Page": "", "X_Prev_Page": "", "X_Page": "1", "X_Per_Page": "20"},
        {"Link": '</a?page=1>; rel="first", </static/app.css>; rel="preload"', "X_Has_More": "false"},
        {"X_Pagination": '{"totalCount":2,"totalPages":1,"hasNext":false}'},
        {"X_Total_Pages": "1", "X_Page": "1"},
        {"Content_Range": "items 0-1/2"},
        {"Server_Timing": "total;dur=12.5", "X_Total_Time": "3", "X_Country": "IN", "X_Cache_Remaining": "9"},
    ],
    ids=str,
)
def test_a_head_that_says_nothing_of_more_leaves_the_list_whole(
    stub: Stub, kalimera: KalimeraClient, headers: dict[str, str]
) -> None:
    stub.answers({"data": ["c-1", "c-2"]}, **headers)

    listed = kalimera.listed_contacts("main", {"c-9"})

    assert listed is not None
    assert (listed.ids, listed.whole) == ({"c-1", "c-2"}, True)


TWO = [{"id": "c-1", "phone": "+919876543210"}, {"id": "c-2", "phone": "+919876543211"}]
THIRD = {"id": "c-3", "phone": "+919876543212"}


@pytest.mark.parametrize(
    "beside",
    [
        *({name: 6} for name in ("omitted", "hidden_count", "collapsed", "rest", "left", "not_shown")),
        *({name: True} for name in ("limited", "limit_reached", "preview", "sample")),
        *({name: True} for name in ("incomplete_results", "partialList", "capped", "sampled", "partial_data")),
        *({name: False} for name in ("full", "exhaustive", "is_complete_list")),
        *({"message": text} for text in ("First 2 contacts", "Only the first 2 are shown", "Limited to 2 contacts")),
        *({"note": text} for text in ("List was cut", "Result set truncated", "... and 6 others", "6 more")),
        {"warnings": ["This is not all of the list"]},
        {"from": 1, "to": 2},
        {"queued_contacts": [THIRD]},
        {"called": [THIRD], "total": 2},
        {"archived": {"items": [THIRD]}},
    ],
    ids=str,
)
def test_an_answer_that_says_it_holds_a_part_is_no_list(
    stub: Stub, kalimera: KalimeraClient, beside: dict[str, Any]
) -> None:
    stub.answers({"contacts": TWO, **beside})

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert not listed.whole


@pytest.mark.parametrize("body", [["c-1", "c-2", "..."], {"contacts": [*TWO, {"id": "…"}]}], ids=str)
def test_a_list_that_ends_in_an_ellipsis_shows_nobody(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    assert kalimera.listed_contacts("main") is None


@pytest.mark.parametrize(
    "beside",
    [
        *({"message": text} for text in ("Contacts of the campaign", "No more contacts", "2 contacts, 0 others")),
        *({name: 0} for name in ("omitted", "hidden", "left")),
        *({name: True} for name in ("full", "complete")),
        {"limited": False, "truncated": False},
        {"from": 1, "to": 2, "total": 2},
        {"agents": [{"id": "agent-hindi", "phone": "+912212345678"}]},
        {"campaign": {"name": "More orders", "description": "For more details ask us"}},
        {"added": TWO},
    ],
    ids=str,
)
def test_an_answer_that_says_nothing_of_a_part_is_the_list(
    stub: Stub, kalimera: KalimeraClient, beside: dict[str, Any]
) -> None:
    stub.answers({"contacts": TWO, **beside})

    listed = kalimera.listed_contacts("main")

    assert listed is not None
    assert listed.whole
