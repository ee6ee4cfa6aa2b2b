"""Targets that fail and heal, and a server that is killed: what devices were told is taken arrives all the same."""

import base64
import json

import pytest
from fleet import api
from fleet.device import allow_all_policy, make_device
from fleet.moto import with_endpoints
from fleet.paho_client import PahoClient
from fleet.rule import action, make, target_records, wait_for
from fleet.stub import Stub

QUEUE = "https://sqs.us-east-1.amazonaws.com/000000000000/kept"
STREAM = "kept"


class Stream:
    """A stand-in for Kinesis that is down until it is told otherwise, and the numbers that it took."""

    def __init__(self):
        self.stub = Stub()
        self.url = self.stub.url
        self.is_down = True
        self.taken = []
        self.stub.answer = self._answer

    @property
    def asked(self):
        return self.stub.asked

    def _answer(self, asked):
        if self.is_down:
            return 503, b'{"__type": "ServiceUnavailableException", "message": "later"}'
        body = asked.json
        records = body.get("Records", [body])
        self.taken += [json.loads(base64.b64decode(record["Data"]))["n"] for record in records]
        record = {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}
        many = {"FailedRecordCount": 0, "Records": [record] * len(records)}
        return 200, json.dumps(many if "Records" in body else record).encode()


@pytest.fixture
def stream():
    made = Stream()
    yield made
    made.stub.close()


def started(start_server, stream, tmp_path, *services):
    server = start_server("aws", *with_endpoints(tmp_path, stream, *services))
    endpoints = vars(server.endpoints)
    return server, endpoints, api.client(endpoints, "iot")


def device(endpoints, tmp_path, name="publisher"):
    return make_device(endpoints, name, tmp_path, policy=allow_all_policy())


def test_a_target_that_heals_gets_everything_and_delays_nobody_else(start_server, stream, tmp_path):
    _, endpoints, iot = started(start_server, stream, tmp_path, "kinesis")
    make(iot, "both", "SELECT n FROM 'numbers'", action("kinesis", streamName=STREAM, partitionKey="p"), action("sqs", queueUrl=QUEUE),
         errorAction=action("republish", topic="errors"))
    with PahoClient(endpoints, device(endpoints, tmp_path)) as client:
        client.subscribe("errors")
        for number in range(40):
            client.publish("numbers", b'{"n":%d}' % number)
        # The queue of this server has them while the stream is down.
        wait_for(lambda: len(target_records(endpoints, "sqs", "kept", 100)) == 40, "all in the queue")
        wait_for(lambda: stream.asked, "an attempt at the stream")
        stream.is_down = False
        wait_for(lambda: set(stream.taken) == set(range(40)), "all in the stream")
        assert client.inbox.messages == []


def test_what_was_acknowledged_before_a_crash_is_delivered_after_it(start_server, stream, tmp_path):
    """The target is down when the server is killed: nothing was delivered yet, and everything is after the next start."""
    server, endpoints, iot = started(start_server, stream, tmp_path, "kinesis")
    make(iot, "kept", "SELECT n FROM 'numbers'", action("kinesis", streamName=STREAM, partitionKey="p"))
    with PahoClient(endpoints, device(endpoints, tmp_path)) as client:
        for number in range(200):
            client.publish("numbers", b'{"n":%d}' % number)
        server.kill()
        client.drop()
    stream.is_down = False
    server.start()
    wait_for(lambda: set(stream.taken) == set(range(200)), "all in the stream")


def test_an_embedded_target_has_all_that_was_acknowledged_after_a_crash(start_server, tmp_path):
    server = start_server("aws")
    endpoints = vars(server.endpoints)
    iot = api.client(endpoints, "iot")
    make(iot, "kept", "SELECT n FROM 'numbers'", action("kinesis", streamName=STREAM, partitionKey="p"))
    with PahoClient(endpoints, device(endpoints, tmp_path)) as client:
        for number in range(300):
            client.publish("numbers", b'{"n":%d}' % number)
        server.kill()
        client.drop()
    server.start()
    endpoints = vars(server.endpoints)

    def stored():
        return {json.loads(record["body"])["n"] for record in target_records(endpoints, "kinesis", STREAM, 1000)}

    wait_for(lambda: stored() == set(range(300)), "all in the stream")


def test_what_a_target_refuses_goes_to_the_error_action_at_once(start_server, stream, tmp_path):
    stream.stub.answer = lambda asked: (400, b'{"__type": "AccessDeniedException", "message": "not you"}')
    _, endpoints, iot = started(start_server, stream, tmp_path, "kinesis")
    make(iot, "refused", "SELECT n FROM 'numbers'", action("kinesis", streamName=STREAM, partitionKey="p"),
         errorAction=action("republish", topic="errors"))
    with PahoClient(endpoints, device(endpoints, tmp_path)) as client:
        client.subscribe("errors")
        client.publish("numbers", b'{"n":1}')
        failure = json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]
    assert failure["failedAction"] == "KinesisAction"
    assert "AccessDeniedException" in failure["errorMessage"] and "not you" in failure["errorMessage"]
    assert len(stream.asked) == 1
