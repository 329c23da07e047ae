"""The sandbox answers in the shapes of a file, and is understood as whoever was recorded: over real HTTP, at random."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from asking import CARD, INDIA, PHONE, environment
from hypothesis import given
from hypothesis import strategies as some

from makers import make_settings
from ordercall.domain.calls.calling import CallWindow
from ordercall.domain.shapes import AnswerShape, exported
from ordercall.errors import AlreadyThere, ProviderError
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import run
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.contact_ids import as_number, contact_id_of
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.recorded_answers import RecordedAnswers
from ordercall.sandbox.server import run_in_thread
from properties import few

CAMPAIGN, AGENT = "sandbox-campaign", "sandbox-agent-hindi"
OPENS = datetime(2026, 11, 23, 18, 5, tzinfo=INDIA)
WINDOW = CallWindow(OPENS, OPENS + timedelta(hours=2))
NOBODY = contact_id_of("+919000000077")


@contextmanager
def speaking_to(kalimera: FakeKalimera) -> Iterator[tuple[KalimeraClient, Counter[AnswerShape]]]:
    """Yield a client of it, and the shapes of what it is answered."""
    found: Counter[AnswerShape] = Counter()
    with run_in_thread(create_sandbox(kalimera)) as sandbox:
        settings = make_settings(**environment(f"{sandbox.url}/kalimera"), KALIMERA_AUTH_TOKEN=kalimera.token)
        with closing(KalimeraClient(settings, shapes=lambda _kind, look: found.update([look()]))) as client:
            yield client, found


def outcome(ask: Callable[[], Any]) -> Any:
    """Return what is understood of an answer."""
    try:
        return ask()
    except AlreadyThere as there:
        return "there", there.existing_id
    except ProviderError as error:
        return type(error).__name__


def understood(client: KalimeraClient) -> list[Any]:
    """Ask for everything that is asked for in the life of two orders of one phone, and return what was understood."""
    made = outcome(lambda: run(client.create_contact(CARD)).contact_id)
    found = [outcome(lambda phone=phone: run(client.find_contact(phone))) for phone in (PHONE, "+919000000055")]
    contact_id = made if isinstance(made, str) and made.isdecimal() else contact_id_of(PHONE)
    return [
        *(made, found),
        outcome(lambda: run(client.create_contact(CARD)).contact_id),
        outcome(lambda: client.listed_contacts(CAMPAIGN)),
        outcome(lambda: client.update_campaign(CAMPAIGN, AGENT, WINDOW).status),
        outcome(lambda: client.update_campaign("none", AGENT, WINDOW).status),
        outcome(lambda: client.see_campaign(CAMPAIGN)),
        *(outcome(lambda: client.add_contacts(CAMPAIGN, {contact_id: PHONE})[0]) for _ in range(2)),
        outcome(lambda: client.add_contacts(CAMPAIGN, {NOBODY: None})[0].added),
        outcome(lambda: client.listed_contacts(CAMPAIGN)),
        outcome(client.accepts_token),
    ]


def recorded_from(kalimera: FakeKalimera) -> tuple[list[Any], Counter[AnswerShape]]:
    with speaking_to(kalimera) as (client, found):
        return understood(client), found


def answering(document: str, switches: dict[str, bool]) -> FakeKalimera:
    kalimera = FakeKalimera()
    kalimera.recorded = RecordedAnswers.read(json.loads(document))
    for name, on in switches.items():
        setattr(kalimera, name, on)
    return kalimera


@pytest.mark.parametrize("several_contacts", [True, False])
@pytest.mark.parametrize("shows", [True, False])
def test_a_sandbox_that_answers_as_another_was_recorded_is_understood_alike(
    shows: bool, several_contacts: bool
) -> None:
    switches = {"duplicate_shows_id": shows, "campaign_lookup": shows}
    switches |= {"rings_listed_again": several_contacts, "several_contacts": several_contacts}
    before, shapes = recorded_from(answering('{"answers": []}', switches))

    after, again = recorded_from(answering(exported(shapes.items()), switches))

    assert (after, again) == (before, shapes)
    assert len(shapes) >= 9


def answer(operation: str, outcome: str, body: Any, status: int = 200) -> dict[str, Any]:
    kind = {"content_type": "application/json", "times": 1}
    return {"operation": operation, "outcome": outcome, "status": status, "body": body} | kind


IDS = some.sampled_from(["number, contact id", "text, contact id"])
ID_NAMES = some.sampled_from(["id", "contactId", "_id", "uuid"])
WRAPPED: list[Callable[[Any], Any]] = [
    lambda body: body,
    lambda body: {"data": body},
    lambda body: {"status": "text, yes", "data": body},
    lambda body: {"success": "true or false, true", "code": "number, yes as a code", "result": body},
]
SAID_OF_EACH: list[Callable[[str, str], Any]] = [
    lambda name, contact_id: {"results": [{name: contact_id, "status": "text, yes"}]},
    lambda name, contact_id: {"added": [contact_id], "failed": []},
    lambda name, contact_id: {"results": {"<contact id>": "text, yes"}},
    lambda name, contact_id: {"message": "text, words", "added": "number, as many"},
]
LISTED: list[Callable[[str, str], Any]] = [
    lambda name, contact_id: [contact_id],
    lambda name, contact_id: {"contacts": [{name: contact_id, "mobile": "text, phone"}], "total": "number, as many"},
    lambda name, contact_id: {
        "items": [{name: contact_id}],
        "has_more": "true or false, false",
        "page": "number, page",
    },
    lambda name, contact_id: {"ids": [contact_id], "limit": "number, page size", "next": "null"},
]


def told(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


def empty(listed: Any) -> list[Any]:
    """Return what is left of a list on which nobody stands yet."""
    return [[]] if isinstance(listed, list) else [{k: [] if isinstance(v, list) else v for k, v in listed.items()}]


@some.composite
def foreign_answers(draw: some.DrawFn) -> list[dict[str, Any]]:
    """Draw the answers of an API that is not the sandbox's own."""
    name, contact_id, wrapped = draw(ID_NAMES), draw(IDS), draw(some.sampled_from(WRAPPED))
    contact = {name: contact_id, "phone": draw(some.sampled_from(["text, phone", "number, phone"])), "score": "number"}
    seen = {"assistant": "text, agent id", "endsAt": "text, end", "startsAt": "text, start", "note": "null"}
    exists = {"message": "text, words", name: contact_id}
    return [
        answer("create the contact", "done", wrapped(contact), draw(some.sampled_from([200, 201, 202]))),
        answer("create the contact", "exists", exists, draw(some.sampled_from([400, 409, 422]))),
        answer("look up the contact", "found", wrapped([contact])),
        answer("look up the contact", "none", wrapped([])),
        answer("update the campaign", "done", draw(some.sampled_from(["text, empty", {"ok": "true or false, true"}]))),
        answer("look at the campaign", "done", wrapped(seen)),
        answer("add to the campaign", "done", draw(some.sampled_from(SAID_OF_EACH))(name, contact_id)),
        answer("look at the campaign's list", "done", draw(some.sampled_from(LISTED))(name, contact_id)),
    ]


@few(12)
@given(foreign_answers())
def test_an_order_reaches_the_list_of_a_kalimera_that_answers_as_a_file_says(answers: list[dict[str, Any]]) -> None:
    kalimera = answering(json.dumps({"answers": answers}), {})
    in_numbers = "number, contact id" in json.dumps(answers)
    contact_id = str(as_number(contact_id_of(PHONE))) if in_numbers else contact_id_of(PHONE)

    with speaking_to(kalimera) as (client, found):
        made, card_of, *_ = said = understood(client)

    assert (made, card_of) == (contact_id, [contact_id, None])
    assert said[2] in (("there", contact_id), contact_id)
    assert said[6].agents == {AGENT}
    assert said[7].added == {contact_id}
    assert said[-2].ids == {contact_id}
    assert {told(json.loads(each.body)) for each in found if each.status < 300} <= {
        *(told(each["body"]) for each in answers),
        *(told(listed) for listed in empty(answers[-1]["body"])),
    }
    assert recorded_from(answering(exported(found.items()), {}))[0] == said
