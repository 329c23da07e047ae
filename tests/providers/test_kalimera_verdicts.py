"""A 200 that says no is a no, in whatever form a JSON API writes it; and what only sounds like one is none."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.providers.kalimera.verdicts import says_no

NOES: list[Any] = [
    {"success": False},
    {"success": "false"},
    {"success": "False", "data": None},
    {"success": 0},
    {"success": "0"},
    {"success": "no"},
    {"Success": False},
    {"ok": False, "error": "channel_not_found"},
    {"ok": "nok"},
    {"succeeded": False},
    {"isSuccess": False},
    {"status": "error", "message": "Campaign is paused"},
    {"status": "ERROR"},
    {"status": "Failed"},
    {"status": "fail", "data": {"phone": "required"}},
    {"status": "failure"},
    {"status": "rejected"},
    {"status": False},
    {"status": 0, "message": "The campaign is over"},
    {"status": "0"},
    {"status": 400},
    {"status": "422", "message": "Unprocessable"},
    {"statusCode": 400, "message": "Bad"},
    {"status_code": "404"},
    {"code": 403, "message": "This campaign is not yours"},
    {"error": "Campaign is paused"},
    {"error": True, "message": "Campaign is paused"},
    {"error": 1},
    {"error": {"code": "PAUSED", "message": "Campaign is paused"}},
    {"errors": ["Campaign is paused"]},
    {"errors": [{"message": "Campaign is paused"}]},
    {"errors": {"campaign_ids": ["is paused"]}},
    {"errorMessage": "Campaign is paused"},
    {"result": "error"},
    {"result": {"success": False}},
    {"data": {"status": "error", "reason": "paused"}},
    {"response": {"ok": False}},
    {"data": None, "errors": [{"message": "Not allowed"}]},
    {"message": "Failed to add the contacts"},
    {"message": "Could not add contacts"},
    {"message": "Error: campaign is paused"},
    {"message": "Invalid campaign"},
    {"error": {"code": 200, "message": "Campaign is paused"}},
    {"status": "success", "code": 500},
    {"success": -1},
    {"status": -1},
    {"code": -1},
    {"status": {"code": 400}},
    {"payload": {"success": False}},
    {"body": {"status": "declined"}},
    {"exception": "NullPointerException"},
    {"hasError": True},
    {"errorCode": 5},
    {"status": "not_found"},
    {"result": "bad_request"},
    "Error: the campaign is paused",
    "false",
    "Unauthorized",
]

NOT_NOES: list[Any] = [
    {},
    [],
    None,
    "OK",
    "",
    {"success": True},
    {"success": "true", "error": None},
    {"success": 1, "errors": []},
    {"ok": True, "error": ""},
    {"status": "success", "error": False},
    {"status": "ok", "errors": {}},
    {"status": "active"},
    {"status": "queued", "message": "3 contacts added"},
    {"status": 200, "message": "Added"},
    {"status": 1, "error": 0},
    {"status": "1"},
    {"code": 0, "message": "Success", "data": {"contact_id": "c-1"}},
    {"code": 200},
    {"error": {"code": 0, "message": ""}},
    {"error": {"code": None, "message": None}},
    {"error": "none"},
    {"errors": 0},
    {"errors": None, "failed": []},
    {"success": True, "status": 0},
    {"success": True, "errors": ["one of them was there already"]},
    {"status": "success", "warnings": ["The window is short"]},
    {"message": "Contacts added, none failed"},
    {"message": "No errors"},
    {"message": "0 contacts failed, 6 contacts added"},
    {"message": "No contacts were skipped, 6 added"},
    {"id": "c-1", "created": False, "valid": False},
    {"id": "c-1", "blocked": True, "status": "paused"},
    {"success": 2},
    {"errorCode": 0, "hasError": False},
    {"contact": {"id": "c-1", "name": "Error Singh", "status": "new"}},
    {"data": {"id": "c-1", "status": "pending", "last_error": None}},
    {"id": "c-1", "notes": {"error": "from another order"}},
    {"error": {"code": 200, "message": "OK"}},
    {"error": "N/A"},
    {"error": "undefined"},
    {"errorCode": "00"},
    {"errorMessage": "No errors found"},
    {"message": "Error-free update"},
]


@pytest.mark.parametrize("body", NOES)
def test_this_is_a_no(body: Any) -> None:
    assert says_no(body)


@pytest.mark.parametrize("body", NOT_NOES)
def test_this_is_no_no(body: Any) -> None:
    assert not says_no(body)
