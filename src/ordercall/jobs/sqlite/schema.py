"""Procrastinate's tables in SQLite: its columns and constraints, and the events that a worker causes.

One column is ours: ``ready`` is 0 while a job waits for its time, which keeps it out of the index that a fetch walks.
Triggers take the place of foreign keys.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS procrastinate_workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    last_heartbeat TEXT NOT NULL
)

CREATE TABLE IF NOT EXISTS procrastinate_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_name TEXT NOT NULL,
    task_name TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    lock TEXT,
    queueing_lock TEXT,
    args TEXT NOT NULL DEFAULT '{}',
    status TEXT NOT NULL DEFAULT 'todo'
        CHECK (status IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled', 'aborted')),
    scheduled_at TEXT,
    ready INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    abort_requested INTEGER NOT NULL DEFAULT 0,
    worker_id INTEGER,
    CHECK (NOT (status = 'todo' AND abort_requested))
)

CREATE TABLE IF NOT EXISTS procrastinate_periodic_defers (
    id INTEGER PRIMARY KEY,
    task_name TEXT NOT NULL,
    periodic_id TEXT NOT NULL DEFAULT '',
    defer_timestamp INTEGER,
    job_id INTEGER,
    UNIQUE (task_name, periodic_id, defer_timestamp)
)

CREATE TABLE IF NOT EXISTS procrastinate_events (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f000', 'now'))
)

CREATE UNIQUE INDEX IF NOT EXISTS procrastinate_jobs_queueing_lock_idx_v1
    ON procrastinate_jobs (queueing_lock) WHERE status = 'todo'

CREATE UNIQUE INDEX IF NOT EXISTS procrastinate_jobs_lock_idx_v1
    ON procrastinate_jobs (lock) WHERE status = 'doing'

CREATE INDEX IF NOT EXISTS procrastinate_jobs_ready
    ON procrastinate_jobs (priority DESC, id) WHERE status = 'todo' AND ready = 1

CREATE INDEX IF NOT EXISTS procrastinate_jobs_scheduled
    ON procrastinate_jobs (scheduled_at) WHERE status = 'todo' AND ready = 0

CREATE INDEX IF NOT EXISTS procrastinate_jobs_lock_line
    ON procrastinate_jobs (lock, priority DESC, id) WHERE status = 'todo'

CREATE INDEX IF NOT EXISTS procrastinate_jobs_doing
    ON procrastinate_jobs (worker_id) WHERE status = 'doing'

CREATE INDEX IF NOT EXISTS procrastinate_jobs_failed
    ON procrastinate_jobs (id) WHERE status = 'failed'

CREATE INDEX IF NOT EXISTS procrastinate_events_job
    ON procrastinate_events (job_id)

CREATE INDEX IF NOT EXISTS procrastinate_periodic_defers_job
    ON procrastinate_periodic_defers (job_id)

CREATE TRIGGER IF NOT EXISTS procrastinate_job_inserted AFTER INSERT ON procrastinate_jobs WHEN new.status = 'todo'
BEGIN
    INSERT INTO procrastinate_events (job_id, type, at)
        SELECT new.id, 'scheduled', new.scheduled_at WHERE new.scheduled_at IS NOT NULL;
    INSERT INTO procrastinate_events (job_id, type) VALUES (new.id, 'deferred');
END

CREATE TRIGGER IF NOT EXISTS procrastinate_job_status AFTER UPDATE OF status ON procrastinate_jobs
BEGIN
    INSERT INTO procrastinate_events (job_id, type, at)
        SELECT new.id, 'scheduled', new.scheduled_at WHERE new.scheduled_at IS NOT NULL AND new.status = 'todo';
    INSERT INTO procrastinate_events (job_id, type)
        SELECT new.id, type FROM (SELECT CASE old.status || ' > ' || new.status
            WHEN 'todo > doing' THEN 'started'
            WHEN 'doing > todo' THEN 'deferred_for_retry'
            WHEN 'doing > failed' THEN 'failed'
            WHEN 'doing > succeeded' THEN 'succeeded'
        END AS type) WHERE type IS NOT NULL;
END

CREATE TRIGGER IF NOT EXISTS procrastinate_job_deleted AFTER DELETE ON procrastinate_jobs
BEGIN
    DELETE FROM procrastinate_events WHERE job_id = old.id;
    UPDATE procrastinate_periodic_defers SET job_id = NULL WHERE job_id = old.id;
END

CREATE TRIGGER IF NOT EXISTS procrastinate_worker_deleted AFTER DELETE ON procrastinate_workers
BEGIN
    UPDATE procrastinate_jobs SET worker_id = NULL WHERE status = 'doing' AND worker_id = old.id;
END
"""

SCHEMA_STATEMENTS: tuple[str, ...] = tuple(SCHEMA.strip().split("\n\n"))
"""One statement each, safe to repeat, for whoever creates the tables inside a transaction of their own."""
