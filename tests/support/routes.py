"""The routes of all applications of a run, each compiled once: a sandbox has twenty, and 600 tests make one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

_compiled: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}


class CompiledOnce(Rule):
    """A route like any other, but for the function that builds its URL, which all applications share."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, *self._trace, append_unknown)
        if key not in _compiled:
            _compiled[key] = super()._compile_builder(append_unknown)
        return _compiled[key]


def compile_each_route_once() -> None:
    """Have all applications of this process made of such routes."""
    Flask.url_rule_class = CompiledOnce
