"""What agents and other programs reported, each as it came, with what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from ordercall.domain.contact_ids import shown
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.report import Report, Unread
from ordercall.domain.reports.words import read_keys
from ordercall.storage.engine.batches import insert_numbered, known_values
from ordercall.storage.engine.dialects import has_one_of
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.records.calls import Call
from ordercall.storage.tables import WITH_A_BODY, call_orders, calls, reports

PAGE = 50
"""The reports that a page, or an answer of the API, shows at a time."""

MOST_MEANT = 20
"""Orders that are kept as those that may be meant; nobody looks through more."""

SENT_AGAIN_WITHIN = timedelta(minutes=10)
"""Platforms send within minutes again what they got no answer to; later the same words are those of another talk."""


# Made once, as what every order runs in ``orders``.
_SAME = select(reports).where(reports.c.body_digest == bindparam("digest")).order_by(reports.c.id.desc()).limit(1)
_SAME_OF_CALL = _SAME.where(reports.c.rung_call == bindparam("call"))
_SAME_OF_NO_CALL = _SAME.where(
    reports.c.rung_call.is_(None),
    reports.c.meant == bindparam("meant"),
    reports.c.handled_at.is_(None),
    reports.c.received_at >= bindparam("since"),
)
_LEAVE_UNFINISHED = (
    update(reports)
    .where(reports.c.shopify_id.in_(bindparam("orders", expanding=True)))  # which has an index
    .where(reports.c.rung_call.in_(bindparam("calls", expanding=True)), reports.c.why == Why.NOT_FINAL)
    .values(fate=Fate.NEEDS_A_PERSON, why=Why.NEVER_FINAL)
    .returning(reports.c.rung_call)
)
_LEAVE_JOINT = (
    update(reports)
    .where(reports.c.shopify_id.is_(None))  # it is about all orders of the call
    .where(reports.c.rung_call.in_(bindparam("calls", expanding=True)), reports.c.why == Why.NOT_FINAL)
    .values(fate=Fate.NEEDS_A_PERSON, why=Why.NEVER_FINAL)
    .returning(reports.c.rung_call)
)


class Door(StrEnum):
    """By which way a report came."""

    API = "api"
    ADDRESS = "address"  # of its own, with a secret in it
    STATUS = "status"  # of one order


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Incoming:
    """A report as it came.

    Attributes:
        sender: as the timeline names them.
        shopify_id: the order at whose address it came, or None.
        may_force: the sender may change what is decided.
        keys: its own, read before a transaction begins; None: it is no JSON with keys.
    """

    door: Door
    sender: str
    body: bytes
    received_at: datetime
    shopify_id: int | None = None
    may_force: bool = False
    keys: dict[str, Any] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", read_keys(self.body))

    @property
    def digest(self) -> str:
        """What two reports share whose bodies are the same and came to the same address."""
        return hashlib.sha256(b"%s\n%s" % (str(self.shopify_id or "").encode(), self.body)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A report, whose it is, and what became of it. ``rung_call``: the call that it was found to be about."""

    report: Report
    fate: Fate
    why: Why
    shopify_id: int | None = None
    rung_call: str | None = None
    meant: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredReport:
    """A report as it is stored. ``body`` is None once it was emptied; ``said``: its words, with nothing personal."""

    id: int
    received_at: datetime
    door: str
    sender: str
    body: bytes | None
    report_id: str | None
    call_id: str | None
    contact_id: str | None
    phone: str | None
    shopify_id: int | None
    rung_call: str | None
    meant: tuple[int, ...]
    said: dict[str, Any]
    unread: tuple[Unread, ...]
    fate: Fate
    why: Why
    repeats: int
    handled_at: datetime | None
    handled_by: str | None


def find_same(
    tx: Connection, incoming: Incoming, report: Report, rung_call: str | None, meant: Sequence[int]
) -> StoredReport | None:
    """Return the report that this one repeats: of the same body and id, or without an id, of the same call.

    Where no call is certain, it is one that leaves the same orders in doubt, came just now, and waits for a person.

    Args:
        rung_call: the call that waits for it. None: none does any more, or none ever did.
        meant: the orders that it may be about.
    """
    looked_for: dict[str, Any] = {"digest": incoming.digest}
    if report.report_id:
        same = _SAME
    elif rung_call:
        same = _SAME_OF_CALL
        looked_for["call"] = rung_call
    else:
        same = _SAME_OF_NO_CALL
        since = (incoming.received_at - SENT_AGAIN_WITHIN).timestamp()
        looked_for |= {"meant": _as_stored(meant), "since": since}
    row = tx.execute(same, looked_for).first()
    return _stored(row) if row else None


def came_before(tx: Connection, incoming: Sequence[Incoming]) -> set[str]:
    """Return the digests of those that have the body and the address of one that is kept."""
    return known_values(tx, reports.c.body_digest, [one.digest for one in incoming])


def count_repeat(tx: Connection, number: int, *, now: datetime) -> None:
    mine = update(reports).where(reports.c.id == number)
    tx.execute(mine.values(repeats=reports.c.repeats + 1, last_repeat_at=now.timestamp()))


