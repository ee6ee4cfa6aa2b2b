"""paho-mqtt behind the few words that every client of the suites speaks: connect, subscribe, publish, inbox, disconnect."""

from __future__ import annotations

import ssl
import threading
from typing import Any, List, Mapping, Optional

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .device import Device, host_and_port
from .inbox import PATIENCE, Inbox, Message


class PahoClient:
    """One connection. `persistent` asks for a session that outlives it."""

    def __init__(
        self,
        endpoints: Mapping[str, Any],
        device: Optional[Device] = None,
        client_id: Optional[str] = None,
        version: int = paho.MQTTv5,
        persistent: bool = False,
        listener: str = "mqtts",
        keep_alive: int = 60,
    ) -> None:
        self.inbox = Inbox()
        self.version = version
        self.persistent = persistent
        self.session_present = False
        #: The reason of CONNACK and of the end of the connection, as paho shows it.
        self.connect_reason: Optional[ReasonCode] = None
        self.disconnect_reason: Optional[ReasonCode] = None
        self.closed = threading.Event()
        self._answered = threading.Event()
        self._acks: dict = {}
        self._acked = threading.Condition()
        self._host, self._port = host_and_port(endpoints[listener])
        self._keep_alive = keep_alive
        identity = client_id if client_id is not None else (device.name if device else "")
        clean = {} if version == paho.MQTTv5 else {"clean_session": not persistent}
        self.paho = paho.Client(paho.CallbackAPIVersion.VERSION2, identity, protocol=version, reconnect_on_failure=False, **clean)
        self.paho.max_queued_messages_set(0)
        if device is not None:
            self.paho.tls_set(device.ca_file, device.certificate_file, device.key_file, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_message = self._on_message
        self.paho.on_subscribe = self._on_acknowledged_list
        self.paho.on_unsubscribe = self._on_acknowledged_list
        self.paho.on_publish = self._on_acknowledged

    # What paho calls.

    def _on_connect(self, client, userdata, flags, reason, properties) -> None:
        self.connect_reason = reason
        self.session_present = flags.session_present
        self._answered.set()

    def _on_disconnect(self, client, userdata, flags, reason, properties) -> None:
        self.disconnect_reason = reason
        self._answered.set()
        self.closed.set()
        with self._acked:
            self._acked.notify_all()

    def _on_message(self, client, userdata, message) -> None:
        self.inbox.put(Message(message.topic, message.payload, message.qos, bool(message.retain)))

    def _on_acknowledged_list(self, client, userdata, mid, reasons, properties) -> None:
        self._on_acknowledged(client, userdata, mid, reasons, properties)

    def _on_acknowledged(self, client, userdata, mid, reason, properties) -> None:
        with self._acked:
            self._acks[mid] = reason
            self._acked.notify_all()

    # What tests call.

    def connect(self, expect_success: bool = True, session_expiry: int = 3600) -> "PahoClient":
        options = {}
        if self.version == paho.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = session_expiry if self.persistent else 0
            options = {"clean_start": not self.persistent, "properties": properties}
        self.paho.connect(self._host, self._port, self._keep_alive, **options)
        self.paho.loop_start()
        assert self._answered.wait(PATIENCE), "no answer to CONNECT"
        if expect_success:
            refused = self.connect_reason is None or self.connect_reason.is_failure
            assert not refused, f"refused: {self.connect_reason} / {self.disconnect_reason}"
        return self

    def subscribe(self, topic_filter: str, qos: int = 1, options: Optional[SubscribeOptions] = None) -> List[ReasonCode]:
        result, mid = self.paho.subscribe(topic_filter, qos=qos, options=options)
        self._check_sent(result, f"SUBSCRIBE {topic_filter}")
        return self._acknowledgement(mid, f"SUBSCRIBE {topic_filter}")

    def unsubscribe(self, topic_filter: str) -> List[ReasonCode]:
        result, mid = self.paho.unsubscribe(topic_filter)
        self._check_sent(result, f"UNSUBSCRIBE {topic_filter}")
        return self._acknowledgement(mid, f"UNSUBSCRIBE {topic_filter}")

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False, properties: Optional[Properties] = None):
        """Returns when the server has acknowledged; for QoS 0, when the bytes are out."""
        info = self.paho.publish(topic, payload, qos, retain, properties=properties)
        self._check_sent(info.rc, f"PUBLISH {topic}")
        return self._acknowledgement(info.mid, f"PUBLISH {topic}")

    @staticmethod
    def _check_sent(result: int, what: str) -> None:
        """A server that ends the connection may do so before paho has said that the packet is out."""
        if result in (paho.MQTT_ERR_NO_CONN, paho.MQTT_ERR_CONN_LOST):
            raise ConnectionError(f"{what}: there is no connection any more")
        assert result == paho.MQTT_ERR_SUCCESS, f"{what}: {result}"

    def _acknowledgement(self, mid: int, what: str):
        with self._acked:
            arrived = self._acked.wait_for(lambda: mid in self._acks or self.closed.is_set(), PATIENCE)
            assert arrived, f"{what}: no acknowledgement"
            if mid not in self._acks:
                raise ConnectionError(f"{what}: the server closed the connection ({self.disconnect_reason})")
            return self._acks.pop(mid)

    def wait_closed(self, seconds: float = PATIENCE) -> Optional[ReasonCode]:
        assert self.closed.wait(seconds), "the server kept the connection"
        return self.disconnect_reason

    def disconnect(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def drop(self) -> None:
        """Ends the connection without a DISCONNECT, as a lost network does."""
        socket = self.paho.socket()
        if socket is not None:
            socket.close()
        self.paho.loop_stop()

    def __enter__(self) -> "PahoClient":
        return self.connect()

    def __exit__(self, *_) -> None:
        self.disconnect()
