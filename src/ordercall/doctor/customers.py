"""Whether Shopify shows who the customers are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok
from ordercall.domain.hidden_customers import REMEDY, TOLD
from ordercall.storage.engine.opening import database_at
from ordercall.storage.reads.hidden_customers import customers_hidden

CHECK = "customer data"


def customers(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Check whether the newest orders come without anybody."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            hidden = customers_hidden(tx)
    if hidden:
        yield failure(CHECK, f"{TOLD}: the newest orders name nobody, and nobody can be called.", REMEDY)
    else:
        yield ok(CHECK, "nothing says that Shopify hides it")