@dataclass(frozen=True, slots=True)
class New:
    """A report to be kept. ``nobodys``: its customer's data was erased: only ids and words of the normal form are."""

    incoming: Incoming
    judged: Judged
    nobodys: bool = False


def add(tx: Connection, new: Sequence[New]) -> list[int]:
    """Store reports and what became of them; return their numbers."""
    return insert_numbered(tx, reports, map(_row, new))


def _row(new: New) -> dict[str, Any]:
    incoming, report, nobodys = new.incoming, new.judged.report, new.nobodys
    row = {
        "received_at": incoming.received_at.timestamp(),
        "door": incoming.door,
        "sender": incoming.sender,
        "body": None if nobodys else incoming.body,
        "body_digest": "" if nobodys else incoming.digest,
        "report_id": report.report_id,
        "call_id": report.call_id,
        "contact_id": report.contact_id,
        "phone": None if nobodys else report.phone,
    }
    return row | _outcome(new.judged) | _words(report, () if nobodys else report.unread)


def judge_again(tx: Connection, number: int, report: Report, fate: Fate, why: Why) -> None:
    """Store what became of a report now that its words are known; whose it is stays as it was found then."""
    changes = {"fate": fate, "why": why} | _words(report, report.unread)
    tx.execute(update(reports).where(reports.c.id == number).values(changes))


def leave_unfinished(tx: Connection, ended: Collection[Call]) -> set[str]:
    """Leave to a person the answers that were not the last word of these calls; return as which those are known."""
    known_as, joint = {call.known_as for call in ended}, {call.rings_with for call in ended} - {None}
    if not known_as:
        return set()
    its_orders = {call.shopify_id for call in ended}
    left = set(tx.execute(_LEAVE_UNFINISHED, {"orders": sorted(its_orders), "calls": sorted(known_as)}).scalars())
    return left | set(tx.execute(_LEAVE_JOINT, {"calls": list(joint)}).scalars()) if joint else left


def leave_undone(tx: Connection, shopify_id: int) -> None:
    """Leave to a person the last report that changed an order, which somebody has taken back."""
    changed = select(reports.c.id).where(reports.c.shopify_id == shopify_id, reports.c.why == Why.SAID)
    last = changed.order_by(reports.c.id.desc()).limit(1).scalar_subquery()
    left = {"fate": Fate.NEEDS_A_PERSON, "why": Why.UNDONE, "handled_at": None, "handled_by": None}
    tx.execute(update(reports).where(reports.c.id == last).values(left))


def _outcome(judged: Judged) -> dict[str, Any]:
    return {
        "shopify_id": judged.shopify_id,
        "rung_call": judged.rung_call,
        "meant": _as_stored(judged.meant),
        "fate": judged.fate,
        "why": judged.why,
    }


def _as_stored(meant: Sequence[int]) -> str:
    return json.dumps(meant[:MOST_MEANT])


def _words(report: Report, unread: Sequence[Unread]) -> dict[str, Any]:
    return {"said": json.dumps(report.words), "unread": json.dumps([[each.path, each.word] for each in unread])}


# -- read


def find(tx: Connection, number: int) -> StoredReport | None:
    row = tx.execute(select(reports).where(reports.c.id == number)).first()
    return _stored(row) if row else None


def newest(
    tx: Connection, *, fate: Fate | None = None, before: int | None = None, shopify_id: int | None = None
) -> list[StoredReport]:
    """Return a page of reports, the newest first.

    Args:
        fate: only those with this fate; of those that need a person, only those that nobody has dealt with.
        before: a report's number; what is returned is older.
        shopify_id: only those about this order.
    """
    wanted = select(reports)
    if fate:
        wanted = wanted.where(reports.c.fate == fate)
    if fate is Fate.NEEDS_A_PERSON:
        wanted = wanted.where(reports.c.handled_at.is_(None))
    if before is not None:
        wanted = wanted.where(reports.c.id < before)
    if shopify_id is not None:
        wanted = wanted.where(reports.c.shopify_id == shopify_id)
    return [_stored(row) for row in tx.execute(wanted.order_by(reports.c.id.desc()).limit(PAGE))]


def waiting_for_a_person(tx: Connection, shopify_ids: list[int]) -> dict[int, Why]:
    """Return why the newest report about each of these orders waits for a person; other orders are missing."""
    waits = reports.c.fate == Fate.NEEDS_A_PERSON, reports.c.handled_at.is_(None)
    mine = select(reports.c.shopify_id, reports.c.why).where(reports.c.shopify_id.in_(shopify_ids), *waits)
    return {row.shopify_id: Why(row.why) for row in tx.execute(mine.order_by(reports.c.id))} if shopify_ids else {}


def last_number(tx: Connection) -> int:
    """Return the number of the newest report; 0 for none."""
    return int(tx.execute(select(func.max(reports.c.id))).scalar() or 0)


