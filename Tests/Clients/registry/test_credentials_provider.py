"""A device exchanges its certificate for temporary credentials, and calls the API with what they allow (AWS IoT Core Developer Guide,
authorizing direct calls to AWS services)."""

import datetime
import json
import sqlite3
import ssl
import subprocess

import pytest
from fleet import api
from fleet.api import refused
from fleet.device import arn, make_device

from registry.test_role_aliases import TRUST, role_arn


def allow(*pairs):
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in pairs]
    return {"Version": "2012-10-17", "Statement": statements}


@pytest.fixture
def server(start_server):
    return start_server("aws")


@pytest.fixture
def endpoints(server):
    return vars(server.endpoints)


@pytest.fixture
def iot(endpoints):
    return api.client(endpoints, "iot")


@pytest.fixture
def iam(endpoints):
    return api.client(endpoints, "iam")


@pytest.fixture
def role(iam, iot, endpoints):
    """A role behind the alias `lamps`, which allows publishing on what is the thing's own."""
    iam.create_role(RoleName="lamps", AssumeRolePolicyDocument=TRUST)
    own = arn(endpoints, "topic/lamps/${credentials-iot:ThingName}/*")
    shadow = arn(endpoints, "thing/${credentials-iot:ThingName}")
    document = allow(("iot:Publish", own), (["iot:GetThingShadow", "iot:UpdateThingShadow"], shadow), ("iot:DescribeThing", shadow))
    iam.put_role_policy(RoleName="lamps", PolicyName="own", PolicyDocument=json.dumps(document))
    iot.create_role_alias(roleAlias="lamps", roleArn=role_arn(endpoints, "lamps"), credentialDurationSeconds=900)


@pytest.fixture
def device(endpoints, tmp_path):
    return make_device(endpoints, "lamp-1", tmp_path, policy=allow(("iot:AssumeRoleWithCertificate", arn(endpoints, "rolealias/lamps"))))


def fetch(endpoints, device, alias="lamps", thing="lamp-1"):
    """What curl gets: the status, and the body as JSON."""
    header = [] if thing is None else ["-H", f"x-amzn-iot-thingname: {thing}"]
    words = ["curl", "-sS", "--cacert", device.ca_file, "--cert", device.certificate_file, "--key", device.key_file, *header]
    url = f"{endpoints['https']}/role-aliases/{alias}/credentials"
    found = subprocess.run([*words, "-w", "\n%{http_code}", url], capture_output=True, text=True, timeout=30, check=True)
    body, _, status = found.stdout.rpartition("\n")
    return int(status), json.loads(body)


def client(endpoints, service, credentials):
    return api.client(
        endpoints, service, aws_access_key_id=credentials["accessKeyId"], aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials["sessionToken"],
    )  # fmt: skip


def credentials_of(endpoints, device, **options):
    status, body = fetch(endpoints, device, **options)
    assert status == 200, body
    return body["credentials"]


def test_the_credentials_do_what_the_role_allows_and_nothing_else(endpoints, iot, role, device):
    credentials = credentials_of(endpoints, device)
    assert set(credentials) == {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}
    left = datetime.datetime.strptime(credentials["expiration"], "%Y-%m-%dT%H:%M:%SZ") - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert 800 < left.total_seconds() <= 900
    data = client(endpoints, "iot-data", credentials)
    data.publish(topic="lamps/lamp-1/state", payload=b"on")
    data.update_thing_shadow(thingName="lamp-1", payload=b'{"state": {"reported": {"on": true}}}')
    data.get_thing_shadow(thingName="lamp-1")
    own = client(endpoints, "iot", credentials)
    assert own.describe_thing(thingName="lamp-1")["thingName"] == "lamp-1"
    who = client(endpoints, "sts", credentials).get_caller_identity()
    assert who["Arn"].startswith(f"arn:aws:sts::{endpoints['account']}:assumed-role/lamps/")
    for call, options in (
        (data.publish, {"topic": "lamps/lamp-2/state"}), (data.get_thing_shadow, {"thingName": "lamp-2"}),
        (data.delete_thing_shadow, {"thingName": "lamp-1"}), (own.list_things, {}), (own.delete_thing, {"thingName": "lamp-1"}),
        (client(endpoints, "s3", credentials).list_buckets, {}), (client(endpoints, "iam", credentials).list_roles, {}),
    ):  # fmt: skip
        refusal = refused(call, "AccessDeniedException" if call.__name__ != "list_buckets" else "AccessDenied", 403, **options)
        assert "is not authorized to perform" in refusal.message


