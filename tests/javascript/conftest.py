"""The npm packages of these tests."""

from tests.fixtures.npm import packages

__all__ = ["packages"]
