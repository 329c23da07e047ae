"""Codes of apps and of paper: which count when, and that none counts twice."""

from __future__ import annotations

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.second_factor import (
    SECONDS,
    FactorKeys,
    address_of,
    new_nonce,
    new_recovery_codes,
    plain,
    right_step,
)
from properties import always, few

OF_THE_STANDARD = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
KEYS = FactorKeys.of(["a secret of the settings"])
SECRETS = st.integers(1, 10_000).map(lambda person: KEYS.secret(KEYS.marks[0], person, "a nonce") or "")
MOMENTS = st.floats(0, 4e9)


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037"), (20_000_000_000, "353130")],
)
def test_a_code_of_the_standard_is_right_at_its_moment(moment: int, code: str) -> None:
    """RFC 6238, appendix B; an app shows the last six digits of those."""
    assert right_step(OF_THE_STANDARD, code, now=moment, after=0) == moment // 30


@always
@given(SECRETS, MOMENTS, st.integers(-5, 5), st.floats(0, SECONDS, exclude_max=True))
def test_a_code_counts_one_step_before_and_after_its_own(secret: str, now: float, off: int, into: float) -> None:
    shown_at = max(0.0, (now // SECONDS + off) * SECONDS + into)
    code, near = pyotp.TOTP(secret).at(int(shown_at)), [max(0, now + each * SECONDS) for each in (-1, 0, 1)]

    counts = right_step(secret, code, now=now, after=-1) is not None

    assert counts is (code in [pyotp.TOTP(secret).at(int(moment)) for moment in near])


@few(50)
@given(SECRETS, MOMENTS, st.lists(st.tuples(st.floats(0, 70), st.integers(-2, 2)), min_size=1, max_size=12))
def test_no_code_is_taken_twice_and_none_from_before_the_last(
    secret: str, now: float, tries: list[tuple[float, int]]
) -> None:
    after, taken = 0, []
    for pause, off in tries:
        now += pause
        shown = pyotp.TOTP(secret).at(int(max(0.0, now + off * SECONDS)))
        step = right_step(secret, shown, now=now, after=after)
        if step is not None:
            assert step > after
            after = step
            taken.append(shown)
        assert all(right_step(secret, old, now=now, after=after) is None for old in taken)


@always
@given(SECRETS, st.text(max_size=12))
def test_what_is_no_code_is_wrong_and_no_error(secret: str, typed: str) -> None:
    now = [pyotp.TOTP(secret).at(at) for at in (0, SECONDS)]

    assert (right_step(secret, typed, now=0.0, after=-1) is None) is ("".join(typed.split()) not in now)


def test_a_code_may_be_typed_with_a_space() -> None:
    assert right_step(OF_THE_STANDARD, " 287 082 ", now=59, after=0) == 1


def test_each_person_and_each_app_has_a_secret_of_its_own() -> None:
    mark, nonce = KEYS.marks[0], new_nonce()

    made = {KEYS.secret(mark, 1, nonce), KEYS.secret(mark, 2, nonce), KEYS.secret(mark, 1, new_nonce())}

    assert len(made) == 3
    assert KEYS.secret(mark, 1, nonce) == KEYS.secret(mark, 1, nonce)


def test_an_app_goes_on_while_the_key_before_is_known_and_no_longer() -> None:
    mark, secret = KEYS.marks[0], KEYS.secret(KEYS.marks[0], 1, "a nonce")

    assert FactorKeys.of(["a new one", "a secret of the settings"]).secret(mark, 1, "a nonce") == secret
    assert FactorKeys.of(["a new one"]).secret(mark, 1, "a nonce") is None


def test_recovery_codes_are_ten_and_may_be_typed_in_any_way() -> None:
    codes = new_recovery_codes()

    assert len(set(map(plain, codes))) == 10
    assert {len(plain(code)) for code in codes} == {24}
    assert plain(codes[0].upper().replace("-", " ")) == plain(codes[0])


def test_the_address_of_a_secret_names_person_shop_and_program() -> None:
    address = pyotp.parse_uri(address_of(OF_THE_STANDARD, "Asha Rao", "shop.example.com"))

    assert (address.secret, address.name) == (OF_THE_STANDARD, "Asha Rao at shop.example.com")
    assert address.issuer == "Ordercall"
