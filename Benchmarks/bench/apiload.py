"""Signed API calls faster than an SDK makes them: each process drives many connections from one loop."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import multiprocessing
import os
import selectors
import socket
import time
from dataclasses import dataclass
from typing import Callable, List, Sequence, Tuple
from urllib.parse import urlsplit

SERVICE = "iot"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: bytes = b""


class Signer:
    """Signature version 4 as an SDK makes it, with one time for a run."""

    def __init__(self, endpoints: dict) -> None:
        where = urlsplit(endpoints["api"])
        self.address = (where.hostname, where.port)
        self.host = f"{where.hostname}:{where.port}"
        self.key_id, self.region = endpoints["accessKeyId"], endpoints["region"]
        self.time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.time[:8]}/{self.region}/{SERVICE}/aws4_request"
        key = b"AWS4" + endpoints["secretAccessKey"].encode()
        for part in (self.time[:8], self.region, SERVICE, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key

    def request(self, call: Call) -> bytes:
        digest = hashlib.sha256(call.body).hexdigest()
        path, _, query = call.path.partition("?")
        canonical = (
            f"{call.method}\n{path.replace('%', '%25')}\n{query}\nhost:{self.host}\nx-amz-date:{self.time}\n\nhost;x-amz-date\n{digest}"
        )
        text = f"AWS4-HMAC-SHA256\n{self.time}\n{self.scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self.key, text.encode(), "sha256").hex()
        return (
            f"{call.method} {call.path} HTTP/1.1\r\nhost: {self.host}\r\nx-amz-date: {self.time}\r\n"
            f"authorization: AWS4-HMAC-SHA256 Credential={self.key_id}/{self.scope}, SignedHeaders=host;x-amz-date, "
            f"Signature={signature}\r\ncontent-length: {len(call.body)}\r\n\r\n"
        ).encode() + call.body


def complete(answer: bytes) -> bool:
    """Whether a whole response is there; the server always gives its length."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    for line in answer[:end].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(answer) >= end + 4 + int(value)
    return True


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the server answered {answer[:600]!r}")


def _drive(endpoints: dict, make: Callable[[int], Call], first: int, count: int, step: int, connections: int, core: int) -> None:
    """Calls `make` for every number of the share; a signature is good for five minutes, so they are renewed."""
    os.sched_setaffinity(0, {core})
    signer, renewed = Signer(endpoints), time.monotonic()
    numbers = iter(range(first, count, step))
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        number = next(numbers, None)
        if number is None:
            break
        connection = socket.create_connection(signer.address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(signer.request(make(number)))
        selector.register(connection, selectors.EVENT_READ, [b""])
    while selector.get_map():
        for key, _ in selector.select():
            key.data[0] += key.fileobj.recv(65_536)
            if not complete(key.data[0]):
                continue
            _check(key.data[0])
            key.data[0] = b""
            number = next(numbers, None)
            if number is None:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                continue
            if time.monotonic() - renewed > 120:
                signer, renewed = Signer(endpoints), time.monotonic()
            key.fileobj.sendall(signer.request(make(number)))


def run_all(endpoints: dict, make: Callable[[int], Call], count: int, cores: Sequence[int], connections: int) -> float:
    """Makes the calls 0 ..< count, all at once as far as the connections go; returns the seconds that it took."""
    began = time.monotonic()
    workers: List[multiprocessing.Process] = []
    for place, core in enumerate(cores):
        share = (endpoints, make, place, count, len(cores), connections // len(cores), core)
        workers.append(multiprocessing.Process(target=_drive, args=share))
        workers[-1].start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a process of the generator failed")
    return time.monotonic() - began


def one_by_one(endpoints: dict, calls: Sequence[Call]) -> Tuple[List[float], bytes]:
    """The milliseconds of each call on one connection, and the last answer."""
    signer = Signer(endpoints)
    connection = socket.create_connection(signer.address)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times: List[float] = []
    answer = b""
    for call in calls:
        request = signer.request(call)
        began = time.perf_counter()
        connection.sendall(request)
        answer = connection.recv(65_536)
        while not complete(answer):
            answer += connection.recv(65_536)
        times.append((time.perf_counter() - began) * 1000)
        _check(answer)
    connection.close()
    return times, answer
