"""Every door as everybody: each route of the application, tried with each role, each scope of a key, and as a stranger.

A route that is in no row of DOORS fails the first test; so does a row without a route.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient

from ordercall.domain.people import HOLDERS, Role, Scope
from web_app import Shop, csrf_token

DOORS = """
GET    /                                               see       people
GET    /account                                        see       people
GET    /account/factor                                 see       people
POST   /account/factor                                 see       people
POST   /account/factor/codes                           see       people
POST   /account/factor/confirm                         see       people
POST   /account/factor/off                             see       people
POST   /account/issuer                                 see       people
POST   /account/issuer/off                             see       people
POST   /account/password                               see       people
POST   /account/sessions                               see       people
GET    /api/audit                                      audit     programs
GET    /api/calls/pause                                see       programs
POST   /api/calls/pause                                pause     programs
POST   /api/calls/resume                               pause     programs
DELETE /api/do-not-call                                handle    programs
GET    /api/do-not-call                                see       programs
POST   /api/do-not-call                                handle    programs
GET    /api/docs                                       nobody    -
GET    /api/holds                                      see       programs
GET    /api/openapi.json                               nobody    -
GET    /api/orders                                     see       this machine
GET    /api/orders/<order:shopify_id>                  see       programs
POST   /api/orders/<shopify_id>/call                   call      programs
GET    /api/orders/<shopify_id>/calls                  see       programs
GET    /api/orders/<shopify_id>/explain                see       programs
POST   /api/orders/<shopify_id>/status                 decide    this machine
POST   /api/orders/<shopify_id>/sync                   call      programs
GET    /api/orders/<shopify_id>/timeline               see       programs
POST   /api/orders/<shopify_id>/undo-cancel            decide    programs
GET    /api/orders/latest                              see       this machine
POST   /api/orders/sync-latest                         call      this machine
POST   /api/outcomes                                   report    this machine
POST   /api/outcomes/in/<secret>                       nobody    -
GET    /api/policy                                     see       programs
POST   /api/policy/trials                              try       programs
GET    /api/policy/trials/<trial_id>                   see       programs
GET    /api/policy/trials/<trial_id>/differences       see       programs
POST   /api/policy/trials/<trial_id>/stop             try       programs
GET    /api/reports                                    see       this machine
POST   /bulk                                           decide    people
GET    /bulk/<run_id>                                  see       people
POST   /bulk/<run_id>/again                            decide    people
GET    /bulk/<run_id>/live                             see       people
POST   /bulk/<run_id>/start                            decide    people
POST   /bulk/<run_id>/stop                             decide    people
POST   /bulk/<run_id>/undo                             decide    people
POST   /calls/pause                                    pause     people
POST   /calls/resume                                   pause     people
POST   /campaigns/go-on                                pause     people
POST   /cancels/go-on                                  rule      people
GET    /deliveries                                     see       people
POST   /deliveries/<delivery_id>/handled               handle    people
POST   /demo-orders/remove                             rule      people
GET    /health                                         nobody    -
GET    /healthz                                        nobody    -
GET    /history                                       see       people
POST   /keys                                           nobody    -
GET    /live                                           see       people
GET    /live/around                                    see       people
GET    /login                                          nobody    -
POST   /login                                          nobody    -
GET    /login/code                                     nobody    -
POST   /login/code                                     nobody    -
GET    /login/issuer                                   nobody    -
GET    /login/issuer/back                              nobody    -
GET    /logout                                         nobody    -
GET    /metrics                                        see       loopback
GET    /needs-you                                      see       people
GET    /needs-you/live                                 see       people
GET    /needs-you/next                                see       people
POST   /needs-you/write-again                          handle    people
GET    /orders.csv                                     export    people
POST   /orders.csv                                     export    people
GET    /orders/<shopify_id>                            see       people
POST   /orders/<shopify_id>/address                    handle    people
POST   /orders/<shopify_id>/call                       call      people
POST   /orders/<shopify_id>/cancel                     decide    people
POST   /orders/<shopify_id>/do-not-call                handle    people
POST   /orders/<shopify_id>/let-go                     handle    people
GET    /orders/<shopify_id>/live                       see       people
POST   /orders/<shopify_id>/notes                      handle    people
POST   /orders/<shopify_id>/status                     decide    people
POST   /orders/<shopify_id>/sync                       call      people
POST   /orders/<shopify_id>/undo-cancel                decide    people
GET    /privacy                                        see       people
POST   /privacy/<request_id>/done                      rule      people
GET    /reported                                       see       people
POST   /reported/<report_id>/handled                   handle    people
POST   /reported/words                                 rule      people
POST   /reported/words/<taught_id>/taken-back          rule      people
GET    /readyz                                         nobody    -
GET    /reports/<status_slug>                          see       people
GET    /reports/refusals                              see       people
GET    /settings                                       see       people
POST   /settings/<name>/trials                         try       people
GET    /settings/audit                                 audit     people
GET    /settings/audit.csv                             audit     people
GET    /settings/alerts                                people    people
POST   /settings/alerts/test                           people    people
GET    /settings/calling                               see       people
POST   /settings/calling                               rule      people
GET    /settings/connections                           see       people
GET    /settings/connections/answers.json              rule      people
GET    /settings/connections/check                     see       people
POST   /settings/connections/check                     rule      people
GET    /settings/do-not-call                           see       people
POST   /settings/do-not-call                           handle    people
POST   /settings/do-not-call/import                    handle    people
GET    /settings/first-call                            see       people
POST   /settings/first-call                            rule      people
GET    /settings/first-call/<call_id>                  see       people
POST   /settings/first-call/<call_id>/agree            rule      people
GET    /settings/first-call/<call_id>/live             see       people
POST   /settings/first-call/<call_id>/rang             rule      people
POST   /settings/first-call/<call_id>/stop             rule      people
GET    /settings/keys                                  people    people
POST   /settings/keys                                  people    people
POST   /settings/keys/<key_id>/end                     people    people
POST   /settings/keys/<key_id>/next                    people    people
GET    /settings/languages                             see       people
POST   /settings/languages                             rule      people
GET    /settings/people                                people    people
POST   /settings/people                                people    people
POST   /settings/people/<person_id>/disable            people    people
POST   /settings/people/<person_id>/enable             people    people
POST   /settings/people/<person_id>/factor             people    people
POST   /settings/people/<person_id>/link               people    people
POST   /settings/people/<person_id>/log-out            people    people
POST   /settings/people/<person_id>/role               people    people
POST   /settings/people/mail                           people    people
GET    /settings/trials/<trial_id>                     see       people
GET    /settings/trials/<trial_id>/live                see       people
POST   /settings/trials/<trial_id>/stop               try       people
GET    /settings/versions                              see       people
POST   /settings/versions                              rule      people
POST   /shop/reconnected                               rule      people
POST   /shopify/webhook                                signature -
GET    /static/<path:filename>                         static    -
POST   /theme                                          nobody    -
POST   /views                                         handle    people
POST   /views/<view_id>/remove                        handle    people
GET    /welcome/<token>                                nobody    -
POST   /welcome/<token>                                nobody    -
"""
"""Method, path, the permission that it asks for, and who comes in by it; open on purpose: nobody, signature, static."""

MAY = {
    Role.OWNER: {
        "see",
        "call",
        "decide",
        "report",
        "handle",
        "pause",
        "export",
        "try",
        "rule",
        "people",
        "contact",
        "audit",
    },
    Role.AGENT: {"see", "call", "decide", "report", "handle", "pause", "export", "contact"},
    Role.VIEWER: {"see"},
    Scope.READ: {"see", "contact"},
    Scope.SYNC: {"call"},
    Scope.STATUS: {"decide"},
    Scope.OUTCOME: {"report"},
    Scope.ADMIN: {"handle", "pause", "try", "audit"},
}
"""What a role or a scope may do, said a second time: whoever changes the program's table changes this one, too."""

