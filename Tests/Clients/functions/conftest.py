import sys

import pytest
from fleet import api
from fleet.fixtures import *  # noqa: F401,F403


@pytest.fixture(scope="module")
def server(module_servers, tmp_path_factory):
    """Functions in Python run with the interpreter of the tests, which has awslambdaric."""
    path = tmp_path_factory.mktemp("configuration") / "roost.yaml"
    path.write_text(f"functions:\n  python: {sys.executable}\n")
    return module_servers("aws", "--config", str(path))


@pytest.fixture(scope="module")
def aws(endpoints):
    return api.client(endpoints, "lambda")
