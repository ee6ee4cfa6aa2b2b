"""What a denial does on the wire (AWS IoT's policies, on the plain listener whose clients are `anonymous`)."""

import json

import pytest

from support.mqtt_raw import V5, V311, Filter, MQTTClient, Type, Will, build, settle
from support.statements import both_versions, statement, statement311

pytestmark = pytest.mark.roost_process

ARN = "arn:aws:iot:us-east-1:000000000000:"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{ARN}client/allowed-*"},
        {"Effect": "Allow", "Action": ["iot:Publish", "iot:RetainPublish"], "Resource": [f"{ARN}topic/open/*", f"{ARN}topic/mute/*"]},
        {"Effect": "Allow", "Action": "iot:Publish", "Resource": f"{ARN}topic/passing/*"},
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": [f"{ARN}topicfilter/open/*", f"{ARN}topicfilter/mute/*"]},
        {"Effect": "Allow", "Action": "iot:Receive", "Resource": f"{ARN}topic/open/*"},
        {"Effect": "Deny", "Action": "iot:Publish", "Resource": f"{ARN}topic/open/secret"},
    ],
}


@pytest.fixture(scope="module")
def server(module_servers, tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "policy.json"
    path.write_text(json.dumps(POLICY))
    return module_servers("aws", "--anonymous-policy", str(path))


@pytest.fixture
def connect(server, unique):
    clients = []

    def connect_one(version=V5, **fields):
        client = MQTTClient(server.mqtt_address, version=version)
        clients.append(client)
        assert client.connect("allowed-" + unique(), **fields).reason == 0
        return client

    yield connect_one
    for each in clients:
        each.close()
    server.check_alive()


@both_versions
@statement("MQTT-3.1.4-2", "MQTT-3.2.2-7", "MQTT-4.13.2-1")
@statement311("MQTT-3.2.2-5")
def test_connect(server, version, unique):
    client = MQTTClient(server.mqtt_address, version=version)
    client.send(build.connect("other-" + unique(), version=version))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == [(Type.CONNACK, 0x87 if version == V5 else 5)]


@both_versions
@pytest.mark.parametrize("will", [Will("closed/topic"), Will("passing/topic", retain=True)], ids=["topic", "retain"])
def test_connect_with_a_will_that_may_not_be_published(server, version, unique, will):
    client = MQTTClient(server.mqtt_address, version=version)
    client.send(build.connect("allowed-" + unique(), version=version, will=will))
    packets = client.until_closed()
    assert [(each.type, each.reason) for each in packets] == [(Type.CONNACK, 0x87 if version == V5 else 5)]


@pytest.mark.parametrize("topic, retain", [("closed/a", False), ("open/secret", False), ("passing/a", True)])
def test_publish_of_qos_1_in_version_5(connect, topic, retain):
    client = connect()
    assert client.publish(topic, b"x", qos=1, retain=retain).reason == 0x87
    assert client.publish("open/a", b"x", qos=1).reason == 0, "the connection goes on"


@statement311("MQTT-3.3.5-2")
@pytest.mark.parametrize("qos", [0, 1])
def test_publish_in_v311_ends_the_connection(connect, qos):
    client = connect(V311)
    client.send(build.publish("closed/a", b"x", qos=qos, packet_id=1 if qos else None, version=V311))
    assert client.until_closed() == []


def test_publish_of_qos_0_in_version_5_ends_the_connection(connect):
    client = connect()
    client.send(build.publish("closed/a", b"x"))
    assert [(each.type, each.reason) for each in client.until_closed()] == [(Type.DISCONNECT, 0x87)]


@statement("MQTT-3.8.4-7", "MQTT-3.9.3-2")
def test_subscribe_in_version_5_refuses_the_filter_alone(connect):
    client = connect()
    assert client.subscribe(Filter("open/a", 1), Filter("closed/a"), Filter("open/b")).codes == [1, 0x87, 0]
    assert client.subscribe("$share/group/closed/a").codes == [0x87]


def test_subscribe_in_v311_ends_the_connection(connect):
    client = connect(V311)
    client.send(build.subscribe(1, [Filter("closed/a")], version=V311))
    assert client.until_closed() == []


@both_versions
def test_receive_is_silently_left_out(connect, version, unique):
    client, publisher = connect(version), connect()
    client.subscribe("mute/+", "open/+", qos=1)
    publisher.publish("mute/a", b"not for you", qos=1)
    publisher.publish("open/a", b"for you", qos=1)
    message = client.next_publish()
    assert message.payload == b"for you"
    assert settle(client, publisher, "open/" + unique()) == []


@both_versions
def test_a_denied_message_reaches_nobody(connect, version):
    watcher = connect()
    watcher.subscribe("open/#", qos=1)
    offender = connect(version)
    offender.send(build.publish("open/secret", b"x", qos=1, packet_id=1, version=version), build.disconnect())
    offender.until_closed()
    connect().publish("open/after", b"after", qos=1)
    assert watcher.next_publish().payload == b"after"


def test_the_log_names_what_decided(connect, server):
    """A denied device must not leave its owner guessing: the log says what was asked for and what decided."""
    connect().publish("open/secret", b"x", qos=1)
    log = server.log_tail(200_000)
    assert "iot:Publish" in log and "topic/open/secret" in log, log[-2000:]
