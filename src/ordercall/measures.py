"""What is measured of the work, for Prometheus: counters and histograms in memory, of this process.

An instrument is a name of its module's, as a logger is, so that nobody hands it through ten constructors. To count
costs about a microsecond and writes nothing. The web process shows its own numbers; a worker has no page, so it adds
its own to the database every few seconds (``services/measure_records.py``). What the database can tell by itself is not
measured here.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

MOST_SERIES = 500
"""Of one instrument. Its labels are words of this program, so there are far fewer; a fault must not fill memory."""

OTHERS = "others"
"""The label of what would be one series too many."""

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"

OF_A_PROCESS = {
    "cpu_seconds_total": (COUNTER, "Seconds of processor time that the process has taken."),
    "resident_memory_bytes": (GAUGE, "Memory of the process, what it shares with others included."),
    "start_time_seconds": (GAUGE, "When the process started, in unix seconds."),
    "open_fds": (GAUGE, "Files and connections that the process has open."),
}
"""What is told of each process, under Prometheus' own names without `process_`."""

type Labels = tuple[str, ...]


class Distribution(NamedTuple):
    """How many observations fell into each bucket, the one without an end last, and the sum of all."""

    numbers: list[int]
    total: float


class Counter:
    """Counts by labels. Safe for many threads.

    Args:
        name: as Prometheus knows it; it ends in ``_total``.
        says: what is counted, for a person.
        labels: the names of the labels.
    """

    def __init__(self, name: str, says: str, labels: Labels = ()) -> None:
        self.name, self.says, self.labels = name, says, labels
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = {} if labels else {(): 0.0}

    def add(self, *labels: str, number: float = 1) -> None:
        with self._lock:
            values = self._values
            if labels not in values and len(values) >= MOST_SERIES:
                labels = (OTHERS,) * len(labels)
            values[labels] = values.get(labels, 0.0) + number

    def read(self) -> dict[Labels, float]:
        with self._lock:
            return dict(self._values)


class Histogram:
    """Counts how long something took, in buckets, by labels. Safe for many threads.

    Args:
        name: as Prometheus knows it; it ends in ``_seconds``.
        bounds: the upper ends of the buckets but for the last, in seconds, rising.
    """

    def __init__(self, name: str, says: str, labels: Labels = (), *, bounds: tuple[float, ...]) -> None:
        self.name, self.says, self.labels, self.bounds = name, says, labels, bounds
        self._lock = threading.Lock()
        self._seen: dict[Labels, list[int]] = {}
        self._totals: dict[Labels, float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        bucket = bisect_left(self.bounds, seconds)
        with self._lock:
            numbers = self._seen.get(labels)
            if numbers is None:
                if len(self._seen) >= MOST_SERIES:
                    labels = (OTHERS,) * len(labels)
                numbers = self._seen.setdefault(labels, [0] * (len(self.bounds) + 1))
            numbers[bucket] += 1
            self._totals[labels] = self._totals.get(labels, 0.0) + seconds

    def read(self) -> dict[Labels, Distribution]:
        with self._lock:
            return {labels: Distribution(list(numbers), self._totals[labels]) for labels, numbers in self._seen.items()}

    def take(self) -> dict[Labels, Distribution]:
        """Return what was seen since the last time."""
        with self._lock:
            seen, totals, self._seen, self._totals = self._seen, self._totals, {}, {}
        return {labels: Distribution(numbers, totals[labels]) for labels, numbers in seen.items()}

    def put_back(self, taken: Mapping[Labels, Distribution]) -> None:
        """Add again what was taken and could not be kept."""
        with self._lock:
            for labels, (numbers, total) in taken.items():
                mine = self._seen.setdefault(labels, [0] * (len(self.bounds) + 1))
                mine[:] = [one + other for one, other in zip(mine, numbers, strict=True)]
                self._totals[labels] = self._totals.get(labels, 0.0) + total


WEBHOOKS = Counter(
    "ordercall_webhooks_total", "Webhooks answered, by topic and what came of them.", ("topic", "result")
)
WEBHOOK_SECONDS = Histogram(
    "ordercall_webhook_accept_seconds",
    "From a webhook's headers to its answer, of those that were stored; Shopify hangs up after 5 seconds.",
    bounds=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.5),
)
COMMIT_SECONDS = Histogram(
    "ordercall_commit_seconds",
    "To store a batch of what came, until it is on the disk.",
    ("what",),
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 4.0),
)
REPORTS = Counter("ordercall_reports_total", "Reports of calls that were taken in, by what became of them.", ("fate",))
ANSWERS = Counter("ordercall_answers_total", "Reports of calls by what the customer said of the order.", ("answer",))
PROVIDER_SECONDS = Histogram(
    "ordercall_provider_request_seconds",
    "Requests to a provider until its answer, or until none came, by what they were for and their outcome.",
    ("provider", "operation", "outcome"),
    bounds=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
OF_THE_WEB = (WEBHOOKS, WEBHOOK_SECONDS, COMMIT_SECONDS, REPORTS, ANSWERS)
"""What the web process counts, and shows."""

OF_WORKERS = (PROVIDER_SECONDS,)
"""What workers count, and keep in the database for the web process."""


def own_process() -> dict[str, float]:
    """Return what this process takes, by the names of ``OF_A_PROCESS``, as Linux tells it; empty elsewhere.

    Memory that web and worker share counts in each of them (docs/decisions/0009-loaded-once-and-forked.md).
    """
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
        opened = sum(1 for _ in Path("/proc/self/fd").iterdir())
    except (OSError, StopIteration):
        return {}
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu_seconds_total": (int(fields[11]) + int(fields[12])) / ticks,
        "resident_memory_bytes": int(fields[21]) * page,
        "start_time_seconds": int(boot.split()[1]) + int(fields[19]) / ticks,
        "open_fds": opened,
    }
