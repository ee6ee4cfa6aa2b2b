"""What was acknowledged is on disk: SIGKILL at any moment loses none of it, and the next start needs no repair."""

import time

import pytest

from support.mqtt_raw import V5, V311, Filter, MQTTClient, Type, Will, build
from support.streams import QoS1Publisher, QoS2Publisher, QoS2Receiver, in_background

pytestmark = pytest.mark.roost_process

KEEP = {"session_expiry_interval": 600}


@pytest.fixture(params=["open", "aws"])
def server(request, start_server):
    return start_server(request.param)


@pytest.fixture
def open_server(start_server):
    return start_server("open")


def come(server, name, version=V5, *, clean=False, **fields):
    """A client with a session that outlives its connections."""
    client = MQTTClient(server.mqtt_address, version=version)
    if version == V5:
        fields.setdefault("properties", KEEP)
    connack = client.connect(name, clean=clean, **fields)
    assert connack.reason == 0, str(connack)
    return client


def numbers_until(client, wanted, timeout=30):
    """The numbers of the messages that come (each acknowledged) until all of `wanted` are there."""
    found = []
    missing = set(wanted)
    while missing:
        message = client.wait(Type.PUBLISH, timeout=timeout)
        client.acknowledge(message)
        found.append(int(message.payload))
        missing.discard(found[-1])
    return found


def first_occurrences(numbers):
    return list(dict.fromkeys(numbers))


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
def test_qos_1_to_an_absent_session(server, version):
    come(server, "device", version).subscribe("stream", qos=1)
    come(server, "device", version).disconnect()
    stream = QoS1Publisher("stream")
    for round_number in range(3):
        publishing = in_background(stream.run, come(server, "publisher", version))
        stream.wait_for((round_number + 1) * 300)
        server.kill()
        publishing.join(30)
        server.start()
    device = come(server, "device", version)
    assert device.connack.session_present
    found = numbers_until(device, stream.acknowledged)
    order = first_occurrences(found)
    assert order == sorted(order), "the order was lost"


def test_qos_1_to_an_absent_share_group(server):
    """They wait for the group: whichever member comes first gets them, in order."""
    for name in ("one", "two"):
        come(server, name).subscribe("$share/group/stream", qos=1)
        come(server, name).disconnect()
    stream = QoS1Publisher("stream")
    for round_number in range(2):
        publishing = in_background(stream.run, come(server, "publisher"))
        stream.wait_for((round_number + 1) * 300)
        server.kill()
        publishing.join(30)
        server.start()
    found = numbers_until(come(server, "two"), stream.acknowledged)
    order = first_occurrences(found)
    assert order == sorted(order), "the order was lost"


def test_qos_1_to_a_slow_connected_session(server):
    """The session acknowledges a part; all that it has not acknowledged comes in its next connection."""
    device = come(server, "device")
    device.subscribe("stream", qos=1)
    stream = QoS1Publisher("stream")
    publishing = in_background(stream.run, come(server, "publisher"))
    before = []
    for _ in range(40):
        message = device.next_publish()
        before.append(int(message.payload))
    stream.wait_for(400)
    server.kill()
    publishing.join(30)
    server.start()
    again = come(server, "device")
    assert again.connack.session_present
    after = numbers_until(again, set(stream.acknowledged) - set(before))
    assert set(stream.acknowledged) <= set(before) | set(after)
    assert first_occurrences(after) == sorted(set(after)), "the order was lost"


def test_qos_2_arrives_exactly_once(open_server):
    """Persistent sessions on both sides, three kills: nothing is lost and nothing comes twice."""
    receiver, stream = QoS2Receiver(), QoS2Publisher("stream")
    device = come(open_server, "device")
    device.subscribe("stream", qos=2)
    for round_number in range(3):
        tasks = [in_background(receiver.run, device), in_background(stream.run, come(open_server, "publisher"))]
        stream.wait_for((round_number + 1) * 100)
        open_server.kill()
        for each in tasks:
            each.join(30)
        open_server.start()
        device = come(open_server, "device")
        assert device.connack.session_present
    finishing = in_background(stream.run, come(open_server, "publisher"), lambda: True)
    receiver.take_until(device, set(stream.completed))
    finishing.join(30)
    receiver.take_until(device, set(range(stream.next_number)))
    assert sorted(receiver.received) == list(range(stream.next_number)), "a message came twice"


