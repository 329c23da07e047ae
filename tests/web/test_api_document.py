"""The document of the API: made of the doors, and true of what they answer."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from api_calls import TOKEN, with_an_order
from flask.testing import FlaskClient

from document import doors_in, faults_of
from ordercall import errors
from ordercall.web.codes import CODES, OF_PAGES_ALONE
from reading import look
from source import ROOT, modules, name_of
from web_app import Shop


def test_every_door_of_the_api_says_what_it_takes_and_gives(shop: Shop) -> None:
    rules = [rule for rule in shop.app.url_map.iter_rules() if rule.rule.startswith("/api/")]

    assert rules
    assert [rule.rule for rule in rules if not hasattr(shop.app.view_functions[rule.endpoint], "told")] == []


def test_the_document_has_every_door_and_no_other(shop: Shop, program: FlaskClient) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in shop.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }

    document = program.get("/api/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert set(doors_in(document)) == routes


ASKED: list[tuple[str, str, Any]] = [
    ("GET", "/api/openapi.json", None),
    ("GET", "/api/orders", None),
    ("GET", "/api/orders?phone=%2B919876543210&waiting=1", None),
    ("GET", "/api/orders/{}", None),
    ("GET", "/api/orders/{}/timeline", None),
    ("GET", "/api/orders/{}/calls", None),
    ("GET", "/api/orders/{}/explain", None),
    ("GET", "/api/orders/latest", None),
    ("GET", "/api/holds", None),
    ("GET", "/api/policy", None),
    ("POST", "/api/policy/trials", {"days": 1}),
    ("GET", "/api/policy/trials/1", None),
    ("GET", "/api/policy/trials/1/differences", None),
    ("POST", "/api/policy/trials/1/stop", None),
    ("POST", "/api/orders/{}/sync", None),
    ("POST", "/api/orders/{}/call", {"confirm": True}),
    ("POST", "/api/orders/{}/undo-cancel", None),
    ("POST", "/api/orders/{}/status", {"status": "Success"}),
    ("POST", "/api/orders/{}/status", {"status": "Failed"}),
    ("POST", "/api/orders/1/status", {"status": "Failed"}),
    ("POST", "/api/outcomes", {"shopify_id": 1, "answer": "confirmed"}),
    ("GET", "/api/reports", None),
    ("GET", "/api/reports?fate=lost", None),
    ("POST", "/api/do-not-call", {"phone": "+919876543299"}),
    ("GET", "/api/do-not-call", None),
    ("GET", "/api/do-not-call?phone=%2B919876543299", None),
    ("DELETE", "/api/do-not-call", {"phone": "+919876543299"}),
    ("GET", "/api/calls/pause", None),
    ("POST", "/api/calls/pause", {"why": "a test"}),
    ("GET", "/api/calls/pause", None),
    ("POST", "/api/calls/resume", None),
]


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_every_answer_is_what_the_document_says(shop: Shop, accept: str) -> None:
    with_an_order(shop)
    number = shop.rows("SELECT shopify_id FROM orders")[0][0]
    program = shop.client(address="203.0.113.7")

    faults = [
        fault
        for method, path, body in ASKED
        for fault in faults_of(
            shop.app, program.open(path.format(number), method=method, json=body, headers=TOKEN | {"Accept": accept})
        )
    ]

    assert faults == []


def test_the_page_names_every_door_and_every_code(shop: Shop, program: FlaskClient) -> None:
    page = look(program, "/api/docs")
    doors = doors_in(program.get("/api/openapi.json").json)

    assert {element.attrs.get("id") for element in page.all("tr")} >= set(CODES)
    assert [f"{method} {path}" for method, path in doors if not page.has("h3", text=f"{method} {path}")] == []


def codes_in(path: Path) -> set[str]:
    """Return the codes of errors that a module names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.keyword(arg="code", value=ast.Constant(value=str(code))):
                found.add(code)
            case ast.Call(func=ast.Name(id="answer"), args=[ast.Constant(value=str(code)), *_]):
                found.add(code)
            case ast.Dict(keys=[ast.Constant(value="code"), *_], values=[ast.Constant(value=str(code)), *_]):
                found.add(code)
    return found


def test_every_code_of_an_error_is_explained() -> None:
    rooms = ("services.", "web.", "intake.", "server.")
    named = {
        code
        for path in modules()
        if name_of(path).startswith(rooms) and not name_of(path).startswith("web.pages.")
        for code in codes_in(path)
    }
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    raised = named | {each.__name__ for each in classes if issubclass(each, errors.OrdercallError)}

    assert raised - set(CODES) - OF_PAGES_ALONE == set()
    assert set(CODES) & OF_PAGES_ALONE == set()


def test_the_list_of_codes_in_the_documents_is_that_of_the_program() -> None:
    rows = [f"| `{code}` | {words.means} | {words.remedy} |" for code, words in CODES.items()]

    written = (ROOT / "docs/api-errors.md").read_text().splitlines()

    assert [line for line in written if line.startswith("| `")] == rows
