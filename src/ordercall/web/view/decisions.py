"""A decision about an order's call, told in words as it was taken, for a page and for the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from ordercall.domain.calls.calling import INDIA, Language, Reason
from ordercall.domain.calls.decision_words import Answer
from ordercall.storage.records.decisions import Taken
from ordercall.web.declared import Time


class LookJson(TypedDict):
    """A rule that was looked at: what it said, and the facts that it had read."""

    rule: str
    verdict: str
    facts: dict[str, Any]
    message: str


class DecisionJson(TypedDict):
    """A decision about an order's call, as it was taken; times are those of India."""

    taken_at: Time | None
    answer: Answer | None
    reason: Reason | None
    message: str | None
    remedy: str | None
    asked_for: bool
    not_before: Time | None
    window_start: Time | None
    window_end: Time | None
    language: Language | None
    agent_id: str | None
    campaign_id: str | None
    policy_version: int | None
    because: list[LookJson]


def in_json(taken: Taken) -> DecisionJson:
    """Return a decision as the API tells it; times are those of India."""
    window = taken.window
    return {
        "taken_at": _moment(taken.at),
        "answer": taken.answer,
        "reason": taken.reason,
        "message": taken.reason.sentence if taken.reason else None,
        "remedy": taken.reason.remedy if taken.reason else None,
        "asked_for": taken.asked,
        "not_before": _moment(taken.not_before),
        "window_start": _moment(window.start if window else None),
        "window_end": _moment(window.end if window else None),
        "language": taken.language,
        "agent_id": taken.agent_id,
        "campaign_id": taken.campaign_id,
        "policy_version": taken.policy,
        "because": [
            {"rule": look.rule, "verdict": look.verdict, "facts": dict(look.facts), "message": look.sentence}
            for look in taken.because
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(INDIA).isoformat(timespec="seconds") if moment else None
