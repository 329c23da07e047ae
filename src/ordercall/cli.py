"""The command ``ordercall``."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from setproctitle import setproctitle

from ordercall.alerts_commands import alerts
from ordercall.audit_commands import audit
from ordercall.calls_commands import calls
from ordercall.config import SANDBOXED, SETTINGS, Settings, read_settings
from ordercall.do_not_call_commands import do_not_call
from ordercall.domain.calls.calling import INDIA
from ordercall.env_file import read_environment
from ordercall.errors import ConfigurationError, OrdercallError
from ordercall.kalimera_commands import kalimera
from ordercall.logs import write_logs
from ordercall.people_commands import keys, users
from ordercall.policy_commands import policy
from ordercall.privacy_commands import erase, person, retention
from ordercall.processes import serve as machine
from ordercall.processes.ports import refuse_taken_ports
from ordercall.processes.pulse import beat
from ordercall.processes.sandbox_settings import wants_sandbox
from ordercall.providers.shopify.subscriptions import webhook_address

DIFFERENCES_SHOWN = 20
"""Lines that a terminal shows at once; the number of the others is shown."""

NOT_BESIDE_A_REAL_SHOP = (
    "The orders that the sandbox places would come among real ones here, and be called by the real Kalimera. Start it "
    "without the settings of a shop, and with a database of its own: DATABASE_PATH=sandbox.db."
)
BY_HAND = {command.name for command in (alerts, audit, calls, do_not_call, erase, keys, person, policy, users)} | {"db"}
"""The commands by which somebody does what the audit log tells of; all others look, or run a process."""


@click.group(
    epilog="HOST, PORT and all other settings come from the environment and from .env; .env.example explains each."
    " `python app.py` takes the same commands, and without one it runs `serve`."
)
@click.version_option(package_name="ordercall")
@click.pass_context
def cli(context: click.Context) -> None:
    """Calls each new Shopify order's customer to confirm it, through Kalimera."""
    setproctitle(f"ordercall {context.invoked_subcommand}")  # what is shown of a process, without an address's password
    if context.invoked_subcommand in BY_HAND:
        from ordercall.bootstrap.parts import by_command

        context.with_resource(by_command())


@cli.command()
def serve() -> None:
    """Run web, worker and, with nothing configured, the sandbox on this machine."""
    settings = machine.prepare()
    machine.serve(settings, main, see_that_it_can_serve(settings, sandbox=settings.sandboxed))


@cli.command()
def web() -> None:
    """Run the web process alone."""
    settings = machine.prepare(alone=True)
    with machine.announcing(settings, see_that_it_can_serve(settings, sandbox=False), sandbox=False):
        machine.run_web(settings)


def see_that_it_can_serve(settings: Settings, *, sandbox: bool) -> list[str]:
    """Return the settings without which nobody is called.

    Raise what is wrong with the ports or the database here, before anything is started.
    """
    from ordercall.bootstrap.parts import missing_at_start

    refuse_taken_ports(settings, sandbox=sandbox)
    return missing_at_start(settings)


@cli.command()
def worker() -> None:
    """Run a worker process alone. On SQLite a second one stands by; on Postgres any number of them share the work."""
    from ordercall.bootstrap.worker import run_worker

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stop.set())
    run_worker(machine.prepare(alone=True), stop, beat=beat)


@cli.group(invoke_without_command=True)
@click.option(
    "--answers",
    default="",
    help="Answer in the shapes of the real Kalimera's, from a file that `ordercall kalimera shapes` has written.",
)
@click.pass_context
def sandbox(context: click.Context, answers: str) -> None:
    """Run a Kalimera and a Shopify to try against; nobody is really called."""
    if context.invoked_subcommand:
        return
    from ordercall.bootstrap.demo import earlier_orders
    from ordercall.sandbox.server import SILENT
    from ordercall.sandbox.server import serve as serve_sandbox

    alone = SANDBOXED not in read_environment()
    settings = machine.prepare()
    if not settings.sandboxed and settings.kalimera_contact_url == SETTINGS["KALIMERA_CONTACT_URL"].default:
        raise ConfigurationError([NOT_BESIDE_A_REAL_SHOP])
    say = click.echo if alone else SILENT
    serve_sandbox(read_environment(), earlier_orders(settings), answers, say)