ALL_SCOPES = "see call decide report handle pause try contact audit"
OPEN = {"nobody", "signature", "static"}


class Door(NamedTuple):
    """A row of the table."""

    method: str
    path: str
    permission: str
    by: str

    @property
    def address(self) -> str:
        """The path, with things in it that are not there: whoever is let in is told so."""
        return re.sub(r"<[^>]+>", "0", self.path)


def read(row: str) -> Door:
    method, path, permission, by = row.split(maxsplit=3)
    return Door(method, path, permission, by)


TABLE = [read(row) for row in DOORS.strip().splitlines()]
CLOSED = [door for door in TABLE if door.permission not in OPEN]
OF_PROGRAMS = [door for door in CLOSED if door.by != "people"]


def lets_in(client: FlaskClient, door: Door, **headers: str) -> bool:
    """Return whether this door opens; what is behind it may have no such order, or want other fields."""
    body: Any = {} if door.path.startswith("/api/") and door.method != "GET" else None
    answer = client.open(door.address, method=door.method, headers=headers, json=body)
    answer.close()
    led_away = answer.status_code == 302 and answer.location.startswith(("/login", "/account/factor"))
    assert answer.status_code < 500 or answer.status_code in (502, 503), (door, answer.status_code)
    return answer.status_code not in (401, 403) and not led_away


