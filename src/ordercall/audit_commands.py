"""The commands ``ordercall audit``: looking whether the audit log is whole, writing it out, and pruning it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import click

from ordercall.config import read_settings

FEWEST_DAYS = 30
"""What is younger somebody may still be looking for."""


@click.group()
def audit() -> None:
    """Look after the log of what people and keys did."""


@audit.command()
@click.option("--last", "known", default="", help="A hash that was noted earlier: its row must still be there.")
def verify(known: str) -> None:
    """Look at every row whether it is as it was written; ends with 1 where one is not."""
    from ordercall.bootstrap.audit import verify as look

    verdict = look(read_settings(), known=known.strip())
    click.echo(f"Rows that fit each other: {verdict.rows:,}.")
    if verdict.broken is not None:
        click.echo(f"The chain is broken at row {verdict.broken}. {verdict.fault}", err=True)
        sys.exit(1)
    click.echo(
        f"Note this hash elsewhere, and give it with --last the next time: {verdict.head or 'there is none yet'}"
    )


@audit.command()
def export() -> None:
    """Write all rows to standard output, oldest first, each as a line of JSON."""
    from ordercall.bootstrap.audit import export as rows

    for row in rows(read_settings()):
        click.echo(json.dumps(row.to_json(), ensure_ascii=True))


@audit.command()
@click.option("--days", type=click.IntRange(FEWEST_DAYS), required=True, help="How many days of it stay.")
def prune(days: int) -> None:
    """Take out the oldest rows. The others can still be verified: a row says which were taken."""
    from ordercall.bootstrap.audit import prune as take_out

    number = take_out(read_settings(), before=datetime.now(UTC) - timedelta(days=days))
    click.echo(f"Rows taken out: {number:,}.")
