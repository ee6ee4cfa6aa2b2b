"""Shadows as their clients see them: requests on the topics, answers, events (AWS IoT Core: device shadow MQTT topics)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Union

from .device import arn
from .paho_client import PahoClient


def shadow_prefix(thing: str, name: Optional[str] = None) -> str:
    return f"$aws/things/{thing}/shadow" + (f"/name/{name}" if name else "")


def own_shadow_policy(endpoints: Mapping[str, Any]) -> dict:
    """Each device connects under its own name and speaks on the topics of its own shadows alone."""
    thing = "${iot:Connection.Thing.ThingName}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": arn(endpoints, f"client/{thing}")},
            {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": arn(endpoints, f"topic/$aws/things/{thing}/shadow/*")},
            {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": arn(endpoints, f"topicfilter/$aws/things/{thing}/shadow/*")},
        ],
    }


@dataclass(frozen=True)
class Said:
    """What the service said: the topic behind the shadow's prefix (`update/accepted`), and the payload."""

    what: str
    payload: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.payload)


class Shadow:
    """One shadow, seen by a paho client that listens to all that the service says about it.

    `ask` takes the next answer for its own, so there must be no other client that asks at the same time."""

    def __init__(self, client: PahoClient, thing: str, name: Optional[str] = None) -> None:
        self.client = client
        self.thing = thing
        self.name = name
        self.prefix = shadow_prefix(thing, name)
        client.subscribe(f"{self.prefix}/+/+")

    @property
    def said(self) -> List[Said]:
        return self._ours(self.client.inbox.messages)

    def _ours(self, messages) -> List[Said]:
        return [Said(m.topic[len(self.prefix) + 1 :], m.payload) for m in messages if self._is_ours(m.topic)]

    def _is_ours(self, topic: str) -> bool:
        return topic.startswith(self.prefix + "/") and topic.count("/") == self.prefix.count("/") + 2

    def forget(self) -> None:
        """Empties the inbox: what is said from now on counts."""
        self.client.inbox.clear()

    def wait_said(self, what: str, number: int = 1) -> Said:
        """The `number`th message of a kind."""
        found: List[Said] = []

        def enough(_) -> bool:
            found[:] = [each for each in self.said if each.what == what]
            return len(found) >= number

        self.client.inbox.wait_all(enough)
        return found[number - 1]

    # Requests.

    def ask(self, operation: str, payload: bytes = b"", qos: int = 1) -> Said:
        """Sends a request and waits for its answer, accepted or rejected."""
        before = len(self._answers(operation))
        self.client.publish(f"{self.prefix}/{operation}", payload, qos=qos)
        self.client.inbox.wait_all(lambda _: len(self._answers(operation)) > before)
        return self._answers(operation)[before]

    def _answers(self, operation: str) -> List[Said]:
        return [each for each in self.said if each.what in (f"{operation}/accepted", f"{operation}/rejected")]

    def accepted(self, operation: str, payload: Union[bytes, Mapping] = b"", qos: int = 1) -> Any:
        said = self.ask(operation, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), qos)
        assert said.what == f"{operation}/accepted", said
        return said.json

    def rejected(self, operation: str, payload: Union[bytes, Mapping] = b"") -> Any:
        said = self.ask(operation, payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        assert said.what == f"{operation}/rejected", said
        return said.json

    def update(self, **sections) -> Any:
        """Updates `desired` and `reported`; returns the accepted message."""
        return self.accepted("update", {"state": sections})

    def get(self) -> Any:
        return self.accepted("get")

    def delete(self) -> Any:
        return self.accepted("delete")

    @property
    def version(self) -> int:
        """The version now; 0 when there is no such shadow."""
        said = self.ask("get")
        return said.json["version"] if said.what == "get/accepted" else 0
