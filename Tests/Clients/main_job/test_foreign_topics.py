"""A second device of the same fleet is denied the first one's topics, as AWS denies it on each protocol (reference: policy evaluation)."""

import paho.mqtt.client as paho
import pytest
from fleet import command
from fleet.crt_client import Crt5Client
from fleet.inbox import eventually
from fleet.paho_client import PahoClient

NOT_AUTHORIZED = 0x87


@pytest.fixture
def victim(new_device, name):
    return new_device(f"{name}-victim")


@pytest.fixture
def intruder(new_device, name):
    return new_device(f"{name}-intruder", exclusive=True)


@pytest.fixture
def watcher(endpoints, name):
    """Sees everything on the victim's topics, so that what was refused can be shown not to have arrived."""
    with Crt5Client(endpoints, f"{name}-watcher") as client:
        client.subscribe(f"fleet/{name}-victim/#")
        yield client


def nothing_arrived(watcher, victim):
    """Messages of one publisher arrive in order; after one that is allowed, none that was refused can come."""
    watcher.publish(f"fleet/{victim.name}/end", b"end")
    watcher.inbox.wait_payload(b"end")
    assert watcher.inbox.payloads == [b"end"]


def test_publish_at_qos_1_with_mqtt_5_is_answered(endpoints, victim, intruder, watcher):
    with PahoClient(endpoints, intruder) as client:
        reason = client.publish(f"fleet/{victim.name}/telemetry", b"forged", qos=1)
        assert reason.value == NOT_AUTHORIZED
        # The connection lives, and its own topics still work.
        assert not client.publish(f"fleet/{intruder.name}/telemetry", b"own", qos=1).is_failure
    nothing_arrived(watcher, victim)


def test_publish_at_qos_0_with_mqtt_5_ends_the_connection(endpoints, victim, intruder, watcher):
    client = PahoClient(endpoints, intruder).connect()
    client.publish(f"fleet/{victim.name}/telemetry", b"forged", qos=0)
    assert client.wait_closed().value == NOT_AUTHORIZED
    nothing_arrived(watcher, victim)


@pytest.mark.parametrize("qos", [0, 1])
def test_publish_with_mqtt_311_ends_the_connection(qos, endpoints, victim, intruder, watcher):
    client = PahoClient(endpoints, intruder, version=paho.MQTTv311).connect()
    client.paho.publish(f"fleet/{victim.name}/telemetry", b"forged", qos)
    client.wait_closed()
    nothing_arrived(watcher, victim)


def test_subscribe_with_mqtt_5_is_answered(endpoints, victim, intruder):
    with PahoClient(endpoints, intruder) as client:
        assert [code.value for code in client.subscribe(f"fleet/{victim.name}/telemetry")] == [NOT_AUTHORIZED]
        assert [code.value for code in client.subscribe("fleet/#")] == [NOT_AUTHORIZED]
        assert [code.value for code in client.subscribe(f"fleet/{intruder.name}/commands")] == [1]


def test_subscribe_with_mqtt_311_ends_the_connection(endpoints, victim, intruder):
    client = PahoClient(endpoints, intruder, version=paho.MQTTv311).connect()
    with pytest.raises(ConnectionError):
        client.subscribe(f"fleet/{victim.name}/telemetry")


def test_another_name_than_its_own_cannot_connect(endpoints, victim, intruder):
    five = PahoClient(endpoints, intruder, client_id=victim.name).connect(expect_success=False)
    assert five.connect_reason.value == NOT_AUTHORIZED
    three = PahoClient(endpoints, intruder, client_id=victim.name, version=paho.MQTTv311).connect(expect_success=False)
    assert three.connect_reason is None or three.connect_reason.is_failure


def test_mosquitto_pub_is_told(endpoints, victim, intruder, watcher):
    words = command.mosquitto("mosquitto_pub", endpoints, intruder, "-V", "mqttv5", "-q", "1", "-t", f"fleet/{victim.name}/telemetry", "-m", "x")
    done = command.run(words)
    assert "Not authorized" in done.stderr + done.stdout
    nothing_arrived(watcher, victim)


def test_curl_is_forbidden(endpoints, victim, intruder, watcher):
    status, body = command.curl(endpoints, intruder, f"/topics/fleet/{victim.name}/telemetry?qos=1", "--data-binary", "forged")
    assert status == 403, body
    nothing_arrived(watcher, victim)


def test_the_log_says_which_statement_was_missing(server, endpoints, victim, intruder):
    with PahoClient(endpoints, intruder) as client:
        client.publish(f"fleet/{victim.name}/secret", b"forged", qos=1)
    line = eventually(
        lambda: next((line for line in server.log_tail(200_000).splitlines() if f"fleet/{victim.name}/secret" in line), None),
        what="a log line about the refused topic",
    )
    assert intruder.name in line, line
