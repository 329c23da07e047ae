"""One commit for many reports, as for webhooks: what comes while one runs gathers for the next."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from ordercall import trail
from ordercall.errors import DatabaseBusy
from ordercall.measures import ANSWERS, COMMIT_SECONDS, REPORTS
from ordercall.services.report_service import ReceivedReport, ReportService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.group_commit import BlockedThread, GroupCommit, Waiter
from ordercall.storage.records.reports import Incoming

LONGEST_QUEUE = 1_000
"""Reports that wait at most, ten of the longest arrays: half a second of work, five on a slow core that eleven share.
What comes then is refused at once, stored by nobody, and comes again. With room for 3,000 there, half of 20 arrays were
stored after their senders' patience, answered 503, and came again for nothing."""

LARGEST_BATCH = 50
"""Reports in one commit: mostly some 20 statements, and some 1,000 where all are about one order; no webhook is stored
then."""

HEAVIEST_BATCH = 128 * 1024
"""Bytes of the bodies in one commit: 50 usual reports. A thousand values take a millisecond to look through."""

PATIENCE_SECONDS = 8.0
"""How long a report waits to be stored; platforms hang up after ten seconds and more, and send it again."""

logger = logging.getLogger(__name__)


class ReportCommitter:
    """Stores reports for the threads that wait for them. It starts its own with the first report."""

    def __init__(self, db: Database, service: ReportService) -> None:
        self._db = db
        self._service = service
        self._group = GroupCommit(
            self._commit,
            most_at_once=LARGEST_BATCH,
            weigh=lambda incoming: len(incoming.body),
            heaviest=HEAVIEST_BATCH,
        )
        self.progress = self._group.progress
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def store(self, incoming: Incoming) -> ReceivedReport:
        """Return what became of a report, once it is on the disk.

        Raises:
            DatabaseBusy: too much is waiting, or it took too long; the sender must send it again.
        """
        [received] = self.store_all([incoming])
        return received

    def store_all(self, together: Sequence[Incoming]) -> list[ReceivedReport]:
        """Return what became of reports that came in one request, once all are on the disk.

        Raises:
            DatabaseBusy: as :meth:`store`; of some it may be known to nobody but the database.
        """
        waiters = [BlockedThread[ReceivedReport]() for _ in together]
        self.put_all(together, waiters)
        until = time.monotonic() + PATIENCE_SECONDS
        return [waiter.result(max(until - time.monotonic(), 0)) for waiter in waiters]

    def put_all(self, together: Sequence[Incoming], waiters: Sequence[Waiter[ReceivedReport]]) -> None:
        """Have reports that came in one request stored, and the waiters told, one for each.

        Raises:
            DatabaseBusy: too much is waiting; none of them is stored.
        """
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._group.serve, name="reports", daemon=True)
                self._thread.start()
        if self._group.waiting + len(together) > LONGEST_QUEUE:
            raise DatabaseBusy("Too many reports wait to be stored; send it again.")
        for incoming, waiter in zip(together, waiters, strict=True):
            self._group.put(incoming, waiter)

    def _commit(self, batch: list[Incoming]) -> list[ReceivedReport]:
        """Store a batch; one that fails comes again, each report alone, so that what is odd is kept as it came."""
        began = time.monotonic()
        try:
            with self._db.begin() as tx:
                received = self._service.receive_all(tx, batch)
        except (DatabaseBusy, OperationalError):
            raise
        except Exception as error:
            if len(batch) > 1:
                raise
            logger.error("a report could not be judged (%s) and is kept as it came", type(error).__name__)
            received = [self._service.keep_unjudged(batch[0])]
        COMMIT_SECONDS.observe(time.monotonic() - began, "reports")
        for one in received:
            _count(one)
        return received


def _count(received: ReceivedReport) -> None:
    about = trail.of_order(received.meant[0]) if len(received.meant) == 1 else f"report-{received.number}"
    said = {"fate": received.fate, "why": received.why, "repeated": received.repeated}
    trail.tell("report", about=about, report=received.number, orders=list(received.meant), **said)
    if received.repeated:
        REPORTS.add("repeated")
        return
    REPORTS.add(received.fate)
    report = received.report
    ANSWERS.add(report.answer or (report.status or "").lower() or report.connection or "nothing")
