"""The versions of the policy. The highest is in force; none is ever changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ordercall.domain.policy.document import stored_policy, write_document
from ordercall.domain.policy.rules import Policy
from ordercall.storage.engine.batches import ask
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import policies

LOCK = "policy"
_COLUMNS = ("version", "document", "locks", "published_at", "published_by", "changed")
_WANTED = [policies.c[name] for name in _COLUMNS]
_NEWEST = f"SELECT {', '.join(_COLUMNS)} FROM policies ORDER BY version DESC LIMIT 1"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Published:
    """A version. ``locks``: by the field, the variable of the environment that holds it; ``changed``: a line each."""

    policy: Policy
    locks: Mapping[str, str]
    at: datetime | None
    by: str
    changed: list[str]


def newest(tx: Connection) -> Published | None:
    """Return the version in force, or None before the first start."""
    for row in ask(tx, _NEWEST):
        return _published(*row)
    return None


def find(tx: Connection, version: int) -> Published | None:
    """Return one version, or None where there never was one of this number."""
    row = tx.execute(select(*_WANTED).where(policies.c.version == version)).first()
    return _published(*row) if row else None


def latest(tx: Connection, number: int) -> list[Published]:
    """Return this number of versions at most, the one in force first."""
    rows = tx.execute(select(*_WANTED).order_by(policies.c.version.desc()).limit(number))
    return [_published(*row) for row in rows]


def _published(version: int, document: str, locks: str, at: float | None, by: str, changed: str) -> Published:
    return Published(stored_policy(document, version), json.loads(locks), moment(at), by, json.loads(changed))


def hold(tx: Connection) -> None:
    """Let no version be published before this transaction has ended: for whoever lets a call go by the one in force."""
    dialect(tx).share_advisory_lock(tx, LOCK)


def publish(
    tx: Connection, policy: Policy, locks: Mapping[str, str], *, by: str, changed: list[str], now: datetime
) -> int:
    """Put a version in force and return its number. The caller has taken the lock (:func:`take`)."""
    before = newest(tx)
    version = before.policy.version + 1 if before else 1
    tx.execute(
        policies.insert().values(
            version=version,
            document=json.dumps(write_document(policy), ensure_ascii=False),
            locks=json.dumps(dict(locks)),
            published_at=now.timestamp(),
            published_by=by,
            changed=json.dumps(changed, ensure_ascii=False),
        )
    )
    return version


def take(tx: Connection) -> None:
    """Wait until nobody lets a call go by the version in force, and keep it so until the transaction ends."""
    dialect(tx).take_advisory_locks(tx, [LOCK])