@sandbox.command()
def clear() -> None:
    """Remove the orders that the sandbox placed, with all that belongs to them; real ones stay."""
    from ordercall.bootstrap.demo import remove_demo_orders

    click.echo(f"Demo orders removed: {remove_demo_orders(machine.prepare()):,}.")


@cli.command()
def doctor() -> None:
    """Look at everything that calling customers depends on; ends with 1 if something fails."""
    from ordercall.doctor import Grade, examine

    environment = read_environment()
    if wants_sandbox(environment):
        click.echo("Nothing is configured, so `ordercall serve` runs against the sandbox if no real order is there.")
    findings = []
    for finding in examine(read_settings(environment), lambda: datetime.now(UTC)):
        findings.append(finding)
        click.echo(finding)
    sys.exit(any(finding.grade is Grade.FAILURE for finding in findings))


@cli.command()
@click.option("--since", help="A time such as 2026-11-20 or 2026-11-20T09:00+05:30; a day is one in India.")
def reconcile(since: str | None) -> None:
    """Read the shop's orders now, for what its webhooks missed."""
    from ordercall.bootstrap.shopify import reconcile_now
    from ordercall.doctor.reconciliation import OLDEST_SHOWN, in_words, too_far_back

    wanted = _moment(since) if since else None
    if wanted and too_far_back(wanted, datetime.now(UTC)):
        click.echo(OLDEST_SHOWN, err=True)
    settings = read_settings()
    run = reconcile_now(settings, wanted)
    click.echo(in_words(run, settings.display_timezone))
    sys.exit(run is None or run.fault is not None)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"'{text}' is no time; write 2026-11-20 or 2026-11-20T09:00+05:30.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=INDIA)


@cli.group()
def shopify() -> None:
    """Look after the app in its shop."""


@shopify.command()
@click.option("--address", help="Where this installation is reached, such as https://ordercall.example.com.")
@click.option("--yes", is_flag=True, help="Change what is wrong without asking.")
def connect(address: str | None, yes: bool) -> None:
    """Check token, scopes and version, and bring the app's webhooks in order; ends with 1 if something is wrong."""
    from ordercall.bootstrap.shopify import the_app
    from ordercall.doctor.connect import connect as bring_in_order

    environment = read_environment() | ({"PUBLIC_URL": address} if address else {})
    settings = read_settings(environment)
    if not settings.public_url:
        raise ConfigurationError(["PUBLIC_URL is not set, nor --address given: nobody knows where webhooks should go."])
    with the_app(settings) as (app, with_holds):
        well = bring_in_order(
            app,
            settings,
            datetime.now(UTC),
            with_holds=with_holds,
            address=webhook_address(settings.public_url),
            say=click.echo,
            agrees=lambda question: yes or click.confirm(question),
        )
    sys.exit(not well)


@shopify.command("write-back")
@click.option("--days", type=click.IntRange(1, 60), required=True, help="Of the orders that came in so many days.")
def write_back(days: int) -> None:
    """Have what the calls of earlier orders said written to them in Shopify, as the policy says."""
    from ordercall.bootstrap.shopify import write_back as take_up

    number = take_up(read_settings(), days)
    if number is None:
        click.echo("The policy has nothing written to Shopify; see [write_back] in docs/policy.md.")
    else:
        click.echo(f"{number:,} orders are in line. A worker writes to those that lack something, one after the other.")
    sys.exit(number is None)


@cli.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version's tables; the processes of the version before may go on meanwhile."""
    from ordercall.bootstrap.database import upgrade_database

    click.echo(f"{upgrade_database(read_settings())} is up to date.")


