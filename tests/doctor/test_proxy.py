"""What the login page tells of the proxy that it came through."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ordercall.doctor import Grade
from ordercall.doctor.proxy import passes_on
from stub import Stub

HSTS = {"Strict_Transport_Security": "max-age=31536000"}

SEEN = [
    ((b"<p>400 WrongHost</p>", 400, {}), Grade.FAILURE, "changes the Host"),
    ((b"Bad gateway", 502, {}), Grade.WARNING, "PUBLIC_URL answers 502"),
    ((b"<form>", 200, {}), Grade.WARNING, "browsers come by https"),
    ((b"<form>", 200, HSTS), Grade.OK, "passes on the host"),
]


@pytest.mark.parametrize(("answer", "grade", "said"), SEEN, ids=["host", "gateway", "scheme", "well"])
def test_the_doctor_tells_what_a_proxy_keeps_to_itself(stub: Stub, answer: Any, grade: Grade, said: str) -> None:
    body, status, headers = answer
    stub.answers(body, status, **headers)

    [finding] = passes_on(httpx.get(f"{stub.url}/login", trust_env=False))

    assert finding.grade is grade
    assert said in str(finding)
