"""What is told of an answer as not known: names that nothing reads, and none that something does."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.providers.kalimera.strangers import MOST, strangers


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"status": "ok", "data": {"id": "c-1", "phone": "+91", "dnd": False}}, ["data.dnd"]),
        (
            {"contacts": [{"_id": 1, "score": 3}, {"_id": 2, "score": 4}], "total": 2, "next_page": None},
            ["contacts.score"],
        ),
        ({"plan": {"id": 1}}, ["plan"]),
        ({"message": "Contact created", "id": 7, "created": True}, ["created"]),
        ({"agent_id": "a", "startTime": "09:00", "endTime": "21:00", "timezone": "Asia/Kolkata"}, []),
        ({"success": True, "error": None, "campaign_ids": ["main"]}, []),
        ("Contact created", []),
        ([], []),
        (None, []),
    ],
)
def test_only_what_nothing_reads_is_told(body: Any, told: list[str]) -> None:
    assert strangers(body) == told


def test_in_the_answer_to_an_addition_its_words_are_known() -> None:
    body = {"message": "Contacts added", "added": 1, "failedContacts": [], "tier": 1}

    assert strangers(body, of_addition=True) == ["tier"]


def test_names_that_the_contract_gives_are_known() -> None:
    assert strangers({"msisdn": "+91", "Ref": "c-1", "tier": 2}, {"msisdn", "ref"}) == ["tier"]


def test_of_many_only_the_first_are_told() -> None:
    assert len(strangers({f"odd{chr(97 + number)}": 1 for number in range(26)})) == MOST
