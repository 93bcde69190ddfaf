"""Real servers for every test: the embedded ones, unless the environment names others."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from config import embedded


def pytest_configure(config: pytest.Config) -> None:
    """Start them once, before pytest-xdist's workers ask for databases of their own."""
    embedded.ensure()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A page that was read in English leaves no other test English."""
    yield
    translation.deactivate()