def test_a_change_of_the_role_counts_at_once(endpoints, iam, role, device):
    data = client(endpoints, "iot-data", credentials_of(endpoints, device))
    data.publish(topic="lamps/lamp-1/state", payload=b"on")
    iam.delete_role_policy(RoleName="lamps", PolicyName="own")
    refused(data.publish, "AccessDeniedException", 403, topic="lamps/lamp-1/state")
    document = json.dumps(allow(("*", "*")))
    iam.attach_role_policy(RoleName="lamps", PolicyArn=iam.create_policy(PolicyName="all", PolicyDocument=document)["Policy"]["Arn"])
    data.publish(topic="anywhere", payload=b"on")
    denying = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret/*"}]}
    iam.put_role_policy(RoleName="lamps", PolicyName="deny", PolicyDocument=json.dumps(denying))
    refused(client(endpoints, "s3", credentials_of(endpoints, device)).list_buckets, "AccessDenied", 403)


def test_expired_wrong_and_revoked_credentials_are_refused(server, endpoints, iot, role, device):
    credentials = credentials_of(endpoints, device)
    topic = "lamps/lamp-1/state"
    client(endpoints, "iot-data", credentials).publish(topic=topic)
    wrong = {**credentials, "sessionToken": credentials["sessionToken"][:-4] + "AAAA"}
    refused(client(endpoints, "iot-data", wrong).publish, "UnrecognizedClientException", 403, topic=topic)
    without = api.client(
        endpoints, "iot-data", aws_access_key_id=credentials["accessKeyId"], aws_secret_access_key=credentials["secretAccessKey"]
    )
    refused(without.publish, "UnrecognizedClientException", 403, topic=topic)
    # They survive a restart; then their time is over.
    server.stop()
    database = sqlite3.connect(server.data / "roost.sqlite")
    database.execute("UPDATE identity_sessions SET expires_ms = expires_ms - 901000")
    database.commit()
    database.close()
    server.start()
    endpoints = vars(server.endpoints)
    refused(client(endpoints, "iot-data", credentials).publish, "ExpiredTokenException", 403, topic=topic)
    credentials = credentials_of(endpoints, device)
    server.restart(kill=True)
    endpoints = vars(server.endpoints)
    data = client(endpoints, "iot-data", credentials)
    data.publish(topic=topic)
    api.client(endpoints, "iot").update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")
    refused(data.publish, "UnrecognizedClientException", 403, topic=topic)


def test_who_gets_no_credentials(endpoints, iam, iot, role, device, tmp_path):
    denied = {"message": "Access Denied"}

    def refusal(**options):
        status, body = fetch(endpoints, **{"device": device, **options})
        assert body.pop("traceId")
        return status, body

    assert refusal(alias="none")[0] == 403
    other = make_device(endpoints, "lamp-2", tmp_path / "other", policy=allow(("iot:Connect", "*")))
    assert refusal(device=other, thing="lamp-2") == (403, denied)
    assert refusal(thing="lamp-2") == (403, denied)
    # Without a thing the role's variables have no value, but credentials are handed out.
    data = client(endpoints, "iot-data", credentials_of(endpoints, device, thing=None))
    refused(data.publish, "AccessDeniedException", 403, topic="lamps/lamp-1/state")
    any_alias = make_device(endpoints, "lamp-3", tmp_path / "any", policy=allow(("iot:AssumeRoleWithCertificate", "*")))
    assert refusal(device=any_alias, thing="lamp-3", alias="none") == (404, {"message": "Not Found"})
    iot.create_role_alias(roleAlias="nobody", roleArn=role_arn(endpoints, "nobody"))
    assert refusal(device=any_alias, thing="lamp-3", alias="nobody") == (403, denied)
    iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=TRUST.replace("credentials.iot", "lambda"))
    assert refusal(device=any_alias, thing="lamp-3", alias="nobody") == (403, denied)
    iam.update_assume_role_policy(RoleName="nobody", PolicyDocument=TRUST)
    assert credentials_of(endpoints, any_alias, thing="lamp-3", alias="nobody")
    iot.update_certificate(certificateId=device.certificate_id, newStatus="INACTIVE")
    with pytest.raises((subprocess.CalledProcessError, AssertionError, ssl.SSLError)):
        assert refusal()[0] == 200
