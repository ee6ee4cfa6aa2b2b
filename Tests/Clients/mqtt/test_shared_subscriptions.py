"""Shared subscriptions (MQTT 5.0 §4.8.2); AWS IoT offers them to 3.1.1 as well, and so do both profiles."""

import time

import pytest

from support.mqtt_raw import V5, V311, Filter, Type, build, settle
from support.statements import both_versions, open_only, statement

COUNT = 60


def collect(clients, topic, publisher):
    """What each client got (acknowledged) up to now."""
    return [[each.payload for each in settle(client, publisher, f"{topic}-end-{number}")] for number, client in enumerate(clients)]


@both_versions
@statement("MQTT-4.8.2-1")
def test_each_message_goes_to_one_member(connect, version, topic):
    members = [connect(version=version) for _ in range(3)]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=1)
    publisher = connect()
    expected = [b"%d" % number for number in range(COUNT)]
    for payload in expected:
        publisher.publish(topic, payload, qos=1)
    found = collect(members, topic, publisher)
    assert sorted(payload for each in found for payload in each) == sorted(expected)
    assert all(found), "a member of three got nothing out of sixty"


@both_versions
def test_groups_and_ordinary_subscriptions_each_get_a_copy(connect, version, topic):
    clients = [connect(version=version) for _ in range(3)]
    for client, filter in zip(clients, (f"$share/one/{topic}", f"$share/two/{topic}", topic)):
        client.subscribe(filter, qos=1)
    publisher = connect()
    for number in range(5):
        publisher.publish(topic, b"%d" % number, qos=1)
    assert collect(clients, topic, publisher) == [[b"0", b"1", b"2", b"3", b"4"]] * 3


def test_a_group_has_one_filter(connect, topic):
    """The same share name with another filter is another subscription (§4.8.2)."""
    first, second = connect(), connect()
    first.subscribe(f"$share/group/{topic}/a", qos=1)
    second.subscribe(f"$share/group/{topic}/+", qos=1)
    publisher = connect()
    publisher.publish(topic + "/a", b"x", qos=1)
    assert collect([first, second], topic, publisher) == [[b"x"], [b"x"]]


@pytest.mark.parametrize("filter", ["{}/+", "{}/#", "+/a", "/{}//a"])
def test_wildcards_in_shared_filters(connect, topic, filter):
    client = connect()
    assert client.subscribe("$share/group/" + filter.format(topic), qos=1).codes == [1]
    name = f"/{topic}//a" if filter.startswith("/") else topic + "/a"
    publisher = connect()
    publisher.publish(name, b"x", qos=1)
    message = client.next_publish()
    assert (message.topic, message.payload) == (name, b"x")


@statement("MQTT-4.8.2-1", "MQTT-4.8.2-2")
@both_versions
@pytest.mark.parametrize("filter", ["$share/", "$share/group", "$share/group/", "$share//topic", "$share/a+b/topic", "$share/#/topic", "$share/+/t"])
def test_illegal_shared_filters(connect, version, filter):
    client = connect(version=version)
    client.send(build.subscribe(1, [Filter(filter)], version=version))
    if version == V5:
        answer = client.next()
        refused = answer.codes == [0x8F] if answer.type == Type.SUBACK else answer.reason in (0x81, 0x82, 0x8F)
        assert refused, str(answer)
    else:
        answer = client.answer()
        assert answer is None or answer.codes == [0x80], f"refused with 0x80 or by closing: {answer}"


@statement("MQTT-4.8.2-3")
def test_granted_qos_of_a_member_is_respected(connect, topic):
    client = connect()
    client.subscribe(f"$share/group/{topic}", qos=0)
    publisher = connect()
    publisher.publish(topic, b"x", qos=1)
    assert client.next_publish().qos == 0
    client.subscribe(f"$share/group/{topic}", qos=1)
    publisher.publish(topic, b"y", qos=1)
    assert client.next_publish().qos == 1


@both_versions
def test_no_retained_messages_for_shared_subscriptions(connect, version, topic):
    publisher = connect()
    publisher.publish(topic, b"retained", qos=1, retain=True)
    client = connect(version=version)
    client.subscribe(f"$share/group/{topic}", qos=1)
    assert settle(client, publisher, topic + "-end") == []
    publisher.publish(topic, b"", qos=1, retain=True)


