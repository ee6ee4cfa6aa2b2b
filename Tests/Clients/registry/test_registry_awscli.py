"""The registry by the AWS command line, as its users type it."""

import json

from fleet.awscli import aws, environment  # noqa: F401
from fleet.inbox import eventually


def test_a_fleet_by_hand(aws, endpoints, name):
    properties = "thingTypeDescription=Lamps,searchableAttributes=room"
    aws("iot", "create-thing-type", "--thing-type-name", name, "--thing-type-properties", properties)
    attributes = "attributes={room=hall,model=x1},merge=true"
    aws("iot", "create-thing", "--thing-name", name, "--thing-type-name", name, "--attribute-payload", attributes)
    thing = aws("iot", "describe-thing", "--thing-name", name)
    assert (thing["thingTypeName"], thing["attributes"], thing["version"]) == (name, {"room": "hall", "model": "x1"}, 1)
    house = aws("iot", "create-thing-group", "--thing-group-name", f"{name}-house", "--tags", "Key=owner,Value=me")["thingGroupArn"]
    aws("iot", "create-thing-group", "--thing-group-name", f"{name}-hall", "--parent-group-name", f"{name}-house")
    aws("iot", "add-thing-to-thing-group", "--thing-name", name, "--thing-group-name", f"{name}-hall")
    assert aws("iot", "list-things-in-thing-group", "--thing-group-name", f"{name}-house", "--recursive")["things"] == [name]
    assert aws("iot", "list-tags-for-resource", "--resource-arn", house)["tags"] == [{"Key": "owner", "Value": "me"}]
    aws("iot", "create-billing-group", "--billing-group-name", name)
    aws("iot", "add-thing-to-billing-group", "--billing-group-name", name, "--thing-name", name)
    assert aws("iot", "list-things-in-billing-group", "--billing-group-name", name)["things"] == [name]
    aws("iot", "update-thing", "--thing-name", name, "--expected-version", "1", "--attribute-payload", "attributes={room=attic},merge=true")
    stale = aws("iot", "update-thing", "--thing-name", name, "--expected-version", "1", "--remove-thing-type", fails=True)
    assert "(VersionConflictException)" in stale
    assert aws("iot", "list-things", "--attribute-name", "room", "--attribute-value", "attic")["things"][0]["thingName"] == name
    aws("iot", "delete-thing", "--thing-name", name)
    assert "(ResourceNotFoundException)" in aws("iot", "describe-thing", "--thing-name", name, fails=True)


def test_the_index(aws, name):
    aws(
        "iot", "update-indexing-configuration", "--thing-indexing-configuration",
        "thingIndexingMode=REGISTRY,customFields=[{name=attributes.load,type=Number}]",
    )  # fmt: skip
    for number in range(3):
        aws("iot", "create-thing", "--thing-name", f"{name}-{number}", "--attribute-payload", f"attributes={{load={number}}}")
    assert eventually(lambda: aws("iot", "describe-index", "--index-name", "AWS_Things")["indexStatus"] == "ACTIVE" or None)
    found = aws("iot", "search-index", "--query-string", f"thingName:{name}* AND attributes.load>0")["things"]
    assert {thing["thingName"] for thing in found} == {f"{name}-1", f"{name}-2"}
    query = f"thingName:{name}*"
    statistics = aws("iot", "get-statistics", "--query-string", query, "--aggregation-field", "attributes.load")["statistics"]
    assert (statistics["count"], statistics["average"], statistics["maximum"]) == (3, 1.0, 2.0)
    assert aws("iot", "get-cardinality", "--query-string", query, "--aggregation-field", "attributes.load")["cardinality"] == 3
    group = aws("iot", "create-dynamic-thing-group", "--thing-group-name", name, "--query-string", f"{query} AND attributes.load:2")
    assert group["queryString"].strip() == f"{query} AND attributes.load:2"
    members = eventually(lambda: aws("iot", "list-things-in-thing-group", "--thing-group-name", name)["things"])
    assert members == [f"{name}-2"]
    assert "(InvalidQueryException)" in aws("iot", "search-index", "--query-string", "thingName:(", fails=True)


def test_settings_of_the_account(aws):
    events = json.dumps({"THING": {"Enabled": True}})
    aws("iot", "update-event-configurations", "--event-configurations", events)
    assert aws("iot", "describe-event-configurations")["eventConfigurations"]["THING"] == {"Enabled": True}
    aws("iot", "set-v2-logging-options", "--role-arn", "arn:aws:iam::000000000000:role/logs", "--default-log-level", "ERROR")
    aws("iot", "set-v2-logging-level", "--log-target", "targetType=THING_GROUP,targetName=hall", "--log-level", "INFO")
    levels = aws("iot", "list-v2-logging-levels", "--target-type", "THING_GROUP")["logTargetConfigurations"]
    assert levels == [{"logTarget": {"targetType": "THING_GROUP", "targetName": "hall"}, "logLevel": "INFO"}]
    aws("iot", "create-role-alias", "--role-alias", "cli", "--role-arn", "arn:aws:iam::000000000000:role/lamps")
    assert aws("iot", "list-role-aliases")["roleAliases"] == ["cli"]
    assert "CreateFleetMetric" in aws(
        "iot", "create-fleet-metric", "--metric-name", "m", "--query-string", "*", "--aggregation-type", "name=Statistics,values=count",
        "--period", "60", "--aggregation-field", "registry.version", fails=True,
    )  # fmt: skip