def test_qos_2_to_an_absent_session_arrives_exactly_once(open_server):
    come(open_server, "device").subscribe("stream", qos=2)
    come(open_server, "device").disconnect()
    stream = QoS2Publisher("stream")
    publishing = in_background(stream.run, come(open_server, "publisher"))
    stream.wait_for(200)
    open_server.kill()
    publishing.join(30)
    open_server.start()
    finishing = in_background(stream.run, come(open_server, "publisher"), lambda: True)
    finishing.join(30)
    receiver = QoS2Receiver()
    device = come(open_server, "device")
    receiver.take_until(device, set(range(stream.next_number)))
    assert receiver.received == list(range(stream.next_number))


def test_packet_ids_in_flight_survive(server):
    device = come(server, "device")
    device.subscribe("stream", qos=1)
    publisher = come(server, "publisher")
    for number in range(5):
        publisher.publish("stream", b"%d" % number, qos=1)
    first = [device.next_publish(ack=False) for _ in range(5)]
    device.acknowledge(first[0])
    device.ping()
    publisher.publish("stream", b"5", qos=1)
    server.restart(kill=True)
    again = come(server, "device")
    found = []
    while not found or found[-1].payload != b"5":
        found.append(again.next_publish(ack=False))
    # An acknowledgement of QoS 1 may get lost with the server; then its message comes again, which QoS 1 allows.
    expected = first if found[0].payload == b"0" else first[1:]
    assert [(each.payload, each.packet_id) for each in found[:-1]] == [(each.payload, each.packet_id) for each in expected]
    assert all(each.dup for each in found[:-1]), "what is sent again after a restart is sent again [MQTT-3.3.1-1]"


def test_state_of_qos_2_survives_on_both_sides(open_server):
    """A sent PUBREL comes again and not its PUBLISH; a received PUBLISH is not taken for a new one."""
    device = come(open_server, "device")
    device.subscribe("out", "in", qos=2)
    publisher = come(open_server, "publisher")
    publisher.publish("out", b"1", qos=2)
    message = device.next_publish(ack=False)
    device.send(build.acknowledgement(Type.PUBREC, message.packet_id))
    device.next(Type.PUBREL)
    publisher.send(build.publish("in", b"2", qos=2, packet_id=77))
    publisher.next(Type.PUBREC)
    open_server.restart(kill=True)
    publisher = come(open_server, "publisher")
    assert publisher.connack.session_present
    publisher.send(build.publish("in", b"2", qos=2, packet_id=77, dup=True))
    assert publisher.next(Type.PUBREC).packet_id == 77
    publisher.send(build.acknowledgement(Type.PUBREL, 77))
    assert publisher.next(Type.PUBCOMP).packet_id == 77
    publisher.publish("in", b"3", qos=2)
    device = come(open_server, "device")
    assert device.wait(Type.PUBREL).packet_id == message.packet_id
    device.send(build.acknowledgement(Type.PUBCOMP, message.packet_id))
    assert numbers_until(device, {2, 3}) == [2, 3]


