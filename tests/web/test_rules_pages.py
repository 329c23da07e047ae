"""Settings: the rules about calls as forms, their drafts, the trial, publishing, and what two people do at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms_of_rules import CALLING, changed, draft, filled_in, form_of, in_force, publish, sent_by
from hypothesis import given

from ordercall.domain.policy.document import write_document
from ordercall.domain.policy.holidays import holidays_in
from ordercall.domain.policy.rules import Policy
from ordercall.web.view.policy_form import calling_document, calling_values
from properties import few
from random_policies import policies as random_policies
from reading import flashed, look
from web_app import Page, Shop


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """A shop whose environment holds neither hours nor age."""
    return new_shop(CALLING_HOURS="")


def test_settings_lead_to_the_rules_in_force(shop: Shop, person: FlaskClient) -> None:
    assert person.get("/settings").location == CALLING

    page = look(person, CALLING)

    assert page.has("p", text="Version 1 of the rules is in force, published by settings")
    assert page.one("nav", aria_label="Pages").one("a", text="Settings").attrs["aria-current"] == "page"
    assert not page.has("section", id="draft")


def test_what_a_draft_changes_is_shown_and_nothing_is_done(shop: Shop, person: FlaskClient) -> None:
    page = draft(person, sunday=None, delay_minutes="10", payment="to_collect", holiday=["2027-01-26", ""])

    assert changed(page) == [
        "Payment: all orders →becomes only what is to be collected",
        "Holidays: none →becomes 2027-01-26",
        "Delay, in minutes: 0 →becomes 10",
        "Hours, Sunday: 09:00-21:00 →becomes no calls",
    ]
    assert in_force(shop).policy.version == 1
    assert page.one("input", id="delay_minutes").attrs["value"] == "10"


def test_a_years_holidays_are_taken_over_and_can_be_taken_out_again(shop: Shop, person: FlaskClient) -> None:
    page = draft(person, holiday=["2027-03-01"], holidays_of="2027", holidays_in="GJ")
    filled = sent_by(form_of(page))
    days = [day for day in filled.getlist("holiday") if day]

    assert {"2027-01-15", "2027-01-26", "2027-03-01", "2027-08-15", "2027-10-02"} <= set(days)
    assert page.has("span", text="Republic Day")

    days.remove("2027-01-15")
    filled.setlist("holiday", days)
    answer = publish(person, Page(person.get(CALLING, query_string=filled)))

    assert answer.status_code == 303
    assert write_document(in_force(shop).policy)["when"]["holidays"] == days


def test_holidays_that_were_taken_over_are_published_at_once(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, holidays_of="2027"))

    assert in_force(shop).policy.when.holidays == holidays_in(2027).keys()


@pytest.mark.parametrize(
    "chosen", [{"holidays_of": "1999"}, {"holidays_of": "2027", "holidays_in": "XX"}, {"holidays_of": "x"}]
)
def test_a_choice_that_is_not_offered_takes_nothing_over(
    shop: Shop, person: FlaskClient, chosen: dict[str, str]
) -> None:
    assert draft(person, **chosen).has("h2", text="This draft changes nothing")


def test_a_draft_is_published_by_whom_it_was(shop: Shop, person: FlaskClient) -> None:
    answer = publish(person, draft(person, window_minutes="90", currency=["INR", ""], amount=["500", ""]))

    assert answer.status_code == 303
    assert flashed(look(person, answer.location)) == [
        "Version 2 is in force: nobody is put on the campaign by an older one."
    ]
    found = in_force(shop)
    assert (found.policy.version, found.by) == (2, "admin")
    assert write_document(found.policy)["who"]["least_due"] == {"INR": "500"}
    assert found.policy.when.window.total_seconds() == 90 * 60


def test_the_form_sent_back_as_it_is_changes_nothing(shop: Shop, person: FlaskClient) -> None:
    kinds = ["foreign number", "landline"]
    typed = {"gateways": "*cash*\r\nCOD, paid later", "countries": "in AE", "phones_not_called": kinds}
    publish(person, draft(person, **typed, saturday=None))

    page = draft(person)

    assert page.has("h2", text="This draft changes nothing")
    assert write_document(in_force(shop).policy)["who"]["gateways"] == ["*cash*", "COD, paid later"]
    assert write_document(in_force(shop).policy)["who"]["countries"] == ["IN", "AE"]
    assert write_document(in_force(shop).policy)["who"]["phones_not_called"] == ["landline", "foreign number"]


@given(random_policies)
@few(40)
def test_what_stands_in_the_form_of_a_policy_is_that_policy(policy: Policy) -> None:
    assert calling_document(calling_values(policy), Policy(), {}) == write_document(policy) | {
        part: write_document(Policy())[part] for part in ("language", "agents")
    }


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("delay_minutes", "soon", "Delay, in minutes: write a whole number from 0 to 10080."),
        ("zone", "India", 'Time zone: write the name of a time zone, such as "Asia/Kolkata".'),
        ("monday_from", "9 o'clock", "Hours: write for monday two times at least five minutes apart"),
        ("countries", "India", 'Countries: write a list of ISO codes, such as ["IN", "AE"].'),
        ("payment", "gateways", 'Payment is "gateways" and Gateways names none; name one'),
        ("shortest_window_minutes", "500", "Shortest window, in minutes is more than Window, in minutes"),
        ("holiday", ["26 January"], "Holidays: write a list of days"),
    ],
)
def test_what_cannot_be_used_stays_in_the_form_and_is_told(
    shop: Shop, person: FlaskClient, field: str, value: Any, fault: str
) -> None:
    page = draft(person, **{field: value})

    assert page.one("section", id="draft").has("li", text=fault)
    assert not page.one("section", id="draft").has("form")
    assert sent_by(form_of(page)).getlist(field)[0] == (value if isinstance(value, str) else value[0])


def test_hours_that_leave_nobody_a_window_are_refused(shop: Shop, person: FlaskClient) -> None:
    closed = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))

    page = draft(person, **closed)

    assert page.one("section", id="draft").has(
        "li", text="Hours and Holidays give no window of 5 minutes within 14 days"
    )


@pytest.mark.parametrize("query", ["version=1", "version=1&amount=5&currency=", "version=99&monday", "back=x"])
def test_an_address_that_somebody_shortened_is_no_fault_of_ours(shop: Shop, person: FlaskClient, query: str) -> None:
    page = look(person, f"{CALLING}?{query}")

    assert page.one("section", id="draft").has("h2", text="This draft cannot be used")


# -- what the environment holds


@pytest.fixture
def locked(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(CALLING_HOURS="10:00-18:00", MAX_ORDER_AGE_HOURS="48")


def test_a_field_that_the_environment_holds_says_so_and_cannot_be_edited(locked: Shop) -> None:
    page = look(locked.person(), CALLING)

    assert page.one("main").has("p", text="Set by CALLING_HOURS in the environment; it can be changed only there.")
    assert page.one("div", aria_labelledby="label-when.hours").text == "10:00-18:00"
    assert page.one("div", aria_labelledby="label-who.max_age_hours").text == "48"
    assert not {"monday", "monday_from", "max_age_hours"} & set(sent_by(form_of(page)))


def test_a_field_that_the_environment_holds_is_not_read_from_a_form(locked: Shop) -> None:
    person = locked.person()

    page = draft(person, monday="on", monday_from="01:00", monday_to="02:00", max_age_hours="1", delay_minutes="5")
    publish(person, page)

    assert changed(page) == ["Delay, in minutes: 0 →becomes 5"]
    assert str(in_force(locked).policy.when.same_each_day) == "10:00-18:00"
    assert in_force(locked).policy.who.max_age.total_seconds() == 48 * 3600


# -- hours in India


def test_hours_outside_nine_to_twenty_one_in_india_are_published_only_if_they_are_meant(
    shop: Shop, person: FlaskClient
) -> None:
    page = draft(person, monday_to="22:00")

    asked = page.one("section", id="draft").one("p", css="ban")
    refused = publish(person, page)
    before = in_force(shop).policy.version
    published = publish(person, page, sure="on")

    assert asked.text.startswith("Monday: people would be rung before 9:00 or after 21:00 in India. TRAI")
    assert (refused.status_code, before) == (400, 1)
    assert (published.status_code, in_force(shop).policy.version) == (303, 2)
    assert not draft(person, delay_minutes="5").has("input", name="sure")


# -- two people at once


def test_who_publishes_second_sees_the_first_and_is_refused(shop: Shop, person: FlaskClient) -> None:
    other = shop.person(address="127.0.0.2")
    mine, theirs = draft(person, delay_minutes="5", sunday=None), draft(other, window_minutes="60")
    assert publish(other, theirs).status_code == 303

    refused = publish(person, mine)
    page = Page(refused)

    assert refused.status_code == 409
    alert = page.one("section", id="draft").one("div", role="alert")
    assert "admin published version 2" in alert.text
    assert [line.text for line in alert.all("li")] == ["Window, in minutes: 120 →becomes 60"]
    assert in_force(shop).policy.version == 2

    again = publish(person, page)

    found = in_force(shop).policy
    assert again.status_code == 303
    assert (found.version, found.when.window.total_seconds(), found.when.delay.total_seconds()) == (3, 3600, 300)
    assert found.when.week[6] is None


def test_a_form_that_is_sent_twice_is_published_once_and_says_so(shop: Shop, person: FlaskClient) -> None:
    mine = draft(person, delay_minutes="5")

    answers = [publish(person, mine) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert in_force(shop).policy.version == 2
    assert "This is in force already: admin published it as version 2." in flashed(look(person, CALLING))


@pytest.mark.parametrize("version", ["7", "", "x", None])
def test_a_form_of_a_version_that_is_not_there_is_published_only_when_its_differences_were_seen(
    shop: Shop, person: FlaskClient, version: str | None
) -> None:
    values = sent_by(form_of(draft(person, delay_minutes="5"), "post"))
    values.setlist("version", [] if version is None else [version])

    refused = person.post(CALLING, data=values)
    page = Page(refused)

    assert (refused.status_code, in_force(shop).policy.version) == (409, 1)
    assert page.one("p", role="alert").text.startswith("Nothing was published.")
    assert changed(page) == ["Delay, in minutes: 0 →becomes 5"]
    assert publish(person, page).status_code == 303


def test_a_draft_in_an_old_address_is_carried_over_to_the_version_in_force(shop: Shop, person: FlaskClient) -> None:
    values = filled_in(person, delay_minutes="5")
    publish(person, draft(person, window_minutes="60"))

    page = Page(person.get(CALLING, query_string=values))

    assert sent_by(form_of(page))["window_minutes"] == "60"
    assert sent_by(form_of(page))["version"] == "2"
    assert page.has("h2", text="What changes against version 2")


def test_a_form_is_published_only_from_its_own_session(shop: Shop, person: FlaskClient) -> None:
    values = sent_by(form_of(draft(person, delay_minutes="5"), "post"))
    del values["csrf_token"]

    assert person.post(CALLING, data=values).status_code == 400
    assert shop.client().post(CALLING, data=values).location.startswith("/login")
    assert in_force(shop).policy.version == 1


# -- versions


def test_versions_tell_who_published_what(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, delay_minutes="5"))

    page = look(person, "/settings/versions")

    newest, first = page.one("li", id="version-2"), page.one("li", id="version-1")
    assert newest.text.startswith("Version 2 by admin, just now Delay, in minutes: 0 →becomes 5")
    assert first.text.startswith("Version 1 by settings, just now The first version. Go back to version 1")
    assert not newest.has("a", text="Go back")


def test_one_goes_back_to_an_earlier_version_by_publishing_it_anew(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, delay_minutes="5"))
    publish(person, draft(person, window_minutes="60"))

    page = look(person, "/settings/versions?back=1")
    answer = publish(person, page)

    assert changed(page) == ["Window, in minutes: 60 →becomes 120", "Delay, in minutes: 5 →becomes 0"]
    assert answer.location == "/settings/versions"
    found = in_force(shop).policy
    assert (found.version, write_document(found)["when"]["delay_minutes"]) == (4, 0)


def test_a_version_that_there_never_was_is_not_found(shop: Shop, person: FlaskClient) -> None:
    assert person.get("/settings/versions?back=9").status_code == 404


def test_going_back_is_refused_once_somebody_has_published(shop: Shop, person: FlaskClient) -> None:
    publish(person, draft(person, delay_minutes="5"))
    page = look(person, "/settings/versions?back=1")
    publish(person, draft(person, window_minutes="60"))

    refused = publish(person, page)

    assert refused.status_code == 409
    assert changed(Page(refused)) == ["Window, in minutes: 60 →becomes 120", "Delay, in minutes: 5 →becomes 0"]
    assert in_force(shop).policy.version == 3


def test_a_session_that_ended_leads_to_the_login_and_back(shop: Shop) -> None:
    stranger = shop.client()

    assert stranger.get("/settings/versions").location == "/login?next=/settings/versions"
