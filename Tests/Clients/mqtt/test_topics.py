"""Topic names and filters: matching, wildcards, $-topics, illegal forms (MQTT 5.0 §4.7)."""

import pytest

from support.mqtt_raw import V5, Filter, Type, build, settle
from support.statements import aws_only, both_versions, departs, open_only, statement, statement311

#: filter, names that match it, names that do not; T stands for the test's own level.
MATCHING = [
    ("T", ["T"], ["T/", "/T", "T/a", "upper case"]),
    ("T/+", ["T/a", "T/"], ["T", "T/a/b", "/T/a"]),
    ("T/#", ["T/a", "T/a/b", "T/"], ["/T", "/T/a"]),
    ("T/+/b", ["T/a/b", "T//b"], ["T/b", "T/a/b/", "T/a/c/b"]),
    ("T/+/+", ["T/a/b", "T//"], ["T/a", "T/a/b/c"]),
    ("T/a/#", ["T/a/b", "T/a/b/c/d"], ["T", "T/b", "T/ab"]),
    ("T/+/#", ["T/a/b", "T/a/b/c"], ["T"]),
    ("+/T", ["a/T", "/T"], ["T", "a/b/T", "a/T/b"]),
    ("+/T/#", ["a/T/b", "/T/b"], ["T/b", "a/b/T"]),
    ("+/+/T", ["a/b/T", "//T"], ["a/T"]),
    ("/T", ["/T"], ["T", "//T"]),
    ("T//a", ["T//a"], ["T/a", "T///a"]),
    ("T/", ["T/"], ["T"]),
    ("T/a b", ["T/a b"], ["T/a  b", "T/ab"]),
    ("T/$x", ["T/$x"], ["T/x"]),
    ("T/ä", ["T/ä"], ["T/a\u0308", "T/a", "T/Ä"]),
    ("T/\ufeffa", ["T/\ufeffa"], ["T/a"]),
    ("T/*", ["T/*"], ["T/a", "T/**"]),
    ("T/😀/+", ["T/😀/漢"], ["T/😁/漢"]),
]


@both_versions
@statement("MQTT-3.3.2-3", "MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-4", "MQTT-1.5.4-3")
@pytest.mark.parametrize("filter, matching, others", MATCHING, ids=[each[0].encode("unicode_escape").decode() for each in MATCHING])
def test_matching(connect, version, topic, filter, matching, others):
    client = connect(version=version)
    assert client.subscribe(filter.replace("T", topic)).codes == [0]
    publisher = connect(version=version)
    for name in [*others, *matching]:
        publisher.publish(_named(name, topic), name.encode())
    found = settle(client, publisher, topic + "-end")
    assert [(each.topic, each.payload.decode()) for each in found] == [(_named(name, topic), name) for name in matching]


def _named(name, topic):
    return topic.upper() if name == "upper case" else name.replace("T", topic)


@both_versions
@open_only("`sport/#` does not match `sport`")
@statement("MQTT-4.7.1-1")
@pytest.mark.parametrize("filter, name", [("T/#", "T"), ("T/+/#", "T/a"), ("+/T/#", "a/T")])
def test_multi_level_wildcard_matches_the_parent(connect, version, topic, filter, name):
    client = connect(version=version)
    client.subscribe(filter.replace("T", topic))
    connect().publish(name.replace("T", topic), b"parent")
    assert client.next_publish().payload == b"parent"


@both_versions
@departs("`sport/#` does not match `sport`", "MQTT-4.7.1-1")
@pytest.mark.parametrize("filter, name", [("T/#", "T"), ("T/+/#", "T/a"), ("+/T/#", "a/T")])
def test_aws_multi_level_wildcard_does_not_match_the_parent(connect, version, topic, filter, name):
    client = connect(version=version)
    client.subscribe(filter.replace("T", topic))
    publisher = connect()
    publisher.publish(name.replace("T", topic), b"parent")
    assert settle(client, publisher, topic + "-end") == []


@both_versions
@statement("MQTT-4.7.1-1")
def test_everything(connect, version, topic):
    client = connect(version=version)
    client.subscribe("#")
    connect().publish(topic + "/deep/er", b"x")
    client.wait_where(lambda each: each.type == Type.PUBLISH and each.topic == topic + "/deep/er")


@both_versions
@statement("MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1", "MQTT-4.13.1-1")
@pytest.mark.parametrize("filter", ["", "a#", "a/b#", "#/a", "a/#/b", "a+", "+a", "a/+b", "a/b+/c", "##", "++", "a/##", "+#"])
@pytest.mark.parametrize("make", ["SUBSCRIBE", "UNSUBSCRIBE"])
def test_illegal_filters(connect, version, filter, make):
    """Refused with their own code, or by ending the connection; never granted."""
    client = connect(version=version)
    if make == "SUBSCRIBE":
        client.send(build.subscribe(1, [Filter(filter)], version=version))
    else:
        client.send(build.unsubscribe(1, [filter], version=version))
    answer = client.answer()
    if version == V5:
        assert answer is not None and all(code >= 0x80 for code in answer.codes or [answer.reason]), str(answer)
    elif make == "SUBSCRIBE":
        assert answer is None or answer.codes == [0x80], str(answer)


