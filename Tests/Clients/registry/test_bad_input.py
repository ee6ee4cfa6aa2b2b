"""Wrong types, lengths, patterns and words in every field of every operation of `iot` that the server offers: each is refused, in AWS's words, and changes
nothing. The cases come from botocore's model of the service."""

from __future__ import annotations

import copy
import json
import re
from typing import Any, Iterator, List, Tuple
from urllib.parse import quote

import botocore.session
import pytest
from botocore import serialize
from fleet import signed

MODEL = botocore.session.get_session().get_service_model("iot")

#: Operations whose fields are checked by their own suites, for what is in them is a language of its own (rules/) or no field at all.
ELSEWHERE = {
    "CreateTopicRule", "ReplaceTopicRule", "CreateTopicRuleDestination", "UpdateTopicRuleDestination", "ConfirmTopicRuleDestination",
    "GetTopicRuleDestination", "DeleteTopicRuleDestination",
}  # fmt: skip

#: A good value for shapes whose constraints do not make one.
GOOD = {
    "AwsArn": "arn:aws:iot:us-east-1:000000000000:thing/x",
    "ResourceArn": "arn:aws:iot:us-east-1:000000000000:thinggroup/x",
    "Principal": "arn:aws:iot:us-east-1:000000000000:cert/" + "0" * 64,
    "PrincipalArn": "arn:aws:iot:us-east-1:000000000000:cert/" + "0" * 64,
    "PolicyTarget": "arn:aws:iot:us-east-1:000000000000:cert/" + "0" * 64,
    "RoleArn": "arn:aws:iam::000000000000:role/sample",
    "CertificateId": "0" * 64,
    "PolicyVersionId": "1",
    "AwsAccountId": "000000000000",
    "QueryString": "thingName:x",
    "IndexName": "AWS_Things",
    "LogEventType": "Connect",
    "LogTargetType": "CLIENT_ID",
    "EndpointType": "iot:Data-ATS",
    "QueryVersion": "2017-09-30",
    "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}),
}

#: Java's words for what Python's regular expressions call otherwise.
PATTERNS = {
    r"[\p{Graph}\x20]*": r"^[\x20-\x7e]*$",
    r"[\w+=,.@-]+": r"^[\w+=,.@-]+$",
    r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$": r"^[\w .:/=+\-@]*$",
}
UNPRINTABLE = "a\u0007b"

#: Fields that are refused as such, whatever is in them, or that say nothing about this server; with what does it instead.
NOT_READ = {
    "propagatingAttributes": "refused by name (test_thing_types)",
    "mqtt5Configuration": "refused by name (test_thing_types)",
    "registrationConfig": "kept as it is until devices are registered by it",
}


def sample(shape, name: str = "") -> Any:
    """A value that satisfies the model."""
    kind = shape.type_name
    if kind == "structure":
        return {member: sample(inner, member) for member, inner in shape.members.items() if member not in NOT_READ}
    if kind == "list":
        return [sample(shape.member, name)]
    if kind == "map":
        key = shape.key.enum[0] if getattr(shape.key, "enum", None) else "sample"
        return {key: sample(shape.value, name)}
    if kind == "boolean":
        return True
    if kind in ("integer", "long"):
        return max(1, shape.metadata.get("min", 1))
    if kind in ("double", "float"):
        return 1.0
    if kind == "timestamp":
        return 1_700_000_000
    if getattr(shape, "enum", None) and shape.name not in GOOD:
        return shape.enum[0]
    good = GOOD.get(shape.name, "sample")
    return good.ljust(shape.metadata.get("min", 0), "x")


class Sent:
    """One operation's request, whose parts can be exchanged."""

    def __init__(self, operation) -> None:
        self.operation = operation
        self.input = operation.input_shape
        self.good = sample(self.input) if self.input else {}

    def request(self, members: dict) -> Tuple[str, bytes, dict]:
        """Target, body and headers for top-level members of the right type."""
        made = serialize.create_serializer("rest-json", include_validation=False).serialize_to_request(members, self.operation)
        query = "&".join(f"{quote(str(k), safe='')}={quote(str(v), safe='')}" for k, v in (made["query_string"] or {}).items())
        body = made["body"]
        return made["url_path"] + (f"?{query}" if query else ""), body if isinstance(body, bytes) else (body or "").encode(), dict(made["headers"])


def places(shape, path=()) -> Iterator[Tuple[tuple, Any]]:
    """Each field inside a body member, by its path."""
    yield path, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name not in NOT_READ:
                yield from places(member, (*path, member.serialization.get("name", name)))
    elif shape.type_name == "list":
        yield from places(shape.member, (*path, 0))
    elif shape.type_name == "map":
        yield from places(shape.value, (*path, None))


