"""The update of a campaign: an answer of the 200 series that says no is one, and what only sounds like one is none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from asking import error_of

from ordercall.domain.calls.calling import INDIA, CallWindow
from ordercall.errors import ProviderRefused
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.updates import says_it_was_not_set
from stub import Stub

END = datetime(2026, 11, 24, 14, 0, tzinfo=INDIA)
WINDOW = CallWindow(END - timedelta(hours=2), END)

NOES: list[dict[str, Any]] = [
    *(
        {"error": fault}
        for fault in ({"message": "no"}, {"message": False, "code": 7}, "paused", True, [{"msg": "no"}])
    ),
    *({name: "E17"} for name in ("errorCode", "err_code", "errno", "errmsg", "error_description", "faultstring")),
    *({name: ["agent_id"]} for name in ("failures", "validationErrors", "problems", "violations", "invalid")),
    *({"result": word} for word in ("failure", "failed", "error", "no", "nok", False)),
    *(
        {"status": word}
        for word in ("rejected", "denied", "forbidden", "not_updated", "validation_error", "ng", "Not Found")
    ),
    *({"ok": no} for no in ("false", False, 0, "0", "no", "N")),
    *({"success": no} for no in ("0", 0, "False", "no", "n", -1)),
    *(
        {name: 422}
        for name in ("code", "statusCode", "http_code", "response_code", "responseCode", "resultCode", "ret")
    ),
    *({name: -1} for name in ("code", "ret", "retcode")),
    *(
        {name: False}
        for name in ("updated", "saved", "applied", "accepted", "acknowledged", "isUpdated", "found", "valid")
    ),
    *({name: "false"} for name in ("updated", "saved")),
    *({name: 0} for name in ("matched", "matchedCount")),
    *({"type": word} for word in ("error", "validation_error")),
    *(
        {"message": text}
        for text in (
            *("Campaign not found", "Campaign was not updated", "Agent does not exist", "Something went wrong"),
            *(
                "Internal server error",
                "Unauthenticated.",
                "Validation failed",
                "Update failed: 1 field",
                "No such campaign",
            ),
            *("You are not allowed to do this", "The agent isn't available", "Service unavailable", "Please try again"),
            *("The campaign couldn't be updated", "Token expired", "Quota exceeded"),
        )
    ),
    *({name: "Bad Request"} for name in ("statusText", "status_message")),
    {"code": 422, "message": "Unprocessable"},
    {"failed": True},
]

YESES: list[Any] = [
    *(
        {"error": nothing}
        for nothing in (None, "", False, 0, "0", [], {}, "none", "null", "N/A", "no", "undefined", "ok")
    ),
    *(
        {"error": fault}
        for fault in ({"code": 0, "message": ""}, {"code": 200, "message": "OK"}, {"message": None}, [None])
    ),
    *({"errors": nothing} for nothing in ([], {}, None, 0, "", [{}], {"campaign": []}, "[]")),
    *({name: 0} for name in ("errorCode", "errno", "ret", "retcode", "code", "error_count", "failed", "failures")),
    *({name: "00"} for name in ("errorCode", "responseCode", "code")),
    *({"code": code} for code in (200, "200", 204, "OK", "SUCCESS", 0, "0", 1)),
    *(
        {"message": text}
        for text in ("ok", "OK", "Campaign updated", "Success", "Updated, no errors", "Error-free update")
    ),
    *({"message": text} for text in ("No changes", "Nothing to update", "Not modified", "Campaign already up to date")),
    {"message": "Campaign updated. Calls will not start before 10:00"},
    {"message": "Campaign updated, 2 contacts failed earlier"},
    {"errorMessage": "No errors found"},
    *(
        {"status": word}
        for word in ("updated", "accepted", "ok", "200 OK", 200, "1", "completed", "paused", "no_change")
    ),
    *({"status": word} for word in ("not_modified", "active", "scheduled", "draft", "not_started")),
    *({"result": yes} for yes in ("OK", True, 1, {"ok": 1}, "updated", "success")),
    *({"success": yes} for yes in (True, 1, "true", "TRUE", "1", "yes", "y", 1.0)),
    *({name: 0} for name in ("updated", "modified", "modifiedCount", "affected_rows")),
    {"id": "main", "status": "paused", "is_active": False, "enabled": False, "deleted": False, "failed_calls": 12},
    {"id": "main", "name": "Failed COD orders", "description": "Rejected carts", "first_message": "Sorry, an error"},
    {"id": "main", "agent_id": "a", "last_error": None, "errors_today": 3},
    {"success": True, "warnings": ["The window is short"]},
]
BARE_YESES = [None, "", "OK", "Updated", True, [], {}, 1, "Campaign updated", [True], ["main"]]
BARE_NOES = [False, "false", "no", "FAILED", "Error: paused", "Campaign not found", [False]]
OTHERS = [{"id": "else", "name": "Another", "status": "failed"}, {"id": "main", "name": "Ours", "status": "active"}]

AROUND = {
    "alone": lambda body: body,
    "in a list": lambda body: [body],
    **{name: (lambda body, name=name: {name: body}) for name in ("data", "result", "response", "payload", "meta")},
    **{f"{name} as a list": (lambda body, name=name: {name: [body]}) for name in ("data", "results", "campaigns")},
    "beside a yes of the envelope": lambda body: {"success": True, "data": body},
    "two levels down": lambda body: {"status": "ok", "response": {"data": body}},
}


@pytest.mark.parametrize("body", NOES, ids=str)
def test_a_no_to_an_update_is_one_wherever_it_stands(body: dict[str, Any]) -> None:
    assert [place for place, around in AROUND.items() if not says_it_was_not_set(around(body), "main")] == []


@pytest.mark.parametrize("body", YESES, ids=str)
def test_a_yes_to_an_update_in_an_odd_shape_is_no_no(body: dict[str, Any]) -> None:
    assert [place for place, around in AROUND.items() if says_it_was_not_set(around(body), "main")] == []


@pytest.mark.parametrize("body", BARE_NOES, ids=repr)
def test_a_bare_no_is_one(body: Any) -> None:
    assert says_it_was_not_set(body, "main")


@pytest.mark.parametrize("body", BARE_YESES, ids=repr)
def test_an_answer_without_a_no_is_none(body: Any) -> None:
    assert not says_it_was_not_set(body, "main")


def test_what_is_said_of_another_campaign_is_no_no() -> None:
    assert not says_it_was_not_set({"data": OTHERS}, "main")
    assert says_it_was_not_set({"data": OTHERS}, "else")


@pytest.mark.parametrize(
    "body", [{"error": {"message": "no"}}, {"data": {"updated": False}}, [{"success": True}, {"ok": "false"}], b"false"]
)
def test_a_refused_update_is_a_refusal(stub: Stub, kalimera: KalimeraClient, body: Any) -> None:
    stub.answers(body)

    assert type(error_of(lambda: kalimera.update_campaign("main", "agent-hindi", WINDOW))) is ProviderRefused
    assert len(stub.requests) == 1
