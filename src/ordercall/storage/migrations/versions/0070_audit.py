"""Keep what people and keys did in a chain of rows that stay as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")

REFUSED = "rows of the audit log stay as they are"
PRUNED = "EXISTS (SELECT 1 FROM audit WHERE act = 'audit_pruned' AND CAST(substr(about, 5) AS BIGINT) >= OLD.id)"
"""A row says that those up to its ``row N`` were pruned; its own place is behind N."""

ON_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_kept BEFORE DELETE ON audit"
    f" WHEN NOT {PRUNED} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)
ON_POSTGRES = (
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE OR REPLACE FUNCTION refuse_audit_delete() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN IF {PRUNED} THEN RETURN OLD; END IF; RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE OR REPLACE TRIGGER audit_unchanged BEFORE UPDATE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE OR REPLACE TRIGGER audit_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_audit_delete()",
    "CREATE OR REPLACE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit EXECUTE FUNCTION refuse_audit_change()",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("audit_by_who", "audit", ["who", "id"], if_not_exists=True)
    op.create_index("audit_by_act", "audit", ["act", "id"], if_not_exists=True)
    op.create_index("audit_by_about", "audit", ["about", "id"], if_not_exists=True)
    op.create_index("audit_by_time", "audit", ["at"], if_not_exists=True)
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRES:
        op.execute(statement)
