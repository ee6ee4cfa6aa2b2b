"""Fixtures for every client test: a server of the tests' own, its log beside each failure."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.server import Server, binary, external_address  # noqa: E402

MARKERS = [
    "statement(*ids): MQTT 5.0 normative statements that the test shows",
    "statement311(*ids): MQTT 3.1.1 normative statements that the test shows",
    "open_only(why): runs in the open profile only, because the aws profile departs from the specification",
    "departs(why, *ids): runs in the aws profile only, which departs from these statements",
    "aws_only: runs in the aws profile only",
    "slow: waits for a deadline of the server's own",
    "roost_process: needs a roost process of its own (not an external broker)",
]


def pytest_configure(config):
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(items):
    if external_address() is None:
        return
    skip = pytest.mark.skip(reason="ROOST_TEST_MQTT names a broker that is not ours to start")
    for item in items:
        if item.get_closest_marker("roost_process") or not {"broker"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def roost_binary():
    return binary()


@pytest.fixture(scope="session")
def running_servers():
    """Servers whose logs belong to a failure now."""
    return []


@pytest.fixture(scope="module")
def module_servers(tmp_path_factory, running_servers):
    """Starts servers that the tests of one module share: `module_servers(profile, *arguments)`."""
    yield from _starter(tmp_path_factory, running_servers)


@pytest.fixture
def start_server(tmp_path_factory, running_servers):
    """Starts servers for one test alone: `start_server(profile, *arguments, ephemeral=False, folder=None)`."""
    yield from _starter(tmp_path_factory, running_servers)


def _starter(tmp_path_factory, running_servers):
    started = []

    def start(profile="aws", *arguments, ephemeral=False, folder=None):
        server = Server(folder or tmp_path_factory.mktemp("roost"), profile, arguments, ephemeral=ephemeral)
        started.append(server)
        running_servers.append(server)
        return server.start()

    yield start
    for server in started:
        server.kill()
        running_servers.remove(server)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    servers = getattr(item, "funcargs", {}).get("running_servers", [])
    if report.failed:
        for server in servers:
            report.sections.append((f"log of the {server.profile} server", server.log_tail()))
