"""What customers said in their own words: with each call of an order, and why orders were refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ordercall.domain.orders.order import Status
from ordercall.domain.reports.report import Answer
from ordercall.domain.reports.words import Rules, read_keys
from ordercall.storage.reads import spoken
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records import orders, taught_words
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.context import context
from ordercall.web.view.contacts import text_seen
from ordercall.web.view.format import number

NAMED = 3
"""Orders that stand beside a reason as its examples."""


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """What a report of a call says in words; "" is nothing. It has no repr: half of it is personal."""

    shopify_id: int
    rung_call: str | None
    reason: str
    quote: str
    lasted: str
    refuses: bool

    @property
    def says_something(self) -> bool:
        return bool(self.reason or self.quote)


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """A reason for which orders were refused, and some of them with their customers' words."""

    reason: str
    orders: list[tuple[StoredOrder, str]] = field(default_factory=list)
    many: int = 0


def by_call(tx: Connection, order: StoredOrder) -> dict[str, Heard]:
    """Return what is still known of the talks about an order, by the id that its call is known as."""
    heard = [
        one for one in _heard(tx, [order.shopify_id], {order.shopify_id: order}) if one.says_something or one.lasted
    ]
    return {one.rung_call: one for one in reversed(heard) if one.rung_call}


def why_refused(tx: Connection, period: OrderFilter) -> tuple[list[Why], int]:
    """Return the reasons of the refusals of a period, the commonest first, and of how many refusals none is known."""
    refused = spoken.refused(tx, period)
    known = {order.shopify_id: order for order in orders.find_all(tx, refused)}
    last: dict[int, Heard] = {}
    for one in _heard(tx, refused, known):
        if one.refuses and one.says_something:
            last.setdefault(one.shopify_id, one)
    groups: dict[str, list[Heard]] = defaultdict(list)
    for one in last.values():
        groups[one.reason.casefold()].append(one)
    whys = [
        Why(same[0].reason, [(known[one.shopify_id], one.quote) for one in same[:NAMED]], len(same))
        for same in groups.values()
    ]
    return sorted(whys, key=lambda why: (-why.many, why.reason)), len(refused) - len(last)


def _heard(tx: Connection, shopify_ids: Collection[int], known: dict[int, StoredOrder]) -> list[Heard]:
    rules = Rules(taught_words.rules(tx))
    heard = []
    for body in spoken.bodies(tx, shopify_ids):
        report = context().reports.read(tx, read_keys(body.text) or {}, rules, body.door)
        reason, quote = (_line(text, known[body.shopify_id]) for text in (report.reason, report.quote))
        refuses = report.answer is Answer.REFUSED or report.status is Status.FAILED
        heard.append(Heard(body.shopify_id, body.rung_call, reason, quote, lasted(report.duration_seconds), refuses))
    return heard


def _line(text: str | None, order: StoredOrder) -> str:
    return " ".join(text_seen(text, order).replace("_", " ").split())


def lasted(seconds: float | None) -> str:
    """Return a length of time as "3 min 5 s", or nothing."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return " ".join(part for part in (f"{number(minutes)} min" if minutes else "", f"{rest} s" if rest else "") if part)
