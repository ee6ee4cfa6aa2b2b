"""Signature Version 4: what is right is served, what is forged, changed, late or replayed is not (reference: SigV4 verification)."""

import datetime
import hashlib
import uuid

import pytest
from fleet.api import client, refused_with_any
from fleet.device import allowing
from fleet.signed import request, send, signed, signed_request, signer

#: What AWS services answer to a signature that does not hold; all of them are 403.
REFUSALS = {"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException"}


def ago(**how_long):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**how_long)


def assert_forbidden(answer, names):
    assert answer.status == 403, answer
    assert answer.error in names, answer
    assert answer.json["message"], "an error says what happened"
    uuid.UUID(answer.headers["x-amzn-requestid"])


def test_a_header_signature(endpoints):
    assert signed(endpoints, "GET", "/things").status == 200


def test_a_presigned_request(endpoints):
    made = signer(endpoints).add_query(request(endpoints, "GET", "/things"), 60)
    assert send(endpoints, made).status == 200


def test_without_any_signature(endpoints):
    answer = send(endpoints, request(endpoints, "GET", "/things"))
    assert_forbidden(answer, {"MissingAuthenticationTokenException"})
    assert answer.json["message"] == "Missing Authentication Token"


def test_an_unknown_key(endpoints):
    answer = signed(endpoints, "GET", "/things", key_id="AKIAUNKNOWNUNKNOWN00")
    assert_forbidden(answer, {"UnrecognizedClientException", "InvalidClientTokenIdException"})


def test_a_wrong_secret(endpoints):
    assert_forbidden(signed(endpoints, "GET", "/things", secret="x" * 40), REFUSALS)


def test_boto3_with_a_wrong_secret(endpoints):
    refused_with_any(client(endpoints, "iot", aws_secret_access_key="x" * 40).list_things, sorted(REFUSALS), 403)


@pytest.mark.parametrize("minutes", [4, -4])
def test_a_small_clock_skew(minutes, endpoints):
    assert signed(endpoints, "GET", "/things", at=ago(minutes=minutes)).status == 200


@pytest.mark.parametrize("minutes", [6, -6, 60 * 24, 60 * 24 * 365])
def test_a_large_clock_skew(minutes, endpoints):
    answer = signed(endpoints, "GET", "/things", at=ago(minutes=minutes))
    assert_forbidden(answer, REFUSALS | {"RequestExpired", "RequestTimeTooSkewed"})


def test_a_replay_past_the_skew(endpoints):
    """A request recorded 6 minutes ago: its signature is right for its time, and worth nothing now."""
    recorded = signed_request(endpoints, "DELETE", "/things/whatever", at=ago(minutes=6))
    for _ in range(2):
        assert send(endpoints, recorded).status == 403


def test_a_new_date_on_an_old_signature(endpoints):
    recorded = signed_request(endpoints, "GET", "/things", at=ago(minutes=6))
    recorded.headers["X-Amz-Date"] = ago(minutes=0).strftime("%Y%m%dT%H%M%SZ")
    assert_forbidden(send(endpoints, recorded), REFUSALS)


def test_a_presigned_request_that_expired(endpoints):
    made = signer(endpoints, at=ago(minutes=3)).add_query(request(endpoints, "GET", "/things"), 60)
    assert_forbidden(send(endpoints, made), REFUSALS | {"ExpiredTokenException", "RequestExpired", "AccessDeniedException"})


def test_a_presigned_request_within_its_time(endpoints):
    made = signer(endpoints, at=ago(minutes=10)).add_query(request(endpoints, "GET", "/things"), 3600)
    assert send(endpoints, made).status == 200


def test_a_presigned_request_for_longer_than_a_week(endpoints):
    made = signer(endpoints, at=ago(days=8)).add_query(request(endpoints, "GET", "/things"), 9 * 24 * 3600)
    assert send(endpoints, made).status in (400, 403)


def test_a_tampered_body(endpoints, iot, name):
    made = signed_request(endpoints, "POST", f"/policies/{name}", b'{"policyDocument":"{}"}')
    made.body = b'{"policyDocument":"[]"}'
    assert_forbidden(send(endpoints, made), REFUSALS)


def test_a_body_that_is_not_the_one_hashed(endpoints, name):
    """The signed x-amz-content-sha256 is no substitute for hashing the body that came."""
    body = b"{}"
    made = request(endpoints, "POST", f"/things/{name}", body)
    made.headers["X-Amz-Content-Sha256"] = hashlib.sha256(body).hexdigest()
    signer(endpoints).add_headers(made)
    assert send(endpoints, made).status == 200
    made.body = b'{"attributePayload":{"attributes":{"a":"1"}}}'
    assert_forbidden(send(endpoints, made), REFUSALS)


def test_a_tampered_path_query_method_or_header(endpoints):
    def tamper(**change):
        made = signed_request(endpoints, "GET", "/things?maxResults=1")
        for key, value in change.items():
            setattr(made, key, value)
        assert_forbidden(send(endpoints, made), REFUSALS)

    tamper(target="/policies?maxResults=1")
    tamper(target="/things?maxResults=2")
    tamper(target="/things?maxResults=1&attributeName=a")
    tamper(method="DELETE")
    made = signed_request(endpoints, "GET", "/things")
    made.headers["Host"] = "example.org"
    assert_forbidden(send(endpoints, made), REFUSALS)


@pytest.mark.parametrize("scope", [{"region": "eu-west-1"}, {"service": "s3"}, {"service": "iot-nonsense"}])
def test_a_scope_of_another_region_or_service(scope, endpoints):
    answer = signed(endpoints, "GET", "/things", **scope)
    assert answer.status in (403, 404), answer


@pytest.mark.parametrize(
    "header",
    [
        "",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=",
        "AWS4-HMAC-SHA256 Credential=//////, SignedHeaders=;;;, Signature=" + "f" * 64,
        "AWS4-HMAC-SHA512 Credential=a/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature=" + "f" * 64,
        "Basic dXNlcjpwYXNz",
        "Bearer x",
        "A" * 7000,
    ],
)
def test_malformed_authorization(header, endpoints):
    made = request(endpoints, "GET", "/things")
    made.headers["Authorization"] = header
    made.headers["X-Amz-Date"] = ago(minutes=0).strftime("%Y%m%dT%H%M%SZ")
    answer = send(endpoints, made)
    assert answer.status in (400, 403, 431), answer
    assert signed(endpoints, "GET", "/things").status == 200


def test_the_host_must_be_signed(endpoints):
    """A signature that leaves the host out would hold on any server."""
    made = request(endpoints, "GET", "/things")
    host = made.headers.pop("Host")
    signer(endpoints).add_headers(made)
    made.headers["Host"] = host
    assert send(endpoints, made).status == 403


def test_names_that_need_encoding(endpoints, iot):
    iot.create_thing(thingName="a:b_c-d")
    for target in ("/things/a%3Ab_c-d", "/things/a:b_c-d"):
        assert signed(endpoints, "GET", target).status == 200, target


def test_trust_any_credentials(start_server):
    server = start_server("aws", "--trust-any-credentials")
    endpoints = vars(server.endpoints)
    iot = client(endpoints, "iot", aws_access_key_id="test", aws_secret_access_key="test")
    iot.create_policy(policyName="p", policyDocument=allowing())
    assert signed(endpoints, "GET", "/policies", key_id="AKIAANYTHINGANYTHING", secret="x").status == 200
    assert send(endpoints, request(endpoints, "GET", "/policies")).status == 403
    assert "trust" in server.log_tail().lower()
