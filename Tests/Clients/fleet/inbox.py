"""Where a client's callbacks put what arrives, and where a test waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Callable, List, Optional

#: How long a test waits for something that must happen, in seconds. Nothing waits this long when all is well.
PATIENCE = 20


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Inbox:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._messages: List[Message] = []

    def put(self, message: Message) -> None:
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    @property
    def messages(self) -> List[Message]:
        with self._changed:
            return list(self._messages)

    @property
    def payloads(self) -> List[bytes]:
        return [message.payload for message in self.messages]

    def clear(self) -> None:
        with self._changed:
            self._messages.clear()

    def wait(self, wanted: Callable[[Message], bool], seconds: float = PATIENCE) -> Message:
        """The first message that is `wanted`; fails with what did arrive."""
        found: List[Message] = []

        def look() -> bool:
            found[:] = [message for message in self._messages if wanted(message)]
            return bool(found)

        self._wait(look, seconds)
        return found[0]

    def wait_payload(self, payload: bytes, seconds: float = PATIENCE) -> Message:
        return self.wait(lambda message: message.payload == payload, seconds)

    def wait_count(self, count: int, seconds: float = PATIENCE) -> List[Message]:
        self._wait(lambda: len(self._messages) >= count, seconds)
        return self.messages

    def wait_all(self, wanted: Callable[[List[Message]], bool], seconds: float = PATIENCE) -> None:
        """Until all that has arrived, taken together, is `wanted`."""
        self._wait(lambda: wanted(self._messages), seconds)

    def _wait(self, satisfied: Callable[[], bool], seconds: float) -> None:
        with self._changed:
            if not self._changed.wait_for(satisfied, seconds):
                shown = [f"{m.topic}: {m.payload[:80]!r}" for m in self._messages[-20:]]
                raise AssertionError(f"not arrived within {seconds} s; {len(self._messages)} arrived, the last: {shown}")


def eventually(check: Callable[[], Optional[object]], seconds: float = PATIENCE, what: str = "") -> object:
    """Polls until `check` returns something true, for states that announce themselves nowhere."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not become true within {seconds} s: {what or check}")
        time.sleep(0.05)
