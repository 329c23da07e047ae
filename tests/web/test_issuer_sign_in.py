"""Logging in by an OpenID Connect issuer: whom it lets in, and whom it never does."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from authenticator import AGENT, is_in, with_an_app
from issuer import StandIn, link, path_of, public, rsa_key, sign_in, with_issuer
from ordercall.domain.audit import Act
from ordercall.domain.people import Role
from web_app import MEMBER_PASSWORD, Page, Shop, login, send_form


@pytest.fixture
def shop(new_shop: Any, there: StandIn) -> Shop:
    """A shop whose people may log in by the issuer."""
    return with_issuer(new_shop, there)


@pytest.fixture
def agent(shop: Shop, there: StandIn) -> FlaskClient:
    """The browser of an agent who has linked the issuer's account."""
    client = shop.member(Role.AGENT)
    assert link(client, there).location == "/account"
    return client


def acts(shop: Shop) -> list[tuple[str, str]]:
    return [(act, who) for act, who in shop.rows("SELECT act, who FROM audit ORDER BY id")]


# -- coming in


def test_a_person_links_their_account_and_logs_in_by_it(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    browser = shop.client()

    answer = sign_in(browser, there, next_page="/orders/1?tab=x")

    assert answer.location == "/orders/1?tab=x"
    assert AGENT in browser.get("/account").text
    assert acts(shop)[-3:] == [(Act.ISSUER_LINKED, AGENT), (Act.ISSUER_VOUCHED, AGENT), (Act.SIGNED_IN, AGENT)]


def test_the_login_page_offers_it_only_where_it_is_set(shop: Shop, new_shop: Any) -> None:
    button = Page(shop.client().get("/login?next=/history")).one("a", text="Log in by Example")

    assert button.attrs["href"] == "/login/issuer?next=/history"
    assert "/login/issuer" not in new_shop().client().get("/login").text
    assert new_shop().client().get("/login/issuer").status_code == 404


def test_an_account_that_nobody_has_linked_opens_nothing(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    there.subject = "somebody else"
    there.more = {"email": "the-agent@example.com", "email_verified": True, "name": AGENT}
    browser = shop.client()

    answer = sign_in(browser, there)

    assert answer.status_code == 403
    assert "Nobody here has linked this account" in Page(answer).one("p", role="alert").text
    assert not is_in(browser)
    assert shop.rows("SELECT name FROM people") == [(AGENT,)]
    assert acts(shop)[-1][0] == Act.SIGN_IN_FAILED


def test_a_second_factor_is_asked_for_as_after_a_password(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    app = with_an_app(shop, AGENT)
    browser = shop.client()

    assert sign_in(browser, there).location == "/login/code?next=/"
    assert not is_in(browser)
    assert send_form(browser, "/login/code", code=app.next_code()).location == "/"
    assert is_in(browser)


def test_who_may_come_in_no_more_does_not_so_either_and_not_by_the_old_link_later(
    shop: Shop, there: StandIn, agent: FlaskClient
) -> None:
    person = shop.context.access.people.find(AGENT)

    shop.context.access.people.disable(person.id)
    ended = sign_in(shop.client(), there).status_code
    shop.context.access.people.enable(person.id)

    assert (ended, sign_in(shop.client(), there).status_code) == (403, 403)


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_after_it(shop: Shop, there: StandIn, agent: FlaskClient, elsewhere: str) -> None:
    assert sign_in(shop.client(), there, next_page=elsewhere).location == "/"


# -- linking


def test_linking_asks_for_the_password(shop: Shop, there: StandIn) -> None:
    client = shop.member(Role.AGENT)

    assert send_form(client, "/account/issuer", current="a guess").status_code == 400
    assert there.asked == []


def test_linking_asks_for_the_code_where_there_is_one(shop: Shop) -> None:
    client = shop.member(Role.AGENT)
    app = with_an_app(shop, AGENT)
    login(client, username=AGENT, password=MEMBER_PASSWORD)
    send_form(client, "/login/code", code=app.next_code())

    assert send_form(client, "/account/issuer", current=MEMBER_PASSWORD, code="000000").status_code == 400
    assert send_form(client, "/account/issuer", current=MEMBER_PASSWORD, code=app.next_code()).status_code == 200


def test_one_account_opens_one_person(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    other = shop.member(Role.VIEWER)

    assert link(other, there).location == "/account"
    assert "Somebody else here logs in by this account of Example." in other.get("/account").text
    assert shop.rows("SELECT count(*) FROM issuer_accounts") == [(1,)]


def test_what_is_begun_in_one_browser_links_nothing_in_another(shop: Shop, there: StandIn) -> None:
    mine, other = shop.member(Role.AGENT), shop.member(Role.VIEWER)
    page = Page(send_form(mine, "/account/issuer", current=MEMBER_PASSWORD))
    way_back = path_of(there.sign_in(page.one("a", text="Go on to Example").attrs["href"]))

    assert other.get(way_back).status_code == 400
    assert shop.rows("SELECT count(*) FROM issuer_accounts") == [(0,)]


def test_unlinked_it_opens_nothing_and_neither_after_a_link_of_an_owner(
    shop: Shop, there: StandIn, agent: FlaskClient
) -> None:
    access = shop.context.access
    send_form(agent, "/account/issuer/off")
    unlinked = sign_in(shop.client(), there).status_code
    link(agent, there)
    token = access.people.reset(access.people.find(AGENT).id).token
    access.people.choose(token, access.passwords.hash("another long password"), address="127.0.0.1")

    assert (unlinked, sign_in(shop.client(), there).status_code) == (403, 403)


# -- what is not taken


def test_the_way_back_is_of_use_once_and_in_one_browser(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    browser, thief = shop.client(), shop.client()
    way_back = path_of(there.sign_in(browser.get("/login/issuer").location))
    before = shop.cookie_of(browser)

    assert thief.get(way_back).status_code == 400
    assert browser.get(way_back).location == "/"
    assert browser.get(way_back).status_code == 400
    browser.set_cookie("session", before)  # whoever copied both finds the code used up
    assert browser.get(way_back).status_code == 502
    assert not is_in(browser)


@pytest.mark.parametrize(("minutes", "status"), [(9, 302), (10, 400)])
def test_it_comes_back_within_ten_minutes(
    shop: Shop, there: StandIn, agent: FlaskClient, minutes: int, status: int
) -> None:
    browser = shop.client()
    begun = browser.get("/login/issuer").location
    shop.pass_time(minutes=minutes)

    assert browser.get(path_of(there.sign_in(begun))).status_code == status


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"state": "another"}, 400),
        ({"state": "\ud800 ä"}, 400),
        ({"code": ""}, 400),
        ({"code": "x" * 5000}, 400),
        ({"code": "not one of the issuer's"}, 502),
        ({"iss": "https://other.example"}, 403),
        ({"error": "access_denied"}, 403),
    ],
)
def test_an_odd_way_back_is_a_page_and_no_way_in(
    shop: Shop, there: StandIn, agent: FlaskClient, changed: dict[str, str], status: int
) -> None:
    browser = shop.client()
    way_back = urlsplit(there.sign_in(browser.get("/login/issuer").location))
    sent = {name: value for name, [value] in parse_qs(way_back.query).items()} | changed

    answer = browser.get(way_back.path, query_string={k: v.encode("utf-8", "replace") for k, v in sent.items()})

    assert answer.status_code == status
    assert Page(answer).one("p", role="alert").text
    assert not is_in(browser)


# -- an issuer in trouble


def test_an_issuer_that_is_down_is_a_clear_page_and_is_not_asked_all_the_time(shop: Shop, there: StandIn) -> None:
    there.down = True
    browser = shop.client()

    answers = [browser.get("/login/issuer?next=/history") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [502] * 3
    assert "Example gave no answer" in Page(answers[2]).one("p", role="alert").text
    assert Page(answers[2]).one("input", name="next").attrs["value"] == "/history"
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://other.example"}, {"token_endpoint": "ftp://other.example"}, {"jwks_uri": None}],
)
def test_an_issuer_that_says_odd_things_of_itself_is_not_used(
    shop: Shop, there: StandIn, about: dict[str, Any]
) -> None:
    there.about = about

    assert shop.client().get("/login/issuer").status_code == 502


def test_its_documents_are_asked_for_once_and_a_new_key_is_found(
    shop: Shop, there: StandIn, agent: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = there.asked.count("/keys")
    sign_in(shop.client(), there)
    again = there.asked.count("/keys")
    there.keys = [public(rsa_key("two"), "RS256", "two")]
    there.sign = lambda claims: jwt.encode(claims, rsa_key("two"), "RS256", {"kid": "two"})
    at_once = sign_in(shop.client(), there).status_code
    monkeypatch.setattr("ordercall.providers.issuer.ASKED_AGAIN_AFTER", 0.0)

    assert (asked, again, at_once) == (1, 1, 502)
    assert sign_in(shop.client(), there).location == "/"


def test_a_stranger_has_the_issuer_asked_ten_times_and_locks_nobody_out(
    shop: Shop, there: StandIn, agent: FlaskClient
) -> None:
    stranger, answers = shop.client(address="203.0.113.9"), []
    for _ in range(11):
        state = parse_qs(urlsplit(stranger.get("/login/issuer").location).query)["state"][0]
        answers.append(stranger.get("/login/issuer/back", query_string={"state": state, "code": "x"}))

    assert [each.status_code for each in answers] == [502] * 10 + [429]
    assert answers[-1].headers["Retry-After"]
    assert sign_in(shop.client(address="203.0.113.10"), there).location == "/"
