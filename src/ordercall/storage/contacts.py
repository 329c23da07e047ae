"""Which Kalimera contact belongs to which phone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ordercall.storage.dialects import dialect
from ordercall.storage.tables import contacts, orders


@dataclass(frozen=True, slots=True)
class Contact:
    """What we know of one phone. ``contact_id`` is None while the outcome of its creation is not known."""

    phone: str
    contact_id: str | None


def find(tx: Connection, phone: str) -> Contact | None:
    row = tx.execute(select(contacts.c.phone, contacts.c.contact_id).where(contacts.c.phone == phone)).first()
    return Contact(*row) if row else None


def announce(tx: Connection, phone: str, *, now: datetime) -> None:
    """Note, before a creation is sent, that from now on such a contact may exist at Kalimera."""
    _put(tx, phone, None, "creating", now)


def remember(tx: Connection, phone: str, contact_id: str, *, now: datetime) -> None:
    """Store the id that Kalimera gave this phone's contact."""
    _put(tx, phone, contact_id, "known", now)


def forget(tx: Connection, contact_ids: Iterable[str]) -> None:
    """Drop what we know of these contacts."""
    tx.execute(delete(contacts).where(contacts.c.contact_id.in_(list(contact_ids))))


def forget_unneeded(tx: Connection, phones: Collection[str]) -> set[str]:
    """Forget the contacts of those phones that stand in no order any more; return their ids at Kalimera."""
    needed = tx.execute(select(orders.c.customer_phone).where(orders.c.customer_phone.in_(phones))).scalars()
    leaving = set(phones) - set(needed)
    gone = delete(contacts).where(contacts.c.phone.in_(leaving)).returning(contacts.c.contact_id)
    return set(tx.execute(gone).scalars()) - {None}


def _put(tx: Connection, phone: str, contact_id: str | None, state: str, now: datetime) -> None:
    values = {"contact_id": contact_id, "state": state, "changed_at": now.timestamp()}
    put = dialect(tx).insert(contacts).values(phone=phone, **values)
    tx.execute(put.on_conflict_do_update(index_elements=["phone"], set_=values))
