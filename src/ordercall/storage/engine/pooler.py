"""Whether each transaction of a connection may be another session's: a pooler in transaction mode stands in between.

There a lock of a session is somebody else's after the commit, and nobody hears what is announced; workers would lose
both without a word. A pooler makes up the number of the session that a connection begins with, so one that tells the
truth leads to Postgres itself. Behind a pooler two connections at once show what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from ordercall.errors import DatabaseUnusable

TRANSACTION_MODE = (
    "DATABASE_URL leads to a pooler that gives each transaction another session of Postgres, such as PgBouncer in"
    " transaction mode; locks and announcements get lost there. Set pool_mode = session in it, or name Postgres itself."
)
OPTIONS_REFUSED = "A pooler stands there: have it ignore or pass the parameter, or name Postgres itself"

ROUNDS = 5
"""Others who use the pooler may take the session that would show it in one round, and hardly in each of five."""

type Connect = Callable[[], psycopg.Connection[Any]]


def refuse_transaction_mode(connect: Connect) -> None:
    """Pass if what is asked over a connection, one transaction after another, is asked of one session alone.

    Args:
        connect: opens a connection in which each statement is a transaction.

    Raises:
        DatabaseUnusable: it is not.
    """
    with connect() as first:
        if session_of(first) == first.info.backend_pid:
            return
        with connect() as second:
            for _ in range(ROUNDS):
                one, again, another = (session_of(each) for each in (first, first, second))
                if one != again or another in (one, again):
                    raise DatabaseUnusable(TRANSACTION_MODE)


def session_of(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
