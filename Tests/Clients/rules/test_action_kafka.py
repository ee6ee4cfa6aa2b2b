"""The kafka action: what devices publish gets to the brokers of librdkafka's mock cluster, and is read there by another client."""

import json
import socket
import ssl
import subprocess
import time

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from fleet.device import allow_all_policy
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, make, refused_field, wait_for


class Cluster:
    """Two brokers in this process; topics are made when they are used."""

    def __init__(self):
        quiet = {"log_level": 0}
        self._brokers = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 2, **quiet})
        brokers = self._brokers.list_topics(timeout=PATIENCE).brokers.values()
        self.servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def read(self, topic, count=1):
        """The first `count` messages of a topic, in the order of their arrival in each partition. No group: its protocol takes seconds."""
        deadline = time.monotonic() + PATIENCE
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "tests", "log_level": 0})
        try:
            # Asking for a topic makes it, too.
            partitions = wait_for(lambda: consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions, topic)
            consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
            found = []
            while len(found) < count:
                assert time.monotonic() < deadline, f"{topic} has {len(found)} messages, not {count}"
                message = consumer.poll(0.1)
                if message is not None and not message.error():
                    found.append(message)
        finally:
            consumer.close()
        return found


@pytest.fixture(scope="module")
def cluster():
    return Cluster()


@pytest.fixture(scope="module")
def server(module_servers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "roost.yaml").write_text(f"rules:\n  secrets-file: {folder}/secrets.json\n")
    (folder / "secrets.json").write_text(json.dumps({"kafka": {"user": "rules", "password": "wrong"}}))
    return module_servers("aws", "--config", str(folder / "roost.yaml"))


@pytest.fixture(scope="module")
def destination(iot):
    return iot.create_topic_rule_destination(destinationConfiguration={"vpcConfiguration": {
        "subnetIds": ["subnet-1"], "vpcId": "vpc-1", "roleArn": ROLE}})["topicRuleDestination"]["arn"]


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


@pytest.fixture
def deliver(iot, client, rule, destination, cluster):
    """Makes a rule with a kafka action and an error action, and returns a function that publishes."""

    def make_rule(properties=None, sql=None, **fields):
        client_properties = {"bootstrap.servers": cluster.servers, "security.protocol": "PLAINTEXT", **(properties or {})}
        make(iot, rule, sql or f"SELECT * FROM '{rule}/+'", {"kafka": {
            "destinationArn": destination, "topic": rule, "clientProperties": client_properties, **fields}},
            errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/out/errors"}})
        client.subscribe(f"{rule}/out/errors")
        return lambda payload, topic="in": client.publish(f"{rule}/{topic}", payload)

    return make_rule


def failure(client):
    return json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]


def test_a_result_gets_to_its_topic_with_key_partition_and_headers(deliver, cluster, rule):
    publish = deliver(
        sql=f"SELECT t FROM '{rule}/+'", topic=f"{rule}.${{topic(2)}}", key="${topic(2)}-${n}", partition="${n}",
        headers=[{"key": "place", "value": "${topic(2)}"}, {"key": "fixed", "value": ""}])
    publish(b'{"t": 21.5, "n": 2}', "cellar")
    [message] = cluster.read(f"{rule}.cellar")
    assert json.loads(message.value()) == {"t": 21.5}
    assert (message.key(), message.partition()) == (b"cellar-2", 2)
    assert message.headers() == [("place", b"cellar"), ("fixed", b"")]


@pytest.mark.parametrize("properties", [
    {}, {"acks": "0"}, {"compression.type": "gzip", "acks": "1"}, {"compression.type": "snappy"}, {"compression.type": "lz4"},
    {"key.serializer": "StringSerializer", "value.serializer": "org.apache.kafka.common.serialization.StringSerializer"},
])
def test_bytes_get_there_as_they_are(deliver, cluster, rule, properties):
    publish = deliver(properties)
    publish(b"\x00\xff")
    [message] = cluster.read(rule)
    assert (message.value(), message.key(), message.headers()) == (b"\x00\xff", None, None)


def test_messages_with_one_key_stay_in_order(deliver, cluster, rule):
    publish = deliver(key="same")
    for n in range(200):
        publish(json.dumps(n).encode())
    assert [json.loads(message.value()) for message in cluster.read(rule, 200)] == list(range(200))


@pytest.mark.parametrize("fields, payload, word", [
    ({"partition": "${n}"}, b'{"n": 99}', "partition"), ({"partition": "${n}"}, b'{"n": -1}', "partition"),
    ({"topic": "${n}"}, b'{"n": "a b"}', "topic"), ({"topic": "x${n}"}, json.dumps({"n": "x" * 249}).encode(), "topic"),
])
def test_what_kafka_does_not_take_goes_to_the_error_action(deliver, client, fields, payload, word):
    publish = deliver(**fields)
    publish(payload)
    found = failure(client)
    assert found["failedAction"] == "KafkaAction"
    assert word in found["errorMessage"].lower()


