"""Markers that tie a test to the normative statements it shows, and to the profile it runs in.

`support/conformance_table.py` reads them out of the sources for docs/mqtt-conformance.md."""

import pytest


def statement(*ids: str):
    """The MQTT 5.0 statements (Appendix B of the specification) that a test shows the server to hold."""
    return pytest.mark.statement(*ids)


def statement311(*ids: str):
    """The same for MQTT 3.1.1 (its Appendix B)."""
    return pytest.mark.statement311(*ids)


def open_only(why: str):
    """A test that the `aws` profile cannot pass, and why."""
    return pytest.mark.open_only(why)


def departs(why: str, *ids: str):
    """A test of how the `aws` profile departs from these MQTT 5.0 statements. It runs in that profile only."""
    return pytest.mark.departs(why, *ids)


#: A test of what only the `aws` profile has: its limits, and its answers to what it does not support.
aws_only = pytest.mark.aws_only

#: Runs the test once with each protocol version; the test takes `version`.
both_versions = pytest.mark.parametrize("version", [4, 5], ids=["v311", "v5"])
