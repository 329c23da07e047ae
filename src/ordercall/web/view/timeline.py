"""The timeline of an order's page: the entries of its log in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.storage.records import activity
from ordercall.storage.records.activity import StoredEntry
from ordercall.web.view.format import local


@dataclass(frozen=True, slots=True)
class Words:
    """A plain title for an event, its icon, and its tone: ok, bad, note or none."""

    title: str
    icon: str
    tone: str = ""


WORDS = {
    Event.WEBHOOK_RECEIVED: Words("Received from Shopify", icon="inbox"),
    Event.AGENT_SELECTED: Words("Agent chosen", icon="languages"),
    Event.CONTACT_CREATED: Words("Contact created at Kalimera", icon="contact", tone="ok"),
    Event.CONTACT_REUSED: Words("Contact reused", icon="contact", tone="ok"),
    Event.CAMPAIGN_UPDATED: Words("Call window set", icon="megaphone", tone="ok"),
    Event.CONTACT_LISTED: Words("Added to the calling list", icon="list-plus", tone="ok"),
    Event.SYNC_SUCCESS: Words("On the calling campaign", icon="phone-call", tone="ok"),
    Event.SYNC_DEFERRED: Words("Waits for its time", icon="clock"),
    Event.SYNC_ERROR: Words("Not put on the campaign", icon="triangle-alert", tone="bad"),
    Event.NOT_CALLED: Words("Not called", icon="phone-off", tone="bad"),
    Event.SYNC_REQUESTED: Words("Sync requested", icon="refresh-cw", tone="note"),
    Event.NUMBER_LISTED: Words("The number must not be called", icon="phone-off", tone="note"),
    Event.NUMBER_UNLISTED: Words("The number may be called again", icon="phone-call", tone="note"),
    Event.CALL_UNANSWERED: Words("No answer", icon="phone-off"),
    Event.CALL_UNKNOWN: Words("The call's outcome is unknown", icon="triangle-alert", tone="bad"),
    Event.STATUS_UPDATED: Words("Status changed", icon="flag", tone="note"),
    Event.ORDER_CHANGED: Words("Changed in Shopify", icon="refresh-cw", tone="note"),
    Event.CALL_STANDS: Words("The call can no longer be changed", icon="triangle-alert", tone="bad"),
    Event.ORDER_CANCELLED: Words("Cancelled in Shopify by the shop", icon="x", tone="bad"),
    Event.CANCEL_REQUESTED: Words("Cancellation requested", icon="x"),
    Event.CANCEL_WITHDRAWN: Words("Cancellation withdrawn", icon="undo-2", tone="note"),
    Event.CANCEL_SUCCESS: Words("Cancelled in Shopify", icon="check", tone="ok"),
    Event.CANCEL_ERROR: Words("Not cancelled in Shopify", icon="triangle-alert", tone="bad"),
    Event.CANCEL_UNCLEAR: Words("Cancellation in Shopify unclear", icon="triangle-alert", tone="bad"),
    Event.HOLD_MADE: Words("On hold in Shopify", icon="clock", tone="note"),
    Event.HOLD_RELEASED: Words("Released in Shopify", icon="check", tone="ok"),
    Event.HOLD_ERROR: Words("Hold in Shopify", icon="triangle-alert", tone="bad"),
    Event.ADDRESS_PROPOSED: Words("Another address", icon="map-pin", tone="note"),
    Event.ADDRESS_DECIDED: Words("Address decided", icon="map-pin", tone="note"),
    Event.ADDRESS_SEEN: Words("Address seen in Shopify", icon="check", tone="ok"),
    Event.ADDRESS_ERROR: Words("Address not corrected", icon="triangle-alert", tone="bad"),
    Event.TAG_ADDED: Words("Written to Shopify", icon="flag", tone="ok"),
    Event.TAG_ERROR: Words("Not written to Shopify", icon="triangle-alert", tone="bad"),
    Event.REPORTED: Words("Reported by the agent", icon="phone-call", tone="note"),
    Event.NOTE_ADDED: Words("Note", icon="sticky-note", tone="note"),
    Event.CUSTOMER_ERASED: Words("Customer's data erased", icon="x", tone="note"),
    Event.DELIVERY_HANDLED: Words("Delivery handled", icon="check", tone="note"),
    Event.BULK_STARTED: Words("Bulk run started", icon="play", tone="note"),
    Event.ORDERS_EXPORTED: Words("Orders exported", icon="download"),
    Event.DEMO_REMOVED: Words("Demo orders removed", icon="x", tone="note"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the timeline. ``data`` is the provider call behind it as indented JSON, masked, or None."""

    code: str
    words: Words
    at: str
    text: str
    actor: str | None
    data: str | None

    @property
    def day(self) -> str:
        """Its day in the zone of the pages, by which the timeline is grouped."""
        here = local(self.at)
        return here.date().isoformat() if here else ""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at once: the entries that are seen at a glance, and those that are folded away, newest first."""

    shown: list[Entry]
    folded: list[Entry]

    @property
    def day(self) -> str:
        return self.shown[0].day


@dataclass(frozen=True, slots=True)
class History:
    """A page of an order's log. ``later``: whether there are newer entries; ``before``: the cursor of older ones."""

    steps: list[Step]
    later: bool
    before: int | None


def history(tx: Connection, shopify_id: int, *, before: int | None, problems: bool) -> History:
    """Return the newest entries of an order, or those before one of them."""
    rows = activity.of_order(tx, shopify_id, before=before, problems=problems, limit=activity.PAGE + 1)
    shown = rows[: activity.PAGE]
    more = len(rows) > len(shown)
    steps = [_step([_entry(row) for row in some]) for _, some in groupby(shown, key=_second)]
    return History(steps, later=before is not None, before=shown[-1].id if more else None)


def _second(stored: StoredEntry) -> str:
    return (stored.timestamp or "")[: len("2026-11-24T14:20:00")]


def _step(entries: list[Entry]) -> Step:
    """Fold what happened within one second into what tells most: troubles and notes, else what a person did, else what
    came of it last.
    """
    shown = [entry for entry in entries if entry.words.tone == "bad" or entry.code == Event.NOTE_ADDED]
    if not shown:
        shown = [next((entry for entry in reversed(entries) if entry.actor), entries[0])]
    return Step(shown, [entry for entry in entries if entry not in shown])


def _entry(stored: StoredEntry) -> Entry:
    """Return an entry as it is shown. Events of the original program that are new to us keep their code."""
    return Entry(
        code=stored.event_type or "",
        words=words_of(stored.event_type),
        at=stored.timestamp or "",
        text=stored.message or "",
        actor=stored.actor,
        data=_indented(stored.detail),
    )


def words_of(event: str | None) -> Words:
    """Return how an event reads. One of the original program that is new to us keeps its name."""
    if event in set(Event):
        return WORDS[Event(str(event))]
    return Words((event or "Entry").replace("_", " "), icon="info")


def _indented(detail: str | None) -> str | None:
    return json.dumps(json.loads(detail), indent=2, ensure_ascii=False) if detail else None
