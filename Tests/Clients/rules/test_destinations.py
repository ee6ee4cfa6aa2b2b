"""Topic rule destinations through boto3: what is made, how it is confirmed, and what is refused."""

import json
import socket
import threading
import urllib.error
import urllib.request

import pytest
from fleet import api
from fleet.rule import ROLE, wait_for
from fleet.signed import signed
from fleet.stub import Stub

CONFIGURATION = "rules:\n  http-allow-plain: true\n  http-allow-any-port: true\n"
VPC = {"subnetIds": ["subnet-1", "subnet-2"], "vpcId": "vpc-1", "roleArn": ROLE, "securityGroups": ["sg-1"]}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory):
    path = tmp_path_factory.mktemp("configuration") / "roost.yaml"
    path.write_text(CONFIGURATION)
    return ["--config", str(path)]


@pytest.fixture(scope="module")
def server(module_servers, configuration):
    return module_servers("aws", *configuration)


@pytest.fixture
def stub():
    stub = Stub()
    yield stub
    stub.close()


def create(iot, **configuration):
    return iot.create_topic_rule_destination(destinationConfiguration=configuration)["topicRuleDestination"]


def create_http(iot, url):
    return create(iot, httpUrlConfiguration={"confirmationUrl": url})


def get(iot, arn):
    return iot.get_topic_rule_destination(arn=arn)["topicRuleDestination"]


def wait_status(iot, arn, status):
    return wait_for(lambda: (found := get(iot, arn))["status"] == status and found, status)


def refused_status(iot, arn, status, code="InvalidRequestException"):
    return api.refused(lambda: iot.update_topic_rule_destination(arn=arn, status=status), code)


