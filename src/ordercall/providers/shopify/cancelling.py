"""What is exchanged with Shopify while an order is cancelled, through either API."""

from __future__ import annotations

from dataclasses import dataclass

from ordercall.domain.activity import ProviderCall


@dataclass(frozen=True, slots=True)
class OrderInShopify:
    """What a cancellation must know of an order.

    Attributes:
        cancelled_at: ISO text, or None for a live order.
        shipped: whether a parcel of it has left, wholly or in part.
    """

    cancelled_at: str | None
    shipped: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """Shopify's answer to a request to cancel.

    Attributes:
        job: what to ask for how it goes, where Shopify goes on by itself; then nothing is cancelled yet.
    """

    job: str | None
    call: ProviderCall


@dataclass(frozen=True, slots=True)
class JobSeen:
    """How far a job of Shopify's got. ``fault`` is its error, where it failed and names one."""

    done: bool
    fault: str | None
    call: ProviderCall
