"""The AWS command line with the variables that `roost env` prints."""

import json

from fleet.awscli import aws, environment  # noqa: F401
from fleet.device import Device, write_identity
from fleet.paho_client import PahoClient


def test_the_set_up_of_a_device(aws, endpoints, folder, name):
    policy = folder / "policy.json"
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}))
    assert aws("iot", "create-thing", "--thing-name", name)["thingName"] == name
    keys = aws("iot", "create-keys-and-certificate", "--set-as-active")
    aws("iot", "create-policy", "--policy-name", name, "--policy-document", f"file://{policy}")
    aws("iot", "attach-policy", "--policy-name", name, "--target", keys["certificateArn"])
    aws("iot", "attach-thing-principal", "--thing-name", name, "--principal", keys["certificateArn"])
    certificate, key = write_identity(folder, name, keys["certificatePem"], keys["keyPair"]["PrivateKey"])
    device = Device(name, keys["certificateId"], keys["certificateArn"], name, certificate, key, endpoints["caFile"])
    with PahoClient(endpoints, device) as client:
        client.subscribe(f"{name}/t")
        payload = folder / "payload"
        payload.write_bytes(b"from the command line")
        aws("iot-data", "publish", "--topic", f"{name}/t", "--qos", "1", "--payload", f"fileb://{payload}")
        client.inbox.wait_payload(b"from the command line")


def test_lists_follow_their_pages(aws, name):
    for number in range(5):
        aws("iot", "create-thing", "--thing-name", f"{name}-{number}")
    things = aws("iot", "list-things", "--page-size", "2")["things"]
    assert {f"{name}-{number}" for number in range(5)} <= {thing["thingName"] for thing in things}


def test_errors_read_as_those_of_aws(aws):
    text = aws("iot", "describe-thing", "--thing-name", "nobody", fails=True)
    assert "(ResourceNotFoundException) when calling the DescribeThing operation" in text


def test_describe_endpoint(aws):
    assert aws("iot", "describe-endpoint", "--endpoint-type", "iot:Data-ATS")["endpointAddress"]
