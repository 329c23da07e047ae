"""A Kalimera whose names are not ours, and whose answers hold an id elsewhere: what is sent to it, read and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import CARD, EMAIL, FIRST_NAME, LAST_NAME, PHONE, STREET, WINDOW

from ordercall.domain.contract import FIELDS, OURS
from ordercall.errors import AlreadyThere
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.joint_cards import joint_card
from ordercall.providers.kalimera.words import campaign_json, contact_json, listing_json
from ordercall.providers.outgoing import run
from stub import Stub

type Client = Callable[[str], KalimeraClient]


@pytest.fixture
def with_contract(stub: Stub, new_kalimera: Callable[..., KalimeraClient], tmp_path: Path) -> Client:
    """Make a client that was told other names."""

    def make(text: str) -> KalimeraClient:
        file = tmp_path / "kalimera.toml"
        file.write_text(text)
        return new_kalimera(stub.url, KALIMERA_CONTRACT=str(file))

    return make


def test_the_names_that_a_file_can_change_are_those_that_are_sent() -> None:
    card = joint_card([CARD, CARD]).to_json()

    sent = {
        "contact": card,
        "metadata": card["metadata"],
        "campaign": campaign_json("agent", "lines", WINDOW),
        "campaign_contacts": listing_json("main", ["c-1"]),
    }
    assert {part: tuple(payload) for part, payload in sent.items()} == {part: FIELDS[part] for part in sent}


def test_without_a_file_a_contact_is_sent_byte_for_byte_as_it_is_told() -> None:
    assert json.dumps(contact_json(CARD, OURS)) == json.dumps(CARD.to_json())


def test_a_contact_is_sent_under_their_names(stub: Stub, with_contract: Client) -> None:
    text = '[contact]\nphone = "msisdn"\nemail = ""\nmetadata = "extra"\n[metadata]\nshopify_id = "order"'

    run(with_contract(text).create_contact(CARD))

    assert stub.payload["msisdn"] == PHONE
    assert stub.payload["extra"]["order"] == CARD.shopify_id
    assert stub.payload.keys() & {"phone", "email", "metadata"} == set()


def test_a_campaign_is_set_under_their_names(stub: Stub, with_contract: Client) -> None:
    client = with_contract('[campaign]\nagent_id = "bot"\nend_time = "until"\ntimezone = ""')

    client.update_campaign("main", "agent-hindi", WINDOW)

    assert stub.payload == {
        "bot": "agent-hindi",
        "sip_list_id": "sip-list",
        "start_time": "2026-11-23T18:05:00+05:30",
        "until": "2026-11-23T20:05:00+05:30",
    }


def test_contacts_are_added_under_their_names(stub: Stub, with_contract: Client) -> None:
    client = with_contract('[campaign_contacts]\ncampaign_ids = "campaigns"\ncontact_ids = "people"')

    client.add_contacts("main", {"c-1": PHONE})

    assert stub.payload == {"campaigns": ["main"], "people": ["c-1"]}


def test_look_ups_ask_under_their_names(stub: Stub, with_contract: Client) -> None:
    client = with_contract('[look_up]\nphone = "msisdn"\ncampaign_id = "of"')
    stub.answers({"contacts": []})

    run(client.find_contact(PHONE))
    client.listed_contacts("main")

    assert [path for _, path, _, _ in stub.requests] == [
        "/contact?msisdn=%2B919000000002",
        "/campaign/contacts?of=main",
    ]


@pytest.mark.parametrize(
    ("path", "answer", "found"),
    [
        ("ref", {"ref": "c-7", "id": "of the request"}, "c-7"),
        ("data.customer.ref", {"id": "r-1", "data": {"id": "j-1", "customer": {"ref": "c-7", "id": "x"}}}, "c-7"),
        ("data", {"id": "r-1", "data": "c-7"}, "c-7"),
        ("data.id", {"data": {"id": 7, "contact": {"id": 8}}}, "7"),
        ("data.ref", {"data": {"id": "j-1"}}, None),
        ("data.ref", {"data": []}, None),
        ("data.ref", {"data": {"ref": "c-7", "phone": "+919000000099"}}, None),
    ],
)
def test_the_id_of_a_new_contact_is_read_where_the_file_says_and_nowhere_else(
    stub: Stub, with_contract: Client, path: str, answer: object, found: str | None
) -> None:
    stub.answers(answer, 201)

    assert run(with_contract(f'[answer]\ncontact_id = "{path}"').create_contact(CARD)).contact_id == found


def test_the_id_of_a_contact_that_exists_is_read_there_too(stub: Stub, with_contract: Client) -> None:
    stub.answers({"message": "Customer exists", "data": {"ref": "c-7"}}, 400)

    with pytest.raises(AlreadyThere) as there:
        run(with_contract('[answer]\ncontact_id = "data.ref"').create_contact(CARD))

    assert there.value.existing_id == "c-7"


def test_a_contact_is_found_by_a_phone_and_an_id_under_their_names(stub: Stub, with_contract: Client) -> None:
    stub.answers({"results": [{"id": 1, "ref": "c-6", "to": "+919000000099"}, {"id": 2, "ref": "c-7", "to": PHONE}]})

    client = with_contract('[contact]\nphone = "to"\n[answer]\ncontact_id = "data.ref"')

    assert run(client.find_contact(PHONE)) == "c-7"


def test_a_campaign_is_seen_under_their_names(stub: Stub, with_contract: Client) -> None:
    stub.answers({"bot": "agent-hindi", "until": "2026-11-23T20:05:00+05:30"})

    seen = with_contract('[campaign]\nagent_id = "bot"\nend_time = "until"').see_campaign("main")

    assert (seen.agents, WINDOW.end in seen.ends) == ({"agent-hindi"}, True)


def test_what_is_personal_stays_hidden_under_their_names(stub: Stub, with_contract: Client) -> None:
    names = {"name": "who", "first_name": "a", "last_name": "b", "phone": "to", "email": "post", "address": "line1"}
    stub.answers({"id": "c-1", "line1": "7 Other Road", "said": f"{FIRST_NAME} at {STREET}"})

    client = with_contract("[contact]\n" + "\n".join(f'{ours} = "{theirs}"' for ours, theirs in names.items()))
    call = run(client.create_contact(CARD)).call

    shown = json.dumps([call.request, call.response], ensure_ascii=False)
    assert [text for text in (FIRST_NAME, LAST_NAME, PHONE, EMAIL, STREET, "7 Other Road") if text in shown] == []
    assert call.request is not None
    assert names.keys() & call.request.keys() == set()
