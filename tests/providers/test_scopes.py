"""The scopes that we ask for are those that our queries need; the schema says which field needs which."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from graphql import DocumentNode, FieldNode, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from ordercall.providers import shopify
from ordercall.providers.shopify.scopes import (
    HOLD_OTHER,
    HOLD_OWN,
    NEEDED,
    NEEDED_TO_HOLD,
    READ_RETURNS,
    missing_scopes,
)
from ordercall.sandbox.graphql_access import required_scope
from ordercall.sandbox.shopify_graphql import schema_of

ROOT = Path(__file__).parents[2]
SCHEMA = schema_of("2026-10")
KINDS = ("query ", "mutation ", "fragment ")
EITHER_JOB = "job { id } jobResult { id }"  # as the version has it
ALL = {"read_orders", "write_orders", "read_customers"}


class Scopes(Visitor):
    """Gathers the scopes of the fields that a document selects."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        field = self._types.get_field_def()
        assert field is not None, f"{node.name.value} is not in the schema"
        self.found |= {scope for scope in [required_scope(SCHEMA, field)] if scope}


def scopes_of(document: DocumentNode) -> set[str]:
    types = TypeInfo(SCHEMA)
    scopes = Scopes(types)
    visit(document, TypeInfoVisitor(types, scopes))
    return scopes.found


def documents() -> Iterator[tuple[str, DocumentNode]]:
    """Yield each query, mutation and fragment of the rooms that ask Shopify."""
    for module in pkgutil.iter_modules(shopify.__path__, f"{shopify.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, str) and value.lstrip().startswith(KINDS):
                yield f"{module.name}.{name}", parse(value.replace("JOB\n", f"{EITHER_JOB}\n"))


def test_the_scopes_that_are_asked_for_are_those_that_the_queries_need() -> None:
    needed = {scope for _, document in documents() for scope in scopes_of(document)}

    assert needed == {*NEEDED, HOLD_OWN, READ_RETURNS}


def test_the_scopes_for_holds_are_asked_for_only_where_parcels_are_held() -> None:
    assert missing_scopes(ALL) == {}
    assert missing_scopes(ALL, holds=True) == NEEDED_TO_HOLD
    assert missing_scopes(ALL | {HOLD_OWN, HOLD_OTHER}, holds=True) == {}


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("query q { shop { name } }", set()),
        ("query q { orders(first: 1) { nodes { name } } }", {"read_orders"}),
        ("query q($id: ID!) { order(id: $id) { person: customer { firstName } } }", {"read_orders", "read_customers"}),
        ("fragment f on Order { customer { lastName } }", {"read_customers"}),
        ('mutation m { tagsAdd(id: "1", tags: []) { userErrors { message } } }', {"write_orders"}),
    ],
)
def test_a_scope_is_found_wherever_a_query_needs_it(text: str, scopes: set[str]) -> None:
    assert scopes_of(parse(text)) == scopes


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (ALL, set()),
        ({"write_orders", "write_customers"}, set()),
        ({"read_orders", "read_customers"}, {"write_orders"}),
        ({"read_orders", "write_orders"}, {"read_customers"}),
        ({"read_products"}, ALL),
    ],
)
def test_a_scope_to_write_includes_the_one_to_read(granted: set[str], missing: set[str]) -> None:
    assert missing_scopes(granted).keys() == missing


@pytest.mark.parametrize("document", ["docs/operations.md", ".env.example"])
def test_the_documents_ask_for_the_scopes_that_are_needed(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")

    assert {scope for scope in NEEDED if scope not in text} == set()
