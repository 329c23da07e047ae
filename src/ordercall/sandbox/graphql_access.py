"""What an app is denied in GraphQL: fields for which its token lacks a scope, and protected customer data.

A denied field is null beside an error that names its path; the rest of the answer comes all the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    get_named_type,
    is_object_type,
)
from graphql.execution import get_directive_values

SCOPES = "https://shopify.dev/api/usage/access-scopes"
PROTECTED = "https://shopify.dev/docs/apps/launch/protected-customer-data"


class Caller(NamedTuple):
    """What the token of a request may do and see, and the API version that answers it."""

    scopes: frozenset[str]
    version: str
    sees_customers: bool = True


type Info = GraphQLResolveInfo[Caller]


def guard(schema: GraphQLSchema) -> GraphQLSchema:
    """Have each field look first whether the caller may have it, by the directives of the schema."""
    for kind in schema.type_map.values():
        if is_object_type(kind):
            for field in kind.fields.values():
                _guard(schema, field)
    return schema


def required_scope(schema: GraphQLSchema, field: GraphQLField) -> str | None:
    """Return the scope without which a field is denied: its own, or that of the type it leads to."""
    nodes = (field.ast_node, get_named_type(field.type).ast_node)
    found = (_directive(schema, "requires", node) for node in nodes if node)
    return next((str(values["scope"]) for values in found if values), None)


def may(scopes: frozenset[str], needed: str) -> bool:
    """Return whether a token with these scopes may do what needs that one; to write includes to read."""
    return needed in scopes or needed.replace("read_", "write_") in scopes


def _guard(schema: GraphQLSchema, field: GraphQLField) -> None:
    scope, resolve = required_scope(schema, field), field.resolve or default_field_resolver
    personal = field.ast_node is not None and _directive(schema, "personal", field.ast_node) is not None

    def guarded(source: Any, info: Info, **given: Any) -> Any:
        if scope and not may(info.context.scopes, scope):
            raise _denied(
                f"Access denied for {info.field_name} field. Required access: `{scope}` access scope.", SCOPES
            )
        if personal and not info.context.sees_customers:
            message = f"This app is not approved to use the {info.field_name} field. See {PROTECTED} for more details."
            raise _denied(message, PROTECTED)
        return resolve(source, info, **given)

    if scope or personal:
        field.resolve = guarded


def _denied(message: str, documentation: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "ACCESS_DENIED", "documentation": documentation})


def _directive(schema: GraphQLSchema, name: str, node: Any) -> dict[str, Any] | None:
    """Return the arguments of a directive at this place of the schema, or None where it does not stand there."""
    directive = schema.get_directive(name)
    return get_directive_values(directive, node) if directive else None
