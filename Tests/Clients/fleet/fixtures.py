"""Fixtures of the suites of real clients; each suite's conftest.py imports them."""

from __future__ import annotations

import itertools

import pytest

from . import api
from .device import make_device
from .moto import moto

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(module_servers):
    """A server with the profile that AWS users get, shared by a module's tests."""
    return module_servers("aws")


@pytest.fixture(scope="module")
def endpoints(server):
    return vars(server.endpoints)


@pytest.fixture(scope="module")
def iot(endpoints):
    return api.client(endpoints, "iot")


@pytest.fixture(scope="module")
def iot_data(endpoints):
    return api.client(endpoints, "iot-data")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("identities")


@pytest.fixture
def name(request):
    """A name that no other test of the run uses."""
    return f"{request.node.originalname.replace('test_', '', 1)[:40]}-{next(_numbers)}"


@pytest.fixture(scope="module")
def new_device(endpoints, folder):
    """Makes devices: `new_device(name, policy=..., exclusive=..., active=...)`."""

    def make(name, **options):
        return make_device(endpoints, name, folder, **options)

    return make


__all__ = ["endpoints", "folder", "iot", "iot_data", "moto", "name", "new_device", "server"]
