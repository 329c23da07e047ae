"""``GET /metrics``: what Prometheus reads, in its text format 0.0.4.

Written by hand: two dozen lines, against 2.5 MB of a library in a process that has 18 to spare (docs/decisions/0016).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import accumulate
from platform import python_version

from flask import Blueprint, Response

from ordercall.domain.people import Permission
from ordercall.measures import (
    COUNTER,
    GAUGE,
    HISTOGRAM,
    OF_A_PROCESS,
    OF_THE_WEB,
    Counter,
    Distribution,
    Labels,
    own_process,
)
from ordercall.services.observation import Family
from ordercall.web.access.doors import LOOPBACK, needs
from ordercall.web.context import context

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
@needs(Permission.SEE, LOOPBACK)
def metrics() -> Response:
    """Show all numbers: those of this process as they are, those of the shop as they were some seconds ago."""
    families = [*_of_this_process(), *context().signals.observation.get()]
    return Response("".join(map(_text, families)), content_type=CONTENT_TYPE)


def _of_this_process() -> Iterator[Family]:
    built = (version("ordercall"), python_version())
    yield Family("ordercall_build_info", GAUGE, "The version that runs.", ("version", "python"), {built: 1})
    process = own_process()
    for name, (kind, says) in OF_A_PROCESS.items():
        if name in process:
            yield Family(f"process_{name}", kind, says, (), {(): process[name]})
    waiting = context().reception.committer.waiting
    yield Family("ordercall_webhooks_waiting", GAUGE, "Webhooks that wait to be stored, of 2,000.", (), {(): waiting})
    for measure in OF_THE_WEB:
        if isinstance(measure, Counter):
            yield Family(measure.name, COUNTER, measure.says, measure.labels, measure.read())
        else:
            yield Family(measure.name, HISTOGRAM, measure.says, measure.labels, measure.read(), measure.bounds)


def _text(family: Family) -> str:
    lines = [f"# HELP {family.name} {_escaped(family.says)}", f"# TYPE {family.name} {family.kind}"]
    for values, number in sorted(family.series.items()):
        if isinstance(number, Distribution):
            lines += _of_a_histogram(family, values, number)
        else:
            lines.append(_line(family.name, family.labels, values, number))
    return "\n".join(lines) + "\n"


def _of_a_histogram(family: Family, values: Labels, seen: Distribution) -> Iterator[str]:
    """Yield its buckets, each of which counts all that the ones before it count, and its sum and number."""
    labels = (*family.labels, "le")
    ends = (*map(str, family.bounds), "+Inf")
    for end, number in zip(ends, accumulate(seen.numbers), strict=True):
        yield _line(f"{family.name}_bucket", labels, (*values, end), number)
    yield _line(f"{family.name}_sum", family.labels, values, seen.total)
    yield _line(f"{family.name}_count", family.labels, values, sum(seen.numbers))


def _line(name: str, labels: Iterable[str], values: Iterable[str], number: float) -> str:
    written = ",".join(f'{label}="{_in_quotes(value)}"' for label, value in zip(labels, values, strict=True))
    return f"{name}{{{written}}} {_number(number)}" if written else f"{name} {_number(number)}"


def _number(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(float(number))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _in_quotes(text: str) -> str:
    return _escaped(text).replace('"', r"\"")
