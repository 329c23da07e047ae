"""Who is on the list after an answer to an addition: whoever a yes stands for, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.providers.kalimera.additions import Addition, read_addition
from ordercall.providers.kalimera.statements import Asked
from properties import always

ALL = frozenset({"c-1", "c-2", "c-3"})
ASKED = Asked({"c-1": "+919000000002", "c-2": "+919000000003", "c-3": None})
NUMBERS = Asked({"1": None, "2": None, "31": None})

YES: list[Any] = [
    "",
    "OK",
    "Success",
    True,
    {"success": True, "message": "Contacts added to the campaign successfully"},
    {"message": "Contacts added successfully"},
    {"message": "Successfully added 3 contacts to the campaign"},
    {"status": "success", "data": None},
    {"status": "success", "message": "Contacts queued", "request_id": "r-1", "at": "2026-11-30T01:00:00Z"},
    {"statusCode": 200, "body": {"message": "ok"}},
    {"success": True, "data": []},
    {"ok": True, "campaign": {"id": 7, "status": "active"}},
    {"success": True, "data": {"campaign_id": "main", "contacts_added": 3}},
    {"success": True, "added": 3, "skipped": 0, "failed": [], "errors": None},
    {"success": True, "data": {"contact_ids": ["c-1", "c-2", "c-3"]}},
    {"success": True, "contacts": [{"id": "c-1"}, {"id": "c-2"}, {"id": "c-3"}]},
    {"results": [{"phone": "9000000002", "status": "queued"}, {"id": "c-2", "status": 201}, {"id": "c-3", "ok": True}]},
    {"Successful": [{"Id": "c-1"}, {"Id": "c-2"}, {"Id": "c-3"}], "Failed": []},
    {"summary": {"added": 3, "failed": 0}, "success": True},
    [{"status": 201}, {"status": 201}, {"status": 200}],
    {"code": 0, "message": "Success"},
    {"success": True, "message": "Operation completed successfully"},
    {"success": True, "message": 'Contacts added to "Diwali"'},
    {"message": "Contact(s) added to the calling list."},
    {
        "success": True,
        "campaign": {"id": "main", "contacts": [{"id": who, "status": "not_called"} for who in sorted(ALL)]},
    },
    {"acknowledged": True, "insertedCount": 3, "insertedIds": {"0": "m-1", "1": "m-2", "2": "m-3"}},
    {"jsonrpc": "2.0", "result": {"added": 3}, "id": 9},
    {
        "success": True,
        "contacts": [
            {"id": who, "name": "Asha", "metadata": {"product_title": "Blocked heel 2", "items": "0 × No Name"}}
            for who in sorted(ALL)
        ],
    },
    {"success": True, "data": {"added": sorted(ALL), "already_exists": [], "not_found": []}},
    {"message": "0 contacts failed, 3 contacts added"},
    {"success": True, "message": "Added 3 contacts, 0 failed"},
    {"success": True, "message": "3 contacts added to 1 campaign"},
    {"success": True, "message": "Successfully added 3 contacts to 2 campaigns, failed: 0"},
    {"success": True, "data": {"campaign_status": "running", "is_new": False, "rowCount": 3, "response_code": 200}},
    {
        "success": True,
        "invalid": False,
        "inactive": False,
        "disabled": False,
        "is_unavailable": False,
        "notCallable": False,
    },
    {"success": True, "processed_ms": 2, "modified_by": 1, "rows": 3, "data": {"area_code": 512, "pincode": "560001"}},
]
UNCLEAR: list[Any] = [
    *({"success": True, name: value} for name, value in (("updated", False), ("nModified", 0), ("resultCode", -1))),
    # a no that may have been half a yes
    {"success": False, "added_count": 2, "failed_count": 1, "message": "1 of 3 contacts could not be added"},
    {"message": "0 contacts failed, 2 contacts added"},
    {"message": "No contacts were skipped, 3 added"},
    {"success": False, "contact_ids": ["c-1", "c-2"]},
    {"success": False, "results": [{"id": who, "status": "added"} for who in sorted(ALL)]},
    {"message": "0 contacts were added, 3 were queued"},
    {"status": "success", "code": 500},
    # words that are no yes
    *({"message": text} for text in ("Campaign is paused", "Insufficient balance", "Campaign has ended", "Thank you")),
    *({"message": text} for text in ("Added 2 of 3 contacts", "Added 2 contacts", "Request received", "3 contacts")),
    "Campaign is paused",
    '{"success":true',
    '{"success":true,"added":["c-1","c-2","c-3"]',
    *({"status": word} for word in ("aborted", "exception", "timeout", "quota_exceeded", "partial_failure", "halted")),
    *({"status": word} for word in ("completed_with_errors", "PARTIAL_ERROR", "draft", "unknown_state", "pending")),
    {"success": True, "data": {"status": "paused"}},
    {"success": True, "campaign": {"status": "paused"}},
    {"success": True, "campaign": {"paused": True}},
    {"success": True, "dry_run": True},
    {"success": True, "message": "Added 2 of 3 contacts"},
    {"success": True, "warnings": ["One number is on the DND list"]},
    {"success": True, "acknowledged": False},
    {"success": "maybe"},
    {"ok": 7},
    {"c-1": {"failed": 0}, "c-2": {"errors": []}, "c-3": {"skipped": "0"}},
    {"acknowledged": False},
    {"valid": False},
    {"failed": True},
    {"contacts_added": 0},
    {"total_added": 0},
    {"created": "2026-11-30T01:00:00Z"},
    {"added": ""},
    {"data": None},
    {"message": ""},
    {"success": True, "count": 0},
    {"success": True, "total": 2},
    {"success": True, "severity": "error"},
    {"success": True, "type": "error"},
    {"success": True, "mode": "dry-run"},
    {"success": True, "info": "1 contact skipped"},
    {"success": True, "note": "The campaign is paused, nobody is called"},
    {"success": True, "statusMessage": "Nothing to do"},
    {"success": True, "errors": {"c-3": None}},
    {"success": True, "UnprocessedItems": {"t": [{"id": "c-3"}]}},
    {"success": True, "data": {"success": False}},
    {"success": True, "accepted": False},
    {"success": True, "requested": 3, "accepted": 2},
    {"results": [["c-1", "ok"], ["c-2", "failed"]]},
    {"results": "c-1 ok, c-2 failed"},
    {"added": "all"},
    {"added": "2/3"},
    {"added": [{"contact": {"id": "c-1"}, "warning": "DND"}]},
    {"added": 2.5},
    {"added": -1},
    {"message": "Campaign completed"},
    # no yes at all
    {"data": []},
    {"data": {}},
    {"campaign_id": "main"},
    {"id": "request-7"},
    {"meta": {"success": True}},
    {"yesterday": {"added": 3}},
    {"total": 3},
    0,
    3,
    None,
    [],
    ["c-1", "c-2", "c-3"],
    {"contact_ids": ["c-1", "c-2", "c-3"]},
    # verdicts of which nobody knows whose they are
    {"success": True, "results": [{"index": 2, "status": 409}]},
    [{"status": 201}, {"status": 201}, {"status": 422}],
    [{"status": 201}, {"status": 201}],
    {"results": [True, True, False]},
    {"success": True, "results": ["ok", "ok", "failed"]},
    {"success": True, "statuses": [200, 200, 409]},
    {"failed": [{"index": 2}]},
    {"failed": ["c-9"]},
    {"success": True, "failed": [{"row": 2, "reason": "DND"}]},
    [{"success": False, "message": "paused"}],
    [{"error": "x"}],
    {"meta": {"success": False}},
    # they are named, and nobody knows as what
    {"success": True, "purple": ["c-1", "c-2", "c-3"]},
    {"success": True, "removed": ["c-1"]},
    {"success": True, "opted_out": ["c-3"]},
    {"success": True, "already_listed": ["c-3"]},
    {"success": True, "duplicates": ["c-3"]},
    {"success": True, "warnings": [{"contact_id": "c-3", "message": "x"}]},
    {"success": True, "data": {"previous": {"added": ["c-1", "c-2", "c-3"]}}},
    {"success": True, "results": [{"contact_id": "c-3", "reason": "number is on DND"}]},
    {"added": {"pending_review": ["c-1", "c-2", "c-3"]}},
    {"added": ["c-1", "c-2", "c-3"], "failed_count": 1},
    {"added": ["c-1", "c-2", "c-3"], "added_count": 2},
    {"added": ["c-1", "c-2", "c-3"], "rejected": ["c-1", "c-2", "c-3"]},
    # as real APIs write it
    {"data": {"addContacts": {"contacts": [{"id": "c-1"}]}}, "errors": None},
    {"object": "list", "data": [{"id": "c-1", "object": "contact"}], "has_more": False},
    {"FailedEntryCount": 1, "Entries": [{"EventId": "e-1"}, {"ErrorCode": "Throttled"}]},
    [{"contact_ids": ["Invalid pk"]}, {}],
    {"data": [{"type": "contacts", "id": "c-1"}, {"type": "contacts", "id": "c-2"}], "meta": {"copyright": "x"}},
    # a yes beside what no yes has
    *(
        {"success": True} | beside
        for beside in (
            {"updated": 0},
            {"affectedRows": 2},
            {"processed": 2},
            {"data": False},
            {"data": "Campaign is paused"},
            {"campaign": "paused"},
            {"campaign_status": "paused"},
            {"campaignState": "STOPPED"},
            {"campaign": {"active": False}},
            {"data": {"callable": False}},
            {"will_call": False},
            {"response_code": 500},
            {"message": "Insufficient credits"},
            {"message": "Quota exceeded"},
            {"message": "Contacts pending approval"},
            {"message": "3 contacts added, 1 failed"},
            {"message": "0 contacts added to 3 campaigns"},
        )
    ),
]
NO: list[Any] = [
    False,
    {"added": False},
    {"exception": "boom"},
    {"hasError": True},
    {"isError": True},
    {"errorCode": 5},
    {"status": -1},
    {"success": -1},
    {"code": -1},
    {"status": {"success": False}},
    {"status": {"code": 400}},
    {"payload": {"success": False}},
    {"body": {"success": False}},
    *({"status": word} for word in ("not_found", "bad_request", "declined", "not_added")),
    {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "The campaign is over"},
    {"error": {"code": 400, "message": "Paused", "status": "FAILED_PRECONDITION"}},
    {"errors": [{"message": "Paused", "extensions": {"code": "BAD_USER_INPUT"}}], "data": None},
    {"jsonrpc": "2.0", "error": {"code": -32000, "message": "Paused"}, "id": 9},
]
APART: list[tuple[Any, set[str], set[str]]] = [
    *(
        ({"success": True, name: ["c-3"]}, {"c-1", "c-2"}, {"c-3"})
        for name in ("dnd", "dnd_contacts", "dndContacts", "blacklisted", "unreachable", "dropped", "invalid_numbers")
    ),
    *(
        ({"success": True, name: ["c-3"]}, {"c-1", "c-2"}, {"c-3"})
        for name in ("failed_numbers", "failedrecords", "not_added_contacts", "notadded", "optedoutids", "rejectedIds")
    ),
    *(
        ({"success": True, "results": [{"contact_id": "c-3", **verdict}]}, {"c-1", "c-2"}, {"c-3"})
        for verdict in ({"state": "failed"}, {"outcome": "rejected"}, {"status": "not_added"}, {"status": "dnc"})
    ),
    *(
        ({"success": True, "results": [{"contact_id": "c-3", **verdict}]}, {"c-1", "c-2"}, {"c-3"})
        for verdict in ({"status": "invalid_number"}, {"added": 0}, {"added": "false"}, {"code": 422}, {"error": "DND"})
    ),
    ({"success": ["c-1", "c-2"], "failed": ["c-3"]}, {"c-1", "c-2"}, {"c-3"}),
    ({"c-1": "added", "c-2": "duplicate", "c-3": "error: dnd"}, {"c-1"}, {"c-3"}),
    ({"data": {"c-1": 200, "c-2": 409, "c-3": 500}}, {"c-1"}, {"c-2", "c-3"}),
    ({"c-1": {"added": True}, "c-2": {"added": False}, "c-3": {}}, {"c-1"}, {"c-2"}),
    ({"added": "c-1, c-2", "failed": ["c-3"]}, {"c-1", "c-2"}, {"c-3"}),
    ({"success": True, "data": [{"id": "c-1"}, {"id": "c-2"}]}, {"c-1", "c-2"}, set()),
    ({"success": True, "contact_id": "c-1"}, {"c-1"}, set()),
    ({"success": True, "data": ["c-1"], "purple": ["c-2"]}, {"c-1"}, set()),
    ({"success": False, "contact_id": "c-1", "message": "DND"}, set(), {"c-1"}),
    ({"added": ["c-1"], "failed": [{"id": "c-2"}, {"row": 3}]}, {"c-1"}, {"c-2"}),
    ({"results": [{"phone": "90000 00003", "status": "failed"}, {"id": "c-1", "status": "added"}]}, {"c-1"}, {"c-2"}),
    ({"successful": [{"id": "c-1", "status": "failed"}], "failed": ["c-2"]}, set(), {"c-2"}),
]


def parts(addition: Addition) -> tuple[set[str], set[str], set[str]]:
    return set(addition.added), set(addition.refused), set(addition.unclear)


def in_order(value: object) -> str:
    """Name a value in the same way in every process: a set has an order of its own in each."""
    return str(sorted(value) if isinstance(value, set) else value)


@pytest.mark.parametrize("body", YES, ids=str)
def test_a_yes_that_is_understood_puts_all_on_the_list(body: Any) -> None:
    assert parts(read_addition(body, ASKED)) == (ALL, set(), set())


@pytest.mark.parametrize("body", UNCLEAR, ids=str)
def test_what_is_neither_a_yes_nor_a_no_is_unclear(body: Any) -> None:
    addition = read_addition(body, ASKED)

    assert (addition.is_a_no, *parts(addition)) == (False, set(), set(), ALL)


@pytest.mark.parametrize("body", NO, ids=str)
def test_a_no_to_all_is_one(body: Any) -> None:
    assert read_addition(body, ASKED).is_a_no


@pytest.mark.parametrize(("body", "added", "refused"), APART, ids=in_order)
def test_an_answer_tells_them_apart(body: Any, added: set[str], refused: set[str]) -> None:
    assert parts(read_addition(body, ASKED)) == (added, refused, ALL - added - refused)


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "added": 3, "failed": 0},
        {"message": "2 of 3 contacts added, 1 failed"},
        {"message": "Added 2, failed 1"},
        {"success": False, "results": [{"id": "c-1", "status": "added"}]},
        {"success": True},
    ],
    ids=str,
)
def test_a_refusal_that_says_that_some_were_added_is_no_refusal_of_all(body: Any) -> None:
    assert not read_addition(body, ASKED, status=422).is_a_no


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Unknown contact: c-1", "contact_ids": ["c-1"]},
        {"message": "The given data was invalid.", "errors": {"contact_ids.1": ["is invalid"]}},
        {"message": "Contact 4711 could not be added"},
        {"errors": [{"contact_id": "c-1", "message": "DND"}], "added": 0},
        b"".decode(),
        "Bad Request",
        {},
        None,
    ],
    ids=str,
)
def test_a_refusal_that_says_nothing_of_an_addition_is_one_of_all(body: Any) -> None:
    assert read_addition(body, ASKED, status=422).is_a_no


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": [{"contact_id": "c-1", "message": "DND"}]}, "DND"),
        ({"message": "Unprocessable", "errors": {"c-1": ["not valid"]}}, ""),
        ({"error": {"phone": "+919000000002", "reason": "DND"}}, "DND"),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_by_its_status_says_because_of_whom_all_were_refused(status: int, body: Any, words: str) -> None:
    addition = read_addition(body, ASKED, status=status)

    assert (addition.is_a_no, addition.refused) == (True, {"c-1": words})


@pytest.mark.parametrize(
    "body", [{"errors": {"1": ["DND"]}}, {"results": {"0": "ok", "1": "ok", "2": "failed"}}], ids=str
)
def test_the_number_of_a_row_is_not_taken_for_an_id(body: Any) -> None:
    assert parts(read_addition(body, NUMBERS))[:2] == (set(), set())


def test_a_number_that_python_does_not_read_counts_nothing() -> None:
    assert read_addition({"added": "9" * 5_000, "failed": "1" * 5_000, "success": True}, ASKED).added == frozenset()


IDS = st.sampled_from(["c-1", "c-2", "c-3", "+919000000002", "9000000003", "c-9"])
NOT_A_YES = st.one_of(
    IDS,
    st.sampled_from([None, False, 0, -1, 400, 409, 422, 500, 1_001, "", "false", "failed", "error", "paused", "dnd"]),
    st.sampled_from(["Campaign is paused", "0", "not added", "partial", "already there", "pending", "2 of 3 added"]),
)
ANY_KEY = st.sampled_from(
    [
        *("isSuccess", "ok", "status", "state", "result", "code", "error", "errors", "message", "reason", "data"),
        *("results", "response", "contacts", "contact_ids", "contact", "id", "contact_id", "phone", "items", "failed"),
        *("skipped", "rejected", "dnd", "invalid", "not_added", "purple", "pending_review", "previous", "campaign"),
        *("meta", "count", "total", "warnings", "valid", "0", "1", "c-1", "c-2", "9000000003", "failed_count"),
        *("details", "payload"),
    ]
)
YES_KEY = st.sampled_from(["added", "added_count", "created", "accepted", "listed", "successful", "imported"])
WORDS_OF_YES = st.sampled_from([True, 1, 200, 201, "ok", "success", "added", "queued", "Contacts added", 3, 900])


def bodies(keys: st.SearchStrategy[str], leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
    )


@always
@given(bodies(ANY_KEY, NOT_A_YES), st.sampled_from([200, 302, 400, 409, 422]))
def test_nobody_is_added_by_an_answer_without_a_yes(body: Any, status: int) -> None:
    """Beside a word that is not known, since an answer of failures alone, or of nothing, is a yes by its status."""
    whole = {**body, "note": "x"} if isinstance(body, dict) else {"answer": body, "note": "x"}

    assert read_addition(whole, ASKED, status=status).added == frozenset()


@always
@given(bodies(ANY_KEY | YES_KEY, NOT_A_YES | WORDS_OF_YES), st.sampled_from([200, 302, 400, 409, 422]))
def test_each_is_added_or_refused_or_unclear_and_nothing_else(body: Any, status: int) -> None:
    addition = read_addition(body, ASKED, status=status)
    added, refused, unclear = parts(addition)

    assert (added | refused | unclear, added if addition.is_a_no else set()) == (ALL, set())
    assert len(added) + len(refused) + len(unclear) == len(added | refused | unclear)


@always
@given(bodies(ANY_KEY | YES_KEY, NOT_A_YES | WORDS_OF_YES), st.sampled_from(["purple", "previous", "see also"]))
def test_whoever_is_named_under_a_name_that_is_not_known_is_not_added(body: Any, name: str) -> None:
    addition = read_addition({"success": True, "data": body, name: ["c-1"]}, ASKED)

    assert "c-1" not in addition.added


@always
@given(bodies(ANY_KEY | YES_KEY, NOT_A_YES | WORDS_OF_YES))
def test_whoever_is_named_as_failed_is_not_added_whatever_else_is_said(body: Any) -> None:
    assert "c-1" not in read_addition({"success": True, "data": body, "failed": ["c-1"]}, ASKED).added
