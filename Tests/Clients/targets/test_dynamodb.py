"""The embedded DynamoDB with boto3: tables, items, queries and scans, expressions, and its errors by name."""

import uuid
from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key
from fleet import api
from fleet.api import refused


@pytest.fixture(scope="module")
def dynamodb(endpoints):
    return api.client(endpoints, "dynamodb")


def create(dynamodb, name, hash_type="S", range_type=None):
    definitions = [{"AttributeName": "device", "AttributeType": hash_type}]
    schema = [{"AttributeName": "device", "KeyType": "HASH"}]
    if range_type:
        definitions.append({"AttributeName": "at", "AttributeType": range_type})
        schema.append({"AttributeName": "at", "KeyType": "RANGE"})
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=schema, AttributeDefinitions=definitions)
    return name


@pytest.fixture(scope="module")
def resource(endpoints):
    return api.session(endpoints).resource("dynamodb", endpoint_url=endpoints["api"], config=api.CONFIG)


@pytest.fixture
def new_table(dynamodb, resource):
    """Makes a table; what is returned is boto3's resource of it."""

    def make(**types):
        return resource.Table(create(dynamodb, f"t-{uuid.uuid4()}", **types))

    return make


def test_tables(dynamodb, endpoints):
    name = create(dynamodb, "Tables.of_test-1", range_type="N")
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert (table["TableStatus"], table["ItemCount"]) == ("ACTIVE", 0)
    assert table["KeySchema"] == [{"AttributeName": "device", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    assert table["TableArn"] == f"arn:aws:dynamodb:{endpoints['region']}:{endpoints['account']}:table/{name}"
    assert dynamodb.describe_table(TableName=table["TableArn"])["Table"]["TableId"] == table["TableId"]
    refused(create, "ResourceInUseException", 400, dynamodb=dynamodb, name=name)
    create(dynamodb, "Tables.of_test-2")
    page = dynamodb.list_tables(Limit=1, ExclusiveStartTableName="Tables.of_test-0")
    assert (page["TableNames"], page["LastEvaluatedTableName"]) == ([name], name)
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name)
    assert name not in dynamodb.list_tables()["TableNames"]
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName=name, Key={"device": {"S": "a"}})
    refused(dynamodb.put_item, "ResourceNotFoundException", 400, TableName=name, Item={"device": {"S": "a"}})


ITEM = {
    "device": "cellar", "text": "ä\x00", "empty": "", "whole": Decimal(5), "fraction": Decimal("-1.50"), "on": True, "none": None,
    "large": Decimal("12345678901234567890123456789012345678"), "tiny": Decimal("1E-130"), "bytes": b"\x00\xff",
    "list": ["a", Decimal(1), None, ["nested"]], "map": {"a": {"b": Decimal(1)}}, "texts": {"a", "b"}, "numbers": {Decimal(1), Decimal("2.5")},
    "blobs": {b"a", b"b"}, "": "",
}


