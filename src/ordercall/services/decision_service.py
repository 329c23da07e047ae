"""What is decided about the calls of stored orders: the facts for :func:`ordercall.domain.decision.decide`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.decision import Decision, History, ShopFacts, decide
from ordercall.domain.do_not_call import NumberKeys
from ordercall.domain.orders import Order, OrderFacts, Status
from ordercall.domain.policy import Policy
from ordercall.services.policy_service import policy_of
from ordercall.storage.records import decisions, do_not_call, policies, shop_notices
from ordercall.storage.records.stored_order import StoredOrder

KEY_OF_THE_LIST = "FLASK_OLD_SECRET_KEY"
"""What is missing where numbers that must not be called are kept under a secret that is not known here."""


class DecisionService:
    """Decides about calls, in a transaction of the caller's.

    Args:
        numbers: under which the numbers are kept that must not be called.
    """

    def __init__(self, settings: Settings, numbers: NumberKeys, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._numbers = numbers
        self._clock = clock

    def policy(self, tx: Connection) -> Policy:
        """Return the policy in force; before the first start, what the settings describe."""
        known = policies.newest(tx)
        return known.policy if known else policy_of(self._settings)

    def missing(self, tx: Connection) -> list[str]:
        """Return the settings without which nobody can be called by the policy in force."""
        return self._missing(tx, self.policy(tx))

    def _missing(self, tx: Connection, policy: Policy) -> list[str]:
        key = [KEY_OF_THE_LIST] if do_not_call.any_lost(tx, self._numbers) else []
        return [*self._unset(policy), *key]

    def _unset(self, policy: Policy) -> list[str]:
        token = [] if self._settings.kalimera_auth_token else ["KALIMERA_AUTH_TOKEN"]
        return [*token, *policy.missing]

    def not_to_be_called(self, tx: Connection, phones: Iterable[str | None]) -> frozenset[str]:
        """Return which of these phones are on the do-not-call list."""
        return do_not_call.among(tx, self._numbers, phones, now=self._clock())

    # -- decisions that are kept

    def for_new(self, tx: Connection, arrivals: Iterable[tuple[Order, Status, datetime]]) -> list[Decision]:
        """Decide about orders that reached us just now, each with its status and when that was."""
        arrivals, policy, demo = list(arrivals), self.policy(tx), self._settings.sandboxed
        listed = self.not_to_be_called(tx, [order.customer_phone for order, _, _ in arrivals])
        shop = self._shop(tx, self._unset(policy))
        histories = [
            History(status=status, came_at=at, is_demo=demo, do_not_call=order.customer_phone in listed)
            for order, status, at in arrivals
        ]
        return [
            decide(order, history, shop, policy, at)
            for (order, _, at), history in zip(arrivals, histories, strict=True)
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
        listed = self.not_to_be_called(tx, [order.customer_phone for order in found])
        shop = self._shop(tx, self._missing(tx, policy))
        before = decisions.newest(tx, [order.shopify_id for order in found])
        wanted = {
            order.shopify_id: asked or order.shopify_id not in before or bool(before[order.shopify_id].asked)
            for order in found
        }
        taken = {
            order.shopify_id: decide(order, _history(order, listed, asked=wanted[order.shopify_id]), shop, policy, now)
            for order in found
        }
        decisions.add_news(tx, taken, before, wanted, now=now)
        return taken

    # -- decisions that are only looked at

    def by_facts(self, tx: Connection, order: OrderFacts) -> Decision:
        """Decide by what Shopify says of an order, as if its customer were still waited for."""
        listed = self.not_to_be_called(tx, [order.customer_phone])
        history = History(do_not_call=order.customer_phone in listed)
        return decide(order, history, ShopFacts(), self.policy(tx), self._clock())

    def alone(self, tx: Connection, order: StoredOrder, *, came_at: datetime | None = None) -> Decision:
        """Decide by the order alone, whatever is so for all orders at present.

        Args:
            came_at: when it came into question again; None: as if a person asked.
        """
        history = replace(self._asked(tx, order), came_at=came_at)
        return decide(order, history, ShopFacts(), self.policy(tx), self._clock())

    def at_present(self, tx: Connection, order: StoredOrder) -> Decision:
        """Decide whether a call that a person asks for would be in order, whatever settings are missing for it."""
        shop = ShopFacts(disconnected=_disconnected(tx))
        return decide(order, self._asked(tx, order), shop, self.policy(tx), self._clock())

    def _asked(self, tx: Connection, order: StoredOrder) -> History:
        return _history(order, self.not_to_be_called(tx, [order.customer_phone]), asked=True)

    def _shop(self, tx: Connection, missing: list[str]) -> ShopFacts:
        return ShopFacts(
            sandboxed=self._settings.sandboxed,
            disconnected=_disconnected(tx),
            missing=tuple(missing),
        )


def _history(order: StoredOrder, listed: Collection[str], *, asked: bool) -> History:
    return History(
        status=order.confirmation_status,
        came_at=None if asked else order.webhook_timestamp,
        is_demo=order.is_demo,
        do_not_call=order.customer_phone in listed,
    )


def _disconnected(tx: Connection) -> bool:
    return shop_notices.disconnected_since(tx) is not None
