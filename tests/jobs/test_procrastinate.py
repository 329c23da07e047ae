"""What we rely on inside of Procrastinate is as we read it. Decision 11 says what each of it is for."""

from __future__ import annotations

import hashlib
import inspect
import json
from types import ModuleType

import pytest
from procrastinate import psycopg_connector, schema, sql, worker

from ordercall.jobs.sqlite.queries import ASKED

WHAT_TO_DO = (
    "Procrastinate has changed: compare {what} with the version before. Bring {ours} in line, with a migration where a "
    "table or a function of its schema changed, try it (make quick, postgres, journeys), then pin the new digest here."
)


def text_of(part: str | ModuleType) -> str:
    match part:
        case ModuleType():
            return inspect.getsource(part)
        case "its schema":
            return schema.SchemaManager.get_schema()
        case _:
            return json.dumps([sql.queries[name] for name in ASKED])


@pytest.mark.parametrize(
    ("part", "ours", "digest"),
    [
        ("the queries that we answer", "jobs/sqlite/queries.py and jobs/postgres/writer.py", "140180dcab63708d"),
        ("its schema", "jobs/sqlite/schema.py, jobs/tables.py and jobs/postgres/writer.py", "c70ec4b400a60ad9"),
        (worker, "jobs/worker.py and jobs/fetching.py", "bbec969d1d2c51d6"),
        (psycopg_connector, "jobs/postgres/connector.py", "e577e274e64a24e2"),
    ],
    ids=["queries", "schema", "worker", "psycopg_connector"],
)
def test_procrastinate_is_as_we_read_it(part: str | ModuleType, ours: str, digest: str) -> None:
    found = hashlib.sha256(text_of(part).encode()).hexdigest()[:16]

    what = part if isinstance(part, str) else part.__name__
    assert found == digest, WHAT_TO_DO.format(what=what, ours=ours)