def plain(value):
    """boto3 gives bytes in a class of its own."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, set):
        return {plain(inner) for inner in value}
    return bytes(value) if type(value).__name__ == "Binary" else value


def test_items_of_all_kinds_come_back(new_table):
    table = new_table()
    item = {key: value for key, value in ITEM.items() if key}
    table.put_item(Item=item)
    assert plain(table.get_item(Key={"device": "cellar"})["Item"]) == item
    assert "Item" not in table.get_item(Key={"device": "attic"})
    assert table.get_item(Key={"device": "cellar"}, ProjectionExpression="whole, #o, missing", ExpressionAttributeNames={"#o": "on"})["Item"] == {
        "whole": 5, "on": True}
    old = table.put_item(Item={"device": "cellar", "n": 1}, ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL")
    assert plain(old["Attributes"]) == item and old["ConsumedCapacity"]["CapacityUnits"] == 1
    assert table.delete_item(Key={"device": "cellar"}, ReturnValues="ALL_OLD")["Attributes"] == {"device": "cellar", "n": 1}
    assert "Item" not in table.get_item(Key={"device": "cellar"})


@pytest.mark.parametrize("item, words", [
    ({"x": {"S": "a"}}, "Missing the key device"), ({"device": {"N": "1"}}, "Type mismatch for key device expected: S actual: N"),
    ({"device": {"S": ""}}, "empty string value"), ({"device": {"S": "x" * 2049}}, "maximum size limit of2048 bytes"),
    ({"device": {"S": "a"}, "n": {"N": "abc"}}, "cannot be converted to a numeric value"),
    ({"device": {"S": "a"}, "n": {"N": "1" * 39}}, "more than 38 significant digits"),
    ({"device": {"S": "a"}, "n": {"N": "1E126"}}, "Number overflow"), ({"device": {"S": "a"}, "n": {"N": "1E-131"}}, "Number underflow"),
    ({"device": {"S": "a"}, "s": {"SS": []}}, "may not be empty"), ({"device": {"S": "a"}, "s": {"SS": ["a", "a"]}}, "contains duplicates"),
    ({"device": {"S": "a"}, "s": {"S": "x" * 409_600}}, "Item size has exceeded"), ({"device": {"S": "a"}, "n": {"NULL": False}}, "true"),
])
def test_wrong_items_are_refused(dynamodb, new_table, item, words):
    assert words in refused(dynamodb.put_item, "ValidationException", 400, TableName=new_table().name, Item=item).message


def test_keys_are_what_the_table_says(dynamodb, new_table):
    name = new_table(range_type="N").name
    for key in ({"device": {"S": "a"}}, {"device": {"S": "a"}, "at": {"S": "1"}}, {"device": {"S": "a"}, "at": {"N": "1"}, "x": {"N": "1"}}):
        assert refused(dynamodb.get_item, "ValidationException", 400, TableName=name, Key=key).message == (
            "The provided key element does not match the schema")


NUMBERS = ["-1E+100", "-12345", "-100.5", "-100", "-99.999", "-2", "-1.5", "-1", "-0.001", "-1E-120", "0", "1E-120", "0.001", "0.5", "1",
           "1.25", "9", "10", "11", "99.5", "100", "100.5", "123456789.123456789", "1E+100", "9.9E+125"]


def test_range_keys_are_in_their_order(new_table):
    table = new_table(range_type="N")
    for number in NUMBERS[::2] + NUMBERS[1::2]:
        table.put_item(Item={"device": "a", "at": Decimal(number)})
        table.put_item(Item={"device": "b", "at": Decimal(number)})

    def query(condition, **options):
        found = table.query(KeyConditionExpression=Key("device").eq("a") & condition if condition else Key("device").eq("a"), **options)
        return [item["at"] for item in found["Items"]]

    wanted = [Decimal(number) for number in NUMBERS]
    assert query(None) == wanted
    assert query(None, ScanIndexForward=False) == wanted[::-1]
    for pivot in (Decimal("-100"), Decimal(0), Decimal("1.1"), Decimal("100")):
        assert query(Key("at").eq(pivot)) == [each for each in wanted if each == pivot]
        assert query(Key("at").lt(pivot)) == [each for each in wanted if each < pivot]
        assert query(Key("at").lte(pivot)) == [each for each in wanted if each <= pivot]
        assert query(Key("at").gt(pivot)) == [each for each in wanted if each > pivot]
        assert query(Key("at").gte(pivot)) == [each for each in wanted if each >= pivot]
        assert query(Key("at").between(pivot, Decimal(100)), ScanIndexForward=False) == [
            each for each in wanted[::-1] if pivot <= each <= 100]


def test_text_range_keys(new_table):
    table = new_table(range_type="S")
    keys = ["a", "a#1", "a#2", "a\x00", "a$", "b", "ä", "\U0001f600", "A"]
    for key in keys:
        table.put_item(Item={"device": "x", "at": key})
    found = table.query(KeyConditionExpression=Key("device").eq("x"))["Items"]
    assert [item["at"] for item in found] == sorted(keys, key=str.encode)
    found = table.query(KeyConditionExpression=Key("device").eq("x") & Key("at").begins_with("a"))["Items"]
    assert [item["at"] for item in found] == sorted((key for key in keys if key.startswith("a")), key=str.encode)


def test_pages(dynamodb, new_table):
    table = new_table(range_type="N")
    with table.batch_writer() as batch:
        for number in range(120):
            batch.put_item(Item={"device": f"d{number % 2}", "at": number, "odd": number % 4 > 1})
    for options in ({}, {"ScanIndexForward": False}):
        pages = list(dynamodb.get_paginator("query").paginate(
            TableName=table.name, KeyConditionExpression="device = :d", ExpressionAttributeValues={":d": {"S": "d1"}},
            PaginationConfig={"PageSize": 7}, **options))
        found = [int(item["at"]["N"]) for page in pages for item in page["Items"]]
        assert found == sorted((number for number in range(120) if number % 2), reverse=bool(options))
        assert all(len(page["Items"]) <= 7 for page in pages)
    pages = list(dynamodb.get_paginator("scan").paginate(TableName=table.name, PaginationConfig={"PageSize": 11}))
    assert len({item["at"]["N"] for page in pages for item in page["Items"]}) == 120
    page = table.scan(Limit=10, FilterExpression=Attr("odd").eq(True), Select="COUNT")
    assert (page["ScannedCount"], page["Count"], "Items" in page) == (10, 5, False)
    large = "x" * 300_000
    for number in range(5):
        table.put_item(Item={"device": "large", "at": number, "text": large})
    pages = list(dynamodb.get_paginator("query").paginate(
        TableName=table.name, KeyConditionExpression="device = :d", ExpressionAttributeValues={":d": {"S": "large"}}))
    assert [len(page["Items"]) for page in pages] == [3, 2]


@pytest.mark.parametrize("condition, expected", [
    (Attr("n").eq(2), "b"), (Attr("n").ne(2), "acd"), (Attr("n").lt(3), "ab"), (Attr("n").gte(2), "bc"), (Attr("n").between(2, 3), "bc"),
    (Attr("n").is_in([1, 3]), "ac"), (Attr("t").begins_with("hel"), "ab"), (Attr("t").contains("lp"), "b"), (Attr("tags").contains("x"), "ac"),
    (Attr("t").exists(), "abc"), (Attr("t").not_exists(), "d"), (Attr("t").attribute_type("S"), "abc"), (Attr("t").size().gt(4), "a"),
    (Attr("m.k[1]").eq("q"), "c"), (~Attr("n").eq(2) & Attr("t").exists(), "ac"), (Attr("n").eq(1) | Attr("n").eq(3), "ac"),
    (Attr("n").lt("2"), ""), (Attr("missing").ne(1), "abcd"),
])
def test_filters(filtered, condition, expected):
    assert "".join(sorted(item["device"] for item in filtered.scan(FilterExpression=condition)["Items"])) == expected


@pytest.fixture(scope="module")
def filtered(dynamodb, resource):
    table = resource.Table(create(dynamodb, "filtered"))
    table.put_item(Item={"device": "a", "n": 1, "t": "hello", "tags": {"x", "y"}})
    table.put_item(Item={"device": "b", "n": 2, "t": "help", "tags": ["z"]})
    table.put_item(Item={"device": "c", "n": 3, "t": "x", "tags": ["x"], "m": {"k": ["p", "q"]}})
    table.put_item(Item={"device": "d"})
    return table


def test_conditions_of_writes(dynamodb, new_table):
    table = new_table()
    table.put_item(Item={"device": "a", "n": 1}, ConditionExpression="attribute_not_exists(device)")
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException) as raised:
        table.put_item(Item={"device": "a", "n": 2}, ConditionExpression="attribute_not_exists(device)",
                       ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Item"] == {"device": {"S": "a"}, "n": {"N": "1"}}
    values = {":n": 2}
    refused(table.delete_item, "ConditionalCheckFailedException", 400, Key={"device": "a"}, ConditionExpression="n = :n",
            ExpressionAttributeValues=values)
    table.update_item(Key={"device": "a"}, UpdateExpression="SET n = :n", ConditionExpression="n < :n", ExpressionAttributeValues=values)
    table.delete_item(Key={"device": "a"}, ConditionExpression="n = :n", ExpressionAttributeValues=values)


@pytest.mark.parametrize("expression, values, changed", [
    ("SET n = :v, x = n", {":v": 5}, {"n": 5, "x": 1}), ("SET n = n + :v", {":v": Decimal("0.5")}, {"n": Decimal("1.5")}),
    ("SET n = :v - n", {":v": 1}, {"n": 0}), ("SET x = if_not_exists(x, :v), n = if_not_exists(n, :v)", {":v": 9}, {"x": 9}),
    ("SET l = list_append(l, :v)", {":v": ["d"]}, {"l": ["a", "b", "c", "d"]}), ("SET l[1] = :v, l[9] = :v", {":v": "x"}, {"l": ["a", "x", "c", "x"]}),
    ("SET m.a.b = :v, m.k = :v", {":v": 2}, {"m": {"a": {"b": 2}, "k": 2}}), ("REMOVE l[0], l[2], n", {}, {"l": ["b"], "n": None}),
    ("REMOVE m.a.b", {}, {"m": {"a": {}}}), ("ADD n :v, y :v", {":v": 3}, {"n": 4, "y": 3}), ("ADD s :v", {":v": {"b", "z"}}, {"s": {"a", "b", "z"}}),
    ("DELETE s :v", {":v": {"a"}}, {"s": {"b"}}), ("DELETE s :v", {":v": {"a", "b"}}, {"s": None}),
    ("set n = :v remove l add c :v", {":v": 1}, {"l": None, "c": 1}),
])
def test_updates(new_table, expression, values, changed):
    table = new_table()
    before = {"device": "a", "n": 1, "l": ["a", "b", "c"], "m": {"a": {"b": 1}}, "s": {"a", "b"}}
    table.put_item(Item=before)
    options = {"ExpressionAttributeValues": values} if values else {}
    after = table.update_item(Key={"device": "a"}, UpdateExpression=expression, ReturnValues="ALL_NEW", **options)["Attributes"]
    wanted = {**before, **changed}
    assert after == {key: value for key, value in wanted.items() if value is not None}
    assert table.get_item(Key={"device": "a"})["Item"] == after


def test_updates_make_items_and_tell_what_changed(new_table):
    table = new_table()
    made = table.update_item(Key={"device": "a"}, UpdateExpression="SET n = :v", ExpressionAttributeValues={":v": 1}, ReturnValues="UPDATED_NEW")
    assert made["Attributes"] == {"n": 1}
    told = table.update_item(Key={"device": "a"}, UpdateExpression="ADD n :v", ExpressionAttributeValues={":v": 1}, ReturnValues="UPDATED_OLD")
    assert told["Attributes"] == {"n": 1}
    assert table.get_item(Key={"device": "a"})["Item"] == {"device": "a", "n": 2}


@pytest.mark.parametrize("call, options, words", [
    ("scan", {"FilterExpression": "n ="}, "Syntax error"), ("scan", {"FilterExpression": "(" * 200 + "n = n" + ")" * 200}, "nests more than"),
    ("scan", {"FilterExpression": "n = :x"}, "is not defined; attribute value: :x"), ("scan", {"FilterExpression": "#n = n"}, "attribute name: #n"),
    ("scan", {"FilterExpression": "frob(n)"}, "Invalid function name"), ("scan", {"FilterExpression": "n = n;"}, "Syntax error"),
    ("scan", {"ExpressionAttributeValues": {":x": 1}}, "unused in expressions: keys: {:x}"),
    ("scan", {"IndexName": "other"}, "IndexName is not offered"), ("scan", {"ProjectionExpression": "m.k"}, "ProjectionExpression"),
    ("query", {"KeyConditionExpression": "at = :x", "ExpressionAttributeValues": {":x": 1}}, "missed key schema element: device"),
    ("query", {"KeyConditionExpression": "device = :x and n = :x", "ExpressionAttributeValues": {":x": "a"}}, "missed key schema element: at"),
    ("query", {"KeyConditionExpression": "device = :x", "ExpressionAttributeValues": {":x": 1}}, "type does not match"),
    ("query", {"KeyConditionExpression": "device > :x", "ExpressionAttributeValues": {":x": "a"}}, "Query key condition not supported"),
    ("query", {}, "must be specified"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "SET at = :x", "ExpressionAttributeValues": {":x": 1}}, "part of the key"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "SET n.x = :x", "ExpressionAttributeValues": {":x": 1}}, "document path"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "SET n = m"}, "does not exist in the item"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "SET n = :x REMOVE n", "ExpressionAttributeValues": {":x": 1}}, "overlap"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "SET n = :x SET m = :x", "ExpressionAttributeValues": {":x": 1}}, "only be used once"),
    ("update_item", {"Key": {"device": "a", "at": 1}, "UpdateExpression": "ADD n :x", "ExpressionAttributeValues": {":x": "a"}}, "incorrect data type"),
    ("put_item", {"Item": {"device": "a", "at": 1}, "Expected": {"n": {"Exists": False}}}, "Expected is not offered"),
])
def test_wrong_requests_say_what_is_wrong(wrong, call, options, words):
    assert words in refused(getattr(wrong, call), "ValidationException", 400, **options).message


@pytest.fixture(scope="module")
def wrong(dynamodb, resource):
    return resource.Table(create(dynamodb, "wrong", range_type="N"))


def test_batches(dynamodb, new_table):
    one, two = new_table().name, new_table().name
    put = lambda device: {"PutRequest": {"Item": {"device": {"S": device}}}}  # noqa: E731
    answer = dynamodb.batch_write_item(RequestItems={one: [put("a"), put("b")], two: [put("a")]})
    assert answer["UnprocessedItems"] == {}
    dynamodb.batch_write_item(RequestItems={one: [put("c"), {"DeleteRequest": {"Key": {"device": {"S": "a"}}}}]})
    keys = [{"device": {"S": device}} for device in "abc"]
    found = dynamodb.batch_get_item(RequestItems={one: {"Keys": keys}, two: {"Keys": keys, "ProjectionExpression": "device"}})["Responses"]
    assert {table: sorted(item["device"]["S"] for item in items) for table, items in found.items()} == {one: ["b", "c"], two: ["a"]}
    assert "duplicates" in refused(dynamodb.batch_write_item, "ValidationException", 400, RequestItems={one: [put("a"), put("a")]}).message
    refused(dynamodb.batch_write_item, "ValidationException", 400, RequestItems={one: [put(str(number)) for number in range(26)]})
    assert dynamodb.describe_table(TableName=one)["Table"]["ItemCount"] == 2
    large = [{"PutRequest": {"Item": {"device": {"S": str(number)}, "text": {"S": "x" * 400_000}}}} for number in range(25)]
    dynamodb.batch_write_item(RequestItems={two: large})
    keys = [{"device": {"S": str(number)}} for number in range(25)]
    found = dynamodb.batch_get_item(RequestItems={two: {"Keys": keys}})
    assert len(found["Responses"][two]) + len(found["UnprocessedKeys"][two]["Keys"]) == 25


def test_what_is_not_offered_is_refused_by_its_name(dynamodb, new_table):
    name = new_table().name
    answer = refused(dynamodb.update_time_to_live, "UnknownOperationException", 400, TableName=name,
                     TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"})
    assert "UpdateTimeToLive" in answer.message
    with pytest.raises(Exception, match="GlobalSecondaryIndexes"):
        dynamodb.create_table(
            TableName="indexed", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            GlobalSecondaryIndexes=[{"IndexName": "other", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
                                     "Projection": {"ProjectionType": "ALL"}}])


def test_acknowledged_items_survive_the_process(start_server):
    server = start_server("aws")
    dynamodb = api.client(vars(server.endpoints), "dynamodb")
    create(dynamodb, "kept", range_type="N")
    for number in range(20):
        dynamodb.put_item(TableName="kept", Item={"device": {"S": "a"}, "at": {"N": str(number)}})
    server.restart(kill=True)
    dynamodb = api.client(vars(server.endpoints), "dynamodb")
    assert dynamodb.scan(TableName="kept")["Count"] == 20
