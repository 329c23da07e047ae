"""Calls become records. What is known of earlier ones is written down, and nobody is rung because of it.

An order that waits for its call gets a planned one, so that it goes on as before. One that Kalimera was asked to ring
gets a call by what the list of that time says; one of which that was never said and whose window is over has ended.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")

STATES = """CASE
    WHEN l.state IN ('adding', 'unknown', 'listed')
        AND (o.confirmation_status <> 'Placed' OR o.erased_at IS NOT NULL) THEN 'overtaken'
    WHEN l.state IN ('adding', 'unknown') THEN 'in_doubt'
    WHEN l.state = 'waiting' THEN 'planned'
    WHEN l.state = 'listed' AND coalesce(o.window_end, l.changed_at + 7200) + 900 < :now THEN 'unanswered'
    WHEN l.state = 'listed' THEN 'placed'
    WHEN o.calling_state IN ('queued', 'waiting_for_hours') THEN 'planned'
    WHEN o.calling_reason = 'outcome_unknown' THEN 'ended_unknown'
    WHEN l.state = 'parked' OR o.calling_reason = 'kalimera_refused' THEN 'rejected'
END"""
"""What is known of an order's last call; nothing where there was none. A window was two hours, its grace 15 minutes."""

BEFORE = """INSERT INTO calls (call_id, state, planned_at, changed_at, reason, detail, phone, contact_id, provider,
    campaign_id, language, window_start, window_end, may_ring_until, is_before)
SELECT call_id, state, changed_at, changed_at, CASE WHEN state <> 'planned' THEN reason END, detail,
    CASE WHEN state <> 'planned' THEN phone END, CASE WHEN state <> 'planned' THEN contact_id END,
    CASE WHEN state <> 'planned' THEN 'kalimera' END, CASE WHEN state <> 'planned' THEN campaign_id END,
    CASE WHEN state <> 'planned' THEN language END, CASE WHEN state <> 'planned' THEN window_start END,
    CASE WHEN state <> 'planned' THEN window_end END, CASE WHEN state <> 'planned' THEN window_end END, 1
FROM ({known}) AS known WHERE state IS NOT NULL"""

KNOWN = """SELECT {call_id} AS call_id, {states} AS state, o.customer_phone AS phone,
    coalesce(l.changed_at, o.calling_changed_at, o.webhook_timestamp, :now) AS changed_at,
    o.calling_reason AS reason, o.calling_detail AS detail, coalesce(l.contact_id, o.contact_id) AS contact_id,
    coalesce(l.campaign_id, o.campaign_id) AS campaign_id, coalesce(l.language, o.language) AS language,
    o.window_start AS window_start, coalesce(o.window_end, l.changed_at + 7200) AS window_end
FROM orders AS o LEFT JOIN listings AS l ON l.shopify_id = o.shopify_id"""

OF_ORDERS = """INSERT INTO call_orders (shopify_id, call_id, is_live, on_card)
SELECT o.shopify_id, c.call_id, CASE WHEN c.state IN ('planned', 'placed', 'in_doubt') THEN 1 ELSE 0 END, 0
FROM orders AS o JOIN calls AS c ON c.call_id = {call_id}"""

CALL_ID = {"sqlite": "printf('%032x', o.shopify_id)", "postgresql": "lpad(to_hex(o.shopify_id), 32, '0')"}
"""Before all ids that are made later, and one an order."""


def upgrade() -> None:
    tx = op.get_bind()
    _make_tables()
    call_id = CALL_ID[tx.dialect.name]
    tx.execute(sa.text(BEFORE.format(known=KNOWN.format(call_id=call_id, states=STATES))), {"now": time.time()})
    tx.execute(sa.text(OF_ORDERS.format(call_id=call_id)))


def _make_tables() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("asked_by", sa.Text),
        sa.Column("policy_version", sa.Integer),
        sa.Column("planned_at", NUMBER, nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
        sa.Column("not_before", NUMBER),
        *(sa.Column(name, sa.Text) for name in ("reason", "detail", "phone", "contact_id", "provider")),
        *(sa.Column(name, sa.Text) for name in ("campaign_id", "language", "agent_id")),
        sa.Column("agent_unsure", sa.Integer, nullable=False, server_default=sa.text("0")),
        *(sa.Column(name, NUMBER) for name in ("window_start", "window_end", "may_ring_until")),
        sa.Column("is_before", sa.Integer, nullable=False, server_default=sa.text("0")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_orders",
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("call_id", sa.Text, sa.ForeignKey("calls.call_id"), primary_key=True),
        sa.Column("is_live", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("on_card", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("answer", sa.Text),
        sqlite_with_rowid=False,
    )
    known = sa.text("contact_id IS NOT NULL")
    ringing, live = sa.text("state IN ('in_doubt', 'placed', 'placing')"), sa.text("is_live = 1")
    _index("calls_by_contact", "calls", ["contact_id", "call_id"], known)
    _index("calls_ringing", "calls", ["window_end"], ringing)
    _index("call_orders_by_call", "call_orders", ["call_id"], None)
    _index("call_orders_live", "call_orders", ["shopify_id"], live, unique=True)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause | None, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
