"""One action for many orders: what may be done to them, and how far each of them got."""

from __future__ import annotations

from enum import StrEnum

from ordercall.domain.orders.order import Status


class BulkAction(StrEnum):
    """What is done to every order of a run."""

    SYNC = "sync"
    CALL = "call"
    PLACED = "Placed"
    SUCCESS = "Success"
    RETURNED = "Returned"
    FAILED = "Failed"
    UNDO = "undo"

    @property
    def status(self) -> Status | None:
        """The status that this action sets, if it sets one and the same for all."""
        return Status(self.value) if self.value in set(Status) else None

    @property
    def undoable(self) -> bool:
        """Whether a run can be taken back: a cancellation in Shopify and a call cannot."""
        return self in (BulkAction.PLACED, BulkAction.SUCCESS, BulkAction.RETURNED)

    @property
    def most_under_way(self) -> int:
        """How many orders of a run may wait for a provider at once.

        A cancellation cannot be undone, so they go one by one: who stops a run has stopped all but one. Calls
        share their requests to the campaign, which takes many at a time.
        """
        return 100 if self in (BulkAction.SYNC, BulkAction.CALL) else 1


class ItemState(StrEnum):
    """How far one order of a run got."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"  # the provider's answer is not in yet
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # there was nothing to do, or it was no longer right to do it
