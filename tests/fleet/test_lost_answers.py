"""A client whose packets arrive while its answers get lost: the server lets go of it, and of its locks."""

from __future__ import annotations

import psycopg
import pytest
from fleet import Machines

from ordercall.storage.engine.postgres_database import connection_parameters
from waiting import until

pytestmark = pytest.mark.fleet


def test_a_lock_is_free_soon_after_the_answers_of_its_owner_got_lost(machines: Machines) -> None:
    postgres = f"{machines.postgres.url}/postgres"
    with machines.first.entered():
        owner = psycopg.connect(**connection_parameters(postgres), autocommit=True)
    owner.execute("SELECT pg_advisory_lock(7)")
    with psycopg.connect(postgres, autocommit=True) as looks, machines.database.silent_towards(machines.first):
        owner.pgconn.send_query(b"SELECT repeat('an answer that nobody confirms', 1000)")

        until(lambda: looks.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,), "the lock is free")

    owner.close()
