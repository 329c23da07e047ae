"""What Kalimera shows of a campaign: whether somebody has changed it there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ordercall.domain.calls.calling import INDIA
from ordercall.providers.kalimera.campaigns import read_campaign

END = datetime(2026, 11, 24, 14, 0, tzinfo=INDIA)
LATER = END + timedelta(hours=1)
MINE = "agent-hindi"

OTHERS: list[Any] = [
    {"agent_id": "other"},
    {"agentId": 7},
    {"data": {"agent": {"id": "other"}}},
    {"agent": {"agent_id": "other", "id": 7}},
    {"data": [{"agent_id": "other"}]},
    {"campaigns": [{"id": "else", "agent_id": MINE}, {"id": "main", "agent_id": "other"}]},
    {"assistant_id": "other"},
    {"agents": ["other"]},
    {"agents": [{"id": "other"}]},
    {"agent_id": MINE, "end_time": LATER.isoformat()},
    {"end_time": LATER.timestamp()},
    {"end_time": int(LATER.timestamp())},
    {"end_time": int(LATER.timestamp() * 1_000)},
    {"end_time": str(int(LATER.timestamp()))},
    {"end_time": "2026-11-24 15:00:00"},
    {"endTime": "2026-11-24T15:00"},
    {"window": {"start": "2026-11-24T12:00:00+05:30", "end": "2026-11-24T15:00:00+05:30"}},
    {"data": {"id": "main", "attributes": {"agent_id": "other"}}},
]
SAME_OR_NOT_SHOWN: list[Any] = [
    {},
    [],
    None,
    "OK",
    {"agent_id": MINE, "end_time": END.isoformat()},
    {"agent_id": None, "end_time": ""},
    {"agents": [{"id": MINE}, {"id": "other"}]},
    {"agent": {"name": "Asha"}},
    {"end_time": END.astimezone(UTC).isoformat()},
    {"end_time": "2026-11-24 14:00:00"},
    {"end_time": "2026-11-24 08:30:00"},
    {"end_time": int(END.timestamp())},
    {"end_time": int(END.timestamp() * 1_000)},
    {"end_time": (END + timedelta(seconds=30)).isoformat()},
    {"end_time": "soon", "agent_id": {}},
    {"end_time": "2026-11-24"},
    {"end_time": 10**300},
    {"end_time": "9" * 5_000},
    {"campaigns": [{"id": "else", "agent_id": "other"}, {"id": "another", "agent_id": "other"}]},
]


@pytest.mark.parametrize("body", OTHERS, ids=str)
def test_a_campaign_that_was_changed_by_hand_is_another(body: Any) -> None:
    assert read_campaign(body, "main").is_other_than(MINE, END)


@pytest.mark.parametrize("body", SAME_OR_NOT_SHOWN, ids=lambda body: str(body)[:60])
def test_what_is_as_it_was_set_or_is_not_shown_is_no_other(body: Any) -> None:
    assert not read_campaign(body, "main").is_other_than(MINE, END)
