"""TLS as the tests vary it: contexts, and whether a peer that finished its handshake is then served."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Mapping, Optional, Sequence

from .device import host_and_port
from support.mqtt_raw import DEADLINE_SECONDS, MQTTClient
from support.mqtt_types import V5


def context(
    endpoints: Mapping[str, Any],
    certificate_file: Optional[str] = None,
    key_file: Optional[str] = None,
    alpn: Sequence[str] = (),
    tls_version: Optional[ssl.TLSVersion] = None,
) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(endpoints["caFile"])
    if certificate_file:
        made.load_cert_chain(certificate_file, key_file)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    if tls_version:
        made.minimum_version = made.maximum_version = tls_version
    return made


def mqtt_over_tls(endpoints, device, listener: str = "mqtts", version: int = V5, **tls) -> MQTTClient:
    """A raw MQTT connection whose handshake is done; nothing of MQTT has been sent."""
    made = context(endpoints, device.certificate_file, device.key_file, **tls)
    return MQTTClient(host_and_port(endpoints[listener]), version=version, tls=made, server_name="localhost")


def is_refused(endpoints, made: ssl.SSLContext, listener: str = "mqtts") -> bool:
    """Whether the server ends the connection without a byte of MQTT. With TLS 1.3 a client believes the handshake done before the
    server has looked at its certificate, so the refusal may come with the first read."""
    hello = b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03foo"
    try:
        with socket.create_connection(host_and_port(endpoints[listener]), timeout=DEADLINE_SECONDS) as bare:
            with made.wrap_socket(bare, server_hostname="localhost") as secure:
                secure.sendall(hello)
                return secure.recv(64) == b""
    except (ssl.SSLError, ConnectionResetError, BrokenPipeError):
        return True
