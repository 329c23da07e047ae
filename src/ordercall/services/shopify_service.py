"""Cancelling a failed order in Shopify. It cannot be undone, so the order is looked at before anything is sent.

Where Shopify goes on by itself after it said yes, its job is stored and followed to its end. Whatever Shopify says,
it is the order that is believed. What has not come to a clear end an hour after Shopify was first asked is left to a
person: nobody would hear of it otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calling import Reason
from ordercall.domain.orders import CancelState, Status
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.shopify.cancelling import JobSeen, OrderInShopify
from ordercall.providers.shopify.orders import ShopOrders
from ordercall.services.demo import SHOPIFYS, is_foreign
from ordercall.services.order_changes import follow_cancellation
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder

PAUSES = (0.3, 0.6, 1.2)
"""Seconds between the first looks at Shopify's job; a person waits. Later ones come with the job engine's pauses."""

LONGEST_TRY = timedelta(hours=1)
"""So long after Shopify was first asked, no clear answer is one that a person must hear of."""

LOST_ANSWER = timedelta(minutes=5)
"""So long after a lost answer a refusal may only mean that Shopify is at it already."""

DONE = "Cancelled in Shopify."
ALREADY = "It was cancelled in Shopify already."
ENDS = {
    CancelState.REFUSED: (Event.CANCEL_ERROR, "Not cancelled in Shopify."),
    CancelState.UNCLEAR: (Event.CANCEL_UNCLEAR, "Not known whether it is cancelled in Shopify."),
}
TAKEN = "Shopify may have taken the request to cancel it: look there."
MAY_COME = "It may still be cancelled: look at the order in Shopify, then cancel it there or try again here."


class CancelService:
    """Carries one cancellation to an end that a person can read."""

    def __init__(
        self,
        db: Database,
        shopify: ShopOrders,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._db = db
        self._shopify = shopify
        self._settings = settings
        self._clock = clock
        self._pauses = pauses

    def cancel(self, shopify_id: int) -> None:
        """Cancel the order unless that is done, no longer wanted, or too late; or follow what Shopify began.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; the next try looks at the order first.
        """
        order = self._wanted(shopify_id)
        if order is None:
            return
        if is_foreign(order, self._settings) or self._settings.missing_for_cancels:
            missing = ", ".join(self._settings.missing_for_cancels) or SHOPIFYS
            self._refused(shopify_id, f"Set {missing}, then try again.", None, looked=False)
            return
        try:
            self._try(order)
        except OutcomeUnknown as unknown:
            if not self._end_unclear(order, unknown):
                raise

    def give_up(self, shopify_id: int) -> None:
        """Store that this cancellation keeps crashing the worker; a person must look."""
        why = "The worker stopped again and again while it cancelled this order."
        self._refused(shopify_id, why, None, looked=False)

    def _wanted(self, shopify_id: int) -> StoredOrder | None:
        """Return the order if its cancellation is to be seen to, which what may have left is in any case."""
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is None or not order.cancel_under_way:
                return None
            if order.is_demo and is_foreign(order, self._settings):
                self._withdraw(tx, order, Reason.DEMO_ORDER.sentence)
                return None
            if order.cancel_state is CancelState.QUEUED and order.confirmation_status is not Status.FAILED:
                self._withdraw(tx, order, f"the order is {order.status_word} again.")
                return None
            return order

    def _try(self, order: StoredOrder) -> None:
        try:
            if order.cancel_job:
                self._follow(order, order.cancel_job)
            else:
                self._cancel(order)
        except ProviderRefused as refusal:
            self._settle_refusal(order, refusal)

    def _cancel(self, order: StoredOrder) -> None:
        seen = self._shopify.read_order(order.shopify_id)
        if seen and seen.cancelled_at:
            self._done(order.shopify_id, seen.cancelled_at, ALREADY, None)
        elif seen and seen.shipped and order.confirmation_status is Status.FAILED:
            self._refused(order.shopify_id, "The parcel has left already; Shopify keeps the order.", None)
        else:
            self._send(order)

    def _send(self, before: StoredOrder) -> None:
        order = self._about_to_send(before.shopify_id)
        if order is None:
            return
        try:
            accepted = self._shopify.cancel_order(order.shopify_id, order.cancel_choices)
        except (ProviderBusy, ProviderRefused):  # this request did nothing
            self._set(order.shopify_id, before.cancel_state)
            raise
        except OutcomeUnknown:
            self._set(order.shopify_id, CancelState.UNKNOWN)
            raise
        if accepted.job:
            self._store_job(order.shopify_id, accepted.job)
            self._follow(order, accepted.job)
        else:
            self._look_after(order, accepted.call)

    def _look_after(self, order: StoredOrder, call: ProviderCall) -> None:
        """Believe the order and not the answer, which may have come from something in between.

        Raises:
            OutcomeUnknown: Shopify said yes, and the order is not cancelled.
        """
        seen = self._shopify.read_order(order.shopify_id)
        if seen is None or not seen.cancelled_at:
            self._set(order.shopify_id, CancelState.UNKNOWN)
            raise OutcomeUnknown("Shopify", "cancel the order", "it says yes, and the order is not cancelled yet")
        self._done(order.shopify_id, seen.cancelled_at, DONE, call)

    def _about_to_send(self, shopify_id: int) -> StoredOrder | None:
        """Store that a request may leave, and return the order, or None when nobody wants it cancelled any more.

        Somebody may have taken Failed back while Shopify showed the order: this is the last look at that.
        """
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is None or not order.cancel_under_way:
                return None
            if order.confirmation_status is not Status.FAILED:
                self._withdraw(tx, order, f"the order is {order.status_word} again.")
                return None
            orders.set_cancel(tx, shopify_id, CancelState.SENDING)
            if order.cancel_state is CancelState.QUEUED or order.cancel_asked_at is None:
                orders.set_cancel_asked_at(tx, shopify_id, self._clock())
            return orders.find(tx, shopify_id)

    def _follow(self, order: StoredOrder, job: str) -> None:
        """Look at Shopify's job until it ends, and then at the order, which alone is believed.

        Raises:
            OutcomeUnknown: neither has come to an end.
        """
        ended = self._watch(job)
        seen = self._shopify.read_order(order.shopify_id)
        if seen and seen.cancelled_at:
            self._done(order.shopify_id, seen.cancelled_at, DONE, ended.call if ended else None)
        elif ended and ended.fault:
            self._refused(order.shopify_id, _sentence(f"Shopify could not cancel the order: {ended.fault}"), ended.call)
        else:
            if ended is None:
                self._set(order.shopify_id, CancelState.UNKNOWN)
            raise OutcomeUnknown("Shopify", "cancel the order", "it says yes, and the order is not cancelled yet")

    def _watch(self, job: str) -> JobSeen | None:
        """Return how Shopify's job ended, or how it is after a while; None: Shopify does not know it."""
        seen = self._shopify.look_at_job(job)
        for pause in self._pauses:
            if seen is None or seen.done:
                break
            time.sleep(pause)
            seen = self._shopify.look_at_job(job)
        return seen

    def _settle_refusal(self, order: StoredOrder, refusal: ProviderRefused) -> None:
        """Shopify also refuses what is done already or being done, in words that it does not document: look.

        Raises:
            OutcomeUnknown: a request whose answer was lost may still be worked on.
        """
        seen = self._as_shown(order.shopify_id)
        if seen and seen.cancelled_at:
            self._done(order.shopify_id, seen.cancelled_at, ALREADY, refusal.call)
            return
        lost = order.cancel_state in (CancelState.SENDING, CancelState.UNKNOWN)
        just_asked = order.cancel_asked_at is not None and self._clock() - order.cancel_asked_at < LOST_ANSWER
        if lost and just_asked:
            self._set(order.shopify_id, CancelState.UNKNOWN)
            raise OutcomeUnknown("Shopify", refusal.operation, refusal.reason, call=refusal.call) from refusal
        clear = seen is not None and not lost and not order.cancel_job  # what was lost, or is at work, may still do it
        self._refused(order.shopify_id, _sentence(str(refusal)), refusal.call, looked=clear)

    def _end_unclear(self, before: StoredOrder, unknown: OutcomeUnknown) -> bool:
        """Look once more and leave it to a person, if Shopify was first asked long ago; return whether it was."""
        with self._db.read() as tx:
            order = orders.find(tx, before.shopify_id)
        if order is None or not order.cancel_may_have_left or order.cancel_asked_at is None:
            return False
        if self._clock() - order.cancel_asked_at <= LONGEST_TRY:
            return False
        if order.cancel_job and order.cancel_job != before.cancel_job:  # Shopify was away, and has just begun
            return False
        try:
            seen = self._shopify.read_order(order.shopify_id)
        except ProviderError:
            seen = None
        if seen and seen.cancelled_at:
            self._done(order.shopify_id, seen.cancelled_at, DONE, unknown.call)
        else:
            self._unclear(order.shopify_id, self._without_an_end(order, order.cancel_asked_at, unknown), unknown.call)
        return True

    def _without_an_end(self, order: StoredOrder, asked_at: datetime, unknown: OutcomeUnknown) -> str:
        here, words = asked_at.astimezone(self._settings.display_timezone), order.cancel_choices.words
        asked = f"Shopify was asked for it on {here:%d %b, %H:%M} ({words}), and no clear answer came"
        return f"{_sentence(f'{asked}: {unknown.reason}')} {MAY_COME}"

    def _as_shown(self, shopify_id: int) -> OrderInShopify | None:
        try:
            return self._shopify.read_order(shopify_id)
        except ProviderRefused:
            return None

    def _store_job(self, shopify_id: int, job: str) -> None:
        with self._db.begin() as tx:
            orders.set_cancel_job(tx, shopify_id, job)

    def _set(self, shopify_id: int, state: CancelState | None) -> None:
        """Store how far it got, unless Shopify's webhook has told of its end meanwhile."""
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is not None and order.cancel_under_way:
                orders.set_cancel(tx, shopify_id, state)

    def _withdraw(self, tx: Connection, order: StoredOrder, why: str) -> None:
        orders.set_cancel(tx, order.shopify_id, None)
        message = f"Not cancelled in Shopify: {why}"
        activity.record(tx, order.shopify_id, Event.CANCEL_WITHDRAWN, message, now=self._clock())

    def _done(self, shopify_id: int, cancelled_at: str, message: str, call: ProviderCall | None) -> None:
        """Store that it is done, unless Shopify's webhook has told it meanwhile."""
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is not None and order.cancel_under_way:
                orders.mark_cancelled_in_shopify(tx, shopify_id, cancelled_at)
                activity.record(tx, shopify_id, Event.CANCEL_SUCCESS, message, now=self._clock(), call=call)
                follow_cancellation(tx, order, self._clock())

    def _refused(self, shopify_id: int, why: str, call: ProviderCall | None, *, looked: bool = True) -> None:
        """Leave it to a person. *looked*: whether Shopify has shown that the order is not cancelled."""
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is None or not order.cancel_under_way:
                return
            if order.cancel_may_have_left and not looked:
                self._leave(tx, order, CancelState.UNCLEAR, f"{why} {TAKEN}", call)
            else:
                self._leave(tx, order, CancelState.REFUSED, why, call)

    def _unclear(self, shopify_id: int, why: str, call: ProviderCall | None) -> None:
        """Leave it to a person, who must not be told that the order is not cancelled."""
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is not None and order.cancel_under_way:
                self._leave(tx, order, CancelState.UNCLEAR, why, call)

    def _leave(
        self, tx: Connection, order: StoredOrder, state: CancelState, detail: str, call: ProviderCall | None
    ) -> None:
        event, said = ENDS[state]
        orders.set_cancel(tx, order.shopify_id, state, detail)
        activity.record(tx, order.shopify_id, event, f"{said} {detail}", now=self._clock(), call=call)


def _sentence(words: str) -> str:
    """Return a provider's words as a sentence; some come with their full stop."""
    return f"{words.rstrip('.')}."
