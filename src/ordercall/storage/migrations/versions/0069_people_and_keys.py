"""Keep people, the links by which they choose a password, their sessions, and the keys of programs.

`ended_sessions` stays for the processes of the version before. People log in once more after this.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0067"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("disabled_at", NUMBER),
        if_not_exists=True,
    )
    op.create_table(
        "person_links",
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("ends_at", NUMBER, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("begun_at", NUMBER, nullable=False),
        sa.Column("used_at", NUMBER, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("credential", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("sessions_by_person", "sessions", ["person_id", "begun_at"], if_not_exists=True)
    op.create_table(
        "api_keys",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("used_at", NUMBER),
        sa.Column("used_from", sa.Text),
        sa.Column("ended_at", NUMBER),
        sa.Column("ended_by", sa.Text),
        if_not_exists=True,
    )
