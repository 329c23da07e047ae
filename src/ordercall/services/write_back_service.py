"""Writing to the orders in Shopify what their calls said: a tag and metafields, for whoever reads Shopify and not us.

One order at a time, whatever waits: so it takes one place of the worker's, and of Shopify's points it leaves half to
cancels, holds and readings. An order's job reads its tags, asks for what is between them and what is wanted, and
queues the next order. No transaction is open while Shopify answers; which tag is about to be ours is stored before it
is asked for, so that a worker that dies leaves no tag behind that nobody knows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.parcels.write_back import (
    Difference,
    Standing,
    Wanted,
    WriteBack,
    Written,
    begun,
    difference,
    ended,
    is_behind,
    wanted,
)
from ordercall.errors import OutcomeUnknown, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.shopify.write_back import ShopWriteBack
from ordercall.services.decision_service import DecisionService
from ordercall.services.demo import is_foreign
from ordercall.services.order_rules import write_soon
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, orders, policies, write_backs
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.storage.records.write_backs import Rung, StoredWriteBack

logger = logging.getLogger(__name__)

SHOWN = timedelta(days=60)
"""For so long Shopify shows an order to an app without the scope read_all_orders."""

REST = 5.0
"""Seconds after a lost answer: if Shopify is down, the next order finds it so, and the circuit breaker has all wait."""

START = (0.0, 0)
"""Before all orders, by when they came."""

NOTHING = Difference((), "", {})
GONE = "gone"
WORDS_OF_GONE = "Shopify shows no such order: it is deleted there, or too old for this app (`ordercall doctor`)."
CRASHED = "The worker stopped again and again while it wrote to the order."


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be brought about for an order, and what was written of it before."""

    order: StoredOrder
    wanted: Wanted
    known: StoredWriteBack

    @property
    def id(self) -> int:
        return self.order.shopify_id


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    Attributes:
        written: None where that is not known: what was asked for may be there, as it was stored before.
        rest: seconds to leave Shopify to others.
        call: None where nothing was asked for.
    """

    written: Written | None
    asked: Difference
    refused: Mapping[str, str]
    rest: float = 0.0
    call: ProviderCall | None = None


class WriteBackService:
    """Brings what we write to orders to what the policy wants."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        shopify: ShopWriteBack,
        settings: Settings,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._shopify = shopify
        self._settings = settings
        self._decisions = decisions
        self._clock = clock
        self._are_defined = False

    def look(self) -> None:
        """Find the orders without an answer of which Shopify does not show how they stand, and go on with the line."""
        with self._db.read() as tx:
            rules, since = self._decisions.policy(tx).write_back, self._on_since(tx)
        behind: tuple[float, int] | None = START
        while since and behind:
            with self._db.read() as tx:
                late, behind = self._late(tx, rules, since, behind)
            if late:
                with self._db.begin() as tx:
                    write_backs.mark(tx, late, place=write_backs.LATER, now=self._clock())
        with self._db.begin() as tx:
            self._queue_next(tx)

    def take_up(self, since: datetime) -> int | None:
        """Put all orders in line that came since a time, also what was refused; return how many, None: it is off.

        Those to which nothing is to be written are found so by their jobs, and Shopify is not asked.
        """
        with self._db.read() as tx:
            if not self._decisions.policy(tx).write_back.is_on:
                return None
        number, some = 0, [START]
        while some:
            with self._db.begin() as tx:
                some = write_backs.came_since(tx, since, behind=some[-1])
                write_backs.mark(tx, [each for _, each in some], place=write_backs.LATER, now=self._clock())
            number += len(some)
        with self._db.begin() as tx:
            self._queue_next(tx)
        return number

    def write(self, shopify_id: int) -> None:
        """Write to the order what is wanted by now, then have the next one written.

        Without a clear answer the order goes to the end of the line, so that one at which Shopify stumbles stops no
        other; what was written already is asked for no second time.

        Raises:
            ProviderBusy: try again later.
        """
        with self._db.begin() as tx:
            task = self._task(tx, shopify_id)
            if task is None:
                self._queue_next(tx, goes_on=True)
                return
        try:
            result = self._bring_about(task)
        except OutcomeUnknown as unknown:
            logger.warning("Order %s is written to in Shopify once more, after the others: %s", shopify_id, unknown)
            with self._order(shopify_id) as tx:
                write_backs.go_last(tx, shopify_id, now=self._clock())
                self._queue_next(tx, rest=unknown.retry_after or REST, goes_on=True)
            return
        except ProviderRefused as refusal:
            result = Result(None, NOTHING, {"all": str(refusal)}, call=refusal.call)
        with self._order(shopify_id) as tx:
            self._keep(tx, task, result)
            self._queue_next(tx, rest=result.rest, goes_on=True)

    def take_in(self, shopify_id: int) -> None:
        """Put an order in line whose tag a version of before had a job of its own for."""
        with self._order(shopify_id) as tx:
            write_soon(tx, self._jobs, self._decisions, [shopify_id], now=self._clock())

    def give_up(self, shopify_id: int) -> None:
        """Store that writing to the order keeps crashing the worker."""
        with self._order(shopify_id) as tx:
            if order := orders.find(tx, shopify_id):
                task = Task(order, self._wanted(tx, order), write_backs.find(tx, shopify_id))
                write_backs.keep(tx, shopify_id, _dealt_with(tx, task), refused=CRASHED, is_done=True)
            self._log(tx, shopify_id, Event.TAG_ERROR, f"Not written to Shopify. {CRASHED}", None)
            self._queue_next(tx, goes_on=True)

    # -- what is to be written

    def _on_since(self, tx: Connection) -> datetime | None:
        """Return when the policy began to have something written: what came before is left alone. None: it is off."""
        since, version = None, policies.newest(tx)
        while version and version.policy.write_back.is_on:
            since = version.at
            version = policies.find(tx, version.policy.version - 1)
        return since

    def _late(
        self, tx: Connection, rules: WriteBack, since: datetime, behind: tuple[float, int]
    ) -> tuple[list[int], tuple[float, int] | None]:
        """Return those of some orders of which something is to be written, and the last of all that were looked at."""
        oldest = self._clock() - SHOWN
        some = write_backs.undecided(tx, since=since, oldest=oldest, behind=behind)
        rung = write_backs.calls_of(tx, [order.shopify_id for _, order, _ in some])
        late = [
            order.shopify_id
            for _, order, known in some
            if not is_foreign(order, self._settings)
            and _is_due(wanted(_standing(order, rung[order.shopify_id]), rules), known)
        ]
        return late, (some[-1][0], some[-1][1].shopify_id) if some else None

    def _task(self, tx: Connection, shopify_id: int) -> Task | None:
        """Return what is to be done; None: nothing, or not now."""
        order = orders.find_to_change(tx, shopify_id)
        rules = self._decisions.policy(tx).write_back
        if order is None or is_foreign(order, self._settings) or self._settings.missing_for_cancels or not rules.is_on:
            return None
        task = Task(order, self._wanted(tx, order), write_backs.find(tx, shopify_id))
        is_wanted = task.known.refused is not None or is_behind(task.wanted, task.known.written)
        if order.shopify_deleted_at or not is_wanted:
            write_backs.settle(tx, shopify_id)
            return None
        return task

    def _wanted(self, tx: Connection, order: StoredOrder) -> Wanted:
        rung = write_backs.calls_of(tx, [order.shopify_id])[order.shopify_id]
        return wanted(_standing(order, rung), self._decisions.policy(tx).write_back)

    def _queue_next(self, tx: Connection, *, rest: float = 0.0, goes_on: bool = False) -> None:
        """Queue the order that is next in line, if anything is to be written at all."""
        if self._settings.missing_for_cancels or not self._decisions.policy(tx).write_back.is_on:
            return
        if due := write_backs.next_due(tx, demo=self._settings.sandboxed):
            at = self._clock() + timedelta(seconds=rest) if rest else None
            self._jobs.write_order(tx, due, at=at, goes_on=goes_on)

    # -- what Shopify is asked for

    def _bring_about(self, task: Task) -> Result:
        tags = self._shopify.tags_of(task.id)
        if tags is None:
            return Result(None, NOTHING, {GONE: WORDS_OF_GONE})
        asked = difference(task.wanted, task.known.written, tags)
        if asked.is_empty:
            return Result(ended(task.wanted, task.known.written, asked), asked, {})
        with self._order(task.id) as tx:
            begins = begun(task.known.written, asked)
            write_backs.keep(tx, task.id, begins, refused=task.known.refused, is_done=False)
        self._define(asked)
        answer = self._shopify.write(task.id, asked)
        done = ended(task.wanted, task.known.written, asked, answer.refused)
        return Result(done, asked, answer.refused, answer.rest, answer.call)

    def _define(self, asked: Difference) -> None:
        """Have Shopify know our metafields before the first is written, once for each process: it is harmless again."""
        if asked.fields and not self._are_defined:
            for words in self._shopify.define():
                logger.warning(
                    "Shopify refused the definition of a metafield, which is written all the same: %s", words
                )
            self._are_defined = True

    # -- what is kept

    @contextmanager
    def _order(self, shopify_id: int) -> Iterator[Connection]:
        """Hold an order's row before what is written of it: whoever changes its status takes both in that order."""
        with self._db.begin() as tx:
            orders.find_to_change(tx, shopify_id)
            yield tx

    def _keep(self, tx: Connection, task: Task, result: Result) -> None:
        """Store what was written; what came meanwhile leaves the order in line."""
        order = orders.find(tx, task.id)
        if order is None:
            return  # removed meanwhile, as the sandbox's orders are
        written = result.written or _dealt_with(tx, task)
        is_all = bool(result.refused) or not is_behind(task.wanted, written)
        is_done = is_all and self._wanted(tx, order) == task.wanted
        words = " ".join(result.refused.values()) or None
        refused = "" if GONE in result.refused else words  # nobody can mend that
        write_backs.keep(tx, task.id, written, refused=refused, is_done=is_done)
        if words and refused != task.known.refused:
            self._log(tx, task.id, Event.TAG_ERROR, f"Not written to Shopify. {words}", result.call)
        elif result.call and not words:
            self._log(tx, task.id, Event.TAG_ADDED, _told(task.wanted, result.asked), result.call)

    def _log(self, tx: Connection, shopify_id: int, event: Event, message: str, call: ProviderCall | None) -> None:
        activity.record(tx, shopify_id, event, message, now=self._clock(), call=call)


