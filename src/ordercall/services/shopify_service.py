"""Cancelling a failed order in Shopify. It cannot be undone, so the order is looked at before anything is sent.

Where Shopify goes on by itself after it said yes, its job is stored and followed to its end. Whatever Shopify says,
it is the order that is believed. What has not come to a clear end an hour after Shopify was first asked is left to a
person: nobody would hear of it otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.cancelling import Attempt, Cancellation, Job, Shown, Step, Trouble, next_step
from ordercall.domain.orders.order import CancelState, Status
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.shopify.cancelling import OrderInShopify
from ordercall.providers.shopify.orders import ShopOrders
from ordercall.services.cancel_belt import CancelBelt, Held
from ordercall.services.demo import SHOPIFYS, is_foreign
from ordercall.services.order_changes import follow_cancellation
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder

PAUSES = (0.3, 0.6, 1.2)
"""Seconds between the first looks at Shopify's job; a person waits. Later ones come with the job engine's pauses."""

DONE = "Cancelled in Shopify."
ALREADY = "It was cancelled in Shopify already."
ENDS = {
    CancelState.REFUSED: (Event.CANCEL_ERROR, "Not cancelled in Shopify."),
    CancelState.UNCLEAR: (Event.CANCEL_UNCLEAR, "Not known whether it is cancelled in Shopify."),
}
CRASHES = "The worker stopped again and again while it cancelled this order."
SHIPPED = "The parcel has left already; Shopify keeps the order."
LOST = "its answer to a request was lost a moment ago"
NOT_YET = "it says yes, and the order is not cancelled yet"
TAKEN = "Shopify may have taken the request to cancel it: look there."
MAY_COME = "It may still be cancelled: look at the order in Shopify, then cancel it there or try again here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Attempt):
    """What this attempt has found out, and what is logged of it.

    Attributes:
        why: why the order is not cancelled, in a sentence.
        call: the masked record of the latest request.
        error: what is raised where the attempt must be repeated.
    """

    cancelled_at: str | None = None
    why: str = ""
    call: ProviderCall | None = None
    error: ProviderError | None = None


class CancelService:
    """Carries one cancellation to an end that a person can read.

    What to do next is decided by :func:`next_step` alone. Each step is stored in the transaction that decides it, and
    no transaction is open while Shopify answers.
    """

    def __init__(
        self,
        db: Database,
        shopify: ShopOrders,
        settings: Settings,
        belt: CancelBelt,
        clock: Callable[[], datetime],
        *,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._db = db
        self._shopify = shopify
        self._settings = settings
        self._belt = belt
        self._clock = clock
        self._pauses = pauses

    def cancel(self, shopify_id: int) -> None:
        """Cancel the order unless that is done, no longer wanted, or too late; or follow what Shopify began.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; the next attempt looks at the order first.
        """
        self._carry_on(shopify_id, Reply())

    def give_up(self, shopify_id: int) -> None:
        """Store that this cancellation keeps crashing the worker; a person must look."""
        self._carry_on(shopify_id, Reply(trouble=Trouble.LOCKED_OUT, why=CRASHES))

    def _carry_on(self, shopify_id: int, reply: Reply | None) -> None:
        while reply is not None:
            with self._db.begin() as tx:
                order = orders.find_to_change(tx, shopify_id)
                if order is None:
                    return
                reply = self._locked_out(order) or reply
                step = next_step(self._cancellation(order), reply)
                if step is Step.SEND and (held := self._belt.before_it_leaves(tx, order)):
                    step, reply = _held_back(order, held, reply)
                self._store(tx, order, step, reply)
            reply = self._ask(order, step, reply)

    def _locked_out(self, order: StoredOrder) -> Reply | None:
        """Return which settings are missing, as Shopify would if it could be asked; None: it can."""
        missing = ", ".join(self._settings.missing_for_cancels)
        if not missing and not is_foreign(order, self._settings):
            return None
        return Reply(trouble=Trouble.LOCKED_OUT, why=f"Set {missing or SHOPIFYS}, then try again.")

    def _cancellation(self, order: StoredOrder) -> Cancellation:
        return Cancellation(
            state=order.cancel_state,
            wanted=order.confirmation_status is Status.FAILED,
            has_job=order.cancel_job is not None,
            age=self._clock() - order.cancel_asked_at if order.cancel_asked_at else None,
            out_of_reach=order.is_demo and is_foreign(order, self._settings),
        )

    # -- what is stored, in the transaction that decided the step

    def _store(self, tx: Connection, order: StoredOrder, step: Step, reply: Reply) -> None:
        match step:
            case Step.SEND:
                self._about_to_send(tx, order)
            case Step.FREEZE:
                self._freeze(tx, order, reply.why)
            case Step.MARK_UNKNOWN:
                orders.move_cancel(tx, order.shopify_id, CancelState.UNKNOWN)
            case Step.WITHDRAW:
                self._withdraw(tx, order)
            case Step.FINISH:
                self._finish(tx, order, reply)
            case Step.REFUSE:
                self._leave(tx, order, CancelState.REFUSED, reply.why or SHIPPED, reply.call)
            case Step.LEAVE_UNCLEAR:
                self._leave(tx, order, CancelState.UNCLEAR, self._without_an_end(order, reply), reply.call)

    def _about_to_send(self, tx: Connection, order: StoredOrder) -> None:
        """Store that a request may have left: after a crash it means "look there first"."""
        first = order.cancel_state is CancelState.QUEUED or order.cancel_asked_at is None
        asked_at = self._clock() if first else None
        orders.move_cancel(tx, order.shopify_id, CancelState.SENDING, asked_at=asked_at)

    def _freeze(self, tx: Connection, order: StoredOrder, why: str) -> None:
        orders.move_cancel(tx, order.shopify_id, CancelState.FROZEN, detail=why)
        message = f"Not cancelled in Shopify: a person must let it go on. {why}"
        activity.record(tx, order.shopify_id, Event.CANCEL_ERROR, message, now=self._clock())

    def _withdraw(self, tx: Connection, order: StoredOrder) -> None:
        orders.move_cancel(tx, order.shopify_id, None)
        why = f"the order is {order.status_word} again."
        if order.is_demo and is_foreign(order, self._settings):
            why = Reason.DEMO_ORDER.sentence
        message = f"Not cancelled in Shopify: {why[:1].lower()}{why[1:]}"
        activity.record(tx, order.shopify_id, Event.CANCEL_WITHDRAWN, message, now=self._clock())

    def _finish(self, tx: Connection, order: StoredOrder, reply: Reply) -> None:
        ours = reply.accepted or order.cancel_job or reply.trouble is Trouble.LOST
        orders.mark_cancelled_in_shopify(tx, order.shopify_id, reply.cancelled_at or "")
        message = DONE if ours else ALREADY
        activity.record(tx, order.shopify_id, Event.CANCEL_SUCCESS, message, now=self._clock(), call=reply.call)
        follow_cancellation(tx, order, self._clock())

    def _leave(
        self, tx: Connection, order: StoredOrder, state: CancelState, detail: str, call: ProviderCall | None
    ) -> None:
        """Leave it to a person."""
        event, outcome = ENDS[state]
        orders.move_cancel(tx, order.shopify_id, state, detail=detail)
        activity.record(tx, order.shopify_id, event, f"{outcome} {detail}", now=self._clock(), call=call)

    def _without_an_end(self, order: StoredOrder, reply: Reply) -> str:
        if reply.trouble is not Trouble.LOST or reply.error is None or order.cancel_asked_at is None:
            return f"{reply.why} {TAKEN}"
        here, words = order.cancel_asked_at.astimezone(self._settings.display_timezone), order.cancel_choices.words
        asked = f"Shopify was asked for it on {here:%d %b, %H:%M} ({words}), and no clear answer came"
        return f"{_sentence(f'{asked}: {reply.error.reason}')} {MAY_COME}"

    # -- what Shopify is asked, without a transaction

    def _ask(self, order: StoredOrder, step: Step, reply: Reply) -> Reply | None:
        """Return what is known after this step, or None if the attempt ends with it."""
        match step:
            case Step.LOOK:
                return self._look(order, reply)
            case Step.SEND:
                return self._send(order, reply)
            case Step.WAIT | Step.MARK_UNKNOWN:
                return _troubled(reply, _not_yet(order, reply))
            case Step.RETRY if reply.error:
                raise reply.error
        return None

    def _look(self, order: StoredOrder, reply: Reply) -> Reply:
        try:
            if order.cancel_job and not reply.trouble:
                reply = self._watch(order.cancel_job, reply)
            seen = self._shopify.read_order(order.shopify_id)
        except ProviderError as error:
            return _not_shown(reply, error)
        return replace(reply, shown=_shown(seen), cancelled_at=seen.cancelled_at if seen else None)

    def _watch(self, job: str, reply: Reply) -> Reply:
        """Return how Shopify's job ended, or how it is after a while."""
        seen = self._shopify.look_at_job(job)
        for pause in self._pauses:
            if seen is None or seen.done:
                break
            time.sleep(pause)
            seen = self._shopify.look_at_job(job)
        if seen is None:
            return replace(reply, job=Job.FORGOTTEN)
        if seen.fault is None:
            return replace(reply, job=Job.UNDER_WAY, call=seen.call)
        why = _sentence(f"Shopify could not cancel the order: {seen.fault}")
        return replace(reply, job=Job.FAILED, call=seen.call, why=why)

    def _send(self, order: StoredOrder, reply: Reply) -> Reply | None:
        """Ask Shopify to cancel, and store the answer.

        None: this request failed, and meanwhile somebody else brought the cancellation on, so it does not matter.
        """
        try:
            accepted = self._shopify.cancel_order(order.shopify_id, order.cancel_choices)
        except (ProviderBusy, ProviderRefused, OutcomeUnknown) as error:
            # A request that was not taken did nothing, so all is as it was before it.
            left_as = CancelState.UNKNOWN if isinstance(error, OutcomeUnknown) else order.cancel_state
            if not self._store_answer(order, left_as):
                return None
            return _troubled(reply, error)
        if accepted.job:
            self._store_answer(order, CancelState.WORKING, accepted.job)
        return replace(reply, shown=None, accepted=True, call=accepted.call)

    def _store_answer(self, order: StoredOrder, state: CancelState | None, job: str | None = None) -> bool:
        with self._db.begin() as tx:
            return orders.move_cancel(tx, order.shopify_id, state, among={CancelState.SENDING}, job=job)


