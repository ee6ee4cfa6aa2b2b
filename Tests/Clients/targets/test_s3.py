"""The embedded S3 with boto3: buckets, objects, listings, and its errors by name; what was acknowledged survives the process."""

import datetime
import gzip
import hashlib
import urllib.error
import urllib.request

import pytest
from botocore.config import Config
from fleet import api
from fleet.api import refused
from fleet.rule import wait_for
from fleet.signed import signed


@pytest.fixture(scope="module")
def s3(endpoints):
    return api.client(endpoints, "s3")


@pytest.fixture
def bucket(s3, name):
    made = name.replace("_", "-").lower()
    s3.create_bucket(Bucket=made)
    return made


KEYS = ["plain.json", "a", "a/b", "a/b/c.txt", "ä ?&+=%.json", "/leading", "trailing/", "double//slash", "../up", "./dot", ".hidden", "v1.2/x",
        "x" * 1024, "deep/" * 200 + "end", "tab\tnew\nline", "日本語/キー", "%41", "a%2Fb", "quote\"'<>", "#frag?query", "\U0001f600", "con\\back"]


def keys(s3, bucket, **options):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, **options)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def test_objects_of_any_key_come_back(s3, bucket):
    for number, key in enumerate(KEYS):
        s3.put_object(Bucket=bucket, Key=key, Body=f"content {number}".encode())
    assert keys(s3, bucket) == sorted(KEYS, key=str.encode)
    for number, key in enumerate(KEYS):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == f"content {number}".encode(), key
    for key in KEYS:
        s3.delete_object(Bucket=bucket, Key=key)
        refused(s3.get_object, "NoSuchKey", 404, Bucket=bucket, Key=key)
    assert keys(s3, bucket) == []


def test_what_was_given_comes_back(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentType="text/plain", CacheControl="no-store", Metadata={"place": "cellar"})
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert put["ChecksumCRC32"] == "NhCmhg=="
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["ContentType"], got["CacheControl"], got["Metadata"], got["ContentLength"]) == (
        "text/plain", "no-store", {"place": "cellar"}, 5)
    assert (got["ETag"], got["ChecksumCRC32"]) == (put["ETag"], put["ChecksumCRC32"])
    assert abs(got["LastModified"] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=5)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["ETag"], head["Metadata"]) == (5, put["ETag"], {"place": "cellar"})
    empty = s3.put_object(Bucket=bucket, Key="empty")
    assert s3.head_object(Bucket=bucket, Key="empty")["ContentLength"] == 0 and empty["ETag"]
    refused(s3.head_object, "404", 404, Bucket=bucket, Key="nothing")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_checked_and_kept(endpoints, s3, bucket, algorithm):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello" and got[f"Checksum{algorithm}"]
    refused(s3.put_object, "BadDigest", 400, Bucket=bucket, Key="k", Body=b"hello", **{f"Checksum{algorithm}": "AAAAAA=="})


@pytest.mark.parametrize("given, expected", [
    ("bytes=0-1", b"01"), ("bytes=8-", b"89"), ("bytes=-3", b"789"), ("bytes=5-100", b"56789"), ("bytes=-100", b"0123456789"),
])
def test_ranges(s3, bucket, given, expected):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=given)
    assert (got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]) == (expected, 206)
    assert got["ContentRange"].endswith("/10")
    refused(s3.get_object, "InvalidRange", 416, Bucket=bucket, Key="k", Range="bytes=10-")


def test_listings_have_pages_prefixes_and_delimiters(s3, bucket):
    names = [f"{folder}/{number}" for folder in ("a", "b", "c d") for number in range(70)] + ["a-b", "root", "z/ä"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    wanted = sorted(names)
    assert keys(s3, bucket, PaginationConfig={"PageSize": 50}) == wanted
    assert keys(s3, bucket, Prefix="b/", PaginationConfig={"PageSize": 7}) == [name for name in wanted if name.startswith("b/")]
    for size in (1, 2, 3, 1000):
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size}))
        assert [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])] == ["a/", "b/", "c d/", "z/"]
        assert [each["Key"] for page in pages for each in page.get("Contents", [])] == ["a-b", "root"]
        old = list(s3.get_paginator("list_objects").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size}))
        assert [each["Prefix"] for page in old for each in page.get("CommonPrefixes", [])] == ["a/", "b/", "c d/", "z/"]
    old = s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": 33})
    assert [each["Key"] for page in old for each in page["Contents"]] == wanted
    assert keys(s3, bucket, StartAfter="c d/69") == wanted[wanted.index("c d/69") + 1:]
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=0)["KeyCount"] == 0
    refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=bucket, ContinuationToken="%")


def test_many_are_deleted_at_once(s3, bucket):
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"<{number}>&", Body=b"x")
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"<{number}>&"} for number in range(4)] + [{"Key": "no"}]})
    assert len(deleted["Deleted"]) == 5
    assert keys(s3, bucket) == ["<4>&"]
    refused(s3.delete_bucket, "BucketNotEmpty", 409, Bucket=bucket)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "<4>&"}], "Quiet": True})
    s3.delete_bucket(Bucket=bucket)
    refused(s3.head_bucket, "404", 404, Bucket=bucket)


