"""What Kalimera shows of a campaign, where it shows anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ordercall.domain.calls.calling import INDIA, WINDOW_TOLERANCE
from ordercall.domain.contact_ids import is_id
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.names import whole_number
from ordercall.providers.kalimera.verdicts import WRAPPERS

AGENTS = "agentid", "assistantid", "voiceagentid", "agent", "assistant", "agents", "agentids"
"""As :func:`folded` writes them; the first that is there counts, and the very first is the one that we send, as it is
of the ends. An agent's name is none: we know ours by their ids alone."""

ENDS = "endtime", "windowend", "endsat", "endat", "end"
STATES = "status", "state", "campaignstatus", "campaignstate"
PAUSED = frozenset({"paused", "ispaused", "onpause", "stopped", "suspended", "onhold", "halted"})
"""What a person makes of a campaign, as :func:`folded` writes it. Others are left by calls that are over, or before the
first: a campaign that is "completed" or a "draft" rings whoever is added."""

OF_AN_ANSWER = frozenset({"", "success", "successful", "ok", "true", "200"})
"""Under the name of a state, what is one of the answer and not of the campaign."""

MILLISECONDS = 100_000_000_000
"""From here on a unix time is one of milliseconds: as one of seconds it would be of the year 5138."""


@dataclass(frozen=True, slots=True)
class CampaignSeen:
    """A campaign's agent and the end of its window.

    Attributes:
        agents: empty where none is shown in a form that can be read.
        ends: the moments that the end may mean: some write a local time without its zone, or with that of UTC.
        paused: whether it says that it is paused; None: it shows nothing.
    """

    agents: frozenset[str] = frozenset()
    ends: frozenset[datetime] = frozenset()
    paused: bool | None = None

    def is_other_than(self, agent_id: str, end: datetime) -> bool:
        """Return whether it shows another agent or another end; what it does not show is no other.

        Args:
            end: in the zone in which it was sent, which the one that is shown may be meant in.
        """
        meant = {*self.ends, *(seen.replace(tzinfo=end.tzinfo) for seen in self.ends)}
        moved = bool(meant) and all(abs(seen - end) > WINDOW_TOLERANCE for seen in meant)
        return moved or (bool(self.agents) and agent_id not in self.agents)


NOTHING_SEEN = CampaignSeen()


def read_campaign(body: Any, campaign_id: str) -> CampaignSeen:
    """Return what an answer shows of a campaign."""
    fields = _fields(body, campaign_id)
    agent = next((fields[name] for name in AGENTS if fields.get(name)), None)
    end = next((fields[name] for name in ENDS if fields.get(name)), None)
    seen = CampaignSeen(frozenset(_ids(agent)), frozenset(_moments(end)))
    return replace(seen, paused=_is_paused(fields, something=seen != NOTHING_SEEN))


def _is_paused(fields: dict[str, Any], *, something: bool) -> bool | None:
    """Return whether a campaign is paused; where its state is not shown, what else it shows says that it is not."""
    states = {folded(fields.get(name)) for name in STATES if fields.get(name) is not None} - OF_AN_ANSWER
    flags = {fields[name] for name in PAUSED if isinstance(fields.get(name), bool)}
    if True in flags or not states.isdisjoint(PAUSED):
        return True
    return False if states or flags or something else None


def read_update(body: Any, campaign_id: str) -> CampaignSeen:
    """Return what the answer to an update shows under the names that were sent: others may mean something else."""
    fields = _fields(body, campaign_id)
    return CampaignSeen(frozenset(_ids(fields.get(AGENTS[0]))), frozenset(_moments(fields.get(ENDS[0]))))


def _fields(body: Any, campaign_id: str) -> dict[str, Any]:
    return {folded(key): value for part in _parts(body, campaign_id) for key, value in part.items()}


def _parts(body: Any, campaign_id: str) -> Iterator[dict[str, Any]]:
    """Yield the answer and what it wraps, the innermost last; of a list of campaigns only this one."""
    if isinstance(body, list):
        mine = [part for part in body if isinstance(part, dict) and campaign_id in map(str, part.values())]
        for part in mine or body[: len(body) == 1]:
            yield from _parts(part, campaign_id)
    elif isinstance(body, dict):
        yield body
        for key in (*WRAPPERS, "campaign", "campaigns", "attributes", "window", "schedule"):
            yield from _parts(body.get(key), campaign_id)


def _ids(agent: Any) -> Iterator[str]:
    if isinstance(agent, list):
        for one in agent:
            yield from _ids(one)
    elif isinstance(agent, dict):
        yield from (str(agent[key]) for key in ("id", "agent_id", "agentId", "_id") if is_id(agent.get(key)))
    elif is_id(agent):
        yield str(agent)


def _moments(value: Any) -> Iterator[datetime]:
    try:
        if (seconds := whole_number(value)) is not None:
            yield datetime.fromtimestamp(seconds / 1000 if seconds >= MILLISECONDS else seconds, UTC)
        elif isinstance(value, str) and ":" in value:
            moment = datetime.fromisoformat(value.strip())
            yield from (moment.replace(tzinfo=zone) for zone in {moment.tzinfo or UTC, INDIA, UTC})
    except (ValueError, OverflowError, OSError):  # no time, or none that a calendar holds
        return
