"""Functions through boto3: what is made, shown, changed and refused (CreateFunction and its kin)."""

import base64
import hashlib
import io
import json
import struct
import zipfile

import pytest
from fleet import api
from fleet.functions import BOOTSTRAP, ROLE, create, zip_of

ZIP = zip_of({"bootstrap": BOOTSTRAP})


def test_a_function_reads_back_as_it_was_made(aws, name):
    made = create(aws, name, ZIP, Description="lights", Timeout=7, MemorySize=200, Tags={"fleet": "north"},
                  Environment={"Variables": {"A": "b"}})
    assert made["FunctionArn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(ZIP).digest()).decode()
    assert (made["CodeSize"], made["State"], made["Timeout"], made["MemorySize"]) == (len(ZIP), "Active", 7, 200)
    aws.get_waiter("function_active_v2").wait(FunctionName=name)
    found = aws.get_function(FunctionName=made["FunctionArn"])
    assert found["Tags"] == {"fleet": "north"}
    configuration = found["Configuration"]
    assert {key: configuration[key] for key in ("Description", "Handler", "Runtime", "Role", "Environment", "RevisionId")} == {
        "Description": "lights", "Handler": "bootstrap", "Runtime": "provided.al2023", "Role": ROLE,
        "Environment": {"Variables": {"A": "b"}}, "RevisionId": made["RevisionId"]}
    assert aws.get_function_configuration(FunctionName=name)["CodeSha256"] == made["CodeSha256"]
    assert [each["FunctionName"] for each in aws.list_versions_by_function(FunctionName=name)["Versions"]] == [name]


def test_functions_are_listed_in_pages(aws, name):
    names = sorted(f"{name}-{number}" for number in range(3))
    for each in names:
        create(aws, each, ZIP)
    pages = aws.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    found = [each["FunctionName"] for page in pages for each in page["Functions"]]
    assert [each for each in found if each.startswith(name)] == names


def test_a_function_is_deleted_with_all_it_had(aws, name):
    create(aws, name, ZIP)
    aws.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    aws.delete_function(FunctionName=name)
    for call in (aws.get_function, aws.invoke, aws.delete_function, aws.get_policy, aws.get_function_configuration):
        refusal = api.refused(call, "ResourceNotFoundException", 404, FunctionName=name)
        assert refusal.message == f"Function not found: arn:aws:lambda:us-east-1:000000000000:function:{name}"
    create(aws, name, ZIP)
    api.refused(aws.get_policy, "ResourceNotFoundException", 404, FunctionName=name)


def test_functions_survive_a_restart(start_server):
    server = start_server("aws")
    create(api.client(vars(server.endpoints), "lambda"), "kept", ZIP)
    server.restart(kill=True)
    answer = api.client(vars(server.endpoints), "lambda").invoke(FunctionName="kept", Payload=b'{"n": 1}')
    assert json.loads(answer["Payload"].read())["event"] == {"n": 1}


def test_a_name_is_taken_once(aws, name):
    create(aws, name, ZIP)
    with pytest.raises(aws.exceptions.ResourceConflictException) as raised:
        create(aws, name, ZIP)
    assert f"Function already exist: {name}" in str(raised.value)


def test_permissions_are_statements_of_a_policy(aws, name):
    create(aws, name, ZIP)
    source = "arn:aws:iot:us-east-1:000000000000:rule/lights"
    added = aws.add_permission(
        FunctionName=name, StatementId="rules", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com", SourceArn=source)
    assert json.loads(added["Statement"])["Sid"] == "rules"
    statement = json.loads(aws.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "iot.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": source}}
    api.refused(aws.add_permission, "ResourceConflictException", 409, FunctionName=name, StatementId="rules",
                Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    aws.remove_permission(FunctionName=name, StatementId="rules")
    api.refused(aws.remove_permission, "ResourceNotFoundException", 404, FunctionName=name, StatementId="rules")


def test_tags_change(aws, name):
    arn = create(aws, name, ZIP, Tags={"a": "1"})["FunctionArn"]
    aws.tag_resource(Resource=arn, Tags={"b": "2"})
    aws.untag_resource(Resource=arn, TagKeys=["a"])
    assert aws.list_tags(Resource=arn)["Tags"] == {"b": "2"}


def test_a_stale_revision_changes_nothing(aws, name):
    stale = create(aws, name, ZIP)["RevisionId"]
    aws.update_function_configuration(FunctionName=name, Description="new")
    api.refused(aws.update_function_code, "PreconditionFailedException", 412, FunctionName=name, ZipFile=ZIP, RevisionId=stale)


@pytest.mark.parametrize("fields, word", [
    ({"Runtime": "nodejs22.x"}, "nodejs22.x"), ({"Timeout": 901}, "900"), ({"Timeout": 0}, "1"), ({"MemorySize": 64}, "128"),
    ({"Role": "admin"}, "Role"), ({"Layers": ["arn:aws:lambda:us-east-1:1:layer:x:1"]}, "Layers"),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "AWS_REGION"), ({"Environment": {"Variables": {"1x": "x"}}}, "1x"),
    ({"Environment": {"Variables": {"BIG": "x" * 5000}}}, "4096"), ({"PackageType": "Image"}, "Image"),
    ({"Runtime": "python3.12", "Handler": ""}, "Handler"), ({"Code": {"S3Bucket": "b", "S3Key": "k"}}, "S3Bucket"),
    ({"Architectures": ["z80"]}, "z80"),
    ({"Publish": True}, "Publish"), ({"EphemeralStorage": {"Size": 1024}}, "EphemeralStorage"),
    ({"TracingConfig": {"Mode": "Active"}}, "TracingConfig"), ({"LoggingConfig": {"LogFormat": "JSON"}}, "LogFormat"),
    ({"LoggingConfig": {"LogGroup": "/mine"}}, "LogGroup"), ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "SnapStart"),
    ({"Environment": {"Variables": {"X": "a\0b"}}}, "null character"),
])
def test_what_cannot_be_is_refused_by_name(endpoints, name, fields, word):
    from fleet.signed import signed

    body = {"FunctionName": name, "Runtime": "provided", "Handler": "x", "Role": ROLE,
            "Code": {"ZipFile": base64.b64encode(ZIP).decode()}, **fields}
    answer = signed(endpoints, "POST", "/2015-03-31/functions", json.dumps(body).encode(), service="lambda")
    assert answer.status == 400, answer.body
    assert word in answer.json["message"], answer.json


