import pytest
from fleet.fixtures import *  # noqa: F401,F403
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow


@pytest.fixture
def application(endpoints, name):
    """A client that may do everything."""
    with PahoClient(endpoints, client_id=f"{name}-application", listener="mqtt") as client:
        yield client


@pytest.fixture
def shadow(application, name):
    """The classic shadow of a thing that no other test uses."""
    return Shadow(application, name)


@pytest.fixture
def named_shadow(application, name):
    return Shadow(application, name, "settings")


@pytest.fixture(params=["classic", "named"])
def any_shadow(request, application, name):
    return Shadow(application, name, "settings" if request.param == "named" else None)