def ask(url):
    """Anybody's GET, without a signature."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_destination_is_confirmed_by_opening_the_url_of_its_message(iot, endpoints, stub, name):
    made = create_http(iot, f"{stub.url}/{name}")
    assert made["arn"].startswith(f"arn:aws:iot:us-east-1:{endpoints['account']}:ruledestination/http/")
    assert (made["status"], made["httpUrlProperties"]) == ("IN_PROGRESS", {"confirmationUrl": f"{stub.url}/{name}"})
    assert made["statusReason"].startswith("Awaiting confirmation. Confirmation message sent on ")
    asked = stub.wait(lambda asked: name in asked.path)
    message = asked.json
    assert (asked.method, asked.path) == ("POST", f"/{name}/?confirmationToken={message['confirmationToken']}")
    assert asked.headers["x-amz-rules-engine-message-type"] == "DestinationConfirmation"
    assert asked.headers["x-amz-rules-engine-destination-arn"] == made["arn"]
    assert message == {
        "arn": made["arn"], "confirmationToken": message["confirmationToken"], "messageType": "DestinationConfirmation",
        "enableUrl": f"{endpoints['api']}/confirmdestination/{message['confirmationToken']}"}
    wait_for(lambda: "status 200" in get(iot, made["arn"])["statusReason"])
    assert ask(message["enableUrl"]) == 200
    confirmed = get(iot, made["arn"])
    assert (confirmed["status"], "statusReason" in confirmed) == ("ENABLED", False)
    assert confirmed["lastUpdatedAt"] >= confirmed["createdAt"] == made["createdAt"]
    assert ask(message["enableUrl"]) == 400


def test_an_endpoint_may_confirm_before_it_answers(iot, stub, name):
    def confirm(asked):
        assert ask(asked.json["enableUrl"]) == 200
        return 200, b""

    stub.answer = confirm
    made = create_http(iot, f"{stub.url}/{name}?code=x")
    asked = stub.wait(lambda asked: name in asked.path)
    assert asked.path == f"/{name}?code=x&confirmationToken={asked.json['confirmationToken']}"
    assert get(iot, made["arn"])["status"] == "ENABLED"


def test_a_destination_is_confirmed_with_the_operation_and_switched(iot, stub, name):
    arn = create_http(iot, f"{stub.url}/{name}")["arn"]
    assert "IN_PROGRESS" in refused_status(iot, arn, "ENABLED").message
    refused_status(iot, arn, "DISABLED")
    token = stub.wait(lambda asked: name in asked.path).json["confirmationToken"]
    iot.confirm_topic_rule_destination(confirmationToken=token)
    assert get(iot, arn)["status"] == "ENABLED"
    for status in ["DISABLED", "ENABLED", "ENABLED"]:
        iot.update_topic_rule_destination(arn=arn, status=status)
        assert get(iot, arn)["status"] == status
    refused_status(iot, arn, "DELETING")
    refusal = api.refused(iot.confirm_topic_rule_destination, "InvalidRequestException", 400, confirmationToken=token)
    assert token not in refusal.message


def test_in_progress_sends_another_token_and_the_old_one_is_void(iot, stub, name):
    arn = create_http(iot, f"{stub.url}/{name}")["arn"]
    first = stub.wait(lambda asked: name in asked.path).json["confirmationToken"]
    iot.update_topic_rule_destination(arn=arn, status="IN_PROGRESS")
    second = stub.wait(lambda asked: name in asked.path and first not in asked.path).json["confirmationToken"]
    api.refused(iot.confirm_topic_rule_destination, "InvalidRequestException", confirmationToken=first)
    iot.confirm_topic_rule_destination(confirmationToken=second)
    assert get(iot, arn)["status"] == "ENABLED"


def test_a_message_that_is_not_taken_ends_in_error_and_its_token_still_counts(iot, stub, name):
    stub.answer = lambda asked: (503, b"")
    arn = create_http(iot, f"{stub.url}/{name}")["arn"]
    found = wait_status(iot, arn, "ERROR")
    assert "status 503" in found["statusReason"]
    assert len([asked for asked in stub.asked if name in asked.path]) == 3
    iot.confirm_topic_rule_destination(confirmationToken=stub.asked[0].json["confirmationToken"])
    assert get(iot, arn)["status"] == "ENABLED"


def test_a_redirect_is_not_followed(iot, stub, name):
    stub.answer = lambda asked: (302, b"")
    arn = create_http(iot, f"{stub.url}/{name}")["arn"]
    assert "status 302" in wait_status(iot, arn, "ERROR")["statusReason"]


def test_an_endpoint_that_is_not_there_ends_in_error(iot, name):
    with socket.socket() as nobody:
        # Bound and not listening: nobody else gets the port.
        nobody.bind(("127.0.0.1", 0))
        arn = create_http(iot, f"http://127.0.0.1:{nobody.getsockname()[1]}/{name}")["arn"]
        found = wait_status(iot, arn, "ERROR")
    assert "no connection" in found["statusReason"]


def test_a_confirmation_url_has_one_destination(iot, stub, name):
    url = f"{stub.url}/{name}"
    arn = create_http(iot, url)["arn"]
    refusal = api.refused(
        iot.create_topic_rule_destination, "ResourceAlreadyExistsException", 409,
        destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})
    assert refusal.response["resourceArn"] == arn
    iot.delete_topic_rule_destination(arn=arn)
    for call in [iot.get_topic_rule_destination, iot.delete_topic_rule_destination]:
        assert arn in api.refused(call, "UnauthorizedException", 401, arn=arn).message
    refused_status(iot, arn, "IN_PROGRESS", "UnauthorizedException")
    assert create_http(iot, url)["arn"] != arn


def test_a_vpc_destination_is_ready_at_once(iot):
    made = create(iot, vpcConfiguration=VPC)
    assert (made["status"], made["vpcProperties"]) == ("ENABLED", VPC)
    assert ":ruledestination/vpc/" in made["arn"]
    iot.update_topic_rule_destination(arn=made["arn"], status="DISABLED")
    assert get(iot, made["arn"])["status"] == "DISABLED"
    iot.update_topic_rule_destination(arn=made["arn"], status="IN_PROGRESS")
    assert get(iot, made["arn"])["status"] == "ENABLED"


def test_destinations_are_listed_in_pages(iot, stub, name):
    made = {create_http(iot, f"{stub.url}/{name}/{i}")["arn"] for i in range(3)} | {create(iot, vpcConfiguration=VPC)["arn"]}
    found = {}
    token = {}
    while True:
        page = iot.list_topic_rule_destinations(maxResults=2, **token)
        assert len(page["destinationSummaries"]) <= 2
        found.update({each["arn"]: each for each in page["destinationSummaries"]})
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert made <= set(found)
    summaries = [found[arn] for arn in made]
    assert sorted(each["httpUrlSummary"]["confirmationUrl"] for each in summaries if "httpUrlSummary" in each) == [
        f"{stub.url}/{name}/{i}" for i in range(3)]
    assert [each["vpcDestinationSummary"] for each in summaries if "vpcDestinationSummary" in each] == [VPC]
    api.refused(iot.list_topic_rule_destinations, "InvalidRequestException", 400, nextToken="x")


@pytest.mark.parametrize("wrong, word", [
    ({}, "httpUrlConfiguration"),
    ({"httpUrlConfiguration": {"confirmationUrl": "https://x"}, "vpcConfiguration": VPC}, "exactly one"),
    ({"influxDBConfiguration": {"endpoint": "https://x", "influxDBVersion": "V2", "secretId": "x"}}, "influxDBConfiguration"),
    ({"httpUrlConfiguration": {}}, "confirmationUrl"),
    ({"httpUrlConfiguration": {"confirmationUrl": "ftp://x"}}, "https"),
    ({"httpUrlConfiguration": {"confirmationUrl": "https://[::1]/x"}}, "IPv6"),
    ({"httpUrlConfiguration": {"confirmationUrl": "https://me:secret@x/"}}, "user"),
    ({"httpUrlConfiguration": {"confirmationUrl": "https://x/a b"}}, "percent-encoded"),
    ({"httpUrlConfiguration": {"confirmationUrl": "https://x/" + "a" * 2000}}, "2000"),
    ({"vpcConfiguration": {"subnetIds": ["s"], "vpcId": "v"}}, "roleArn"),
    ({"vpcConfiguration": {"subnetIds": ["s"], "roleArn": ROLE}}, "vpcId"),
])
def test_a_wrong_configuration_is_refused(endpoints, wrong, word):
    answer = signed(endpoints, "POST", "/destinations", json.dumps({"destinationConfiguration": wrong}).encode())
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer.body
    assert word in answer.json["message"]


def test_as_delivered_only_https_and_its_ports_are_taken(module_servers):
    iot = api.client(vars(module_servers("aws").endpoints), "iot")
    for url, word in [("http://localhost/x", "https"), ("https://localhost:9000/x", "8443")]:
        refusal = api.refused(
            iot.create_topic_rule_destination, "InvalidRequestException", 400,
            destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": url}})
        assert word in refusal.message


@pytest.mark.parametrize("path, status", [
    ("/confirmdestination/nobody", 400), ("/destinations", 403), ("/rules", 403), ("/confirmdestination", 403),
    ("/confirmdestination/x?X-Amz-Signature=y", 403),
])
def test_without_a_signature_nothing_but_a_confirmation_is_taken(endpoints, path, status):
    assert ask(endpoints["api"] + path) == status


def test_destinations_outlive_a_restart_and_messages_that_were_not_sent_are(module_servers, configuration, stub, name):
    server = module_servers("aws", *configuration)
    iot = api.client(vars(server.endpoints), "iot")
    confirmed = create_http(iot, f"{stub.url}/{name}/1")["arn"]
    iot.confirm_topic_rule_destination(confirmationToken=stub.wait(lambda asked: name in asked.path).json["confirmationToken"])
    arrived, release = threading.Event(), threading.Event()

    def hang(asked):
        arrived.set()
        release.wait(20)
        return 200, b""

    stub.answer = hang
    waiting = create_http(iot, f"{stub.url}/{name}/2")["arn"]
    assert arrived.wait(20)
    server.restart(kill=True)
    release.set()
    stub.answer = lambda asked: (200, b"")
    iot = api.client(vars(server.endpoints), "iot")
    assert get(iot, confirmed)["status"] == "ENABLED"
    # The restarted server's address, which the first message did not have.
    message = stub.wait(lambda asked: f"{name}/2" in asked.path and server.endpoints.api in asked.json["enableUrl"]).json
    assert ask(message["enableUrl"]) == 200
    assert get(iot, waiting)["status"] == "ENABLED"
