"""The accounts at OpenID Connect issuers by which people log in."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from ordercall.domain.id_tokens import Identity
from ordercall.storage.tables import issuer_accounts

_table = issuer_accounts.c


def owner_of(tx: Connection, identity: Identity) -> int | None:
    """Return the id of the person whose account this is."""
    mine = _table.issuer == identity.issuer, _table.subject == identity.subject
    return tx.execute(select(_table.person_id).where(*mine)).scalar()


def linked_at(tx: Connection, person_id: int, issuer: str) -> datetime | None:
    """Return since when a person logs in by this issuer."""
    mine = _table.person_id == person_id, _table.issuer == issuer
    since = tx.execute(select(_table.linked_at).where(*mine)).scalar()
    return None if since is None else datetime.fromtimestamp(since, UTC)


def link(tx: Connection, person_id: int, identity: Identity, *, now: datetime) -> None:
    """Let a person log in by this account, and no more by the one before. The caller has taken the people."""
    remove(tx, person_id)
    row = {"person_id": person_id, "issuer": identity.issuer, "subject": identity.subject}
    tx.execute(insert(issuer_accounts).values(row | {"linked_at": now.timestamp()}))


def remove(tx: Connection, person_id: int) -> bool:
    """Let a person log in by no account any more, and return whether they did."""
    return tx.execute(delete(issuer_accounts).where(_table.person_id == person_id)).rowcount == 1
