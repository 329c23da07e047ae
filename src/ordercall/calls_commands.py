"""The commands ``ordercall calls``: pausing all calls, and going on with them."""

from __future__ import annotations

from datetime import datetime

import click

from ordercall.config import read_settings
from ordercall.domain.calls.calling import INDIA
from ordercall.domain.calls.pausing import in_words


@click.group()
def calls() -> None:
    """Pause all calls, and go on with them."""


@calls.command()
@click.option("--why", default="", help="What everybody reads beside it on every page.")
@click.option("--until", help="When it ends by itself, such as 2026-11-30T09:00; a time without a zone is India's.")
def pause(why: str, until: str | None) -> None:
    """Put nobody on a campaign from now on, and have Kalimera end the windows that are open."""
    from ordercall.bootstrap.policy import pause_calls

    found, effect = pause_calls(read_settings(), why, _moment(until) if until else None)
    end = f"{found.until.astimezone(INDIA):%d %b, %H:%M} India time" if found.until else "somebody resumes"
    click.echo(f"Calls are paused until {end}.")
    for sentence in in_words(effect.endings):
        click.echo(sentence)
    if effect.ring_until:
        last = effect.ring_until.astimezone(INDIA)
        click.echo(f"Placed before, and may still ring until {last:%H:%M} India time: {effect.ringing:,}.")


@calls.command()
def resume() -> None:
    """Have calls go on: those who wait are put on their campaigns at once."""
    from ordercall.bootstrap.policy import resume_calls

    ended, effect = resume_calls(read_settings())
    click.echo(f"Calls go on. Orders that waited: {effect.waiting:,}." if ended else "Calls were not paused.")
    if ended and effect.cut_off:
        click.echo(f"Cut off by the pause, and called again: {effect.cut_off:,}.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no time; write 2026-11-30T09:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=INDIA)
