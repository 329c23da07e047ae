"""Serve an app of ``apps.py``: ``python bench/serve.py apps:program`` exactly as the program serves itself.

A Flask application, which the empty view is, is served by threads instead: as anybody would serve one.
"""

from __future__ import annotations

import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from ordercall.config import Settings, read_settings
from ordercall.processes.serve import run_web

EMPTY = "apps:empty"
THREADS = 64


def serve_by_threads(settings: Settings) -> None:
    Server(
        EMPTY,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    if sys.argv[1] == EMPTY:
        serve_by_threads(read_settings())
    else:
        run_web(read_settings(), sys.argv[1])
