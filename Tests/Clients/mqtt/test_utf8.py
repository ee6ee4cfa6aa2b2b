"""Strings on the wire (MQTT 5.0 §1.5.4): what is not UTF-8 ends the connection, what is stays as it is."""

import pytest

from support.mqtt_raw import V5, Filter, Type, build
from support.statements import both_versions, statement, statement311

BAD = {
    "U+0000": b"a\0b",
    "lone surrogate": b"\xed\xa0\x80",
    "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80",
    "stray continuation": b"a\x80",
    "cut sequence": b"a\xe2\x82",
    "overlong slash": b"\xc0\xaf",
    "overlong null": b"\xc0\x80",
    "above U+10FFFF": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "Latin-1": "größe".encode("latin-1"),
}


@both_versions
@statement("MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.3.2-1", "MQTT-3.8.3-1", "MQTT-3.10.3-1", "MQTT-4.7.3-2", "MQTT-4.13.1-1")
@statement311("MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-4.8.0-1")
@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("where", ["PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"])
def test_bad_strings_end_the_connection(connect, version, where, bad):
    client = connect(version=version)
    client.send({
        "PUBLISH": build.publish(bad, b"x", version=version),
        "SUBSCRIBE": build.subscribe(1, [Filter(bad)], version=version),
        "UNSUBSCRIBE": build.unsubscribe(1, [bad], version=version),
    }[where])  # fmt: skip
    packets = client.until_closed()
    expected = [(Type.DISCONNECT, True)] if version == V5 else []
    assert [(each.type, each.reason in (0x81, 0x82, 0x8F, 0x90)) for each in packets] == expected, [str(each) for each in packets]


GOOD = {
    "two bytes": "ñ",
    "three bytes": "€漢",
    "four bytes": "😀𐍈",
    "highest": "\U0010fffd",
    "around the surrogates": "\ud7ff\ue000",
    "byte order mark": "\ufeffx\ufeff",
    "combining": "e\u0301",
    "right to left": "\u05d0\u05d1",
    "spaces": "  a  ",
}


@both_versions
@statement("MQTT-1.5.4-3", "MQTT-4.7.3-4", "MQTT-3.3.2-1")
@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_good_strings_stay_as_they_are(connect, version, topic, good):
    name = f"{topic}/{good}"
    client = connect(version=version)
    client.subscribe(Filter(name), Filter(topic + "/+"))
    client.publish(name, b"x", qos=1)
    assert client.wait(Type.PUBLISH).topic == name


@both_versions
@statement("MQTT-1.5.4-3")
@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_good_client_ids(connect, version, unique, good):
    client_id = unique() + good
    first = connect(client_id, version=version)
    connect(client_id.replace("\ufeff", "") + "x", version=version)
    first.ping()
    connect(client_id, version=version)
    first.until_closed()


@statement("MQTT-1.5.7-1")
@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_good_user_properties(connect, topic, good):
    client = connect()
    client.subscribe(topic)
    client.publish(topic, b"x", properties={"user_property": [(good, good)], "content_type": good})
    found = client.wait(Type.PUBLISH).properties
    assert (found.all("user_property"), found.get("content_type")) == ([(good, good)], good)