@both_versions
@statement("MQTT-3.3.2-2", "MQTT-4.7.0-1", "MQTT-4.7.3-1")
@statement311("MQTT-4.7.3-1")
@pytest.mark.parametrize("name", ["#", "+", "a/+/b", "a/#", "a+b", ""])
@pytest.mark.parametrize("qos", [0, 1])
def test_illegal_topic_names(connect, version, name, qos):
    client = connect(version=version)
    client.send(build.publish(name, b"x", qos=qos, packet_id=1 if qos else None, version=version))
    packets = client.until_closed()
    assert [(each.type, each.reason in (0x81, 0x82, 0x90)) for each in packets] == ([(Type.DISCONNECT, True)] if version == V5 else [])


@both_versions
@statement("MQTT-4.7.2-1")
@statement311("MQTT-4.7.2-1")
@open_only("clients may use only the documented $-topics")
def test_wildcards_do_not_match_dollar_topics(connect, version, topic):
    name = f"${topic}/a"
    clients = {filter: connect(version=version) for filter in ("#", "+/a", "+/#", f"${topic}/#", f"${topic}/+", name)}
    for filter, client in clients.items():
        client.subscribe(filter)
    publisher = connect()
    publisher.publish(name, b"dollar")
    for filter, client in clients.items():
        found = [each for each in settle(client, publisher, topic + "-end") if each.topic == name]
        assert bool(found) == filter.startswith("$"), filter


@both_versions
@statement("MQTT-4.7.2-1")
@pytest.mark.roost_process
def test_wildcards_do_not_match_lifecycle_events(connect, version, unique, topic):
    """The server's own $-topics: each CONNECT makes an event on $aws/events/presence/connected/CLIENT."""
    watched = unique("watched")
    hidden = {filter: connect(version=version) for filter in ("#", "+/events/presence/#")}
    for filter, client in hidden.items():
        client.subscribe(filter)
    open_watcher = connect(version=version)
    open_watcher.subscribe("$aws/events/presence/connected/" + watched)
    connect(watched)
    assert open_watcher.next_publish().topic == "$aws/events/presence/connected/" + watched
    publisher = connect()
    for client in hidden.values():
        assert not [each for each in settle(client, publisher, topic + "-end") if each.topic.startswith("$")]


@both_versions
@statement("MQTT-4.7.3-3")
@open_only("topics have at most 256 bytes and 8 levels")
def test_topics_of_65535_bytes(connect, version, topic):
    name = topic + "/" + "x" * (65535 - len(topic) - 1)
    client = connect(version=version)
    assert client.subscribe(name).codes == [0]
    client.publish(name, b"long")
    assert client.wait(Type.PUBLISH).topic == name


@both_versions
@open_only("topics have at most 256 bytes and 8 levels")
def test_topics_of_many_levels(connect, version, topic):
    name = "/".join([topic, *"abcdefghijklmnopqrstuvwxyz"])
    client = connect(version=version)
    assert client.subscribe(name, topic + "/+" * 26, "/".join(["+"] * 26 + ["#"])).codes == [0, 0, 0]
    client.publish(name, b"deep")
    assert client.wait(Type.PUBLISH).topic == name


@both_versions
@departs("topic names have at most 256 bytes", "MQTT-4.7.3-3")
def test_aws_topic_length(connect, version, topic):
    longest = topic + "x" * (256 - len(topic))
    client = connect(version=version)
    assert client.subscribe(longest).codes == [0]
    client.publish(longest, b"fits")
    assert client.wait(Type.PUBLISH).payload == b"fits"
    _is_refused(connect, version, longest + "x")


@both_versions
@aws_only
def test_aws_topic_depth(connect, version, topic):
    deepest = "/".join([topic, *"1234567"])
    client = connect(version=version)
    assert client.subscribe(deepest, "$share/group/" + deepest).codes == [0, 0]
    client.publish(deepest, b"fits")
    assert client.wait(Type.PUBLISH).payload == b"fits"
    _is_refused(connect, version, deepest + "/8")


@both_versions
@aws_only
def test_aws_refuses_unknown_dollar_topics(connect, version):
    _is_refused(connect, version, "$other/topic")


def _is_refused(connect, version, name):
    """A PUBLISH and a SUBSCRIBE of `name` get an error, in their answer or by the end of the connection."""
    for packet in (
        build.publish(name, b"x", qos=1, packet_id=1, version=version),
        build.subscribe(1, [Filter(name)], version=version),
    ):
        client = connect(version=version)
        client.send(packet)
        answer = client.answer()
        assert answer is not None or version != V5, "a refusal of version 5 says why"
        assert answer is None or all(code >= 0x80 for code in answer.codes or [answer.reason]), str(answer)
