"""An HTTP server that answers what a test says, and remembers what it was asked: for services that moto has not."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Tuple

from .inbox import PATIENCE


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def scope(self) -> str:
        """What the signature is for: `REGION/SERVICE`."""
        credential = self.headers["authorization"].split("Credential=")[1].split(",")[0]
        return "/".join(credential.split("/")[2:4])


class Stub:
    """`answer(asked)` gives status and body; it may be changed at any time."""

    def __init__(self) -> None:
        self.answer: Callable[[Asked], Tuple[int, bytes]] = lambda asked: (200, b"{}")
        self._changed = threading.Condition()
        self._asked: List[Asked] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                asked = Asked(self.command, self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                status, answer = stub.answer(asked)
                stub._remember(asked)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _remember(self, asked: Asked) -> None:
        with self._changed:
            self._asked.append(asked)
            self._changed.notify_all()

    @property
    def asked(self) -> List[Asked]:
        with self._changed:
            return list(self._asked)

    def wait(self, wanted: Callable[[Asked], bool]) -> Asked:
        """The first request that is `wanted`."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                found = [asked for asked in self._asked if wanted(asked)]
                if found:
                    return found[0]
                left = deadline - time.monotonic()
                assert left > 0 and self._changed.wait(left), f"nothing like that was asked; there was {self._asked}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