def _troubled(reply: Reply, error: ProviderError) -> Reply:
    """Return what is known after an error.

    Raises:
        ProviderBusy: nothing happened, so nothing new is known.
    """
    match error:
        case ProviderBusy():
            raise error
        case OutcomeUnknown():
            trouble = Trouble.LOST
        case _:
            trouble = Trouble.REFUSED
    return replace(reply, shown=None, trouble=trouble, why=_sentence(str(error)), call=error.call, error=error)


def _held_back(order: StoredOrder, held: Held, reply: Reply) -> tuple[Step, Reply]:
    """Return how a cancel ends that does not leave. One that may have left before may still be carried out."""
    step = Step.LEAVE_UNCLEAR if order.cancel_may_have_left else Step.REFUSE
    return Step.FREEZE if held.is_frozen else step, replace(reply, why=held.why)


def _not_shown(reply: Reply, error: ProviderError) -> Reply:
    """Return what is known when the order could not be looked at. After other trouble it was only to make sure."""
    last_look = reply.trouble is Trouble.LOST or (reply.trouble and isinstance(error, ProviderRefused))
    return replace(reply, shown=Shown.HIDDEN) if last_look else _troubled(reply, error)


def _not_yet(order: StoredOrder, reply: Reply) -> OutcomeUnknown:
    """Return the error of a cancellation that Shopify may be at."""
    if reply.error:
        return OutcomeUnknown("Shopify", reply.error.operation, reply.error.reason, call=reply.error.call)
    reason = NOT_YET if reply.accepted or order.cancel_job else LOST
    return OutcomeUnknown("Shopify", "cancel the order", reason)


def _shown(seen: OrderInShopify | None) -> Shown:
    if seen is None:
        return Shown.HIDDEN
    return Shown.CANCELLED if seen.cancelled_at else Shown.SHIPPED if seen.shipped else Shown.LIVE


def _sentence(words: str) -> str:
    """Return a provider's words as a sentence; some come with their full stop."""
    return f"{words.rstrip('.')}."
