"""How many files and connections a process may have open."""

from __future__ import annotations

import resource

MOST_CONNECTIONS = 2_000
"""A silent one takes 20 KB until it is closed, one with a body of its own up to 32 KB more."""

OTHERS = 256
"""What is open beside connections: the threads' databases with three files each, pipes, the log."""


def allow_connections() -> int:
    """Raise this process's limit as far as it may, and return how many connections it bears."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        except (OSError, ValueError):  # a service's manager may forbid the call, and has set what it allows
            soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(soft - OTHERS, MOST_CONNECTIONS), 1)
