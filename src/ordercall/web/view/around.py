"""What stands around every page: its navigation, how the other sides do, what everybody must know."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from flask import request
from sqlalchemy import Connection

from ordercall.domain.orders.order import Status
from ordercall.services import standstill_service
from ordercall.services.backups import KIND as BACKUP
from ordercall.services.standstill_service import CatchingUp, Standstill
from ordercall.storage.reads import hidden_customers, needs_you, reports
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records import (
    paused_campaigns,
    pauses,
    reconciliations,
    refused_credentials,
    shop_notices,
    silent_providers,
    upkeep,
)
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.format import brief, counted, number
from ordercall.web.view.reading import now, when_asked

LENGTHS = {"30": "in 30 minutes", "60": "in an hour", "120": "in 2 hours", "1440": "tomorrow at this time"}
"""For how many minutes a person may pause all calls beforehand."""


def of_the_shop() -> dict[str, Any]:
    """Return what whoever is logged in is shown around each page."""
    return _standing() | {
        "nav": when_asked(_nav_numbers, ListQuery().filter(now())),
        "missing_for_calls": when_asked(context().decisions.missing),
        "health": when_asked(reports.health),
        "newest_log": when_asked(reports.newest_log),
        "unheard": when_asked(needs_you.count_unheard),
        "check": when_asked(reconciliations.latest),
        "reading": when_asked(reconciliations.without_an_end, now()),
        "standing": when_asked(shop_notices.standing),
        "pause_lengths": LENGTHS,
        "around_mark": mark,
        "alarm": alarm,
        "standstill_words": standstill_service.WORDS,
        "standstill_told": standstill_told,
        "catching_up_words": catching_up_words,
        "paused_campaigns": when_asked(paused_campaigns.all_of),
        "hidden": when_asked(hidden_customers.hidden_now),
        "frozen_cancels": when_asked(context().belt.frozen),
        "demo_orders": when_asked(context().demo.number),
    }


def mark() -> str:
    """Return what is another one wherever something stands around a page that no log entry tells of; else nothing."""
    standing = [repr(part) for part in _standing().values() if part]
    return f"{crc32(repr(standing).encode()):x}" if standing else ""


def is_known(tx: Connection) -> bool:
    """Return whether the page that asks shows what there is: no entry is newer, and nothing stands around it anew."""
    seen = read_id(request.args.get("seen")) or read_id(request.args.get("since")) or 0
    return reports.newest_log(tx) == seen and request.args.get("around", "") == mark()


def standstill_told(found: Standstill) -> tuple[str, str, str]:
    """Return why calls stand still, whom that concerns and since when, and what is next; a sentence each."""
    return found.told(counted(found.orders), brief(found.since))


def catching_up_words(found: CatchingUp) -> str:
    """Return how far those are that waited, and how long it takes."""
    left = found.minutes_left(now())
    placed = f"{number(found.gone)} of {number(found.waited)} orders placed, {number(found.to_go)} to go"
    return f"{placed}, about {left} min." if left else f"{placed}."


def alarm() -> str:
    """Return what a person must know at once, wherever in the dashboard they are, in a sentence; else nothing."""
    standing = _standing()
    if found := standing["standstill"]:
        return " ".join(standstill_told(found)[:2])
    if away := standing["silent_providers"]:
        return " ".join(f"{name} does not answer since {brief(since)}." for name, since in away.items())
    if refused := standing["refused_credentials"]:
        return f"{refused[0].provider} does not accept {refused[0].setting}."
    if fault := standing["backup_fault"]:
        return f"The last backup failed: {fault}"
    return f"No webhook from Shopify since {brief(quiet.since)}." if (quiet := standing["quiet"]) else ""


def _standing() -> dict[str, Any]:
    """Return what may stand around a page, or end, without an entry in the log; nothing where all is well."""
    pause = when_asked(pauses.current, now())
    return {
        "pause": pause,
        "pause_effect": when_asked(_effect_of_pause),
        "standstill": when_asked(context().orders.standstill),
        "catching_up": when_asked(context().orders.catching_up),
        "silent_providers": when_asked(silent_providers.all_of),
        "refused_credentials": when_asked(refused_credentials.all_of),
        "backup_fault": when_asked(_backup_fault),
        "quiet": when_asked(reports.quiet_webhooks, now()),
    }


def _backup_fault(tx: Connection) -> str | None:
    return upkeep.fault_of(tx, BACKUP)


def _effect_of_pause(tx: Connection) -> pauses.Effect | None:
    return pauses.effect(tx, now()) if pauses.current(tx, now()) else None


def _nav_numbers(tx: Connection, today: OrderFilter) -> dict[str, str]:
    """Return the numbers in the navigation: the orders of today, and all that wait for a person."""
    orders, waiting, reported = reports.counts(tx, today), needs_you.count(tx, now()), needs_you.count_reports(tx)
    more = "+" if needs_you.MOST_COUNTED in (waiting.orders, waiting.deliveries) else ""
    marked = {
        "needs": number(waiting.all) + more if waiting.all else "",
        "reported": counted(reported) if reported else "",
    }
    return {"orders": number(orders.all)} | marked | {status: number(orders.of[status]) for status in Status}