def open_ones(client: FlaskClient, doors: list[Door], **headers: str) -> set[Door]:
    return {door for door in doors if lets_in(client, door, **headers)}


def test_every_route_has_a_row_and_every_row_a_route(shop: Shop) -> None:
    static = re.compile(r"^/static/\w+/")
    routes = {
        (method, static.sub("/static/", rule.rule))
        for rule in shop.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert sorted(routes) == sorted((door.method, door.path) for door in TABLE)


def test_what_a_role_and_a_scope_may_do_is_what_the_program_has() -> None:
    held = {who: {each.name.lower() for each, holders in HOLDERS.items() if who in holders} for who in MAY}

    assert held == MAY


@pytest.mark.parametrize("role", Role)
def test_a_person_opens_the_doors_of_their_role_and_no_other(shop: Shop, role: Role) -> None:
    person = shop.member(role, address=ELSEWHERE)
    token = csrf_token(person)

    opened = open_ones(person, CLOSED, **{"X-CSRFToken": token})

    assert opened == {door for door in CLOSED if door.permission in MAY[role]}


def test_who_owes_a_second_factor_opens_the_way_to_one_alone(new_shop: Any) -> None:
    shop: Shop = new_shop(SECOND_FACTOR_FOR="owner")
    owner = shop.member(Role.OWNER, address=ELSEWHERE)

    opened = open_ones(owner, CLOSED, **{"X-CSRFToken": csrf_token(owner)})

    assert {(door.method, door.path) for door in opened} == {
        ("GET", "/account/factor"),
        ("POST", "/account/factor"),
        ("POST", "/account/factor/confirm"),
    }


@pytest.mark.parametrize("scope", Scope)
def test_a_key_opens_the_doors_of_its_scope_and_no_page(shop: Shop, scope: Scope) -> None:
    key = shop.context.access.api_keys.make("a program", [scope], by="a test").secret

    opened = open_ones(shop.client(address=ELSEWHERE), CLOSED, **{"X-App-Token": key})

    assert opened == {door for door in OF_PROGRAMS if door.permission in MAY[scope]}


def test_a_key_of_all_scopes_and_the_token_of_the_settings_open_every_door_of_programs(shop: Shop) -> None:
    key = shop.context.access.api_keys.make("a program", list(Scope), by="a test").secret
    program = shop.client(address=ELSEWHERE)

    by_key = open_ones(program, CLOSED, **{"X-App-Token": key})
    by_token = open_ones(program, CLOSED, Authorization=f"Bearer {shop.settings.sync_api_token}")

    assert by_key == by_token == {door for door in OF_PROGRAMS if door.permission in ALL_SCOPES.split()}


@pytest.mark.parametrize("token", ["", "ock_made-up", None], ids=["empty", "made up", "none"])
def test_a_stranger_opens_no_door_that_asks_for_a_permission(shop: Shop, token: str | None) -> None:
    sent = {} if token is None else {"X-App-Token": token}

    assert open_ones(shop.client(address=ELSEWHERE), CLOSED, **sent) == set()


def test_a_neighbour_on_a_development_machine_opens_the_doors_of_this_machine_alone(shop: Shop) -> None:
    assert open_ones(shop.client(), CLOSED) == {door for door in CLOSED if door.by in ("this machine", "loopback")}


def test_whoever_is_not_let_in_is_told_who_is(shop: Shop) -> None:
    viewer = shop.member(Role.VIEWER)
    key = shop.context.access.api_keys.make("a program", [Scope.READ], by="a test").secret

    page = viewer.post("/calls/pause", headers={"X-CSRFToken": csrf_token(viewer)})
    answer = shop.client(address=ELSEWHERE).post("/api/calls/pause", headers={"X-App-Token": key})

    assert "the viewer may not pause all calls; an owner or an agent may." in page.text
    assert answer.json["error"] == {
        "code": "NotAllowed",
        "message": "This key may not pause all calls; it wants the scope admin.",
    }
