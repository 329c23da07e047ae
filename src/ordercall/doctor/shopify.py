"""The checks of Shopify. Nothing is changed there; ``ordercall shopify connect`` does that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.domain.api_versions import MEND, version_warning


def shopify(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether orders could be read and cancelled."""
    missing = settings.missing_for_cancels
    if missing:
        mend = "Set it, see .env.example." if len(missing) == 1 else "Set them, see .env.example."
        yield failure("Shopify", f"No order can be cancelled: {', '.join(missing)} not set.", mend)
    ending = version_warning(settings.shopify_api_version, now)
    if ending:
        yield warning("Shopify version", ending, MEND)
    else:
        yield ok("Shopify version", f"{settings.shopify_api_version} is open")