@both_versions
def test_leaving_members_leave_the_messages_to_the_others(connect, version, topic):
    stays, unsubscribes, goes = members = [connect(version=version) for _ in range(3)]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=1)
    unsubscribes.unsubscribe(f"$share/group/{topic}")
    goes.disconnect()
    publisher = connect()
    for number in range(10):
        publisher.publish(topic, b"%d" % number, qos=1)
    assert collect([stays, unsubscribes], topic, publisher) == [[b"%d" % number for number in range(10)], []]


def test_unsubscribing_the_plain_filter_leaves_the_shared_one(connect, topic):
    client = connect()
    client.subscribe(f"$share/group/{topic}", topic, qos=1)
    assert client.unsubscribe(topic).codes == [0]
    assert client.unsubscribe(f"$share/other/{topic}").codes == [0x11]
    publisher = connect()
    publisher.publish(topic, b"x", qos=1)
    assert collect([client], topic, publisher) == [[b"x"]]


@both_versions
def test_messages_wait_for_a_persistent_member(connect, version, client_id, topic):
    """With a persistent member and nobody online, QoS 1 messages wait (AWS IoT; §4.8.2 leaves it open)."""
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    connect(client_id, version=version, clean=False, **keep).subscribe(f"$share/group/{topic}", qos=1)
    connect(client_id, version=version, clean=False, **keep).disconnect()
    publisher = connect()
    for number in range(5):
        publisher.publish(topic, b"%d" % number, qos=1)
    client = connect(client_id, version=version, clean=False, **keep)
    assert [client.next_publish().payload for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    connect(client_id, version=version).disconnect()


@both_versions
def test_who_comes_first_gets_what_waits(connect, version, client_id, topic):
    """It waits for the group, not for one of its absent members (AWS IoT)."""
    keep = {"properties": {"session_expiry_interval": 60}} if version == V5 else {}
    names = [f"{client_id}-{number}" for number in range(2)]
    for each in names:
        connect(each, version=version, clean=False, **keep).subscribe(f"$share/group/{topic}", qos=1)
        connect(each, version=version, clean=False, **keep).disconnect()
    publisher = connect()
    expected = [b"%d" % number for number in range(10)]
    for payload in expected:
        publisher.publish(topic, payload, qos=1)
    client = connect(names[1], version=version, clean=False, **keep)
    assert [client.next_publish().payload for _ in expected] == expected
    late = connect(names[0], version=version, clean=False, **keep)
    assert settle(late, publisher, f"{topic}-end") == []
    for each in names:
        connect(each, version=version).disconnect()


def test_online_members_come_before_absent_ones(connect, client_id, topic):
    connect(client_id, properties={"session_expiry_interval": 60}).subscribe(f"$share/group/{topic}", qos=1)
    connect(client_id, clean=False, properties={"session_expiry_interval": 60}).disconnect()
    online = connect()
    online.subscribe(f"$share/group/{topic}", qos=1)
    publisher = connect()
    for number in range(20):
        publisher.publish(topic, b"%d" % number, qos=1)
    assert [online.next_publish().payload for _ in range(20)] == [b"%d" % number for number in range(20)]
    connect(client_id).disconnect()


def test_unacknowledged_message_is_not_lost_when_its_member_goes(connect, topic):
    """QoS 1 to a member whose session ends may go to another member or be lost with it (§4.8.2); here two messages make sure that
    the group itself goes on."""
    first, second = connect(), connect()
    first.subscribe(f"$share/group/{topic}", qos=1)
    publisher = connect()
    publisher.publish(topic, b"in flight", qos=1)
    first.next_publish(ack=False)
    second.subscribe(f"$share/group/{topic}", qos=1)
    first.close()
    deadline = time.monotonic() + 10
    while True:
        publisher.publish(topic, b"probe", qos=1)
        if any(each.payload == b"probe" for each in settle(second, publisher, f"{topic}-end-{time.monotonic_ns()}")):
            break
        assert time.monotonic() < deadline, "the group still sends to a member that is gone"


@statement("MQTT-4.8.2-6")
@pytest.mark.parametrize("reason", [0x80, 0x97])
def test_a_refused_message_goes_to_nobody_else(connect, topic, reason):
    members = [connect(), connect()]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=1)
    publisher = connect()
    seen = []
    for number in range(10):
        publisher.publish(topic, b"%d" % number, qos=1)
    for number, each in enumerate(members):
        each.subscribe(f"{topic}-end-{number}", qos=1)
        publisher.publish(f"{topic}-end-{number}", qos=1)
        while (message := each.wait(Type.PUBLISH)).topic == topic:
            seen.append(message.payload)
            each.send(build.acknowledgement(Type.PUBACK, message.packet_id, reason))
        each.acknowledge(message)
    assert sorted(seen) == [b"%d" % number for number in range(10)]
    assert collect(members, topic + "-again", publisher) == [[], []], "a refused message was sent to another member"


