"""Numbers come back as they went in, and keys in their order."""

import json

import pytest
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow

NUMBERS = [
    "0", "1", "-1", "1.0", "1.50", "-0.0", "0.10", "100", "1e400", "1E-7", "0.0000001", "123456789012345678901234567890", "2147483648", "9007199254740993",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1234567890123456789012345678901234",
    "0.1234567890123456789012345678901234", "3.141592653589793238462643383279502",
]  # fmt: skip

#: The same number in another notation: one notation is kept for all exponents.
REWRITTEN = {"1e3": ("1e3", "1e+3", "1E3", "1E+3"), "-0": ("0", "-0")}


def texts(said):
    """The text of each number under the key `n`, anywhere in the message."""
    found = []
    json.loads(said.payload, parse_int=Text, parse_float=Text, object_pairs_hook=lambda pairs: found.extend(v for k, v in pairs if k == "n"))
    return [str(each) for each in found if isinstance(each, Text)]


class Text(str):
    pass


def everything_said(shadow, number):
    document = f'{{"state":{{"desired":{{"o":{{"n":{number}}}}},"reported":{{"n":{number}}}}}}}'.encode()
    shadow.accepted("update", document)
    shadow.accepted("update", document)
    shadow.accepted("get")
    return [each for each in shadow.said]


@pytest.mark.parametrize("number", NUMBERS)
def test_number(number, shadow):
    said = everything_said(shadow, number)
    assert {each.what for each in said} == {"update/delta", "update/documents", "update/accepted", "get/accepted"}
    for each in said:
        # An exponent may be written with another letter or sign.
        found = {text.lower().replace("e+", "e") for text in texts(each)}
        assert found <= same(number), each


def same(number):
    plain = {"0.0000001": {"0.0000001", "1e-7"}, "1E-7": {"1e-7", "0.0000001"}}
    return plain.get(number, {number.lower()})


@pytest.mark.parametrize("number", REWRITTEN)
def test_another_notation(number, shadow):
    for each in everything_said(shadow, number):
        assert set(texts(each)) <= set(REWRITTEN[number]), each


@pytest.mark.parametrize("number", ["01", "+1", "1.", ".5", "0x10", "1e", "NaN", "Infinity", "-", "1_000"])
def test_no_number(number, shadow):
    assert shadow.rejected("update", f'{{"state":{{"desired":{{"n":{number}}}}}}}'.encode())["message"] == "Invalid JSON"


def keys(said, *path):
    value = json.loads(said.payload)
    for each in path:
        value = value[each]
    return list(value)


def test_keys_keep_their_order(shadow):
    order = ["zeta", "alpha", "10", "9", "B", "a"]
    shadow.update(desired={key: {"y": 1, "x": 2} for key in order})
    shadow.accepted("get")
    for what, *path in (
        ("update/accepted", "state", "desired"), ("update/accepted", "metadata", "desired"), ("update/delta", "state"),
        ("update/documents", "current", "state", "desired"), ("get/accepted", "state", "desired"), ("get/accepted", "metadata", "desired"),
    ):  # fmt: skip
        assert keys(shadow.wait_said(what), *path) == order, what
        assert keys(shadow.wait_said(what), *path, "alpha") == ["y", "x"], what


def test_a_changed_key_keeps_its_place_and_a_new_one_comes_last(shadow):
    shadow.update(desired={"c": 1, "b": {"z": 1, "y": 1}, "a": 1})
    shadow.update(desired={"new": 1, "a": 2, "b": {"y": 2, "x": 1}})
    shadow.update(desired={"c": None})
    shadow.update(desired={"c": 1})
    shadow.accepted("get")
    assert keys(shadow.wait_said("get/accepted"), "state", "desired") == ["b", "a", "new", "c"]
    assert keys(shadow.wait_said("get/accepted"), "state", "desired", "b") == ["z", "y", "x"]


def test_order_and_numbers_survive_a_restart(start_server, name):
    server = start_server("aws")
    text = b'{"zeta":1.0,"alpha":-0.0,"m":1234567890123456789012345678901234,"l":[1.50,{"y":1,"x":2}]}'
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        Shadow(client, name).accepted("update", b'{"state":{"reported":' + text + b"}}")
    server.restart(kill=True)
    with PahoClient(vars(server.endpoints), client_id=name, listener="mqtt") as client:
        assert text in Shadow(client, name).ask("get").payload