def test_qos_2_completed_out_of_order_is_not_published_again(open_server):
    """A message whose exchange is complete while an earlier one's is not: after a kill its PUBLISH must not come as a new one."""
    device = come(open_server, "device")
    device.subscribe("stream", qos=2)
    publisher = come(open_server, "publisher")
    for number in range(3):
        publisher.publish("stream", b"%d" % number, qos=2)
    messages = [device.next_publish(ack=False) for _ in range(3)]
    for each in messages:
        device.send(build.acknowledgement(Type.PUBREC, each.packet_id))
        device.wait(Type.PUBREL, each.packet_id)
    device.send(build.acknowledgement(Type.PUBCOMP, messages[1].packet_id))
    device.ping()
    publisher.publish("elsewhere", b"x", qos=2, retain=True)
    open_server.restart(kill=True)
    device = come(open_server, "device")
    publisher = come(open_server, "publisher")
    publisher.publish("stream", b"end", qos=2)
    again = []
    while (packet := device.next()).type != Type.PUBLISH or packet.payload != b"end":
        again.append(packet)
    assert [str(each) for each in again if each.type == Type.PUBLISH] == [], "a PUBLISH after its PUBREL [MQTT-4.3.3-6]"
    assert {messages[0].packet_id, messages[2].packet_id} <= {each.packet_id for each in again}


def test_retained_messages_survive(server):
    publisher = come(server, "publisher", clean=True, properties={})
    properties = {"content_type": "text/plain", "user_property": [("b", "1"), ("a", "2")], "correlation_data": b"\0"}
    publisher.publish("state/kept", b"old", qos=1, retain=True)
    publisher.publish("state/kept", b"kept", qos=1, retain=True, properties=properties)
    publisher.publish("state/removed", b"removed", qos=1, retain=True)
    publisher.publish("state/removed", b"", qos=1, retain=True)
    server.restart(kill=True)
    watcher = come(server, "watcher", clean=True, properties={})
    watcher.subscribe("state/removed", "state/kept", qos=1)
    message = watcher.next_publish()
    assert (message.topic, message.payload, message.retain, message.qos) == ("state/kept", b"kept", True, 1)
    assert message.properties.get("content_type") == "text/plain"
    assert message.properties.all("user_property") == properties["user_property"]
    watcher.ping()
    assert not watcher.inbox


def test_subscriptions_survive_with_their_options(open_server):
    device = come(open_server, "device")
    device.subscribe(
        Filter("plain", 1), Filter("as/published", 1, retain_as_published=True), Filter("own", 1, no_local=True), Filter("gone", 1)
    )
    device.subscribe(Filter("identified", 0), properties={"subscription_identifier": 9})
    device.subscribe("$share/group/shared", qos=1)
    device.unsubscribe("gone")
    open_server.restart(kill=True)
    device = come(open_server, "device")
    assert device.connack.session_present
    publisher = come(open_server, "publisher")
    for topic in ("plain", "gone", "as/published", "shared", "identified"):
        publisher.publish(topic, b"x", qos=1, retain=True)
    device.publish("own", b"x", qos=1)
    publisher.publish("own", b"end", qos=1)
    found = {}
    while (message := device.wait(Type.PUBLISH)).topic != "own":
        device.acknowledge(message)
        found[message.topic] = (message.qos, message.retain, message.properties.get("subscription_identifier"))
    assert message.payload == b"end", "no local was forgotten"
    expected = {"plain": (1, False, None), "as/published": (1, True, None), "shared": (1, False, None), "identified": (0, False, 9)}
    assert found == expected


def test_discarded_sessions_stay_discarded(server):
    come(server, "device").subscribe("stream", qos=1)
    come(server, "device", clean=True, properties={}).disconnect()
    come(server, "other").subscribe("stream", qos=1)
    come(server, "other").disconnect(0, {"session_expiry_interval": 0})
    # An acknowledged write later than both: what came before it is on disk.
    come(server, "publisher").publish("stream", b"x", qos=1, retain=True)
    server.restart(kill=True)
    assert not come(server, "device").connack.session_present
    assert not come(server, "other").connack.session_present


def test_wills_of_persistent_sessions_survive(server):
    watcher = come(server, "watcher")
    watcher.subscribe("wills", qos=1)
    come(server, "device", will=Will("wills", b"killed", qos=1, properties={"user_property": [("k", "v")]}))
    server.restart(kill=True)
    watcher = come(server, "watcher")
    message = watcher.next_publish()
    assert (message.payload, message.properties.all("user_property")) == (b"killed", [("k", "v")])