def test_copies(s3, bucket):
    s3.put_object(Bucket=bucket, Key="ä b", Body=b"hello", ContentType="text/plain", Metadata={"a": "1"})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "ä b"})
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"a": "1"})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "copy"}, MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"b": "2"}
    refused(s3.copy_object, "NoSuchKey", 404, Bucket=bucket, Key="x", CopySource=f"{bucket}/nothing")


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    refused(s3.put_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    refused(s3.put_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", Body=b"2", IfMatch='"x"')
    refused(s3.get_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", IfMatch='"x"')
    refused(s3.get_object, "304", 304, Bucket=bucket, Key="k", IfNoneMatch=etag)
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_buckets(s3, bucket, endpoints):
    assert bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket=bucket)
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    for wrong in ("UPPER", "ab", "a_b", "-ab", "a..b", "192.168.1.1", "xn--ab"):
        answer = signed(endpoints, "PUT", f"/{wrong}", service="s3")
        assert (answer.status, b"<Code>InvalidBucketName</Code>" in answer.body) == (400, True), wrong
    for call in (s3.list_objects_v2, s3.list_objects, s3.get_bucket_location, s3.delete_bucket):
        refused(call, "NoSuchBucket", 404, Bucket="nobody-made-this")
    refused(s3.put_object, "NoSuchBucket", 404, Bucket="nobody-made-this", Key="k", Body=b"x")
    refused(s3.create_bucket, "IllegalLocationConstraintException", 400, Bucket="far-away",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def test_what_is_not_offered_is_refused_by_its_name(s3, bucket):
    def names(call, operation, **arguments):
        assert operation in refused(call, "NotImplemented", 501, Bucket=bucket, **arguments).message

    names(s3.get_bucket_acl, "GetBucketAcl")
    names(s3.put_bucket_versioning, "PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    names(s3.create_multipart_upload, "CreateMultipartUpload", Key="k")
    names(s3.upload_part, "UploadPart", Key="k", PartNumber=1, UploadId="u", Body=b"x")
    names(s3.put_object_tagging, "PutObjectTagging", Key="k", Tagging={"TagSet": []})
    names(s3.put_object, "x-amz-tagging", Key="k", Body=b"x", Tagging="a=b")
    names(s3.put_object, "x-amz-storage-class", Key="k", Body=b"x", StorageClass="GLACIER")


def test_a_wrong_signature_is_refused_in_xml(endpoints, bucket):
    for changed, code, status in (
        ({"aws_secret_access_key": "wrong"}, "SignatureDoesNotMatch", 403), ({"aws_access_key_id": "AKIANOBODY"}, "InvalidAccessKeyId", 403),
    ):
        refused(api.client(endpoints, "s3", **changed).list_buckets, code, status)


def test_uploads_in_chunks_over_tls(endpoints, s3, bucket, tmp_path):
    """Over TLS boto3 sends files in unsigned chunks with the checksum behind them."""
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 1000)
    client = api.client({**endpoints, "api": endpoints["api"].replace("http://", "https://")}, "s3")
    with path.open("rb") as file:
        client.put_object(Bucket=bucket, Key="file", Body=file)
    client.upload_file(str(path), bucket, "other")
    for key in ("file", "other"):
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == path.read_bytes()
        assert "ContentEncoding" not in got and got["ChecksumCRC32"]


def test_large_objects(endpoints, s3, bucket):
    secure = api.client({**endpoints, "api": endpoints["api"].replace("http://", "https://")}, "s3")
    for number, client in enumerate((s3, secure)):
        content = bytes([number]) * (16 << 20)
        client.put_object(Bucket=bucket, Key="large", Body=content)
        assert client.get_object(Bucket=bucket, Key="large")["Body"].read() == content
        refused(client.put_object, "EntityTooLarge", 400, Bucket=bucket, Key="larger", Body=bytes((16 << 20) + (1 << 18)))
    refused(s3.get_object, "NoSuchKey", 404, Bucket=bucket, Key="larger")


def test_a_content_encoding_is_the_objects_own(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=gzip.compress(b"hello"), ContentEncoding="gzip")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (gzip.decompress(got["Body"].read()), got["ContentEncoding"]) == (b"hello", "gzip")


def test_presigned_urls(endpoints, bucket):
    # boto3's presigned URLs have the signature of version 2 unless they are told otherwise.
    s3 = api.session(endpoints).client("s3", endpoint_url=endpoints["api"], config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "ä/k"}, ExpiresIn=60)
    assert urllib.request.urlopen(urllib.request.Request(url, b"hello", method="PUT")).status == 200
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "ä/k", "ResponseContentType": "text/x"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert (answer.read(), answer.headers["content-type"]) == (b"hello", "text/x")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(url.replace("/k?", "/j?"))
    assert b"<Code>SignatureDoesNotMatch</Code>" in raised.value.read()


def test_acknowledged_objects_survive_the_process(start_server):
    server = start_server("aws")
    s3 = api.client(vars(server.endpoints), "s3")
    s3.create_bucket(Bucket="kept")
    for number in range(50):
        s3.put_object(Bucket="kept", Key=f"days/{number % 10}.json", Body=f"{number}".encode())
    s3.delete_object(Bucket="kept", Key="days/9.json")
    s3.put_object(Bucket="kept", Key="latest", Body=b"last")
    server.restart(kill=True)
    s3 = api.client(vars(server.endpoints), "s3")
    assert {key: s3.get_object(Bucket="kept", Key=key)["Body"].read().decode() for key in keys(s3, "kept")} == {
        **{f"days/{number}.json": f"{40 + number}" for number in range(9)}, "latest": "last"}
    # What the crash left undone is done: no file is left that no object owns.
    root = server.data / "targets" / "s3"
    wanted = sorted([f"kept/days/{number}.json" for number in range(9)] + ["kept/latest%"])
    wait_for(lambda: sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) == wanted, "the files' order")
