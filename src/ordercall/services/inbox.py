"""What is in the inbox already.

Shopify repeats a delivery under its id. Whoever saw one can send its signed body again, under as many ids and topics as
they like: a signature covers neither. So a body is kept once a topic, and once of all topics that nobody uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from ordercall.storage.records.deliveries import Delivery, Earlier, Outcome, ProcessedDelivery


class Inbox:
    """The deliveries of some bodies: those that were kept before, and those that come now."""

    def __init__(self, earlier: Iterable[Earlier]) -> None:
        self._of_body: dict[str, list[Earlier]] = defaultdict(list)
        self._kept = set[tuple[str, str]]()
        for one in earlier:
            self._of_body[one.body_digest].append(one)
            self._kept.add((one.body_digest, one.topic))
            self._kept.add((one.body_digest, Outcome.UNUSED))

    def has(self, delivery: Delivery, *, again_after: timedelta | None) -> bool:
        """Return whether a delivery is here by its id, or what it asks for by its body and topic.

        Args:
            again_after: that long ago it may have asked for the same, and means it again; None: it always does.
        """
        now = delivery.received_at.timestamp()
        return any(
            one.webhook_id == delivery.webhook_id
            or (
                again_after is not None
                and (one.topic, one.outcome) == (delivery.topic, Outcome.RECORDED)
                and now - one.received_at < again_after.total_seconds()
            )
            for one in self._of_body[delivery.body_digest]
        )

    def add(self, delivery: Delivery) -> None:
        """Have what comes later in the same batch be compared with a delivery that is taken in."""
        known = Earlier(
            delivery.webhook_id,
            delivery.body_digest,
            delivery.topic,
            Outcome.RECORDED,
            delivery.received_at.timestamp(),
        )
        self._of_body[delivery.body_digest].append(known)

    def divide(self, all_kept: Iterable[ProcessedDelivery]) -> tuple[list[ProcessedDelivery], list[Delivery]]:
        """Return what is to be stored, and the copies that brought nothing and are only to be counted."""
        new: list[ProcessedDelivery] = []
        copies: list[Delivery] = []
        for kept in all_kept:
            digest = kept.delivery.body_digest
            topic = Outcome.UNUSED if kept.outcome is Outcome.UNUSED else kept.delivery.topic
            if (digest, topic) in self._kept and kept.outcome is not Outcome.RECORDED:
                copies.append(kept.delivery)
            else:
                new.append(kept)
                self._kept |= {(digest, kept.delivery.topic), (digest, Outcome.UNUSED)}
        return new, copies
