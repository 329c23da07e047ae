"""Shopify's GraphQL Admin API, as far as Ordercall uses it: ``shopify.graphql`` is its schema.

This module needs graphql-core, which takes a quarter of a second to import; so it is imported by the first request.
Errors are worded as Shopify words them where that is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from ordercall.sandbox.graphql_access import Caller, guard
from ordercall.sandbox.graphql_cost import LARGEST, Pricing, objects_in
from ordercall.sandbox.graphql_resolvers import Resolvers
from ordercall.sandbox.limits import Bucket, cost_report, throttled

SCHEMA = Path(__file__).with_name("shopify.graphql")
SINCE = re.compile(r"^.*# since (\S+)$\n?", re.MULTILINE)

Json = dict[str, Any]


class Wording(NamedTuple):
    """Shopify's message for an error of graphql-core. The groups of *ours* are named like the extensions."""

    ours: re.Pattern[str]
    theirs: str
    code: str


WORDINGS = (
    Wording(
        re.compile(r"Cannot query field '(?P<fieldName>\w+)' on type '(?P<typeName>\w+)'"),
        "Field '{fieldName}' doesn't exist on type '{typeName}'",
        "undefinedField",
    ),
    Wording(
        re.compile(r"Unknown argument '(?P<argumentName>\w+)' on field '\w+\.(?P<name>\w+)'"),
        "Field '{name}' doesn't accept argument '{argumentName}'",
        "argumentNotAccepted",
    ),
    Wording(
        re.compile(r"Argument '\w+\.(?P<name>\w+)\((?P<arguments>\w+):\)' of type '.+' is required"),
        "Field '{name}' is missing required arguments: {arguments}",
        "missingRequiredArguments",
    ),
)


class AdminGraphQL:
    """Answers GraphQL requests to one shop, and counts what they cost."""

    def __init__(self, resolvers: Resolvers, bucket: Bucket) -> None:
        """Args: bucket: holds the points of the app."""
        self._fields = resolvers.fields()
        self._bucket = bucket

    def answer(self, asked: Mapping[str, Any], caller: Caller) -> Json:
        """Return the body of the answer; always sent with status 200, as by Shopify.

        Args:
            asked: ``query``, ``variables`` and ``operationName``.
        """
        variables = asked.get("variables") or {}
        schema = schema_of(caller.version)
        try:
            document = parse(str(asked.get("query")))
        except GraphQLSyntaxError as error:
            return {"errors": [_formatted(error)]}
        faults = validate(schema, document)
        operation = get_operation_ast(document, asked.get("operationName"))
        if faults or operation is None:
            return {"errors": [_formatted(fault) for fault in faults or [GraphQLError("No operation found")]]}
        price = Pricing(document, variables).requested(operation)
        refusal = self._refusal(price)
        if refusal:
            return refusal
        result = execute_sync(schema, document, self._fields, caller, variables, asked.get("operationName"))
        actual = price if operation.operation.value == "mutation" else min(objects_in(result.data) - 1, price)
        self._bucket.give_back(price - max(actual, 0))
        errors = {"errors": [_formatted(error) for error in result.errors]} if result.errors else {}
        return (
            {"data": result.data} | errors | {"extensions": {"cost": cost_report(price, max(actual, 0), self._bucket)}}
        )

    def _refusal(self, price: int) -> Json | None:
        if price > LARGEST:
            message = f"Query cost is {price}, which exceeds the single query max cost limit ({LARGEST})."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": price, "maxCost": LARGEST}
            return {"errors": [{"message": message, "extensions": extensions}]}
        if self._bucket.take(price):
            return None
        return throttled(cost_report(price, None, self._bucket))


@lru_cache
def schema_of(version: str) -> GraphQLSchema:
    """Return the schema as it is in *version*: without what came later."""
    text = SCHEMA.read_text(encoding="utf-8")
    return guard(build_schema(SINCE.sub(lambda line: "" if line[1] > version else line[0], text)))


def _formatted(error: GraphQLError) -> Json:
    plain = cast("Json", error.formatted)
    for wording in WORDINGS:
        found = wording.ours.match(error.message)
        if found:
            named = found.groupdict()
            return plain | {"message": wording.theirs.format(**named), "extensions": {"code": wording.code} | named}
    return plain
