"""What was decided about the calls of orders: a row for each decision that differs from the one before.

Rules and facts are stored as their names, so that a page can tell a decision of last month in the words of today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select

from ordercall.domain.calls.calling import CallWindow, Language, Reason
from ordercall.domain.calls.decision import Decision
from ordercall.domain.calls.decision_words import Answer, Look, Rule
from ordercall.storage.decision_tables import decisions
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.records.stored_order import moment

# Made once, as what every order runs in ``orders``.
_NEWEST = select(decisions).where(
    decisions.c.id.in_(
        select(func.max(decisions.c.id))
        .where(decisions.c.shopify_id.in_(bindparam("orders", expanding=True)))
        .group_by(decisions.c.shopify_id)
    )
)
SAME = ("answer", "reason", "language", "agent_id", "campaign_id", "policy", "asked", "because")
"""The columns by which a decision differs from another. When it would ring moves on with the clock."""

MOST_SHOWN = 50
"""Decisions of one order that are read: ten times as many as an order that is changed again and again comes to."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A decision as it was taken. ``asked``: a person had asked for the call."""

    at: datetime
    asked: bool
    answer: Answer | None
    reason: Reason | None
    not_before: datetime | None
    window: CallWindow | None
    language: Language | None
    agent_id: str | None
    campaign_id: str | None
    policy: int
    because: tuple[Look, ...]

    @classmethod
    def of(cls, decision: Decision, *, asked: bool) -> Taken:
        """Return a decision that is not stored."""
        return cls(
            at=decision.at,
            asked=asked,
            answer=decision.answer,
            reason=decision.reason,
            not_before=decision.not_before,
            window=decision.window,
            language=decision.language,
            agent_id=decision.agent.agent_id if decision.agent else None,
            campaign_id=decision.agent.campaign_id if decision.agent else None,
            policy=decision.policy,
            because=decision.because,
        )


def add_all(tx: Connection, taken: Iterable[tuple[int, Decision]]) -> None:
    """Store decisions about orders of which there is none yet."""
    insert_all(tx, decisions, [_row(shopify_id, decision, asked=False) for shopify_id, decision in taken])


def newest(tx: Connection, shopify_ids: Collection[int]) -> dict[int, Any]:
    """Return the row of the last decision about each of these orders."""
    return {row.shopify_id: row for row in tx.execute(_NEWEST, {"orders": list(shopify_ids)})}


def add_news(
    tx: Connection,
    taken: Mapping[int, Decision],
    before: Mapping[int, Any],
    asked: Mapping[int, bool],
) -> None:
    """Store those decisions that differ from the one before, of :func:`newest`.

    Args:
        asked: for each, whether a person has asked for the call.
    """
    rows = [_row(shopify_id, decision, asked=asked[shopify_id]) for shopify_id, decision in taken.items()]
    news = [row for row in rows if _differs(row, before.get(row["shopify_id"]))]
    insert_all(tx, decisions, news)


def of_order(tx: Connection, shopify_id: int) -> list[Taken]:
    """Return what was decided about an order, the newest first."""
    mine = select(decisions).where(decisions.c.shopify_id == shopify_id)
    return [_taken(row) for row in tx.execute(mine.order_by(decisions.c.id.desc()).limit(MOST_SHOWN))]


def forget(tx: Connection, shopify_ids: Iterable[int]) -> int:
    """Delete what was decided about these orders, and return how many rows that were."""
    return tx.execute(delete(decisions).where(decisions.c.shopify_id.in_(list(shopify_ids)))).rowcount


def _row(shopify_id: int, decision: Decision, *, asked: bool) -> dict[str, Any]:
    agent, window = decision.agent, decision.window
    return {
        "shopify_id": shopify_id,
        "taken_at": decision.at.timestamp(),
        "answer": decision.answer.value,
        "reason": decision.reason and decision.reason.value,
        "not_before": decision.not_before and decision.not_before.timestamp(),
        "window_start": window and window.start.timestamp(),
        "window_end": window and window.end.timestamp(),
        "language": decision.language.value,
        "agent_id": agent and agent.agent_id,
        "campaign_id": agent and agent.campaign_id,
        "policy": decision.policy,
        "asked": int(asked),
        "because": _encode([(look.rule.value, look.verdict, look.facts) for look in decision.because]).decode(),
    }


def _differs(row: dict[str, Any], before: Any) -> bool:
    return before is None or any(row[column] != getattr(before, column) for column in SAME)


def _taken(row: Any) -> Taken:
    start, end, at = moment(row.window_start), moment(row.window_end), moment(row.taken_at)
    assert at is not None  # noqa: S101 - the column holds no nothing
    looks = msgspec.json.decode(row.because)
    return Taken(
        at=at,
        asked=bool(row.asked),
        answer=Answer.of(row.answer),
        reason=Reason.of(row.reason),
        not_before=moment(row.not_before),
        window=CallWindow(start, end) if start and end else None,
        language=Language.of(row.language),
        agent_id=row.agent_id,
        campaign_id=row.campaign_id,
        policy=row.policy,
        because=tuple(Look(rule, verdict, facts) for word, verdict, facts in looks if (rule := Rule.of(word))),
    )
