"""How values of the policy's document are read and written that have a form of their own: agents, and attempts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ordercall.domain.calling import Language
from ordercall.domain.policy import OF_THE_ENVIRONMENT, After, Agent, Policy

SHORTEST_GAP, LONGEST_GAP = 15, 10_080
"""Minutes: a line that was busy is free after a quarter of an hour, and a week later the parcel is long gone."""


def read_gaps(value: Any) -> tuple[timedelta, ...]:
    wanted = f"a list of minutes, each a whole number from {SHORTEST_GAP} to {LONGEST_GAP}, such as [60, 240]"
    if not isinstance(value, list) or not value or not all(_is_gap(each) for each in value):
        raise ValueError(wanted)
    return tuple(timedelta(minutes=each) for each in value)


def _is_gap(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and SHORTEST_GAP <= value <= LONGEST_GAP


def read_causes(value: Any) -> tuple[After, ...]:
    words = {each.value: each for each in After}
    if not isinstance(value, list) or not all(isinstance(each, str) and each in words for each in value):
        raise ValueError(f"a list of some of these words: {', '.join(words)}")
    return tuple(word for word in After if word in value)


def agent_reader(language: Language) -> Callable[[Any], Agent | None]:
    def read(value: Any) -> Agent | None:
        names = {"agent_id", "campaign_id"}
        if (
            not isinstance(value, Mapping)
            or value.keys() - names
            or not all(isinstance(each, str) for each in value.values())
        ):
            raise ValueError('agent_id = "…" and campaign_id = "…"')
        given = {name: value.get(name, "").strip() for name in names}
        named = any(given.values()) or (value and language in OF_THE_ENVIRONMENT)
        return Agent(language=language, **given) if named else None

    return read


def agent_writer(language: Language) -> Callable[[Policy], dict[str, str]]:
    def write(policy: Policy) -> dict[str, str]:
        agent = policy.agent_for(language)
        return {"agent_id": agent.agent_id, "campaign_id": agent.campaign_id} if agent else {}

    return write
