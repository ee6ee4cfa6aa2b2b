"""The http action: what devices publish gets to a web server that has confirmed that it wants it."""

import base64
import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fleet import api
from fleet.device import allow_all_policy
from fleet.paho_client import PahoClient
from fleet.rule import ROLE, make, refused_field, wait_for
from fleet.stub import Stub


@pytest.fixture(scope="module")
def server(module_servers, tmp_path_factory):
    path = tmp_path_factory.mktemp("configuration") / "roost.yaml"
    path.write_text("\n".join([
        "rules:", "  http-allow-plain: true", "  http-allow-any-port: true", "credentials:", "  access-key-id: AKIDTEST",
        "  secret-access-key: secret"]))
    return module_servers("aws", "--config", str(path))


@pytest.fixture
def stub():
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture
def client(endpoints, new_device, name):
    with PahoClient(endpoints, new_device(name, policy=allow_all_policy())) as client:
        yield client


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def destination(iot, url):
    """The destination with this confirmation URL."""
    return wait_for(lambda: [
        each for each in iot.list_topic_rule_destinations(maxResults=1000)["destinationSummaries"]
        if each.get("httpUrlSummary", {}).get("confirmationUrl") == url])[0]


def accept(iot, stub, url):
    """Confirms the destination with the token that its endpoint was sent."""
    arn = destination(iot, url)["arn"]
    message = stub.wait(lambda asked: asked.headers.get("x-amz-rules-engine-destination-arn") == arn)
    iot.confirm_topic_rule_destination(confirmationToken=message.json["confirmationToken"])
    return arn


def is_data(asked):
    return "x-amz-rules-engine-message-type" not in asked.headers


