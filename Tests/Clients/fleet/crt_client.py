"""The AWS IoT Device SDK v2 for Python, MQTT 3.1.1 and MQTT 5, over mutual TLS and over WebSocket with SigV4."""

from __future__ import annotations

import threading
from typing import Any, Mapping, Optional

from awscrt import auth, mqtt, mqtt5
from awsiot import mqtt5_client_builder, mqtt_connection_builder

from .device import Device, host_and_port
from .inbox import PATIENCE, Inbox, Message


def _credentials(endpoints: Mapping[str, Any]) -> auth.AwsCredentialsProvider:
    return auth.AwsCredentialsProvider.new_static(endpoints["accessKeyId"], endpoints["secretAccessKey"], endpoints.get("sessionToken"))


def _place(endpoints: Mapping[str, Any], device: Optional[Device], listener: Optional[str]) -> dict:
    """Where to connect: mutual TLS with a device, the signed WebSocket without one. The SDK checks the name `localhost`."""
    _, port = host_and_port(endpoints[listener or ("mqtts" if device else "https")])
    return {"endpoint": "localhost", "port": port, "ca_filepath": endpoints["caFile"]}


class Crt3Client:
    """awscrt.mqtt.Connection: MQTT 3.1.1."""

    def __init__(self, endpoints: Mapping[str, Any], client_id: str, device: Optional[Device] = None, persistent: bool = False,
                 listener: Optional[str] = None) -> None:  # fmt: skip
        self.inbox = Inbox()
        self.session_present = False
        options = dict(
            _place(endpoints, device, listener), client_id=client_id, clean_session=not persistent, keep_alive_secs=30,
            reconnect_min_timeout_secs=1, protocol_operation_timeout_ms=PATIENCE * 1000,
        )  # fmt: skip
        if device is not None:
            self.connection = mqtt_connection_builder.mtls_from_path(device.certificate_file, device.key_file, **options)
        else:
            self.connection = mqtt_connection_builder.websockets_with_default_aws_signing(
                endpoints["region"], _credentials(endpoints), **options
            )
        self.connection.on_message(self._on_message)

    def _on_message(self, topic, payload, dup, qos, retain, **_) -> None:
        self.inbox.put(Message(topic, bytes(payload), int(qos), retain))

    def connect(self) -> "Crt3Client":
        self.session_present = self.connection.connect().result(PATIENCE)["session_present"]
        return self

    def subscribe(self, topic_filter: str, qos: int = 1) -> None:
        future, _ = self.connection.subscribe(topic_filter, mqtt.QoS(qos))
        future.result(PATIENCE)

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        future, _ = self.connection.publish(topic, payload, mqtt.QoS(qos), retain)
        future.result(PATIENCE)

    def disconnect(self) -> None:
        self.connection.disconnect().result(PATIENCE)

    def __enter__(self) -> "Crt3Client":
        return self.connect()

    def __exit__(self, *_) -> None:
        self.disconnect()


class Crt5Client:
    """awscrt.mqtt5.Client."""

    def __init__(self, endpoints: Mapping[str, Any], client_id: str, device: Optional[Device] = None, persistent: bool = False,
                 listener: Optional[str] = None) -> None:  # fmt: skip
        self.inbox = Inbox()
        self.connack: Optional[mqtt5.ConnackPacket] = None
        self.failure: Optional[Exception] = None
        self._connected = threading.Event()
        self._stopped = threading.Event()
        behaviour = mqtt5.ClientSessionBehaviorType.REJOIN_ALWAYS if persistent else mqtt5.ClientSessionBehaviorType.CLEAN
        options = dict(
            _place(endpoints, device, listener), client_id=client_id, session_behavior=behaviour, keep_alive_interval_sec=30,
            session_expiry_interval_sec=3600 if persistent else None, ack_timeout_sec=PATIENCE,
            on_publish_received=self._on_publish, on_lifecycle_connection_success=self._on_success,
            on_lifecycle_connection_failure=self._on_failure, on_lifecycle_stopped=lambda _: self._stopped.set(),
        )  # fmt: skip
        if device is not None:
            self.client = mqtt5_client_builder.mtls_from_path(device.certificate_file, device.key_file, **options)
        else:
            self.client = mqtt5_client_builder.websockets_with_default_aws_signing(
                endpoints["region"], _credentials(endpoints), **options
            )

    def _on_publish(self, data: mqtt5.PublishReceivedData) -> None:
        packet = data.publish_packet
        self.inbox.put(Message(packet.topic, bytes(packet.payload or b""), int(packet.qos), packet.retain))

    def _on_success(self, data: mqtt5.LifecycleConnectSuccessData) -> None:
        self.connack = data.connack_packet
        self._connected.set()

    def _on_failure(self, data: mqtt5.LifecycleConnectFailureData) -> None:
        self.failure = data.exception
        self.connack = data.connack_packet
        self._connected.set()

    @property
    def session_present(self) -> bool:
        return bool(self.connack and self.connack.session_present)

    def connect(self) -> "Crt5Client":
        self.client.start()
        assert self._connected.wait(PATIENCE), "no answer to CONNECT"
        assert self.failure is None, f"refused: {self.failure} {self.connack}"
        return self

    def subscribe(self, topic_filter: str, qos: int = 1) -> mqtt5.SubackPacket:
        packet = mqtt5.SubscribePacket([mqtt5.Subscription(topic_filter, mqtt5.QoS(qos))])
        suback = self.client.subscribe(packet).result(PATIENCE)
        assert all(code < 0x80 for code in suback.reason_codes), suback
        return suback

    def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS(qos), retain=retain)
        done = self.client.publish(packet).result(PATIENCE)
        assert qos == 0 or done.puback.reason_code < 0x80, done.puback

    def disconnect(self) -> None:
        self.client.stop()
        assert self._stopped.wait(PATIENCE), "the client did not stop"

    def __enter__(self) -> "Crt5Client":
        return self.connect()

    def __exit__(self, *_) -> None:
        self.disconnect()
