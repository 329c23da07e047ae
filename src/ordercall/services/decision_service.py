"""What is decided about the calls of stored orders: the facts for :func:`ordercall.domain.calls.decision.decide`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.calls.call import NOTHING_ASKED, Plan
from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.calls.decision import Decision, History, ShopFacts, decide
from ordercall.domain.calls.forecast import reason_against
from ordercall.domain.do_not_call import NumberKeys
from ordercall.domain.orders.order import Order, OrderFacts, Status
from ordercall.domain.policy.rules import Policy
from ordercall.services.policy_service import policy_of
from ordercall.storage.records import calls, decisions, do_not_call, further_calls, pauses, policies, shop_notices
from ordercall.storage.records.decisions import Taken
from ordercall.storage.records.stored_order import StoredOrder

KEY_OF_THE_LIST = "FLASK_OLD_SECRET_KEY"
"""What is missing where numbers that must not be called are kept under a secret that is not known here."""

type Arrival = tuple[Order, Status, datetime]
"""An order that reached us, its status, and when that was."""


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
        """Return the policy in force, paused while calls are; before the first start, what the settings describe."""
        policy = self._in_force(tx)
        if pauses.current(tx, self._clock()) is None:
            return policy
        return replace(policy, when=replace(policy.when, paused=True))

    def _in_force(self, tx: Connection) -> Policy:
        known = policies.newest(tx)
        return known.policy if known else policy_of(self._settings)

    def missing(self, tx: Connection, policy: Policy | None = None) -> list[str]:
        """Return the settings without which nobody can be called by a policy; None: by the one in force."""
        key = [KEY_OF_THE_LIST] if do_not_call.any_lost(tx, self._numbers) else []
        return [*unset_for_calls(self._settings, policy or self.policy(tx)), *key]

    def not_to_be_called(self, tx: Connection, phones: Iterable[str | None]) -> frozenset[str]:
        """Return which of these phones are on the do-not-call list."""
        return do_not_call.among(tx, self._numbers, phones, now=self._clock())

    # -- decisions that are kept

    def against_new(self, tx: Connection, arrivals: Collection[Arrival]) -> list[Reason | None]:
        """Return what speaks against the calls of orders that reached us just now."""
        histories, shop, policy = self._of_new(tx, arrivals)
        return [
            reason_against(order, history, shop, policy)
            for (order, _, _), history in zip(arrivals, histories, strict=True)
        ]

    def keep_new(self, tx: Connection, refused: Collection[Arrival]) -> None:
        """Keep what was decided about new orders that are not called, once they are stored.

        What is decided about the others is kept when their turn comes, a moment later: nearly all are called, and to
        write down every rule of each took a third of the time of their webhooks.
        """
        if not refused:
            return
        histories, shop, policy = self._of_new(tx, refused)
        taken = [
            (order.shopify_id, decide(order, history, shop, policy, at))
            for (order, _, at), history in zip(refused, histories, strict=True)
        ]
        decisions.add_all(tx, taken)

    def _of_new(self, tx: Connection, arrivals: Collection[Arrival]) -> tuple[list[History], ShopFacts, Policy]:
        policy, demo = self._in_force(tx), self._settings.sandboxed
        listed = self.not_to_be_called(tx, [order.customer_phone for order, _, _ in arrivals])
        histories = [
            History(status=status, came_at=at, is_demo=demo, do_not_call=order.customer_phone in listed)
            for order, status, at in arrivals
        ]
        return histories, self._shop(tx, unset_for_calls(self._settings, policy)), policy

    def for_calls(self, tx: Connection, found: Collection[StoredOrder], *, asked: bool = False) -> dict[int, Decision]:
        """Decide whether these orders' customers are called now, by their ids, and keep what is new of that.

        Args:
            asked: a person asks for the calls. Otherwise that holds of which one was asked for before.
        """
        if not found:
            return {}
        policies.hold(tx)
        policy, now = self.policy(tx), self._clock()
        listed = self.not_to_be_called(tx, [order.customer_phone for order in found])
        shop = self._shop(tx, self.missing(tx, policy))
        before = decisions.newest(tx, [order.shopify_id for order in found])
        new = [order.shopify_id for order in found if order.shopify_id not in before]
        asked_for = calls.asked_for(tx, new) | {shopify_id for shopify_id, row in before.items() if row.asked}
        wanted = {order.shopify_id: asked or order.shopify_id in asked_for for order in found}
        plans = further_calls.plans_of(tx, [order.shopify_id for order in found])
        spoken = _spoken(tx, policy, [order.customer_phone for order in found])
        taken = {}
        for order in found:
            plan = plans.get(order.shopify_id, NOTHING_ASKED)
            history = _history(order, listed, spoken, asked=wanted[order.shopify_id], plan=plan)
            taken[order.shopify_id] = decide(order, history, shop, policy, now)
        decisions.add_news(tx, taken, before, wanted)
        return taken

    # -- decisions that are only looked at

    def of_order(self, tx: Connection, order: StoredOrder) -> list[Taken]:
        """Return what was decided about an order, the newest first; before its turn came, what would be decided now."""
        kept = decisions.of_order(tx, order.shopify_id)
        if kept or not order.on_its_way:
            return kept
        policy, asked = self.policy(tx), order.shopify_id in calls.asked_for(tx, [order.shopify_id])
        listed = self.not_to_be_called(tx, [order.customer_phone])
        spoken = _spoken(tx, policy, [order.customer_phone])
        history, shop = _history(order, listed, spoken, asked=asked), self._shop(tx, self.missing(tx, policy))
        decision = decide(order, history, shop, policy, self._clock())
        return [Taken.of(decision, asked=asked)]

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
        plan = further_calls.plans_of(tx, [order.shopify_id]).get(order.shopify_id, NOTHING_ASKED)
        policy = self.policy(tx)
        history = replace(self._asked(tx, order, policy), came_at=came_at, plan=Plan(despite=plan.despite))
        return decide(order, history, ShopFacts(), policy, self._clock())

    def at_present(self, tx: Connection, order: StoredOrder, plan: Plan = NOTHING_ASKED) -> Decision:
        """Decide whether a call that a person asks for would be in order, whatever settings are missing for it."""
        shop, policy = ShopFacts(disconnected=_disconnected(tx)), self.policy(tx)
        return decide(order, replace(self._asked(tx, order, policy), plan=plan), shop, policy, self._clock())

    def _asked(self, tx: Connection, order: StoredOrder, policy: Policy) -> History:
        phones = [order.customer_phone]
        return _history(order, self.not_to_be_called(tx, phones), _spoken(tx, policy, phones), asked=True)

    def _shop(self, tx: Connection, missing: list[str]) -> ShopFacts:
        return ShopFacts(
            sandboxed=self._settings.sandboxed,
            disconnected=_disconnected(tx),
            missing=tuple(missing),
        )


def unset_for_calls(settings: Settings, policy: Policy) -> list[str]:
    """Return the settings that calls take and that neither they nor the policy bring."""
    token = [] if settings.kalimera_auth_token else ["KALIMERA_AUTH_TOKEN"]
    return [*token, *policy.missing]


def _spoken(tx: Connection, policy: Policy, phones: Collection[str | None]) -> dict[str, Language]:
    return further_calls.languages_of(tx, phones) if policy.tongues.remembers else {}


def _history(
    order: StoredOrder,
    listed: Collection[str],
    spoken: Mapping[str, Language],
    *,
    asked: bool,
    plan: Plan = NOTHING_ASKED,
) -> History:
    return History(
        status=order.confirmation_status,
        came_at=None if asked else order.webhook_timestamp,
        is_demo=order.is_demo,
        do_not_call=order.customer_phone in listed,
        plan=plan,
        spoken=spoken.get(order.customer_phone or ""),
    )


def _disconnected(tx: Connection) -> bool:
    return shop_notices.disconnected_since(tx) is not None
