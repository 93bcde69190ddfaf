"""Real servers for every test: the embedded ones, unless the environment names others."""

import pytest

from config import embedded


def pytest_configure(config: pytest.Config) -> None:
    """Start them once, before pytest-xdist's workers ask for databases of their own."""
    embedded.ensure()
