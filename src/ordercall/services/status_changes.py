"""What a change of an order's status did, for whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from ordercall.domain.orders.order import CancelState, Status
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """What a change of status did. ``cancel_state`` is None when nothing was to be cancelled.

    ``previous`` is the word that was stored, which in the original program's file may be none of the four statuses.
    ``current`` and ``version`` are the status as it is now: when a request is repeated, *new* may have been replaced.
    """

    shopify_id: int
    previous: str
    new: Status
    current: str
    version: str
    shopify_cancelled: bool
    cancel_state: CancelState | None
    cancel_detail: str | None

    @property
    def undoable(self) -> bool:
        """Whether the old status brings everything back; a cancellation in Shopify stays, so Failed never does."""
        return self.current == self.new and is_undoable(self.previous, self.new)


def is_undoable(previous: str, new: str) -> bool:
    """Return whether an order that has the new status may be given the one before again."""
    return previous in set(Status) and previous != new and Status.FAILED not in (previous, new)


def status_change(previous: str, new: Status, after: StoredOrder) -> StatusChange:
    failed = new is Status.FAILED
    return StatusChange(
        shopify_id=after.shopify_id,
        previous=previous,
        new=new,
        current=after.status_word,
        version=after.version,
        shopify_cancelled=failed and after.cancel_state is CancelState.DONE,
        cancel_state=after.cancel_state if failed else None,
        cancel_detail=after.cancel_detail if failed else None,
    )
