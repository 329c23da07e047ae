"""What a person may write of Kalimera's names, and what becomes of a payload and an answer by it."""

from __future__ import annotations

from typing import Any

import pytest

from ordercall.domain.contract import FIELDS, OURS, Contract, ContractFaults, read_contract


def contract(text: str) -> Contract:
    return read_contract(text, "kalimera.toml")


def test_without_a_file_a_payload_is_the_one_that_was_given() -> None:
    payload = {"phone": "+915559999901"}

    assert OURS.sent("contact", payload) is payload


def test_without_a_file_an_answer_is_the_one_that_came() -> None:
    answer = {"data": {"id": "c-1"}}

    assert OURS.heard(answer) is answer


def test_a_file_that_changes_nothing_changes_nothing() -> None:
    same = contract("\n".join(f'[{part}]\n{names[0]} = "{names[0]}"' for part, names in FIELDS.items()))

    assert (same.renamed, same.ours, same.id_path) == ({}, {}, None)


def test_a_field_is_sent_under_their_name_in_its_own_place() -> None:
    theirs = contract('[contact]\nphone = "msisdn"').sent("contact", {"name": "Asha", "phone": "+91", "city": "Surat"})

    assert list(theirs.items()) == [("name", "Asha"), ("msisdn", "+91"), ("city", "Surat")]


def test_a_field_with_an_empty_name_is_left_out() -> None:
    assert contract('[contact]\nfirst_name = ""').sent("contact", {"name": "Asha", "first_name": "A"}) == {
        "name": "Asha"
    }


def test_a_name_holds_for_its_own_part_alone() -> None:
    assert contract('[contact]\nphone = "msisdn"').sent("look_up", {"phone": "+91"}) == {"phone": "+91"}


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ({"msisdn": "+91", "id": 7}, {"phone": "+91", "id": 7}),
        ({"data": [{"msisdn": "+91"}]}, {"data": [{"phone": "+91"}]}),
        ({"msisdn": "+91", "phone": "of the office"}, {"phone": "+91"}),
        ({"msisdn": {"msisdn": "+91"}}, {"msisdn": {"phone": "+91"}}),
        (["msisdn"], ["msisdn"]),
        ("msisdn", "msisdn"),
        (None, None),
    ],
)
def test_their_name_of_a_phone_is_read_as_ours(answer: Any, read: Any) -> None:
    assert contract('[contact]\nphone = "msisdn"').heard(answer) == read


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("data.id", {"data": [{"id": 991, "contact_id": "c-1"}]}),
        ("data.ref", {"data": [{"ref": "row 991", "contact_id": "c-1"}]}),
        ("data.id", {"id": "campaign", "agent": {"id": "agent"}}),
    ],
)
def test_where_a_new_contact_has_its_id_takes_no_other_id_for_a_contacts(path: str, answer: Any) -> None:
    assert contract(f'[answer]\ncontact_id = "{path}"').heard(answer) == answer


def test_names_of_what_is_personal_are_known() -> None:
    theirs = contract('[contact]\naddress = "line1"\nmetadata = "extra"\n[metadata]\nitems = "goods"')

    assert theirs.personal == {"line1"}


def test_it_is_told_in_words() -> None:
    theirs = contract('[contact]\nphone = "msisdn"\ncity = ""\n[answer]\ncontact_id = "data.customer.ref"')

    assert str(theirs) == (
        "kalimera.toml: contact.phone is msisdn, contact.city is left out,"
        " a new contact's id stands at data.customer.ref"
    )


def test_without_a_file_it_is_told_that_the_names_are_our_own() -> None:
    assert (str(OURS), str(contract(""))) == ("our own", "kalimera.toml: our own")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[contact\n", "it is no TOML: "),
        ('phone = "msisdn"', "there is no part [phone]; write one of [contact], "),
        ('contact = "msisdn"', "contact is the name of a part; write [contact] in a line of its own."),
        ("[contacts]", "there is no part [contacts]; write one of [contact], [metadata], "),
        ('[contact]\nmobile = "x"', "[contact] mobile is no field of ours; write one of name, first_name, "),
        ("[contact]\nphone = 5", '[contact] phone must be a text in quotes, such as phone = "phone".'),
        ('[contact]\nphone = ""', "[contact] phone cannot be left out; give it a name, or remove the line."),
        ('[look_up]\nphone = ""', "[look_up] phone cannot be left out; "),
        ('[contact]\nphone = " msisdn"', "[contact] phone begins or ends with a space, "),
        (
            '[contact]\nphone = "email"',
            '[contact] phone and email are both called "email"; give each a name of its own.',
        ),
        ('[contact]\nname = "x"\nemail = "x"', '[contact] name and email are both called "x"; '),
        ('[answer]\ncontact_id = "data..id"', "[answer] contact_id must be names with single dots between them, "),
        ('[answer]\nid = "data.id"', "[answer] id is no field of ours; write one of contact_id."),
        ('[contact]\nphone = "status"', '[contact] phone cannot be "status": under that name answers say yes or no. '),
        ('[campaign]\nend_time = "is-OK"', '[campaign] end_time cannot be "is-OK": '),
        (
            '[answer]\ncontact_id = "data.status"',
            '[answer] contact_id cannot be "status": under that name answers say ',
        ),
        ('[answer]\ncontact_id = "customer.phone"', 'phone and contact_id are both called "phone"; '),
        ('[answer]\ncontact_id = "end_time"', 'end_time and contact_id are both called "end_time"; '),
        ('[contact]\nphone = "id"', '[contact] phone cannot be "id": under that name answers hold a contact\'s id. '),
        ('[campaign]\nagent_id = "contactId"', '[campaign] agent_id cannot be "contactId": '),
        ("x = " + "[" * 5_000, "its brackets are nested too deep; write parts and names alone."),
        ('[contact]\nphone = "x"\n[campaign]\nagent_id = "x"', 'phone and agent_id are both called "x"; '),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(text: str, fault: str) -> None:
    with pytest.raises(ContractFaults) as refused:
        contract(text)

    assert fault in str(refused.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ContractFaults) as refused:
        contract('[contact]\nmobile = "x"\nphone = 5')

    assert "mobile" in str(refused.value)
    assert "phone must be" in str(refused.value)
