"""Fixtures of the pure safety tests."""

from tests.safety.signs_fixture import small

__all__ = ["small"]
