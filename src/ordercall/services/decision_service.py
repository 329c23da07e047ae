"""What is decided about the calls of stored orders: the facts for :func:`ordercall.domain.decision.decide`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.decision import Decision, History, ShopFacts, decide
from ordercall.domain.orders import Order, OrderFacts, Status
from ordercall.domain.policy import Policy
from ordercall.services.policy_service import policy_of
from ordercall.storage.records import decisions, pauses, policies, shop_notices
from ordercall.storage.records.stored_order import StoredOrder


class DecisionService:
    """Decides about calls, in a transaction of the caller's."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock

    def policy(self, tx: Connection) -> Policy:
        """Return the policy in force, paused while calls are; before the first start, what the settings describe."""
        known = policies.newest(tx)
        policy = known.policy if known else policy_of(self._settings)
        if pauses.current(tx, self._clock()) is None:
            return policy
        return replace(policy, when=replace(policy.when, paused=True))

    def missing(self, policy: Policy) -> list[str]:
        """Return the settings without which nobody can be called by this policy."""
        token = [] if self._settings.kalimera_auth_token else ["KALIMERA_AUTH_TOKEN"]
        return [*token, *policy.missing]

    # -- decisions that are kept

    def for_new(self, tx: Connection, arrivals: Iterable[tuple[Order, Status, datetime]]) -> list[Decision]:
        """Decide about orders that reached us just now, each with its status and when that was."""
        policy, demo = self.policy(tx), self._settings.sandboxed
        shop = self._shop(tx, policy)
        return [
            decide(order, History(status=status, came_at=at, is_demo=demo), shop, policy, at)
            for order, status, at in arrivals
        ]

    def keep_new(self, tx: Connection, taken: Iterable[tuple[int, Decision]], *, now: datetime) -> None:
        """Keep what was decided about new orders, once they are stored."""
        decisions.add_all(tx, taken, now=now)

    def for_calls(self, tx: Connection, found: Collection[StoredOrder], *, asked: bool = False) -> dict[int, Decision]:
        """Decide whether these orders' customers are called now, by their ids, and keep what is new of that.

        Args:
            asked: a person asks for the calls. Otherwise that holds of which one was asked for before; of an order that
                an earlier version took in it is not known, and taken to be so.
        """
        if not found:
            return {}
        policies.hold(tx)
        policy, now = self.policy(tx), self._clock()
        shop = self._shop(tx, policy)
        before = decisions.newest(tx, [order.shopify_id for order in found])
        wanted = {
            order.shopify_id: asked or order.shopify_id not in before or bool(before[order.shopify_id].asked)
            for order in found
        }
        taken = {
            order.shopify_id: decide(order, _history(order, asked=wanted[order.shopify_id]), shop, policy, now)
            for order in found
        }
        decisions.add_news(tx, taken, before, wanted, now=now)
        return taken

    # -- decisions that are only looked at

    def by_facts(self, tx: Connection, order: OrderFacts) -> Decision:
        """Decide by what Shopify says of an order, as if its customer were still waited for."""
        return decide(order, History(), ShopFacts(), self.policy(tx), self._clock())

    def alone(self, tx: Connection, order: StoredOrder, *, came_at: datetime | None = None) -> Decision:
        """Decide by the order alone, whatever is so for all orders at present.

        Args:
            came_at: when it came into question again; None: as if a person asked.
        """
        history = replace(_history(order, asked=True), came_at=came_at)
        return decide(order, history, ShopFacts(), self.policy(tx), self._clock())

    def at_present(self, tx: Connection, order: StoredOrder) -> Decision:
        """Decide whether a call that a person asks for would be in order, whatever settings are missing for it."""
        shop = ShopFacts(disconnected=_disconnected(tx))
        return decide(order, _history(order, asked=True), shop, self.policy(tx), self._clock())

    def _shop(self, tx: Connection, policy: Policy) -> ShopFacts:
        return ShopFacts(
            sandboxed=self._settings.sandboxed,
            disconnected=_disconnected(tx),
            missing=tuple(self.missing(policy)),
        )


def _history(order: StoredOrder, *, asked: bool) -> History:
    came_at = None if asked else order.webhook_timestamp
    return History(status=order.confirmation_status, came_at=came_at, is_demo=order.is_demo)


def _disconnected(tx: Connection) -> bool:
    return shop_notices.disconnected_since(tx) is not None