def patched(**fields):
    """The zip with changed fields of its first directory entry."""
    data = bytearray(ZIP)
    place = data.index(b"PK\x01\x02")
    for offset, kind, value in fields.values():
        struct.pack_into("<" + kind, data, place + offset, value)
    return bytes(data)


def linked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("bootstrap")
        info.create_system = 3
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/bin/sh")
    return buffer.getvalue()


@pytest.mark.parametrize("data, words", [
    (b"no zip", "end of its directory"), (ZIP[:-30], "end of its directory"), (ZIP[40:], ""), (zip_of({"../up": "x"}), "../up"),
    (zip_of({"/etc/x": "x"}), "/etc/x"), (zip_of({"a//b": "x"}), "a//b"), (linked(), "symbolic link"),
    (patched(crc=(16, "I", 1)), "checksum"), (patched(method=(10, "H", 12)), "method 12"), (patched(size=(24, "I", 3)), "damaged"),
    (patched(large=(24, "I", 300 << 20)), "bytes together"), (patched(offset=(42, "I", 5)), "directory says"),
    (patched(encrypted=(8, "H", 1)), "encrypted"),
], ids=range(13))
def test_a_damaged_zip_is_refused_and_makes_nothing(aws, name, data, words):
    refusal = api.refused(
        lambda: create(aws, name, data), "InvalidParameterValueException", 400)
    assert "Could not unzip uploaded file" in refusal.message and words in refusal.message
    api.refused(aws.get_function, "ResourceNotFoundException", 404, FunctionName=name)


def test_a_zip_of_many_megabytes_is_taken(aws, name):
    """More than other operations' bodies may have."""
    import random

    create(aws, name, zip_of({"bootstrap": BOOTSTRAP, "data.bin": random.Random(1).randbytes(20 << 20)}))
    assert json.loads(aws.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())["served"] == 1


def test_a_zip_past_the_limit_is_refused(aws, name):
    import random

    api.refused(lambda: create(aws, name, random.Random(1).randbytes((50 << 20) + 1)), "RequestEntityTooLargeException", 413)


@pytest.mark.parametrize("call, fields", [
    ("publish_version", {}), ("create_alias", {"Name": "x", "FunctionVersion": "1"}), ("create_function_url_config", {"AuthType": "NONE"}),
])
def test_what_is_not_offered_says_so(aws, name, call, fields):
    refusal = api.refused(getattr(aws, call), "UnknownOperationException", 400, FunctionName=name, **fields)
    assert call.replace("_", "") in refusal.message.lower()


def test_errors_have_the_members_of_the_model(aws, endpoints, name):
    """SDKs with strict types look for the message under the name that the model has."""
    from fleet.signed import signed

    missing = signed(endpoints, "GET", f"/2015-03-31/functions/{name}", b"", service="lambda")
    assert (missing.status, missing.json["Type"]) == (404, "User")
    assert missing.json["Message"] == f"Function not found: arn:aws:lambda:us-east-1:000000000000:function:{name}"
    create(aws, name, ZIP)
    with pytest.raises(aws.exceptions.ResourceConflictException) as raised:
        create(aws, name, ZIP)
    assert (raised.value.response["Type"], raised.value.response["message"]) == ("User", f"Function already exist: {name}")
    refusal = api.refused(lambda: create(aws, f"{name}-2", ZIP, Timeout=901), "ValidationException", 400)
    assert "Member must have value less than or equal to 900" in refusal.message
