"""Whether there is something new for a page that polls."""

from __future__ import annotations

from zlib import crc32

from flask import request
from sqlalchemy import Connection

from ordercall.storage.reads import reports
from ordercall.storage.records import pauses
from ordercall.storage.records.pauses import Effect, Pause
from ordercall.web.context import context
from ordercall.web.ids import read_id


def pause_mark(pause: Pause | None, effect: Effect) -> str:
    """Return what is another one wherever the banner about a pause is; empty while calls go on."""
    return f"{crc32(repr((pause, effect)).encode()):x}" if pause else ""


def is_known(tx: Connection) -> bool:
    """Return whether the page that asks shows what there is: no entry is newer, and its pause is the present one."""
    seen = read_id(request.args.get("seen")) or read_id(request.args.get("since")) or 0
    now = context().clock()
    paused = pauses.current(tx, now)
    mark = pause_mark(paused, pauses.effect(tx, now)) if paused else ""
    return reports.newest_log(tx) == seen and request.args.get("paused", "") == mark
