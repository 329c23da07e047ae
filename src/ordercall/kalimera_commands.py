"""The commands ``ordercall kalimera``: meeting the real API, with a number of one's own."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from ordercall.config import Settings, read_settings
from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.first_call import REDIALS, Step, as_json, in_words, shown_number
from ordercall.domain.do_not_call import the_number
from ordercall.domain.wishes import NO_NUMBER

if TYPE_CHECKING:  # they load the database
    from ordercall.services.first_call import FirstCall

LOOK = 1.0
"""Seconds between two looks for the report: a person sits and waits, and one look is one row."""

LONGEST_WAIT = 60
"""Minutes; a call ends within its window of thirty, and its report comes minutes later."""

RINGS_AGAIN = "K3: adding a listed contact again rings again, as Ordercall takes it."
RINGS_ONCE = (
    "K3: adding a listed contact again does not ring; set KALIMERA_CALL_AGAIN=new-contact: then each further call has a"
    " contact of its own."
)
DEMO = (
    "Demo orders of the sandbox still here: {counted}. None is called or cancelled by this, but all numbers count"
    " them; `ordercall sandbox clear` removes them."
)
UNTOLD = (
    "K1 and K2, and K3 without --again, are not told by one call; docs/first-call.md says how two of your numbers tell."
)


@click.group()
def kalimera() -> None:
    """Meet Kalimera's API, which nobody has described."""


@kalimera.command("try")
@click.argument("phone")
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    help="Of the agent that rings; without it the first one does.",
)
@click.option(
    "--wait",
    type=click.IntRange(0, LONGEST_WAIT),
    default=15,
    show_default=True,
    help="Minutes to wait for the agent's report; 0: it is not waited for.",
)
@click.option(
    "--again", is_flag=True, help="Add the same contact once more after the first ring, and ask whether it rings again."
)
@click.option("--yes", is_flag=True, help="Ask nothing; then no number is rung that a person would have to confirm.")
@click.option(
    "--shapes",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the names and kinds of all that was asked and answered into this file, without any value.",
)
def try_(phone: str, language: str | None, wait: int, again: bool, yes: bool, shapes: Path | None) -> None:
    """Ring PHONE, a number of your own, step by step, and show what Kalimera says and what of it is understood.

    No order is touched. Ends with 1 unless the number was put on the campaign's list.
    """
    from ordercall.bootstrap.first_call import first_call

    settings, number = read_settings(), the_number(phone)
    if number is None:
        raise click.BadParameter(f"{NO_NUMBER}.")
    if again and yes:
        raise click.UsageError("--again asks whether the phone rings once more; leave out --yes.")
    with first_call(settings, number, language) as call:
        try:
            if placed := _may_begin(call, yes=yes) and _place(call, settings, yes=yes):
                _listen(call, settings, wait=wait, again=again, yes=yes)
        finally:
            if shapes:
                shapes.write_text(as_json(call.shapes()) + "\n", "utf-8")
        sys.exit(not placed)


@kalimera.command()
def shapes() -> None:
    """Print the shapes of Kalimera's answers so far, as a file that the sandbox can answer by: names and no value."""
    from ordercall.bootstrap.answer_shapes import recorded_shapes

    click.echo(recorded_shapes(read_settings()), nl=False)


def _may_begin(call: FirstCall, *, yes: bool) -> bool:
    """Return whether the call may be made: nothing stands against it, and a person has confirmed what is doubtful."""
    if refusals := call.refusals():
        click.echo("\n".join(refusals), err=True)
        return False
    for doubt in call.doubts():
        if yes:
            click.echo(f"{doubt} Without --yes you can confirm that it is rung all the same.", err=True)
            return False
        if not click.confirm(f"{doubt} Ring it all the same?"):
            return False
        call.confirmed.add(doubt)
    return True


def _place(call: FirstCall, settings: Settings, *, yes: bool) -> bool:
    """Take the steps that change nothing, ask, and take the others; return whether the number is on the list."""
    scheme = settings.kalimera_auth_token.partition(" ")
    if demo_orders := call.demo_orders():
        click.echo(DEMO.format(counted=f"{demo_orders:,}"))
    click.echo(f"Names: {settings.kalimera_contract}.")
    click.echo(f"Every request has the header Authorization: {scheme[0] + ' ' if scheme[1] else ''}•••")
    question = (
        f"\nNow campaign {call.agent.campaign_id} gets its agent and a window of half an hour,"
        f" {shown_number(call.phone)} gets a contact that is marked as a test, and it is rung. Go on?"
    )
    looks = all(_well(take()) for take in (call.token, call.campaign))
    if not looks or not (yes or click.confirm(question)):
        return False
    return all(_well(take()) for take in (call.set_agent, call.contact, call.listing))


def _well(step: Step) -> bool:
    """Show a step, and return whether another may follow."""
    click.secho(f"\n{step.name}", bold=True)
    for call in step.calls:
        click.echo(indent(in_words(call), "  "))
    for said in step.understood:
        click.echo(f"  ok    {said}")
    for said in step.not_understood:
        click.echo(f"  ?     {said}")
    if step.failed:
        click.echo(f"  FAIL  {step.failed}")
    return not step.failed


def _listen(call: FirstCall, settings: Settings, *, wait: int, again: bool, yes: bool) -> None:
    """Ask whether the phone rang, wait for the report, and say what is known by now."""
    rang = yes or click.confirm("\nDid the phone ring?")
    if not rang:
        click.echo("It may within half an hour. Later: see that campaign, agent and telephone lines are at work there.")
    if rang and again:
        _add_again(call)
    if wait:
        _show_report(call, settings, wait)
    if not yes:
        _ask_about_redialling(call)
    for line in (*call.found_out, UNTOLD):
        click.echo(line)


def _add_again(call: FirstCall) -> None:
    """Put the contact on the list on which it is, and ask whether that rings: for that the first call must be over."""
    if not click.confirm("Is that call over, and shall the same contact be added once more?"):
        return
    step = call.listing()
    if _well(step):
        rings = click.confirm("Did the phone ring once more within two minutes?")
        call.found_out.append(RINGS_AGAIN if rings else RINGS_ONCE)
    elif step.was_there:
        call.found_out.append(RINGS_ONCE)


def _ask_about_redialling(call: FirstCall) -> None:
    again = click.confirm("Did it ring once more by itself, after nobody had taken the call?")
    if again:
        call.found_out.append(REDIALS)


def _show_report(call: FirstCall, settings: Settings, minutes: int) -> None:
    where = settings.public_url or settings.local_url
    click.echo(f"\nWaiting up to {minutes} min for the report at {where}/api/outcomes; Ctrl-C ends that.")
    try:
        report = _wait_for_report(call, minutes)
    except KeyboardInterrupt:
        report = None
    if report is None:
        click.echo("No report has come. One that still does is kept, and shown under Needs you.")
        return
    click.echo(f"A report came, by the door '{report.door}':\n{indent(call.shown(report) or '', '  ')}")
    click.echo(f"  ok    Understood: {as_json(report.said)}")
    for unread in report.unread:
        click.echo(f"  ?     {unread.path}: '{unread.word}' is not known; teach it under Settings, Answers.")
    click.echo(f"  Fate: {report.fate.short}. {report.why.sentence}")
    click.echo("  That no order is known is right: this call has none.")


def _wait_for_report(call: FirstCall, minutes: int) -> Any:
    deadline = time.monotonic() + 60 * minutes
    while (found := call.report()) is None and time.monotonic() < deadline:
        time.sleep(LOOK)
    return found
