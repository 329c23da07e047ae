"""``ordercall kalimera try``, as a person types it, against the sandbox's Kalimera over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from databases import open_at
from makers import KALIMERA_TOKEN, beside_sandbox, make_settings
from ordercall.bootstrap.web import web_context
from ordercall.cli import cli
from ordercall.domain.calls.calling import INDIA, Language
from ordercall.domain.calls.first_call import CallStage, Trace
from ordercall.domain.policy.rules import Agent
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera, Listing
from ordercall.sandbox.other_names import OtherNames
from ordercall.sandbox.provider import Call
from ordercall.sandbox.server import run_in_thread
from ordercall.storage.records import first_calls
from ordercall.storage.records.reports import Door, Incoming
from web_app import Shop

pytestmark = pytest.mark.sqlite

PHONE = "+919000000002"
GO_ON, RANG, ONCE = "y\n", "y\n", "n\n"
CONTRACT = '[contact]\nphone = "msisdn"\n[campaign]\nagent_id = "bot"\n[answer]\ncontact_id = "made.ref"\n'


@pytest.fixture
def kalimera() -> FakeKalimera:
    return FakeKalimera()


@pytest.fixture
def environment(
    place: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kalimera: FakeKalimera
) -> Iterator[dict[str, str]]:
    monkeypatch.chdir(tmp_path)
    with run_in_thread(create_sandbox(kalimera)) as sandbox:
        yield place | {"CALLING_HOURS": "00:00-24:00"} | beside_sandbox(sandbox.url)


def run(environment: dict[str, str], *arguments: str, answers: str = "", **settings: str) -> Result:
    command = ["kalimera", "try", PHONE, *arguments]
    return CliRunner().invoke(cli, command, env=environment | settings, input=answers)


def closed_now() -> str:
    """Return calling hours that are over, or still to come."""
    begins = datetime.now(INDIA) + timedelta(hours=3)
    return f"{begins:%H}:00-{begins + timedelta(hours=2):%H}:00" if begins.hour < 22 else "05:00-07:00"


def list_number(environment: dict[str, str]) -> None:
    CliRunner().invoke(cli, ["do-not-call", "add", PHONE], env=environment)


def test_a_number_is_put_on_the_list_by_the_agent_of_its_language(
    environment: dict[str, str], kalimera: FakeKalimera
) -> None:
    ended = run(environment, "--yes", "--wait", "0", "--language", "hi")

    assert ended.exit_code == 0
    assert [(entry.phone, entry.agent_id) for entry in kalimera.listings] == [(PHONE, "sandbox-agent-hindi")]


def test_neither_the_number_nor_the_token_is_shown(environment: dict[str, str]) -> None:
    output = run(environment, "--yes", "--wait", "0").output

    assert "Authorization: Bearer •••" in output
    assert [text for text in (PHONE, PHONE[1:], KALIMERA_TOKEN, "sandbox-token") if f'"{text}' in output] == []


def test_a_newcomer_is_told_of_the_demo_orders_that_are_still_here(environment: dict[str, str]) -> None:
    before = run(environment, answers="n\n").output
    shop = Shop(
        make_settings(**{name: environment[name] for name in environment.keys() & {"DATABASE_PATH", "DATABASE_URL"}})
    )
    shop.change(shop.receive(1001), is_demo=1)
    shop.close()

    told = run(environment, answers="n\n").output

    assert "Demo orders" not in before
    assert "Demo orders of the sandbox still here: 1." in told
    assert "`ordercall sandbox clear` removes them." in told


def test_before_a_person_agrees_kalimera_is_only_looked_at(environment: dict[str, str], kalimera: FakeKalimera) -> None:
    ended = run(environment, answers="n\n")

    assert ended.exit_code == 1
    assert "Now campaign sandbox-campaign gets its agent" in ended.output
    assert {call.method for call in kalimera.calls} == {"GET"}


def test_a_person_is_asked_whether_it_rang_and_rang_again(environment: dict[str, str]) -> None:
    ended = run(environment, "--wait", "0", answers=GO_ON + RANG + "y\n")

    assert ended.exit_code == 0
    assert "Did the phone ring?" in ended.output
    assert "K4: Kalimera rings again by itself" in ended.output


@pytest.mark.parametrize(
    ("rings", "said", "told"),
    [
        (True, "y\ny\n", "K3: adding a listed contact again rings again"),
        (True, "y\nn\n", "K3: adding a listed contact again does not ring; set KALIMERA_CALL_AGAIN=new-contact"),
        (False, "y\n", "K3: adding a listed contact again does not ring; set KALIMERA_CALL_AGAIN=new-contact"),
    ],
    ids=["rings", "does not", "is refused"],
)
def test_the_same_contact_is_added_again_and_a_person_says_whether_it_rang(
    environment: dict[str, str], kalimera: FakeKalimera, rings: bool, said: str, told: str
) -> None:
    kalimera.rings_listed_again = rings

    ended = run(environment, "--again", "--wait", "0", answers=GO_ON + RANG + said + ONCE)

    assert told in ended.output
    assert ended.exit_code == 0
    assert [entry.phone for entry in kalimera.listings] == [PHONE] * (1 + rings)
    assert len({entry.contact_id for entry in kalimera.listings}) == 1


def test_what_is_refused_at_the_second_time_tells_nothing_of_ringing(
    environment: dict[str, str], kalimera: FakeKalimera
) -> None:
    def fail_after_the_first(call: Call) -> None:
        if kalimera.listings and call.method == "GET":
            kalimera.mode = "unauthorized"

    kalimera.on_call.append(fail_after_the_first)
    ended = run(environment, "--again", "--wait", "0", answers=GO_ON + RANG + "y\n" + ONCE)

    assert "FAIL  Kalimera could not add to the campaign" in ended.output
    assert "K3:" not in ended.output


def test_the_same_contact_is_not_added_again_without_a_persons_word(
    environment: dict[str, str], kalimera: FakeKalimera
) -> None:
    run(environment, "--again", "--wait", "0", answers=GO_ON + RANG + "n\n" + ONCE)
    nobody = run(environment, "--again", "--yes")

    assert [entry.repeated for entry in kalimera.listings] == [False]
    assert (nobody.exit_code, "leave out --yes" in nobody.output) == (2, True)


def test_what_one_call_cannot_tell_is_said_with_where_to_read_on(environment: dict[str, str]) -> None:
    assert (
        "K1 and K2, and K3 without --again, are not told by one call" in run(environment, "--yes", "--wait", "0").output
    )


def test_a_token_that_is_refused_ends_it_with_the_remedy(environment: dict[str, str], kalimera: FakeKalimera) -> None:
    ended = run(environment, "--yes", KALIMERA_AUTH_TOKEN="Bearer another")

    assert ended.exit_code == 1
    assert "Copy KALIMERA_AUTH_TOKEN again" in ended.output
    assert len(kalimera.calls) == 1


def test_a_kalimera_with_other_names_is_reached_by_its_contract(
    environment: dict[str, str], kalimera: FakeKalimera, tmp_path: Path
) -> None:
    (file := tmp_path / "kalimera.toml").write_text(CONTRACT)
    kalimera.names = OtherNames.in_file(str(file))

    without = run(environment, "--yes", "--wait", "0")
    ended = run(environment, "--yes", "--wait", "0", KALIMERA_CONTRACT=str(file))

    assert (without.exit_code, ended.exit_code) == (1, 0)
    assert "say in KALIMERA_CONTRACT what it is called there" in without.output
    assert '"bot": "sandbox-agent-english"' in ended.output
    assert [entry.phone for entry in kalimera.listings] == [PHONE]


@pytest.mark.parametrize("answers", ["", "n\n"])
def test_a_number_that_must_not_be_called_is_not_rung(
    environment: dict[str, str], kalimera: FakeKalimera, answers: str
) -> None:
    list_number(environment)

    ended = run(environment, *([] if answers else ["--yes"]), answers=answers)

    assert ended.exit_code == 1
    assert "This number is on the do-not-call list." in ended.output
    assert kalimera.calls == []


@pytest.mark.parametrize("answers", ["", "n\n"])
def test_outside_the_calling_hours_nobody_is_rung(
    environment: dict[str, str], kalimera: FakeKalimera, answers: str
) -> None:
    ended = run(environment, *([] if answers else ["--yes"]), answers=answers, CALLING_HOURS=closed_now())

    assert ended.exit_code == 1
    assert "It is outside the calling hours." in ended.output
    assert kalimera.calls == []


def test_a_person_may_have_it_rung_all_the_same(environment: dict[str, str], kalimera: FakeKalimera) -> None:
    list_number(environment)

    ended = run(environment, "--wait", "0", answers="y\ny\n" + GO_ON + RANG + ONCE, CALLING_HOURS=closed_now())

    assert ended.exit_code == 0
    assert [entry.phone for entry in kalimera.listings] == [PHONE]


def test_the_report_is_shown_with_its_fate(environment: dict[str, str], kalimera: FakeKalimera) -> None:
    settings = make_settings(**environment)

    def agent_reports(listing: Listing) -> None:
        body = f'{{"contact_id": "{listing.contact_id}", "answer": "confirmed", "mood": {{"tone": "calm"}}}}'
        now = datetime.now(UTC)
        incoming = Incoming(door=Door.API, sender="the agent", body=body.encode(), received_at=now)
        with closing(open_at(environment)) as db:
            web_context(settings, db, lambda: now).reports.receive(incoming)

    kalimera.on_listed.append(agent_reports)

    ended = run(environment, "--yes", "--wait", "1")

    assert ended.exit_code == 0
    assert '"answer": "confirmed"' in ended.output
    assert "Fate: Needs a person. Its call, contact, phone or order is not known here." in ended.output


def test_the_shapes_of_all_answers_can_be_given_to_anybody(
    environment: dict[str, str], kalimera: FakeKalimera, tmp_path: Path
) -> None:
    run(environment, "--yes", "--wait", "0", "--shapes", "shapes.json")

    shapes = json.loads((file := tmp_path / "shapes.json").read_text())
    assert [shape["method"] for shape in shapes] == [call.method for call in kalimera.calls]
    assert [shapes[6][name] for name in ("step", "method", "status")] == ["Contact", "POST", 201]
    assert shapes[6]["answered"] == {"message": "text", "contact_id": "text"}
    assert "9000000002" not in file.read_text()


def test_the_shapes_are_written_where_it_ended_early(
    environment: dict[str, str], kalimera: FakeKalimera, tmp_path: Path
) -> None:
    kalimera.names = OtherNames({"contact": {"phone": "msisdn"}})

    ended = run(environment, "--yes", "--shapes", "shapes.json")

    assert ended.exit_code == 1
    assert json.loads((tmp_path / "shapes.json").read_text())[-1]["answered"] == {"message": {"msisdn": ["hidden"]}}


@pytest.mark.parametrize("arguments", [("--language", "ta"), ("--language", "klingon"), ("--wait", "61")])
def test_what_cannot_be_used_is_refused_before_anything_is_asked(
    environment: dict[str, str], kalimera: FakeKalimera, arguments: tuple[str, ...]
) -> None:
    assert run(environment, "--yes", *arguments).exit_code != 0
    assert kalimera.calls == []


def test_without_settings_it_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    ended = CliRunner().invoke(cli, ["kalimera", "try", PHONE], env={"DATABASE_PATH": str(tmp_path / "orders.db")})

    assert "KALIMERA_AUTH_TOKEN" in str(ended.exception)


def test_the_shapes_of_what_a_try_was_answered_can_be_printed(environment: dict[str, str]) -> None:
    run(environment, "--yes", "--wait", "0")

    printed = CliRunner().invoke(cli, ["kalimera", "shapes"], env=environment)

    answers = json.loads(printed.output)["answers"]
    assert {"create the contact", "add to the campaign"} <= {each["operation"] for each in answers}
    assert [text for text in (PHONE[1:], "sandbox-campaign", "Ordercall") if text in printed.output] == []


def listed_on_the_page(environment: dict[str, str]) -> list[tuple[str, str, str, list[str], bool]]:
    """Return who has tried which number, how that stands, the steps that went well, and whether the number is kept."""
    with closing(open_at(environment)) as db, db.read() as tx:
        return [
            (
                call.made_by,
                call.number,
                call.stage.value,
                [step.name for step in call.steps if not step.failed],
                bool(call.trace),
            )
            for call in first_calls.newest(tx)
        ]


def test_what_a_command_has_tried_is_listed_without_the_number(environment: dict[str, str]) -> None:
    run(environment, "--yes", "--wait", "0")

    [(by, number, stage, steps, is_kept)] = listed_on_the_page(environment)
    assert (by, number, stage, is_kept) == ("a command line", "+91•••02", "silent", False)
    assert steps[-1] == "On the list: from here on the phone rings"


def test_a_command_that_was_refused_leaves_nothing(environment: dict[str, str]) -> None:
    list_number(environment)
    run(environment, "--yes")

    assert listed_on_the_page(environment) == []


def test_while_a_number_is_tried_on_the_page_no_command_tries_one(
    environment: dict[str, str], kalimera: FakeKalimera
) -> None:
    begin_on_the_page(environment)
    before = len(kalimera.calls)

    ended = run(environment, "--yes")

    assert ended.exit_code == 1
    assert "Meera tries a number just now." in ended.output
    assert len(kalimera.calls) == before


def test_a_stop_on_the_page_keeps_a_command_from_going_on(environment: dict[str, str], kalimera: FakeKalimera) -> None:
    def stop(_call: object) -> None:
        with closing(open_at(environment)) as db, db.begin() as tx:
            call = first_calls.under_way(tx)
            assert call
            first_calls.end(tx, call.id, CallStage.STOPPED, now=datetime.now(UTC))
        kalimera.on_call.clear()

    kalimera.on_call.append(stop)

    ended = run(environment, "--yes")

    assert ended.exit_code == 1
    assert "This call was stopped on its page." in ended.output
    assert kalimera.listings == []
    with closing(open_at(environment)) as db, db.read() as tx:
        assert PHONE[1:] not in str(tx.exec_driver_sql("SELECT * FROM first_calls").all())


def begin_on_the_page(environment: dict[str, str]) -> None:
    agent = Agent(language=Language.HINDI, agent_id="sandbox-agent-hindi", campaign_id="sandbox-campaign")
    run(environment, answers="n\n")
    with closing(open_at(environment)) as db, db.begin() as tx:
        now = datetime.now(UTC)
        trace = Trace("+919000000003", 1, 0)
        assert first_calls.begin(tx, agent, trace, by="Meera", stage=CallStage.LOOKING, now=now)