def _is_due(wanted: Wanted, known: StoredWriteBack) -> bool:
    """Return whether anything is to be asked for. What was refused is so again only once the state is another."""
    dealt_with = known.refused is not None and (known.written.said, known.written.word) == (wanted.said, wanted.tag)
    return not dealt_with and is_behind(wanted, known.written)


def _standing(order: StoredOrder, rung: Rung) -> Standing:
    return Standing(
        status=order.confirmation_status,
        calling=order.calling_state,
        reason=order.calling_reason,
        decided_at=order.status_changed_at,
        language=order.language,
        calls=rung,
        address_waits=order.address_waits,
    )


def _dealt_with(tx: Connection, task: Task) -> Written:
    """Return what is known of an order that is to be left alone until it changes: what was asked for may be there."""
    return replace(write_backs.find(tx, task.id).written, said=task.wanted.said, word=task.wanted.tag)


def _told(wanted: Wanted, asked: Difference) -> str:
    """Return what was written, as a sentence for a person."""
    parts = [f"tag '{asked.add}' added"] if asked.add else []
    parts += [f"tag '{tag}' removed" for tag in asked.remove]
    parts += [f"metafield {name} is {value}" for name, value in asked.fields.items()]
    return f"{wanted.said.short}: {', '.join(parts)}."
