"""Serve an app of ``apps.py`` exactly as the program serves itself: ``python bench/serve.py apps:empty``."""

from __future__ import annotations

import sys

from ordercall.config import read_settings
from ordercall.processes.serve import run_web

if __name__ == "__main__":
    run_web(read_settings(), sys.argv[1])
