"""Failing asserts in the helpers show their values, as in a test."""

import pytest

pytest.register_assert_rewrite("tests.actions.helpers")