def wrong_types(shape) -> List[Any]:
    return {
        "string": [7, True, [], {}],
        "boolean": [3, "yes", [], {}],
        "integer": ["x", 1.5, True, [], {}],
        "long": ["x", 1.5, True, [], {}],
        "double": ["x", True, [], {}],
        "structure": [7, "x", True, []],
        "list": [7, "x", True, {}],
        "map": [7, "x", True, []],
    }.get(shape.type_name, [])


def out_of_bounds(shape) -> List[Any]:
    """Values of the right type that the model does not allow."""
    limits, found = shape.metadata, []
    if shape.type_name == "string":
        if getattr(shape, "enum", None):
            found.append("NOT-A-WORD")
        if "max" in limits and limits["max"] <= 2_048:
            found.append("x" * (limits["max"] + 1))
        if "pattern" in limits and not re.search(PATTERNS.get(limits["pattern"], limits["pattern"]), UNPRINTABLE):
            found.append(UNPRINTABLE)
        if limits.get("min", 0) > 1:
            found.append("x")
    if shape.type_name in ("integer", "long"):
        if "max" in limits:
            found.append(limits["max"] + 1)
        if "min" in limits:
            found.append(limits["min"] - 1)
    return found


def replaced(body: Any, path: tuple, value: Any) -> Any:
    if not path:
        return value
    body = copy.deepcopy(body)
    key = path[0]
    if key is None:
        key = next(iter(body))
    body[key] = replaced(body[key], path[1:], value)
    return body


def cases(operation) -> Iterator[Tuple[set, Any, str, bytes, dict]]:
    """Names of the field that is wrong, what is in it, and the request."""
    sent = Sent(operation)
    if not sent.input:
        return
    target, body, headers = sent.request(sent.good)
    document = json.loads(body) if body else {}
    for name, shape in sent.input.members.items():
        if name in NOT_READ:
            continue
        place, wire = shape.serialization.get("location"), shape.serialization.get("name", name)
        if place is None:
            for path, inner in places(shape, (wire,)):
                field = str([part for part in path if isinstance(part, str)][-1])
                for value in wrong_types(inner) + out_of_bounds(inner):
                    yield {field}, value, target, json.dumps(replaced(document, path, value)).encode(), headers
            if name in sent.input.required_members:
                less = {key: value for key, value in document.items() if key != wire}
                yield {wire}, "missing", target, json.dumps(less).encode(), headers
        elif place in ("uri", "querystring"):
            words = ["x"] if shape.type_name in ("integer", "long", "boolean") else []
            for value in words + out_of_bounds(shape):
                # Of the right Python type for the serializer, whatever the server makes of it.
                changed = sent.request({key: other for key, other in sent.good.items() if key != name} | {name: value})
                yield {name, wire}, value, *changed


OPERATIONS = [MODEL.operation_model(name) for name in MODEL.operation_names]


@pytest.fixture(scope="module")
def known(endpoints):
    services = signed.signed(endpoints, "GET", "/operations", service="roost").json["services"]
    return set(next(service for service in services if service["service"] == "iot")["offered"])


def state(iot) -> list:
    """All that the registry holds."""
    found = [
        iot.list_things()["things"], iot.list_thing_types()["thingTypes"], iot.list_thing_groups()["thingGroups"],
        iot.list_billing_groups()["billingGroups"], iot.list_policies()["policies"], iot.list_certificates()["certificates"],
        iot.list_ca_certificates()["certificates"], iot.list_role_aliases()["roleAliases"], iot.list_topic_rules()["rules"],
        iot.describe_event_configurations()["eventConfigurations"],
    ]  # fmt: skip
    indexing = iot.get_indexing_configuration()
    del indexing["ResponseMetadata"]
    return [*found, indexing]


def call(endpoints, operation, target, body, headers) -> signed.Answer:
    made = signed.request(endpoints, operation.http["method"], target, body)
    made.headers.update(headers)
    return signed.send(endpoints, signed.signer(endpoints).add_headers(made))


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.name not in ELSEWHERE], ids=lambda each: each.name)
def test_each_wrong_field_is_refused(operation, known, endpoints, iot, server):
    if operation.name not in known:
        sent = Sent(operation)
        answer = call(endpoints, operation, *sent.request(sent.good))
        assert answer.status == 400 and operation.name in answer.json["message"], answer
        return
    before = state(iot)
    problems = []
    for names, value, target, body, headers in cases(operation):
        answer = call(endpoints, operation, target, body, headers)
        if answer.status != 400 or not any(name in answer.json.get("message", "") for name in names):
            problems.append(f"{names} {value!r:.40}: {answer.status} {answer.error} {answer.body[:200]!r}")
    server.check_alive()
    assert not problems, "\n".join([f"{len(problems)} wrong fields were not refused:", *problems])
    assert state(iot) == before
