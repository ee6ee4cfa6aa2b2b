"""A WebSocket on a bare socket (RFC 6455), as far as MQTT needs it: any frame can be sent, and every frame that comes is seen."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import os
import socket
import ssl
from typing import NamedTuple, Optional
from urllib.parse import quote, urlsplit

DEADLINE_SECONDS = 10.0

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Frame(NamedTuple):
    opcode: int
    payload: bytes
    final: bool


def presigned_path(host: str, access_key: str, secret: str, region: str) -> str:
    """`/mqtt` with a SigV4 query for the device gateway, as AWS's device SDKs make it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    scope = f"{day}/{region}/iotdevicegateway/aws4_request"
    query = "&".join([
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=" + quote(f"{access_key}/{scope}", safe=""),
        f"X-Amz-Date={stamp}",
        "X-Amz-SignedHeaders=host",
    ])  # fmt: skip
    canonical = f"GET\n/mqtt\n{query}\nhost:{host}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + secret).encode()
    for part in (day, region, "iotdevicegateway", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return f"/mqtt?{query}&X-Amz-Signature={hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()}"


class WebSocket:
    """Upgrades at once; `status` and `headers` are the answer. `close_code` is set when a close frame came."""

    def __init__(self, url: str, path: str, ca_file: str, *, subprotocol: Optional[str] = "mqtt"):
        parts = urlsplit(url)
        plain = socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_SECONDS)
        context = ssl.create_default_context(cafile=ca_file)
        self.socket = context.wrap_socket(plain, server_hostname=parts.hostname)
        self._buffer = b""
        self.status, self.headers = self._upgrade(parts.netloc, path, subprotocol)

    def _upgrade(self, host: str, path: str, subprotocol: Optional[str]):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {key}"] + ([f"Sec-WebSocket-Protocol: {subprotocol}"] if subprotocol else [])
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._read()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return int(first.split()[1]), headers

    def _read(self) -> None:
        try:
            chunk = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            chunk = b""
        if not chunk:
            raise EOFError("the server closed the connection")
        self._buffer += chunk

    def send(self, payload: bytes, opcode: int = BINARY, final: bool = True) -> None:
        """Sends one masked frame."""
        length = len(payload)
        if length < 126:
            header = bytes([length | 0x80])
        elif length < 1 << 16:
            header = bytes([126 | 0x80]) + length.to_bytes(2, "big")
        else:
            header = bytes([127 | 0x80]) + length.to_bytes(8, "big")
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(bytes([opcode | (0x80 if final else 0)]) + header + mask + masked)

    def next(self) -> Frame:
        """The next frame; EOFError when the connection has ended."""
        while (frame := self._take()) is None:
            self._read()
        return frame

    def _take(self) -> Optional[Frame]:
        data = self._buffer
        if len(data) < 2:
            return None
        length, offset = data[1] & 0x7F, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            if len(data) < 2 + size:
                return None
            length, offset = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        assert not data[1] & 0x80, "a server must not mask its frames"
        if len(data) < offset + length:
            return None
        self._buffer = data[offset + length :]
        return Frame(data[0] & 0x0F, data[offset : offset + length], bool(data[0] & 0x80))

    def until_closed(self) -> list:
        """All frames until the connection ends."""
        frames = []
        try:
            while True:
                frames.append(self.next())
        except EOFError:
            return frames

    def close(self) -> None:
        self.socket.close()