def first_of_no_order(tx: Connection, *, after: int, phone: str, contact_id: str) -> StoredReport | None:
    """Return the first report after this one that is about no order, and about nobody else than these.

    Args:
        contact_id: as it is kept.
    """
    row = tx.execute(
        select(reports)
        .where(reports.c.id > after, reports.c.shopify_id.is_(None))
        .where(or_(reports.c.phone.is_(None), reports.c.phone == phone))
        .where(or_(reports.c.contact_id.is_(None), reports.c.contact_id == shown(contact_id)))
        .order_by(reports.c.id)
        .limit(1)
    ).first()
    return _stored(row) if row else None


def waiting_for_words(tx: Connection, *, after: int = 0, limit: int | None = None) -> list[StoredReport]:
    """Return the reports that wait for a word to be explained or confirmed, in the order in which they came.

    Args:
        after: a report's number; what is returned came later.
    """
    waits = select(reports).where(
        reports.c.fate == Fate.NEEDS_A_PERSON,
        reports.c.why.in_((Why.UNKNOWN_WORD, Why.TO_CONFIRM)),
        reports.c.handled_at.is_(None),
        reports.c.id > after,
    )
    return [_stored(row) for row in tx.execute(waits.order_by(reports.c.id).limit(limit))]


def mark_handled(tx: Connection, number: int, *, by: str, now: datetime) -> bool:
    """Note that a person dealt with a report, and return whether that was news."""
    mine = update(reports).where(reports.c.id == number, reports.c.handled_at.is_(None))
    return tx.execute(mine.values(handled_at=now.timestamp(), handled_by=by)).rowcount == 1


def mark_address_handled(tx: Connection, number: int, *, by: str, now: datetime) -> None:
    """Note that a person dealt with a report in which only the address was for them."""
    mine = reports.c.id == number, reports.c.why == Why.ADDRESS, reports.c.handled_at.is_(None)
    tx.execute(update(reports).where(*mine).values(handled_at=now.timestamp(), handled_by=by))


def _stored(row: Row[Any]) -> StoredReport:
    return StoredReport(
        id=row.id,
        received_at=datetime.fromtimestamp(row.received_at, UTC),
        door=row.door,
        sender=row.sender,
        body=row.body,
        report_id=row.report_id,
        call_id=row.call_id,
        contact_id=row.contact_id,
        phone=row.phone,
        shopify_id=row.shopify_id,
        rung_call=row.rung_call,
        meant=tuple(json.loads(row.meant)),
        said=json.loads(row.said),
        unread=tuple(Unread(*each) for each in json.loads(row.unread)),
        fate=Fate(row.fate),
        why=Why(row.why),
        repeats=row.repeats,
        handled_at=None if row.handled_at is None else datetime.fromtimestamp(row.handled_at, UTC),
        handled_by=row.handled_by,
    )


# -- forgotten

_NOTHING_PERSONAL = {"body": None, "body_digest": "", "phone": None, "unread": "[]"}


def erase(tx: Connection, shopify_ids: Collection[int], phones: Collection[str], contact_ids: Collection[str]) -> int:
    """Erase what was reported about these orders, and what is about no single one and may be about one of them.

    That is what has one of these phones or contacts or names a call of these orders, or may have meant one of them.

    Returns:
        Of how many reports.
    """
    mine = select(calls.c.call_id, calls.c.rings_with).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    of_orders = mine.where(call_orders.c.shopify_id.in_(list(shopify_ids)))
    rung = {known for row in tx.execute(of_orders) for known in row if known}
    nobodys = or_(
        reports.c.phone.in_(list(phones)),
        reports.c.contact_id.in_([shown(one) for one in contact_ids]),
        reports.c.call_id.in_(rung),
        has_one_of(tx, reports.c.meant, shopify_ids),
    )
    filled = by_index(select(reports.c.id), reports, "reports_with_a_body").where(WITH_A_BODY)
    loose = filled.where(reports.c.shopify_id.is_(None), nobodys)
    about = reports.c.shopify_id.in_(list(shopify_ids)), reports.c.body.is_not(None)
    erased = (update(reports).where(*theirs).values(_NOTHING_PERSONAL) for theirs in (about, [reports.c.id.in_(loose)]))
    return sum(tx.execute(each).rowcount for each in erased)


def forget_bodies(tx: Connection, *, now: datetime, after: timedelta, limit: int = 500) -> int:
    """Empty the bodies of reports older than *after*, at most *limit* at a time; return how many."""
    old = select(reports.c.id).where(reports.c.received_at < (now - after).timestamp(), reports.c.body.is_not(None))
    some = old.order_by(reports.c.received_at).limit(limit)
    return tx.execute(update(reports).where(reports.c.id.in_(some)).values(_NOTHING_PERSONAL)).rowcount


def count_by_fate(tx: Connection) -> dict[str, int]:
    """Return how many reports have each fate; of those that need a person, those that nobody has dealt with."""
    counted = select(reports.c.fate, func.count()).where(reports.c.handled_at.is_(None)).group_by(reports.c.fate)
    return dict(tx.execute(counted).all())