def test_a_destination_that_is_off_gets_nothing(iot, client, deliver, destination, cluster, rule):
    publish = deliver()
    iot.update_topic_rule_destination(arn=destination, status="DISABLED")
    try:
        publish(b"{}")
        assert "DISABLED, not ENABLED" in failure(client)["errorMessage"]
    finally:
        iot.update_topic_rule_destination(arn=destination, status="ENABLED")
    publish(b'{"on": true}')
    assert [message.value() for message in cluster.read(rule)] == [b'{"on":true}']


def test_brokers_that_are_not_there_go_to_the_error_action_and_hold_up_nobody(iot, client, deliver, destination, cluster, rule):
    """A cluster of three tries of five seconds: the other rule's message is there long before."""
    publish = deliver({"bootstrap.servers": "127.0.0.1:1"})
    make(iot, f"{rule}_2", f"SELECT * FROM '{rule}/+'", {"kafka": {
        "destinationArn": destination, "topic": rule, "clientProperties": {
            "bootstrap.servers": cluster.servers, "security.protocol": "PLAINTEXT"}}})
    publish(b"{}")
    assert [message.value() for message in cluster.read(rule)] == [b"{}"]
    found = json.loads(client.inbox.wait(lambda message: True, seconds=3 * PATIENCE).payload)["failures"][0]
    assert "timed out" in found["errorMessage"] and "127.0.0.1:1" in found["errorMessage"]


def test_secrets_are_asked_for_and_not_told(client, deliver, server):
    """TLS at brokers that speak none: it fails, and neither the report nor the log has the password."""
    publish = deliver({
        "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.scram.username": "${get_secret('kafka', 'SecretString', 'user', 'arn:aws:iam::123456789012:role/rules')}",
        "sasl.scram.password": "${get_secret('kafka', 'SecretString', 'password', 'arn:aws:iam::123456789012:role/rules')}"})
    publish(b"{}")
    message = client.inbox.wait(lambda message: True, seconds=3 * PATIENCE).payload
    assert json.loads(message)["failures"][0]["failedAction"] == "KafkaAction"
    assert b"wrong" not in message and "wrong" not in server.log_tail(1 << 20)


def test_brokers_with_tls_are_checked_and_see_the_clients_certificate(deliver, tmp_path):
    """Up to the first request, which is all that a broker of the test's own understands."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    certificate = (tmp_path / "cert.pem").read_text()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.load_verify_locations(tmp_path / "cert.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        publish = deliver({
            "bootstrap.servers": f"localhost:{listener.getsockname()[1]}", "security.protocol": "SSL", "ssl.truststore": certificate,
            "ssl.keystore": certificate + (tmp_path / "key.pem").read_text()})
        publish(b"{}")
        accepted, _ = listener.accept()
        with context.wrap_socket(accepted, server_side=True) as connection:
            assert connection.getpeercert()["subject"] == ((("commonName", "localhost"),),)
            # ApiVersions, from the client that the rules are.
            assert b"roost" in connection.recv(1024)


def test_an_unknown_secret_goes_to_the_error_action(client, deliver):
    publish = deliver({
        "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.plain.username": "x",
        "sasl.plain.password": "${get_secret('nobody', 'SecretString', 'password', 'arn:aws:iam::123456789012:role/rules')}"})
    publish(b"{}")
    assert "nobody" in failure(client)["errorMessage"]


ARN = "arn:aws:iot:us-east-1:000000000000:ruledestination/vpc/x"
PLAIN = {"bootstrap.servers": "localhost:9092", "security.protocol": "PLAINTEXT"}


def kafka(**fields):
    return {"kafka": {"destinationArn": ARN, "topic": "t", "clientProperties": PLAIN, **fields}}


@pytest.mark.parametrize("wrong, word", [
    (kafka(destinationArn=ARN.replace("vpc", "http")), "destinationArn"),
    (kafka(destinationArn="x"), "destinationArn"),
    (kafka(topic="a b"), "topic"),
    (kafka(clientProperties={}), "bootstrap.servers"),
    (kafka(clientProperties={**PLAIN, "acks": "all"}), "acks"),
    (kafka(clientProperties={**PLAIN, "compression.type": "zstd"}), "compression.type"),
    (kafka(clientProperties={**PLAIN, "security.protocol": "TLS"}), "security.protocol"),
    (kafka(clientProperties={**PLAIN, "linger.ms": "5"}), "linger.ms"),
    (kafka(clientProperties={**PLAIN, "security.protocol": "SASL_SSL"}), "sasl.mechanism"),
    (kafka(clientProperties={**PLAIN, "security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI"}), "GSSAPI"),
    (kafka(clientProperties={**PLAIN, "sasl.kerberos.realm": "x"}), "Kerberos"),
    (kafka(clientProperties={**PLAIN, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}), "sasl.plain.username"),
    (kafka(clientProperties={"bootstrap.servers": "x:1", "ssl.truststore": "MIIK"}), "ssl.truststore"),
    (kafka(headers=[]), "headers"),
    (kafka(headers=[{"key": "a"}]), "value"),
    (kafka(headers=[{"key": "a", "value": "b"}] * 101), "headers"),
])
def test_a_wrong_field_is_refused(endpoints, rule, wrong, word):
    refused_field(endpoints, rule, wrong, word)
