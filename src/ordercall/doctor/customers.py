"""Whether Shopify shows who the customers are, and their phones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok
from ordercall.storage.engine.opening import database_at
from ordercall.storage.reads.hidden_customers import hidden_now

CHECK = "customer data"


def customers(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Check whether the newest orders come without anybody, or without a phone."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            hidden = hidden_now(tx)
    if hidden:
        yield failure(CHECK, f"{hidden.told}, so nobody can be called.", hidden.remedy)
    else:
        yield ok(CHECK, "nothing says that Shopify hides it")