def test_delayed_will_survives_and_waits(server):
    watcher = come(server, "watcher")
    watcher.subscribe("wills", qos=1)
    delayed = {"will_delay_interval": 2}
    come(server, "gone", will=Will("wills", b"gone", qos=1, properties=delayed))
    come(server, "back", will=Will("wills", b"must not come", qos=1, properties={"will_delay_interval": 300}))
    server.restart(kill=True)
    come(server, "back", will=Will("wills", b"second life", qos=1)).disconnect()
    watcher = come(server, "watcher")
    assert watcher.next_publish(timeout=30).payload == b"gone"
    watcher.ping()
    assert not watcher.inbox


def test_sessions_expire_while_the_server_is_down(server):
    come(server, "short", properties={"session_expiry_interval": 1}).disconnect()
    # Acknowledged later than the disconnection, so that is on disk.
    come(server, "publisher").publish("stream", b"x", qos=1, retain=True)
    server.kill()
    time.sleep(2.2)
    server.start()
    assert not come(server, "short").connack.session_present


def test_messages_expire_while_the_server_is_down(server):
    device = come(server, "device")
    device.subscribe("stream", qos=1)
    device.disconnect()
    publisher = come(server, "publisher", clean=True, properties={})
    publisher.publish("stream", b"1", qos=1, properties={"message_expiry_interval": 1})
    publisher.publish("stream", b"2", qos=1, properties={"message_expiry_interval": 500})
    server.kill()
    time.sleep(2.2)
    server.start()
    message = come(server, "device").next_publish()
    assert message.payload == b"2"
    assert 400 <= message.properties.get("message_expiry_interval") <= 498


def test_messages_of_a_shared_subscription_survive(server):
    come(server, "member").subscribe("$share/group/work", qos=1)
    come(server, "member").disconnect()
    publisher = come(server, "publisher")
    for number in range(50):
        publisher.publish("work", b"%d" % number, qos=1)
    server.restart(kill=True)
    assert numbers_until(come(server, "member"), range(50)) == list(range(50))


def test_a_fan_out_survives(server):
    """One message for many absent sessions."""
    names = [f"device{number}" for number in range(40)]
    for each in names:
        device = come(server, each)
        device.subscribe("all", qos=1)
        device.disconnect()
    publisher = come(server, "publisher")
    for number in range(10):
        publisher.publish("all", b"%d" % number, qos=1)
    server.restart(kill=True)
    for each in names:
        assert numbers_until(come(server, each), range(10)) == list(range(10))


@pytest.mark.parametrize("version", [V311, V5], ids=["v311", "v5"])
def test_a_clean_stop_says_goodbye_and_keeps_everything(server, version):
    device = come(server, "device", version)
    device.subscribe("stream", qos=1)
    publisher = come(server, "publisher", version)
    for number in range(20):
        publisher.publish("stream", b"%d" % number, qos=1)
    unacknowledged = [device.next_publish(ack=False) for _ in range(20)]
    assert server.stop() == 0
    assert [each.reason for each in device.until_closed()] == ([0x8B] if version == V5 else [])
    assert not (server.data / "endpoints.json").exists()
    server.start()
    again = come(server, "device", version)
    assert again.connack.session_present
    found = [again.next_publish() for _ in range(20)]
    assert [(each.payload, each.packet_id) for each in found] == [(each.payload, each.packet_id) for each in unacknowledged]


def test_many_kills_in_a_row(server):
    """Also a start that is itself killed early leaves a folder that the next start can use."""
    come(server, "device").subscribe("stream", qos=1)
    come(server, "device").disconnect()
    for number in range(8):
        come(server, "publisher").publish("stream", b"%d" % number, qos=1)
        server.restart(kill=True)
    assert numbers_until(come(server, "device"), range(8)) == list(range(8))
