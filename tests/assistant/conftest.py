"""The trained assistant is shared with the other tests that talk to it."""

from tests.assistant_fixture import assistant, visitor

__all__ = ["assistant", "visitor"]
