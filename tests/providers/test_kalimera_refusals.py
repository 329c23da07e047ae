"""Which no is one to all who were to be added: only those are sent again, and nobody may be added twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.providers.kalimera.additions import read_addition
from ordercall.providers.kalimera.statements import Asked
from ordercall.providers.kalimera.verdicts import field_says
from properties import always

ASKED = Asked({"c-1": "+919000000002", "c-2": "+919000000003", "c-3": None})

HALF_A_NO: list[Any] = [
    # some failed, and nobody knows who
    *({"success": False, name: 1} for name in ("failed_count", "failed", "assigned", "attached", "synced", "linked")),
    *({"success": False, "processed": 3, "failed": failed} for failed in (1, 2)),
    {"success": False, "uploaded": 2, "errors": 1},
    {"success": False, "message": "Three sent, two done"},
    *({"success": False, "message": text} for text in ("Some contacts failed", "Only c-1 was taken", "2/3 done")),
    *({"success": False, "message": text} for text in ("Not all contacts were taken", "Failed for the others")),
    {"success": False, "partial": True, "message": "1 of 3 contacts could not be added"},
    {"success": False, "isPartialSuccess": True},
    {"status": "partial", "success": False},
    {"status": "PARTIAL_FAILURE", "success": False},
    {"error": "1 contact failed"},
    {"error": "PARTIAL_FAILURE"},
    {"error": {"added": ["c-1", "c-2"], "failed": ["c-3"]}},
    {"success": False, "contacts": ["c-1", "c-2"]},
    {"success": False, "errors": [{"row": 2, "message": "bad phone"}]},
    {"success": False, "failed": [{"message": "bad phone"}]},
    # somebody is there already
    *({"success": False, "message": text} for text in ("Some contacts already in campaign", "Contact already exists")),
    {"error": "DUPLICATE_CONTACT"},
    # a program that broke off
    {"success": False, "code": 500, "message": "Internal Server Error", "contacts": []},
    {"success": False, "error": "Request timed out"},
    {"error": {"code": "GATEWAY_TIMEOUT"}},
    {"success": False, "error": "RequestTimeout"},
    {"success": False, "message": "Service temporarily unavailable"},
    {"error": {"status": 503, "added": 0}},
]
BY_ITS_STATUS_ALONE: list[Any] = [
    {"errors": [{"loc": ["body", "contact_ids", 2], "msg": "value is not valid"}]},
    {"errors": {"contact_ids.1": ["is invalid"]}},
    {"success": False, "data": {"done": [{"id": "z"}]}},
    {"success": False, "purple": 3},
]
"""In a 200 they may tell of those who were added, and in a refusal only of what is wrong."""


@pytest.mark.parametrize("status", [200, 400, 422])
@pytest.mark.parametrize("body", HALF_A_NO, ids=str)
def test_a_no_that_may_be_one_to_some_is_none_to_all(body: Any, status: int) -> None:
    addition = read_addition(body, ASKED, status=status)

    assert (addition.is_a_no, addition.added) == (False, frozenset())


@pytest.mark.parametrize("body", BY_ITS_STATUS_ALONE, ids=str)
@pytest.mark.parametrize(("status", "is_a_no"), [(200, False), (422, True)])
def test_a_refusal_of_all_may_point_at_one_of_them(body: Any, status: int, is_a_no: bool) -> None:
    assert read_addition(body, ASKED, status=status).is_a_no is is_a_no


@pytest.mark.parametrize("body", ["", {}, {"message": "Conflict"}], ids=str)
@pytest.mark.parametrize("status", [302, 303, 409])
def test_a_redirect_and_a_conflict_do_not_say_that_nobody_was_added(body: Any, status: int) -> None:
    assert not read_addition(body, ASKED, status=status).is_a_no


@pytest.mark.parametrize("status", [200, 400])
def test_a_no_to_one_contact_alone_is_no_part_of_anything(status: int) -> None:
    body = {"success": False, "failed": 1, "message": "1 contact failed: it exists already"}

    assert read_addition(body, Asked({"c-1": None}), status=status).is_a_no


@always
@given(st.text("abcdefghijklmnopqrstuvwxyz_", min_size=3, max_size=12), st.integers(1, 2), st.sampled_from([200, 422]))
def test_a_no_that_counts_fewer_than_all_under_whatever_name_is_none_to_all(name: str, n: int, status: int) -> None:
    if field_says(name, n) is None:
        assert not read_addition({"success": False, name: n}, ASKED, status=status).is_a_no
