"""The tables of who may come in; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("address", Text, nullable=False),
    Column("failed_at", Number, nullable=False),
    Index("login_failures_by_address", "address", "failed_at"),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("made_at", Number, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("disabled_at", Number),
)
"""Nobody is ever taken out: orders name who worked on them, and a second person of that name would be taken for one."""

person_links = Table(
    "person_links",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("ends_at", Number, nullable=False),
)
"""The link by which a person chooses a password: one at a time, gone when it was used."""

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("begun_at", Number, nullable=False),
    Column("used_at", Number, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("credential", Text, nullable=False),
    Index("sessions_by_person", "person_id", "begun_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("made_at", Number, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("used_at", Number),
    Column("used_from", Text),
    Column("ended_at", Number),
    Column("ended_by", Text),
)
"""Those of one name are one program's: while it changes from one to the next, both are in force."""

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ended_at", Number, nullable=False),
)
"""Of the version before, whose processes read it while they are replaced. Nothing here does."""

second_factors = Table(
    "second_factors",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("nonce", Text, nullable=False),
    Column("key_mark", Text, nullable=False),
    Column("begun_at", Number, nullable=False),
    Column("confirmed_at", Number),
    Column("last_step", Id, nullable=False),
)
"""An authenticator app of a person's. It counts from the first right code on; `last_step` is that of the last one."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Index("recovery_codes_by_person", "person_id"),
)
"""What opens in place of an app's code, once each: a row goes when it is used."""

issuer_accounts = Table(
    "issuer_accounts",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("linked_at", Number, nullable=False),
    Index("issuer_accounts_by_subject", "issuer", "subject", unique=True),
)
"""The account at an OpenID Connect issuer by which a person logs in: one each, and nobody's else."""
