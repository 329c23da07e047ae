"""The document of the API, and answers held against it: with no key that it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from flask import Flask
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from ordercall.web.openapi import describe

REFS = "#/components/schemas/"


def faults_of(app: Flask, answer: TestResponse) -> list[str]:
    """Return in what an answer is otherwise than its door's declaration says; nothing for what is no door's."""
    operation = _operation_of(app, answer.request.method, answer.request.path)
    if operation is None:
        return []
    declared = operation["responses"].get(str(answer.status_code))
    if declared is None:
        return [f"{answer.request.method} {answer.request.path} answers {answer.status_code}, which is not declared"]
    content = declared["content"].get(answer.mimetype)
    if content is None:
        return [f"{answer.request.path} answers {answer.mimetype}, which is not declared"]
    if "schema" not in content:
        return []
    validator = Draft202012Validator(content["schema"] | {"components": _components(app)})
    return [f"{answer.request.path}: {fault}" for fault in validator.iter_errors(answer.get_json())]


def doors_in(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each door."""
    for path, methods in document["paths"].items():
        for method in methods:
            yield method.upper(), path


@cache
def _document(app: Flask) -> dict[str, Any]:
    return describe(app)


@cache
def _components(app: Flask) -> dict[str, Any]:
    """Return the types of the document, each of which now refuses a key that it does not name."""
    components = deepcopy(_document(app)["components"])
    for name, schema in components["schemas"].items():
        if "properties" in schema and name != "Problem":
            schema["additionalProperties"] = False
    return dict(components)


def _operation_of(app: Flask, method: str, path: str) -> dict[str, Any] | None:
    found = [
        methods[method.lower()]
        for template, methods in _document(app)["paths"].items()
        if method.lower() in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    plain = [each for each in found if not any(one["in"] == "path" for one in each["parameters"])]
    return next(iter(plain or found), None)