@open_only("QoS 2 is not supported")
@statement("MQTT-4.8.2-6", "MQTT-4.4.0-2")
def test_a_message_refused_with_pubrec_goes_to_nobody_else(connect, topic):
    members = [connect(), connect()]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=2)
    publisher = connect()
    publisher.publish(topic, b"refused", qos=2)
    holder = _holder(members, topic, publisher)
    members[holder].send(build.acknowledgement(Type.PUBREC, members[holder].inbox.popleft().packet_id, 0x83))
    assert collect(members, topic + "-again", publisher) == [[], []]


@open_only("QoS 2 is not supported")
@statement("MQTT-4.8.2-4")
def test_a_qos_2_delivery_is_completed_to_the_same_member(connect, unique, topic):
    keep = {"session_expiry_interval": 60}
    ids = [unique("member") for _ in range(2)]
    members = [connect(each, properties=keep) for each in ids]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=2)
    publisher = connect()
    publisher.publish(topic, b"begun", qos=2)
    holder = _holder(members, topic, publisher)
    message = members[holder].inbox.popleft()
    members[holder].close()
    other = members[1 - holder]
    assert collect([other], topic + "-again", publisher) == [[]], "what one member has begun went to another"
    back = connect(ids[holder], clean=False)
    again = back.wait(Type.PUBLISH)
    assert (again.payload, again.packet_id, again.dup) == (b"begun", message.packet_id, True)
    back.acknowledge(again)
    other.disconnect(0, {"session_expiry_interval": 0})


@open_only("QoS 2 is not supported")
@statement("MQTT-4.8.2-5")
def test_a_qos_2_delivery_whose_session_ends_goes_to_nobody_else(connect, topic):
    members = [connect(), connect()]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=2)
    publisher = connect()
    publisher.publish(topic, b"begun", qos=2)
    holder = _holder(members, topic, publisher)
    members[holder].send(build.acknowledgement(Type.PUBREC, members[holder].inbox[0].packet_id))
    members[holder].wait(Type.PUBREL)
    members[holder].close()
    assert collect([members[1 - holder]], topic + "-again", publisher) == [[]]


def _holder(members, topic, publisher):
    """The index of the member whose inbox holds the one message of `topic`, unacknowledged."""
    for number, each in enumerate(members):
        each.subscribe(f"{topic}-mark-{number}", qos=0)
        publisher.publish(f"{topic}-mark-{number}")
        mark = each.wait_where(lambda packet: packet.type == Type.PUBLISH and packet.topic.startswith(topic + "-mark"))
        assert mark.qos == 0
    (holder,) = [number for number, each in enumerate(members) if each.inbox]
    return holder


@pytest.mark.parametrize("versions", [(V311, V5), (V5, V311)])
def test_members_of_both_versions(connect, topic, versions):
    members = [connect(version=version) for version in versions]
    for each in members:
        each.subscribe(f"$share/group/{topic}", qos=1)
    publisher = connect()
    for number in range(COUNT):
        publisher.publish(topic, b"%d" % number, qos=1)
    assert sorted(sum(collect(members, topic, publisher), [])) == sorted(b"%d" % number for number in range(COUNT))
