"""SIGHUP reads the server's certificate anew; connections stay (design: command line)."""

import hashlib
import signal
import ssl

import pytest
from fleet.certificates import Authority
from fleet.device import allow_all_policy, host_and_port, make_device
from fleet.inbox import eventually
from fleet.paho_client import PahoClient


def server_certificate(endpoints, listener="mqtts"):
    return hashlib.sha256(ssl.get_server_certificate(host_and_port(endpoints[listener])).encode()).hexdigest()


@pytest.fixture
def own_server(start_server):
    return start_server("aws")


def test_connections_outlive_a_reload(own_server, tmp_path):

    endpoints = vars(own_server.endpoints)
    device = make_device(endpoints, "steady", tmp_path, policy=allow_all_policy())
    with PahoClient(endpoints, device) as client:
        client.subscribe("steady/t")
        for _ in range(3):
            own_server.process.send_signal(signal.SIGHUP)
            client.publish("steady/t", b"still here")
        client.inbox.wait_count(3)
        with PahoClient(endpoints, device, client_id="newcomer"):
            pass
        assert not client.closed.is_set()


def test_a_new_certificate_is_served_without_a_restart(own_server, tmp_path):
    """The operator puts another certificate and key in place of the server's and sends SIGHUP."""

    endpoints = vars(own_server.endpoints)
    certificate, key = server_files(own_server)
    device = make_device(endpoints, "steady", tmp_path, policy=allow_all_policy())
    before = server_certificate(endpoints)
    with PahoClient(endpoints, device) as client:
        new_certificate, new_key = Authority("Operator").issue("localhost", addresses=["localhost", "127.0.0.1"])
        certificate.write_text(new_certificate)
        key.write_text(new_key)
        own_server.process.send_signal(signal.SIGHUP)
        eventually(lambda: server_certificate(endpoints) != before, what="a new server certificate")
        assert server_certificate(endpoints, "https") == server_certificate(endpoints)
        client.publish("steady/t", b"old connection, new certificate")


def test_broken_files_leave_the_old_certificate(own_server):
    endpoints = vars(own_server.endpoints)
    certificate, _ = server_files(own_server)
    before = server_certificate(endpoints)
    certificate.write_text("nonsense")
    own_server.process.send_signal(signal.SIGHUP)
    eventually(lambda: certificate.name in own_server.log_tail() or "reload" in own_server.log_tail().lower(), what="a word in the log")
    own_server.check_alive()
    assert server_certificate(endpoints) == before


def server_files(server):
    """The server's certificate and key in the data folder."""
    return next(server.data.rglob("server.pem")), next(server.data.rglob("server.key"))
