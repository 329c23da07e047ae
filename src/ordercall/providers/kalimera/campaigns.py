"""What Kalimera shows of a campaign, where it shows anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ordercall.domain.contact_ids import is_id
from ordercall.providers.kalimera.verdicts import WRAPPERS, folded


@dataclass(frozen=True, slots=True)
class CampaignSeen:
    """A campaign's agent and the end of its window; None for what is not shown, or not in a form that can be read."""

    agent_id: str | None
    end: datetime | None


NOTHING_SEEN = CampaignSeen(None, None)


def read_campaign(body: Any) -> CampaignSeen:
    """Return what an answer shows of a campaign."""
    fields = {folded(key): value for part in _parts(body) for key, value in part.items()}
    agent = fields.get("agentid", fields.get("agent"))
    if isinstance(agent, dict):
        agent = agent.get("id") or agent.get("agent_id") or agent.get("_id")
    return CampaignSeen(str(agent) if is_id(agent) else None, _moment(fields.get("endtime", fields.get("end"))))


def _parts(body: Any) -> Iterator[dict[str, Any]]:
    """Yield the answer and what it wraps, the innermost last."""
    if isinstance(body, dict):
        yield body
        for key in (*WRAPPERS, "campaign"):
            yield from _parts(body.get(key))


def _moment(value: Any) -> datetime | None:
    """Return an aware time; a local one without its zone may be anybody's."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