@pytest.fixture
def deliver(iot, client, rule, stub):
    """Makes a rule with an http action to the stub, confirms it and returns a function that publishes."""

    def make_rule(sql=None, path="", **fields):
        url = f"{stub.url}/{rule}"
        make(iot, rule, sql or f"SELECT * FROM '{rule}/+'", {"http": {"url": url + path, "confirmationUrl": url, **fields}},
             errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/out/errors"}})
        accept(iot, stub, url)
        client.subscribe(f"{rule}/out/errors")
        return lambda payload, topic="in": client.publish(f"{rule}/{topic}", payload)

    return make_rule


def failure(client):
    return json.loads(client.inbox.wait(lambda message: True).payload)["failures"][0]


def test_a_result_is_posted_with_its_headers(deliver, stub, rule):
    publish = deliver(f"SELECT t FROM '{rule}/+'", path="/${topic(2)}?n=${n}", headers=[
        {"key": "X-Device", "value": "${topic(2)}-${t}"}, {"key": "x-fixed", "value": "as it is"}])
    publish(b'{"t": 21.5, "n": 7}', "cellar")
    asked = stub.wait(is_data)
    assert (asked.method, asked.path, asked.json) == ("POST", f"/{rule}/cellar?n=7", {"t": 21.5})
    assert (asked.headers["x-device"], asked.headers["x-fixed"]) == ("cellar-21.5", "as it is")
    assert asked.headers["content-type"] == "application/json"
    assert "authorization" not in asked.headers


def test_bytes_are_posted_as_they_are(deliver, stub):
    publish = deliver()
    publish(b"\x00\xff")
    asked = stub.wait(is_data)
    assert (asked.body, asked.headers["content-type"]) == (b"\x00\xff", "application/octet-stream")


def test_the_content_type_is_the_headers(deliver, stub):
    publish = deliver(headers=[{"key": "CONTENT-type", "value": "text/${'x'}"}])
    publish(b"{}")
    assert stub.wait(is_data).headers["content-type"] == "text/x"


def test_a_request_is_signed_when_the_action_says_so(deliver, stub):
    publish = deliver(auth={"sigv4": {"signingRegion": "eu-west-1", "serviceName": "execute-api", "roleArn": ROLE}})
    publish(b"{}")
    asked = stub.wait(is_data)
    assert asked.scope == "eu-west-1/execute-api"
    assert "AKIDTEST" in asked.headers["authorization"]
    assert asked.headers["x-amz-date"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_is_busy_is_tried_again(deliver, stub, client, status):
    publish = deliver()
    answers = iter([(status, b"")])
    stub.answer = lambda asked: next(answers, (200, b""))
    publish(b"{}")
    wait_for(lambda: len([asked for asked in stub.asked if is_data(asked)]) == 2)
    publish(b'{"last": true}')
    stub.wait(lambda asked: b"last" in asked.body)
    assert client.inbox.messages == []


def test_after_three_tries_the_error_action_runs(deliver, stub, client, rule):
    publish = deliver()
    stub.answer = lambda asked: (500, b"")
    publish(b"{}")
    assert failure(client) == {
        "failedAction": "HttpAction", "failedResource": f"{stub.url}/{rule}",
        "errorMessage": "The endpoint answered with status 500. It was tried 3 times."}
    assert len([asked for asked in stub.asked if is_data(asked)]) == 3


@pytest.mark.parametrize("answer, word", [
    ((404, b""), "status 404"), ((302, b""), "status 302"), ((500, b"x" * 16_385), "16384 bytes"),
])
def test_what_another_try_does_not_mend_is_tried_once(deliver, stub, client, answer, word):
    publish = deliver()
    stub.answer = lambda asked: answer
    publish(b"{}")
    assert word in failure(client)["errorMessage"]
    assert len([asked for asked in stub.asked if is_data(asked)]) == 1


def test_a_server_that_does_not_answer_is_given_up(deliver, stub, client):
    publish = deliver()
    release = threading.Event()
    stub.answer = lambda asked: (release.wait(20), (200, b""))[1]
    publish(b"{}")
    try:
        assert "did not answer within" in failure(client)["errorMessage"]
    finally:
        release.set()


def test_a_connection_that_closes_is_not_tried_again(deliver, stub, client):
    publish = deliver()

    def close(asked):
        raise ConnectionError

    stub.answer = close
    publish(b"{}")
    assert "connection" in failure(client)["errorMessage"]


def test_a_header_with_a_line_break_is_not_sent(deliver, stub, client):
    publish = deliver(headers=[{"key": "x-device", "value": "${name}"}])
    publish(b'{"name": "a\\r\\nx-evil: 1"}')
    assert "x-device" in failure(client)["errorMessage"]
    assert not [asked for asked in stub.asked if is_data(asked)]


@pytest.mark.parametrize("path, word", [
    ("/${topic(2)} x", "percent-encoded"), ("/${n}#x", "fragment"),
])
def test_an_url_that_is_none_fails(deliver, client, path, word):
    publish = deliver(path=path)
    publish(b"{}")
    assert word in failure(client)["errorMessage"]


def test_a_message_cannot_choose_another_server(iot, client, stub, rule):
    """`${}` right behind the host: the URL begins with the confirmation URL as text, and is another server's."""
    make(iot, rule, f"SELECT * FROM '{rule}/in'", {"http": {"url": stub.url + "${rest}", "confirmationUrl": stub.url}},
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    accept(iot, stub, stub.url)
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b'{"rest": "1/x"}')
    assert "not the beginning" in failure(client)["errorMessage"] or "port" in failure(client)["errorMessage"]


def test_before_it_is_confirmed_and_after_it_is_switched_off_nothing_is_sent(iot, client, stub, rule):
    url = f"{stub.url}/{rule}"
    make(iot, rule, f"SELECT * FROM '{rule}/in'", {"http": {"url": url}},
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    client.subscribe(f"{rule}/errors")
    client.publish(f"{rule}/in", b"{}")
    assert "IN_PROGRESS, not ENABLED" in failure(client)["errorMessage"]
    arn = accept(iot, stub, url)
    client.publish(f"{rule}/in", b'{"confirmed": true}')
    stub.wait(lambda asked: b"confirmed" in asked.body)
    for change, word in [
        (lambda: iot.update_topic_rule_destination(arn=arn, status="DISABLED"), "DISABLED"),
        (lambda: iot.delete_topic_rule_destination(arn=arn), "no destination"),
    ]:
        client.inbox.clear()
        change()
        client.publish(f"{rule}/in", b"{}")
        assert word in failure(client)["errorMessage"]
    assert len([asked for asked in stub.asked if is_data(asked)]) == 1


def test_a_templated_confirmation_url_needs_its_destinations_before(iot, client, stub, rule):
    make(iot, rule, f"SELECT * FROM '{rule}/+'",
         {"http": {"url": stub.url + "/${topic(2)}/data", "confirmationUrl": stub.url + "/${topic(2)}"}},
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/out/errors"}})
    client.subscribe(f"{rule}/out/errors")
    url = f"{stub.url}/{rule}_a"
    iot.create_topic_rule_destination(destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})
    accept(iot, stub, url)
    client.publish(f"{rule}/{rule}_a", b"{}")
    assert stub.wait(is_data).path == f"/{rule}_a/data"
    client.publish(f"{rule}/{rule}_b", b"{}")
    assert "There is no destination" in failure(client)["errorMessage"]


def test_a_replaced_rule_makes_its_destination_too(iot, stub, rule):
    make(iot, rule, "SELECT * FROM 'a'", {"http": {"url": f"{stub.url}/{rule}/1"}})
    iot.replace_topic_rule(ruleName=rule, topicRulePayload={
        "sql": "SELECT * FROM 'a'", "actions": [{"http": {"url": f"{stub.url}/{rule}/2"}}]})
    for i in [1, 2]:
        assert destination(iot, f"{stub.url}/{rule}/{i}")["status"] in ("IN_PROGRESS", "ENABLED")


def test_https_with_a_trusted_certificate(module_servers, tmp_path):
    path = tmp_path / "roost.yaml"
    path.write_text(f"rules:\n  http-allow-any-port: true\n  http-trust-file: {tmp_path}/cert.pem\n")
    self_signed(tmp_path)
    server = module_servers("aws", "--config", str(path))
    iot = api.client(vars(server.endpoints), "iot")
    with HTTPS(tmp_path) as url:
        arn = iot.create_topic_rule_destination(
            destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})["topicRuleDestination"]["arn"]
        found = wait_for(lambda: (each := iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]) and (
            "no response" not in each["statusReason"] and each))
    assert "status 200" in found["statusReason"]


def test_https_with_an_unknown_certificate_is_not_sent_to(iot, tmp_path):
    self_signed(tmp_path)
    with HTTPS(tmp_path) as url:
        arn = iot.create_topic_rule_destination(
            destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})["topicRuleDestination"]["arn"]
        found = wait_for(lambda: (each := iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"])["status"] == "ERROR" and each)
    assert "CERTIFICATE_VERIFY_FAILED" in found["statusReason"]


def self_signed(folder):
    """`cert.pem` and `key.pem` for localhost."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)


class HTTPS:
    """A web server with TLS that answers 200 to all."""

    def __init__(self, folder):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}/x"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.url

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def http(**fields):
    return {"http": {"url": "https://example.com/x", **fields}}


@pytest.mark.parametrize("wrong, word", [
    ({"http": {}}, "url"),
    (http(url="https://example.com/${topic(1)}"), "confirmationUrl"),
    (http(confirmationUrl="https://example.com/y"), "confirmationUrl"),
    (http(url="ftp://example.com"), "url"),
    (http(url="https://[::1]/"), "IPv6"),
    (http(url="https://example.com/" + "x" * 2000), "url"),
    (http(url="https://example.com/${(", confirmationUrl="https://example.com"), "url"),
    (http(headers=[{"key": "a", "value": "b"}] * 101), "headers"),
    (http(headers=[{"key": "a" * 257, "value": "b"}]), "key"),
    (http(headers=[{"key": "a b", "value": "b"}]), "key"),
    (http(headers=[{"key": "Content-Length", "value": "5"}]), "Content-Length"),
    (http(headers=[{"key": "a"}]), "value"),
    (http(auth={"sigv4": {"signingRegion": "eu-west-1", "serviceName": "x"}}), "roleArn"),
    (http(auth={"sigv4": {"serviceName": "x", "roleArn": ROLE}}), "signingRegion"),
])
def test_a_wrong_field_is_refused(endpoints, rule, wrong, word):
    refused_field(endpoints, rule, wrong, word)


def batch_rule(iot, client, stub, rule, sql=None, **config):
    make(iot, rule, sql or f"SELECT * FROM '{rule}/in/#'",
         {"http": {"url": stub.url + f"/{rule}", "enableBatching": True, "batchConfig": config,
                   "headers": [{"key": "x-last", "value": "${n}"}]}},
         errorAction={"republish": {"roleArn": ROLE, "topic": f"{rule}/errors"}})
    accept(iot, stub, f"{stub.url}/{rule}")
    client.subscribe(f"{rule}/errors")


def batches(stub):
    return [asked.json for asked in stub.asked if is_data(asked)]


def test_results_are_posted_together(iot, client, stub, rule):
    batch_rule(iot, client, stub, rule, maxBatchOpenMs=200, maxBatchSize=5)
    for n in range(12):
        client.publish(f"{rule}/in/x", json.dumps({"n": n}).encode())
    wait_for(lambda: sum(len(batch) for batch in batches(stub)) == 12)
    assert sorted(each["n"] for batch in batches(stub) for each in batch) == list(range(12))
    assert all(1 <= len(batch) <= 5 for batch in batches(stub))
    for asked in [asked for asked in stub.asked if is_data(asked)]:
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["x-last"] == str(asked.json[-1]["n"])


def test_batches_keep_topics_and_sizes_apart(iot, client, stub, rule):
    batch_rule(iot, client, stub, rule, f"SELECT *, topic(3) AS topic FROM '{rule}/in/+'", maxBatchOpenMs=200, maxBatchSizeBytes=100)
    for n in range(8):
        client.publish(f"{rule}/in/{'ab'[n % 2]}", json.dumps({"n": n, "pad": "x" * 20}).encode())
    wait_for(lambda: sum(len(batch) for batch in batches(stub)) == 8)
    assert all(len({each["topic"] for each in batch}) == 1 for batch in batches(stub))
    assert all(len(asked.body) <= 100 for asked in stub.asked if is_data(asked))


def test_what_is_no_json_stands_in_a_batch_as_base64(iot, client, stub, rule):
    batch_rule(iot, client, stub, rule)
    client.publish(f"{rule}/in/x", b"\x00\xff")
    assert stub.wait(is_data).json == ["AP8="]


@pytest.mark.parametrize("across", [False, True])
def test_a_batch_that_fails_is_reported_once(iot, client, stub, rule, across):
    batch_rule(iot, client, stub, rule, maxBatchOpenMs=200, maxBatchSize=3, batchAcrossTopics=across)
    stub.answer = lambda asked: (400, b"")
    payloads = [json.dumps({"n": n}).encode() for n in range(3)]
    topics = [f"{rule}/in/{n if across else 'x'}" for n in range(3)]
    for topic, payload in zip(topics, payloads):
        client.publish(topic, payload)

    def reported():
        reports = [json.loads(message.payload) for message in client.inbox.messages]
        return reports if sum(len(report["payloadsWithMetadata"]) for report in reports) == 3 else None

    reports = wait_for(reported)
    # On a slow machine the batch may have been closed before all were there.
    assert len(reports) == len(batches(stub))
    found = []
    for report in reports:
        entries = report["payloadsWithMetadata"]
        assert [entry["id"] for entry in entries] == list(range(1, len(entries) + 1))
        assert report["failures"] == [{
            "failedAction": "HttpAction", "failedResource": f"{stub.url}/{rule}", "affectedIds": [entry["id"] for entry in entries],
            "errorMessage": "The endpoint answered with status 400."}]
        assert all(entry["clientId"] and entry["cloudwatchTraceId"] for entry in entries)
        assert ("topic" in report) != across
        found += [(entry.get("topic", report.get("topic")), base64.b64decode(entry["base64OriginalPayload"])) for entry in entries]
    assert sorted(found) == sorted(zip(topics, payloads))


@pytest.mark.parametrize("config, word", [
    ({"maxBatchSize": 11}, "maxBatchSize"), ({"maxBatchOpenMs": 4}, "maxBatchOpenMs"), ({"maxBatchSizeBytes": 99}, "maxBatchSizeBytes"),
])
def test_wrong_batches_are_refused(endpoints, rule, config, word):
    refused_field(endpoints, rule, http(enableBatching=True, batchConfig=config), word)
    refused_field(endpoints, rule, http(batchConfig={}), "enableBatching")