@db.command("seal")
def seal_tokens() -> None:
    """Seal stored tokens anew, by the present FLASK_SECRET_KEY, and forget those that no key opens."""
    from ordercall.bootstrap.database import seal_tokens_anew

    sealed, forgotten = seal_tokens_anew(read_settings())
    click.echo(f"Tokens sealed anew: {sealed}. Forgotten, so another is asked for: {forgotten}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Read every row of both, and compare them.")
def backup(file: Path, verify: bool) -> None:
    """Copy the database into FILE, at any time, and check the copy."""
    from ordercall.bootstrap.database import back_up_database

    settings = read_settings()
    with click.progressbar(length=1, label="Copying and checking", file=sys.stderr) as bar:
        orders = back_up_database(settings, file, lambda done, of: _advance(bar, done, of), compared=verify)
    click.echo(f"{file} is sound. Orders in it: {orders:,}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Restore it beside itself, compare, and take that away again.")
def restore(file: Path, check: bool) -> None:
    """Put the backup FILE in the place of the SQLite database, which is kept under another name."""
    from ordercall.bootstrap.database import restore_database, try_restore

    settings = read_settings()
    if check:
        for table, number in try_restore(settings, file).items():
            click.echo(f"{table:30}{number:>14,}  {'restored' if settings.database_url else 'the same'}")
        return
    place, kept = restore_database(settings, file)
    click.echo(f"{place} is as {file} has it." + (f" What was there is kept as {kept}." if kept else ""))


@db.command()
@click.option("--to", "url", required=True, help="The address of an empty Postgres database.")
def copy(url: str) -> None:
    """Move the shop from its SQLite file to Postgres: row for row, compared, all of it or nothing."""
    from ordercall.bootstrap.database import copy_database

    if not url:
        raise click.BadParameter("the address is empty")
    settings = read_settings(read_environment() | {"DATABASE_URL": url})
    with click.progressbar(length=1, label="Copying and comparing", file=sys.stderr) as bar:
        moved = copy_database(settings, lambda done, of: _advance(bar, done, of))
    for table, number in moved.rows.items():
        click.echo(f"{table:30}{number:>14,}  the same")
    click.echo(
        f"\nThe shop is in {moved.name}; the file is marked as moved and will not be used again.\n"
        "Next: set DATABASE_URL to that address for every process, and start them. Keep the file until all is well."
    )


def _advance(bar: Any, done: int, of: int) -> None:
    bar.length = of
    bar.update(done - bar.pos)


@db.command()
def rewrite() -> None:
    """Write the database anew, without copies of what was deleted. On SQLite nothing is stored meanwhile."""
    from ordercall.bootstrap.privacy import rewrite as rewrite_database

    click.echo(f"{rewrite_database(read_settings())} was written anew.")


@db.command()
def recount() -> None:
    """Count all orders anew, say which counters of the pages were wrong, and put those right."""
    from ordercall.bootstrap.database import recount_orders

    settings = read_settings()
    found = recount_orders(settings)
    for difference in found[:DIFFERENCES_SHOWN]:
        click.echo(difference.in_words(settings.display_timezone))
    if len(found) > DIFFERENCES_SHOWN:
        click.echo(f"… and {len(found) - DIFFERENCES_SHOWN:,} more.")
    mended = f"Counters that were wrong and are right now: {len(found):,}."
    click.echo(mended if found else "All counters are right.")


cli.add_command(policy)
cli.add_command(do_not_call)
cli.add_command(calls)
cli.add_command(kalimera)
cli.add_command(users)
cli.add_command(keys)
cli.add_command(audit)
cli.add_command(alerts)
cli.add_command(erase)
cli.add_command(person)
cli.add_command(retention)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; a known error is one sentence on stderr."""
    form = ""
    with suppress(ConfigurationError):  # of which the command itself tells
        form = read_environment().get("LOG_FORMAT", "")
    write_logs(form)
    try:
        cli(arguments)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except OrdercallError as error:
        click.echo(f"Ordercall stopped: {error}", err=True)
        sys.exit(1)
