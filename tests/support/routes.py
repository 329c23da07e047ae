"""The routes of all applications of a run, each compiled once: a sandbox has twenty, and 600 tests make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

_compiled: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_parsed: dict[str, tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}


class CompiledOnce(Rule):
    """A route like any other, but for the function that builds its URL and its parts, which all applications share."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, *self._trace, append_unknown)
        if key not in _compiled:
            _compiled[key] = super()._compile_builder(append_unknown)
        return _compiled[key]

    def _parse_rule(self, rule: str) -> Iterable[RulePart]:
        if rule not in _parsed:
            before = len(self._trace)
            parts = list(super()._parse_rule(rule))
            _parsed[rule] = parts, self._trace[before:], self._converters
        parts, self._trace[1:], self._converters = _parsed[rule]
        self.arguments.update(self._converters)
        return parts


def compile_each_route_once() -> None:
    """Have all applications of this process made of such routes."""
    Flask.url_rule_class = CompiledOnce
