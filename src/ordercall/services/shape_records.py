"""Which shapes Kalimera's answers have: gathered as they come, looked at and stored when there is time for it."""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from ordercall.domain.shapes import AnswerShape, Look, cut
from ordercall.storage.engine.database import Database
from ordercall.storage.records import answer_shapes

logger = logging.getLogger(__name__)

MOST_LOOKS = 20
"""Answers of one operation and status that are looked at in a minute, at 0.2 ms each: in a rush they are alike."""

LONGEST = 20_000
"""Characters of a shape: that of an order of Shopify's with all its fields would have as many. A longer one is kept
without what stands deepest in it."""

type Kind = tuple[str, int]
"""What was asked for, and the status of what was answered."""


class ShapeRecords:
    """Records each shape once. Any thread may note an answer; that takes a microsecond, and writes nothing."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._came: Counter[Kind] = Counter()
        self._looks: defaultdict[Kind, list[Look]] = defaultdict(list)
        self._lock = threading.Lock()

    def note(self, kind: Kind, look: Look) -> None:
        """Remember that an answer has come."""
        with self._lock:
            self._came[kind] += 1
            if len(self._looks[kind]) < MOST_LOOKS:
                self._looks[kind].append(look)

    def keep(self) -> None:
        """Look at what came since the last time, and store it. What cannot be stored is lost: its like comes again."""
        with self._lock:
            came, looks = self._came, self._looks
            self._came, self._looks = Counter(), defaultdict(list)
        found = Counter[AnswerShape]()
        for kind, times in came.items():
            found.update(_counted(looks[kind], times))
        if found:
            with self._db.begin() as tx:
                answer_shapes.store(tx, found, now=self._clock())


def _counted(looks: Iterable[Look], times: int) -> Counter[AnswerShape]:
    """Return the shapes of answers, of which so many came: those that were not looked at count with the most."""
    found = Counter(_seen(looks))
    if found:
        found[max(found, key=found.__getitem__)] += times - found.total()
    return found


def _seen(looks: Iterable[Look]) -> Iterator[AnswerShape]:
    for look in looks:
        try:
            shape = look()
        except Exception as error:  # noqa: BLE001 - an answer of whatever form, which was heard all the same
            logger.warning("the shape of an answer is not recorded (%s)", type(error).__name__)
        else:
            yield shape if len(shape.body) <= LONGEST else replace(shape, body=cut(shape.body, LONGEST))
