"""A second factor: switched on by a first code, asked for after the right password, and taken away by who may."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from test_people import choose, context_link, number_of

from authenticator import Authenticator, send_code, with_an_app
from ordercall.domain.audit import Act
from ordercall.domain.people import Role
from ordercall.storage.records import audit
from web_app import MEMBER_PASSWORD, Page, Shop, login, send_form

NAME = "the agent"


@pytest.fixture
def agent(shop: Shop) -> FlaskClient:
    """The browser of an agent who has no second factor yet."""
    return shop.member(Role.AGENT)


@pytest.fixture
def app(shop: Shop, agent: FlaskClient) -> Authenticator:
    """The app of that agent, whose code of this moment is used up."""
    return with_an_app(shop, NAME)


def halfway(shop: Shop, *, address: str = ELSEWHERE) -> FlaskClient:
    """Return a browser that nobody knows, after the right password."""
    client = shop.client(address=address)
    assert login(client, username=NAME, password=MEMBER_PASSWORD).location.startswith("/login/code")
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def acts(shop: Shop) -> list[str]:
    with shop.db.read() as tx:
        return [row.act for row in audit.oldest(tx, audit.Wanted())]


def begin(client: FlaskClient, shop: Shop) -> Authenticator:
    """Have the page show a secret, and take it into an app."""
    page = Page(send_form(client, "/account/factor", current=MEMBER_PASSWORD))
    return Authenticator(shop, page.one(id="secret").text.replace(" ", ""))


def confirm(client: FlaskClient, app: Authenticator) -> list[str]:
    page = Page(send_form(client, "/account/factor/confirm", code=app.code()))
    return [each.text for each in page.one("ol").all("span", css="code")]


# -- switching it on


def test_a_person_switches_it_on_and_logs_in_by_password_and_code(shop: Shop, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    codes = confirm(agent, app)
    client = halfway(shop)

    answer = send_code(client, app.next_code(), next_page="/orders/1?tab=x")

    assert len(set(codes)) == 10
    assert answer.location == "/orders/1?tab=x"
    assert is_in(client)


def test_the_page_shows_the_secret_as_text_link_and_picture(shop: Shop, agent: FlaskClient) -> None:
    page = Page(send_form(agent, "/account/factor", current=MEMBER_PASSWORD))

    secret = page.one(id="secret").text.replace(" ", "")
    address = page.one("a", text="open it in the app").attrs["href"]
    picture = page.one("img").attrs
    assert re.match(rf"otpauth://totp/Ordercall:the%20agent\S*[?&]secret={secret}&issuer=Ordercall", address)
    assert picture["src"].startswith("data:image/svg+xml")
    assert int(picture["width"]) < 300


def test_it_counts_only_after_the_first_right_code(shop: Shop, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    wrong = send_form(agent, "/account/factor/confirm", code="abc")

    assert wrong.status_code == 400
    assert Page(wrong).one(id="secret").text.replace(" ", "") == app.secret
    assert login(shop.client(), username=NAME, password=MEMBER_PASSWORD).location == "/"
    assert len(confirm(agent, app)) == 10


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 409)])
def test_a_page_that_was_left_open_is_of_no_use_after_an_hour(
    shop: Shop, agent: FlaskClient, minutes: int, status: int
) -> None:
    app = begin(agent, shop)
    shop.pass_time(minutes=minutes)

    assert send_form(agent, "/account/factor/confirm", code=app.code()).status_code == status


def test_whoever_finds_a_session_switches_nothing_on_without_the_password(shop: Shop, agent: FlaskClient) -> None:
    answers = [send_form(agent, "/account/factor", current="a guess").status_code for _ in range(11)]

    assert answers == [400] * 10 + [429]
    assert send_form(agent, "/account/factor/confirm", code="123456").status_code == 409


def test_all_other_sessions_end_when_it_is_switched_on(shop: Shop, agent: FlaskClient) -> None:
    other = shop.client(address=ELSEWHERE)
    login(other, username=NAME, password=MEMBER_PASSWORD)

    confirm(agent, begin(agent, shop))

    assert (is_in(agent), is_in(other)) == (True, False)


def test_one_that_is_on_is_not_begun_anew(shop: Shop, agent: FlaskClient, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    assert send_form(client, "/account/factor", current=MEMBER_PASSWORD).status_code == 409
    assert send_form(client, "/account/factor/confirm", code=app.next_code()).status_code == 409


def test_the_owner_of_the_settings_has_one_like_everybody(shop: Shop, person: FlaskClient) -> None:
    page = Page(send_form(person, "/account/factor", current=shop.settings.admin_password))
    app = Authenticator(shop, page.one(id="secret").text.replace(" ", ""))
    confirm(person, app)
    client = shop.client()

    assert login(client).location.startswith("/login/code")
    assert not is_in(client)
    assert send_code(client, app.next_code()).location == "/"


def test_who_reads_the_database_finds_neither_secret_nor_recovery_code(shop: Shop, app: Authenticator) -> None:
    kept = repr((shop.rows("SELECT * FROM second_factors"), shop.rows("SELECT * FROM recovery_codes")))

    assert app.secret not in kept
    assert not [code for code in app.recovery if code in kept or code.replace("-", "") in kept]


# -- logging in


def test_after_a_wrong_password_nothing_tells_that_there_is_a_second_factor(shop: Shop, app: Authenticator) -> None:
    with_one = login(shop.client(address="203.0.113.8"), username=NAME, password="a guess")
    without = login(shop.client(address="203.0.113.9"), username="nobody", password="a guess")

    assert with_one.status_code == without.status_code == 401
    assert Page(with_one).one(role="alert").text == Page(without).one(role="alert").text


def test_halfway_in_nothing_opens(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)

    answers = {path: client.get(path).status_code for path in ("/", "/account", "/settings/people", "/api/orders")}

    assert answers == {"/": 302, "/account": 302, "/settings/people": 302, "/api/orders": 401}
    assert send_form(client, "/account/sessions").location.startswith("/login")


@pytest.mark.parametrize(("minutes", "comes_in"), [(4.9, True), (5, False)])
def test_halfway_in_ends_after_five_minutes(shop: Shop, app: Authenticator, minutes: float, comes_in: bool) -> None:
    client = halfway(shop)
    shop.pass_time(minutes=minutes)

    answer = send_code(client, app.code(), next_page="/needs-you")

    assert is_in(client) is comes_in
    assert answer.location == ("/needs-you" if comes_in else "/login?next=/needs-you&late=1")


def test_a_code_is_of_no_use_in_a_browser_without_the_password(shop: Shop, app: Authenticator) -> None:
    client = shop.client(address=ELSEWHERE)

    assert client.get("/login/code").location == "/login?next=/"
    assert send_code(client, app.next_code()).location == "/login?next=/&late=1"


def test_halfway_in_ends_with_another_password_and_with_the_way_in(shop: Shop, app: Authenticator) -> None:
    client, other = halfway(shop), halfway(shop)
    choose(shop.client(), context_link(shop, NAME), "quite another long one")
    answer = send_code(client, app.next_code())
    shop.context.access.people.disable(number_of(shop, NAME))

    assert answer.location == "/login?next=/&late=1"
    assert send_code(other, app.next_code()).location == "/login?next=/&late=1"


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_clock_may_be_off_by_one_step(shop: Shop, app: Authenticator, steps: int) -> None:
    shop.pass_time(minutes=10)
    client = halfway(shop)

    send_code(client, app.code(steps=steps))

    assert is_in(client) is (abs(steps) < 2)


def test_a_code_opens_once(shop: Shop, app: Authenticator) -> None:
    code = app.next_code()
    first, second = halfway(shop), halfway(shop, address="203.0.113.8")

    send_code(first, code)
    again = send_code(second, code)

    assert (is_in(first), is_in(second)) == (True, False)
    assert "was used before" in Page(again).one(role="alert").text


def test_of_many_who_come_with_one_code_at_once_one_comes_in(shop: Shop, app: Authenticator) -> None:
    factors, person = shop.context.access.factors, number_of(shop, NAME)
    code = app.next_code()

    with ThreadPoolExecutor(4) as pool:
        by_app = list(pool.map(lambda _: factors.use(person, code), range(4)))
        by_paper = list(pool.map(lambda _: factors.use(person, app.recovery[0]), range(4)))

    assert sorted(by_app) == sorted(by_paper) == [False, False, False, True]


def test_a_recovery_code_opens_once(shop: Shop, app: Authenticator) -> None:
    first, second = halfway(shop), halfway(shop, address="203.0.113.8")

    send_code(first, app.recovery[3].upper().replace("-", " "))
    send_code(second, app.recovery[3])

    assert (is_in(first), is_in(second)) == (True, False)
    assert "Recovery codes left: 9." in Page(first.get("/account")).one("p", text="Recovery codes").text


def test_whoever_has_the_password_has_five_tries_of_the_code(shop: Shop, app: Authenticator) -> None:
    answers = []
    for number in range(6):  # each from another address, and each after the right password
        client = halfway(shop, address=f"198.51.100.{number}")
        answers.append(send_code(client, "000000x").status_code)
    right = send_code(halfway(shop, address="203.0.113.1"), app.next_code())
    shop.pass_time(minutes=15)
    later = halfway(shop, address="203.0.113.1")

    assert answers == [400] * 5 + [429]
    assert right.status_code == 429
    assert send_code(later, app.code()).status_code == 302


def test_who_guesses_locks_no_browser_out_that_is_known(shop: Shop, agent: FlaskClient, app: Authenticator) -> None:
    for number in range(6):
        send_code(halfway(shop, address=f"198.51.100.{number}"), "000000x")
    agent.get("/logout")

    login(agent, username=NAME, password=MEMBER_PASSWORD)

    assert send_code(agent, app.next_code()).location == "/"


def test_a_new_password_by_a_link_is_no_way_around_it(shop: Shop, app: Authenticator) -> None:
    client = shop.client(address=ELSEWHERE)

    answer = choose(client, context_link(shop, NAME))

    assert answer.location.startswith("/login/code")
    assert not is_in(client)
    assert send_code(client, app.next_code()).location == "/"


def test_a_form_of_the_second_page_from_elsewhere_is_refused(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)

    assert client.post("/login/code", data={"code": app.next_code()}).status_code == 400
    assert not is_in(client)


def test_a_code_leads_to_no_other_site(shop: Shop, app: Authenticator) -> None:
    assert send_code(halfway(shop), app.next_code(), next_page="https://evil.example/").location == "/"


@pytest.mark.sqlite
def test_while_nothing_can_be_stored_it_is_asked_for_and_no_code_is_taken(new_shop: Any) -> None:
    """Or a code could be used twice, and a full disk would be a way around it."""
    shop = new_shop(DISPLAY_LOCALE="en_AU")  # no other test has its file
    client, _ = shop.client(), shop.person()
    app = with_an_app(shop, shop.settings.admin_username)
    folder = Path(shop.settings.database_path).parent
    folder.rename(folder.with_name("elsewhere"))

    answer = login(client)
    refused = send_code(client, app.next_code())
    folder.with_name("elsewhere").rename(folder)

    assert answer.location.startswith("/login/code")
    assert refused.status_code == 503
    assert not is_in(client)


# -- recovery codes anew, and off


def proven(client: FlaskClient, deed: str, code: str, password: str = MEMBER_PASSWORD) -> Page:
    return Page(send_form(client, f"/account/factor/{deed}", current=password, code=code))


def test_new_recovery_codes_end_those_before(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    page = proven(client, "codes", app.next_code())
    [new, *_] = [each.text for each in page.one("ol").all("span", css="code")]
    before = send_code(halfway(shop), app.recovery[0])
    after = send_code(halfway(shop), new)

    assert (before.status_code, after.status_code) == (400, 302)


@pytest.mark.parametrize("deed", ["codes", "off"])
@pytest.mark.parametrize(
    ("password", "code", "why"),
    [("a guess", True, "That is not your present password."), (MEMBER_PASSWORD, False, "That code is wrong")],
)
def test_password_and_code_are_asked_for_both(
    shop: Shop, app: Authenticator, deed: str, password: str, code: bool, why: str
) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    page = proven(client, deed, app.next_code() if code else "000000x", password)

    assert page.has("p", text=why, role="alert")
    assert len(shop.rows("SELECT * FROM second_factors")) == 1
    assert len(shop.rows("SELECT * FROM recovery_codes")) == 10


def test_switched_off_it_is_asked_for_no_more(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())

    proven(client, "off", app.next_code())

    assert login(shop.client(), username=NAME, password=MEMBER_PASSWORD).location == "/"
    assert shop.rows("SELECT * FROM recovery_codes") == []
    assert send_form(client, "/account/factor/off", current=MEMBER_PASSWORD, code=app.next_code()).status_code == 409


# -- taken away


def test_an_owner_takes_it_away_and_all_sessions_end(shop: Shop, person: FlaskClient, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.next_code())
    row = f"person-{number_of(shop, NAME)}"
    assert "Second factor on." in Page(person.get("/settings/people")).one(id=row).text

    send_form(person, f"/settings/people/{number_of(shop, NAME)}/factor")

    assert not is_in(client)
    assert login(shop.client(), username=NAME, password=MEMBER_PASSWORD).location == "/"
    assert "Second factor on." not in Page(person.get("/settings/people")).one(id=row).text


def test_nobody_takes_their_own_away_without_password_and_code(shop: Shop, person: FlaskClient) -> None:
    me = number_of(shop, shop.settings.admin_username)
    with_an_app(shop, shop.settings.admin_username)
    [(kept,)] = shop.rows("SELECT count(*) FROM second_factors")

    owner = shop.member(Role.OWNER)
    other = with_an_app(shop, "the owner")
    client = shop.client()
    login(client, username="the owner", password=MEMBER_PASSWORD)
    send_code(client, other.next_code())
    answer = send_form(client, f"/settings/people/{number_of(shop, 'the owner')}/factor")

    assert answer.status_code == 409
    assert (kept, len(shop.rows("SELECT * FROM second_factors"))) == (1, 2)
    assert send_form(client, f"/settings/people/{me}/factor").status_code == 303
    assert not is_in(owner)


def test_whoever_may_not_come_in_any_more_loses_it(shop: Shop, app: Authenticator) -> None:
    shop.context.access.people.disable(number_of(shop, NAME))

    assert shop.rows("SELECT * FROM second_factors") == shop.rows("SELECT * FROM recovery_codes") == []


# -- what is written down


def test_all_of_it_is_in_the_audit_log(shop: Shop, person: FlaskClient, agent: FlaskClient) -> None:
    app = begin(agent, shop)
    [recovery, *_] = confirm(agent, app)
    client = halfway(shop)
    send_code(client, "000000x")
    send_code(client, recovery)
    proven(client, "codes", app.next_code())
    proven(client, "off", app.next_code())
    again = begin(client, shop)
    confirm(client, again)
    send_form(person, f"/settings/people/{number_of(shop, NAME)}/factor")

    found = [act for act in acts(shop) if "factor" in act or "recovery" in act or act == Act.SIGN_IN_FAILED]
    assert found == [
        "factor_on",
        "recovery_codes_made",
        "sign_in_failed",
        "recovery_code_used",
        "recovery_codes_made",
        "factor_off",
        "factor_on",
        "recovery_codes_made",
        "factor_taken",
    ]
    with shop.db.read() as tx:
        rows = audit.oldest(tx, audit.Wanted())
    [failed] = [row for row in rows if row.act == Act.SIGN_IN_FAILED]
    assert json.loads(failed.details) == {"after": "the right password"}
    assert not [text for text in (app.secret, recovery, recovery.replace("-", "")) if text in repr(rows)]


def test_an_app_of_a_key_that_is_gone_is_told_of(shop: Shop, app: Authenticator) -> None:
    client = halfway(shop)
    send_code(client, app.recovery[0])
    with shop.db.begin() as tx:
        tx.exec_driver_sql("UPDATE second_factors SET key_mark = 'another'")

    assert Page(client.get("/account")).has("p", text="FLASK_SECRET_KEY is another than it was then")
    assert send_code(halfway(shop), app.recovery[1]).location == "/"
    shop.pass_time(minutes=1)
    assert send_code(halfway(shop), app.code()).status_code == 400
