"""A disk that takes no more: what cannot be kept is refused and not acknowledged, all else goes on, and space is all that it needs."""

import paho.mqtt.client as paho
import pytest
from fleet import api, command
from fleet.device import allow_all_policy, make_device
from fleet.disk import FailingWrites, SmallDisk
from fleet.inbox import eventually
from fleet.paho_client import PahoClient
from fleet.signed import request, send
from support.server import environment

#: `ExitStatus.cannotCreate`, as in sysexits.h.
CANNOT_CREATE = 73
FAILURES = ["InternalFailureException", "ServiceUnavailableException"]


@pytest.fixture
def small_disk(tmp_path):
    """It is the data folder of a server in `tmp_path`, whose log lies beside it."""
    disk = SmallDisk(tmp_path / "data")
    disk.mount()
    yield disk
    disk.unmount()


@pytest.fixture(params=["a full file system", "a device that fails"])
def server_and_disk(request, start_server, tmp_path):
    if request.param == "a device that fails":
        server = start_server("aws", folder=tmp_path)
        return server, FailingWrites(server)
    disk = request.getfixturevalue("small_disk")
    return start_server("aws", folder=tmp_path), disk


def endpoints_of(server):
    return vars(server.endpoints)


def things(server):
    return {thing["thingName"] for thing in api.client(endpoints_of(server), "iot").list_things()["things"]}


def test_nothing_is_acknowledged_that_is_not_kept(server_and_disk, tmp_path):
    server, disk = server_and_disk
    endpoints = endpoints_of(server)
    iot, iot_data = api.client(endpoints, "iot"), api.client(endpoints, "iot-data")
    device = make_device(endpoints, "away", tmp_path, policy=allow_all_policy())
    with PahoClient(endpoints, device, persistent=True) as away:
        away.subscribe("orders")
    iot_data.publish(topic="orders", qos=1, payload=b"before")
    live = PahoClient(endpoints, client_id="live", listener="mqtt").connect()
    live.subscribe("readings", qos=0)
    sender = PahoClient(endpoints, client_id="sender", listener="mqtt").connect()
    older = PahoClient(endpoints, client_id="older", version=paho.MQTTv311, listener="mqtt").connect()

    disk.fill()
    # MQTT 5 has a word for it; for MQTT 3.1.1 there is none but the connection's end.
    assert sender.publish("orders", b"refused 5").is_failure
    with pytest.raises(ConnectionError):
        older.publish("orders", b"refused 311")
    api.refused_with_any(iot_data.publish, FAILURES, topic="orders", qos=1, payload=b"refused over HTTP")
    api.refused_with_any(iot.create_thing, FAILURES, 500, thingName="refused")
    # What needs no disk goes on.
    assert iot.describe_thing(thingName="away")["version"] == 1
    sender.publish("readings", b"21.5", qos=0)
    live.inbox.wait_payload(b"21.5")
    assert send(endpoints, request(endpoints, "GET", "/health")).status == 200

    disk.free()
    eventually(lambda: not sender.publish("orders", b"after").is_failure, what="a publish is acknowledged again")
    iot.create_thing(thingName="kept")
    server.restart(kill=True)
    assert things(server) == {"away", "kept"}
    with PahoClient(endpoints_of(server), device, persistent=True) as away:
        assert away.session_present
        away.inbox.wait_payload(b"after")
        assert away.inbox.payloads[0] == b"before"
    assert server.stop() == 0


def test_the_log_says_what_is_full_and_what_to_do(small_disk, start_server, tmp_path):
    server = start_server("aws", folder=tmp_path)
    small_disk.fill()
    api.refused_with_any(api.client(endpoints_of(server), "iot").create_thing, FAILURES, 500, thingName="refused")
    log = server.log_tail()
    assert str(server.data / "roost.sqlite") in log and "full" in log and "free some space" in log


def test_a_stop_on_a_full_disk_ends(small_disk, start_server, tmp_path):
    """Even with messages in memory that nobody was told are kept."""
    server = start_server("aws", folder=tmp_path)
    endpoints = endpoints_of(server)
    device = make_device(endpoints, "away", tmp_path, policy=allow_all_policy())
    with PahoClient(endpoints, device, persistent=True) as away:
        away.subscribe("orders")
    sender = PahoClient(endpoints, client_id="sender", listener="mqtt").connect()
    assert not sender.publish("orders", b"kept").is_failure
    small_disk.fill()
    assert sender.publish("orders", b"refused").is_failure
    assert server.stop() == 0
    small_disk.free()
    server.start()
    with PahoClient(endpoints_of(server), device, persistent=True) as away:
        assert away.session_present
        away.inbox.wait_payload(b"kept")


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_start_on_a_full_disk_is_refused(end, small_disk, start_server, tmp_path):
    server = start_server("aws", folder=tmp_path)
    api.client(endpoints_of(server), "iot").create_thing(thingName="kept")
    getattr(server, end)()
    small_disk.fill()
    done = command.run(server.command(), environment=environment())
    assert done.returncode == CANNOT_CREATE
    assert f"The disk that holds {server.data / 'roost.sqlite'} is full" in done.stderr
    small_disk.free()
    server.start()
    assert things(server) == {"kept"}
