"""A sandbox that was given a file of Kalimera's answers: what it takes for one, and what it tells of by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playing import PHONE, Product, window
from test_talks import Street, place

from ordercall.errors import ConfigurationError
from ordercall.sandbox.contact_ids import as_number, contact_id_of
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.recorded_answers import RecordedAnswers
from waiting import until


def recorded(operation: str, outcome: str, body: Any, status: int = 200, times: int = 1) -> dict[str, Any]:
    kind = {"content_type": "application/json", "times": times}
    return {"operation": operation, "outcome": outcome, "status": status, "body": body} | kind


CREATED = recorded("create the contact", "done", {"made": {"ref": "number, contact id"}}, 202)
EXISTS = recorded("create the contact", "exists", {"error": {"detail": "text, words", "code": "number"}}, 409)


def test_it_answers_in_the_shapes_that_are_posted_to_it(page: httpx.Client, to_kalimera: httpx.Client) -> None:
    taken = page.post("/answers", json={"answers": [CREATED, EXISTS]})
    made, again = (to_kalimera.post("/contact", json={"phone": PHONE}) for _ in range(2))

    assert taken.status_code == 200
    assert (made.status_code, made.json()) == (202, {"made": {"ref": as_number(contact_id_of(PHONE))}})
    assert (again.status_code, again.json()) == (409, {"error": {"detail": "Contact already exists", "code": 0}})


def test_what_no_shape_was_recorded_of_it_answers_in_its_own(page: httpx.Client, to_kalimera: httpx.Client) -> None:
    page.post("/answers", json={"answers": [recorded("create the contact", "refused", {"fault": "text, words"}, 422)]})

    assert to_kalimera.post("/contact", json={"phone": "none"}).status_code == 400
    assert to_kalimera.post("/contact", json={"phone": PHONE}).json()["contact_id"] == contact_id_of(PHONE)


def test_of_two_shapes_the_more_frequent_is_answered(page: httpx.Client, to_kalimera: httpx.Client) -> None:
    rare = recorded("look up the contact", "none", {"rare": []})
    page.post("/answers", json={"answers": [rare, recorded("look up the contact", "none", {"usual": []}, times=7)]})

    assert to_kalimera.get("/contact", params={"phone": PHONE}).json() == {"usual": []}


def test_a_list_of_nobody_is_no_answer_where_somebody_is_on_it(
    kalimera: FakeKalimera, page: httpx.Client, to_kalimera: httpx.Client
) -> None:
    page.post("/answers", json={"answers": [recorded("look at the campaign's list", "done", {"rows": []})]})
    nobody = to_kalimera.get("/campaign/contacts", params={"campaign_id": "main"}).json()
    kalimera.campaign.contact_ids.add(contact_id_of(PHONE))

    assert nobody == {"rows": []}
    assert to_kalimera.get("/campaign/contacts", params={"campaign_id": "main"}).json()["total"] == 1


def test_what_it_does_not_play_of_a_file_is_said(page: httpx.Client) -> None:
    in_part = recorded("add to the campaign", "in part", {"added": "number"})

    taken = page.post("/answers", json={"answers": [CREATED, in_part]})

    assert taken.json() == {"success": True, "not_played": ["add to the campaign, in part"]}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"answers": {}},
        {"answers": [{}]},
        {"answers": [CREATED | {"status": 99}]},
        {"answers": [CREATED | {"body": [7]}]},
        {"answers": [CREATED | {"body": {"half an emoji \ud83d": "text"}}]},
        {"answers": [CREATED | {"content_type": "text/plain\r\nx: y"}]},
        {"answers": [CREATED | {"content_type": "\u20ac"}]},
    ],
)
def test_what_is_no_file_of_answers_is_refused_and_changes_nothing(
    kalimera: FakeKalimera, page: httpx.Client, document: Any
) -> None:
    before = kalimera.recorded

    refused = page.post("/answers", content=json.dumps(document))

    assert (refused.status_code, kalimera.recorded) == (400, before)
    assert "Send what `ordercall kalimera shapes` prints." in refused.text


@pytest.mark.parametrize("text", ["", "[" * 100_000, '[{"step": "Contact"}]', None])
def test_a_file_that_is_none_stops_the_start_with_what_to_do(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "answers.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ConfigurationError) as stopped:
        RecordedAnswers.in_file(str(file))

    assert f"{file} is no file of Kalimera's answers; `ordercall kalimera shapes` prints one." in str(stopped.value)


def test_the_agent_reports_the_contact_by_the_id_that_was_told(product: Product, street: Street) -> None:
    running, _, client = street
    running.sandbox.kalimera.recorded = RecordedAnswers.read(json.loads(json.dumps({"answers": [CREATED]})))
    order = place(street, product, "says yes")
    told = as_number(contact_id_of(order.phone or ""))
    client.put("/campaign/main", json=window("sandbox-agent-english"))

    listed = client.post("/campaign/contacts", json={"campaign_ids": ["main"], "contact_ids": [told]})
    until(lambda: product.outcomes(), "the report has come")

    assert listed.status_code == 200
    assert product.outcomes()[0]["contact_id"] == told
