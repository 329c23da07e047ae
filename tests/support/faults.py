"""What is wrong with an environment, for the tests of the settings."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ordercall.config import read_settings
from ordercall.errors import ConfigurationError


def faults(environment: Mapping[str, str]) -> list[str]:
    """Return what is wrong with an environment, one sentence each."""
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)
    return refused.value.faults
