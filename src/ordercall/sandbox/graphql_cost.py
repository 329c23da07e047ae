"""The cost of a GraphQL request: objects 1 point, scalars none, a mutation 10, and a page as if it were full.

Source: https://shopify.dev/docs/api/usage/limits. Shopify's own counting is kinder to large pages; what stays
below these figures stays below Shopify's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    value_from_ast_untyped,
)

MUTATION = 10  # points, as Shopify counts
LARGEST = 1_000
"""The most that a single request may cost, however full the bucket is."""
FREE = frozenset({"pageInfo", "userErrors", "orderCancelUserErrors"})


class Pricing:
    """Prices one document with its variables."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Return what the operation costs if every page is full."""
        if operation.operation is OperationType.MUTATION:
            return MUTATION * len(list(self._fields(operation.selection_set)))
        return self._sum(operation.selection_set, page=1)

    def _sum(self, selections: SelectionSetNode | None, page: int) -> int:
        return sum(self._price(field, page) for field in self._fields(selections))

    def _price(self, field: FieldNode, page: int) -> int:
        if field.selection_set is None or field.name.value in FREE:
            return 0
        if field.name.value == "nodes":
            return page * (1 + self._sum(field.selection_set, page=1))
        size = self._page_size(field)
        if size is not None and not any(each.name.value == "nodes" for each in self._fields(field.selection_set)):
            return size * (1 + self._sum(field.selection_set, page=1))  # a list without pages
        if size is not None:
            return self._sum(field.selection_set, page=size)
        return 1 + self._sum(field.selection_set, page=1)

    def _page_size(self, field: FieldNode) -> int | None:
        for argument in field.arguments or ():
            if argument.name.value == "first":
                size = value_from_ast_untyped(argument.value, dict(self._variables))
                return size if isinstance(size, int) else 0
        return None

    def _fields(self, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                yield from self._fields(self._fragments[selection.name.value].selection_set)
            elif isinstance(selection, InlineFragmentNode):
                yield from self._fields(selection.selection_set)


def objects_in(data: Any) -> int:
    """Return the number of objects in an answer: its actual cost."""
    if isinstance(data, list):
        return sum(objects_in(each) for each in data)
    if not isinstance(data, dict):
        return 0
    inner = sum(objects_in(value) for key, value in data.items() if key not in FREE)
    return inner if "nodes" in data else 1 + inner
