"""The names of what happens to an order, and the record of a request to a provider."""

from __future__ import annotations

import json

import pytest

from ordercall.domain.activity import Event, ProviderCall


def test_a_call_can_be_written_as_json() -> None:
    call = ProviderCall("POST", "/contact", 201, 48, {"phone": "•••02"}, {"id": "c-1"})

    assert json.loads(json.dumps(call.to_json())) == {
        "method": "POST",
        "path": "/contact",
        "status": 201,
        "milliseconds": 48,
        "request": {"phone": "•••02"},
        "response": {"id": "c-1"},
    }


@pytest.mark.parametrize(
    "name",
    [
        "Shopify_Webhook_Received",
        "Agent_Selected",
        "Kalimera_Contact_Created",
        "Kalimera_Campaign_Updated",
        "Kalimera_Contact_Added_To_List",
        "Kalimera_Sync_Success",
        "Order_Status_Updated",
        "Shopify_Cancel_Success",
        "Shopify_Cancel_Error",
    ],
)
def test_the_events_of_the_original_program_keep_their_names(name: str) -> None:
    assert Event(name).value == name


def test_every_event_is_words_with_capitals_joined_by_underscores() -> None:
    for event in Event:
        assert all(word[0].isupper() and word.isalpha() for word in event.value.split("_"))
