"""Topic rules through boto3: what is made, what is refused, and how they are listed and changed (CreateTopicRule and its kin)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fleet import api

ROLE = "arn:aws:iam::000000000000:role/rules"


def republish(topic="out", **fields):
    return {"republish": {"roleArn": ROLE, "topic": topic, **fields}}


def payload(sql="SELECT * FROM 'a/b'", **fields):
    return {"sql": sql, "actions": [republish()], **fields}


@pytest.fixture
def rule(name):
    return name.replace("-", "_")


def test_a_rule_reads_back_as_it_was_made(iot, rule):
    given = payload("SELECT temperature FROM 'dt/#'", awsIotSqlVersion="2016-03-23", errorAction=republish("errors", qos=1))
    iot.create_topic_rule(ruleName=rule, topicRulePayload=given)
    answer = iot.get_topic_rule(ruleName=rule)
    assert answer["ruleArn"].endswith(f":rule/{rule}")
    found = answer["rule"]
    assert found.pop("createdAt") is not None
    assert found == {**given, "ruleName": rule, "ruleDisabled": False}


def test_rules_are_listed_with_their_filters(iot, rule):
    names = [f"{rule}_{i}" for i in range(3)]
    for i, each in enumerate(names):
        iot.create_topic_rule(ruleName=each, topicRulePayload=payload(f"SELECT * FROM 'list/{rule}/{i}'", ruleDisabled=i == 2))
    found = {}
    token = {}
    while True:
        page = iot.list_topic_rules(maxResults=2, **token)
        found.update({item["ruleName"]: item for item in page["rules"]})
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert [found[each]["topicPattern"] for each in names] == [f"list/{rule}/{i}" for i in range(3)]
    assert [found[each]["ruleDisabled"] for each in names] == [False, False, True]
    assert [item["ruleName"] for item in iot.list_topic_rules(topic=f"list/{rule}/1")["rules"]] == [names[1]]
    assert names[2] in [item["ruleName"] for item in iot.list_topic_rules(ruleDisabled=True)["rules"]]


def test_a_rule_is_made_once(iot, rule):
    iot.create_topic_rule(ruleName=rule, topicRulePayload=payload())
    api.refused(iot.create_topic_rule, "ResourceAlreadyExistsException", 409, ruleName=rule, topicRulePayload=payload())


def test_a_missing_rule_is_denied(iot, rule):
    refusal = api.refused(iot.get_topic_rule, "UnauthorizedException", 401, ruleName=rule)
    assert refusal.message == f"Access to topic rule '{rule}' was denied"
    iot.delete_topic_rule(ruleName=rule)


@pytest.mark.parametrize(
    "wrong, code, word",
    [
        (payload("SELEC * FROM 'a'"), "SqlParseException", "line 1, column 1"),
        (payload("SELECT * FROM 'a' WHERE"), "SqlParseException", "column 24"),
        (payload(awsIotSqlVersion="2020-01-01"), "InvalidRequestException", "2020-01-01"),
        (payload("SELECT decode(x, 'proto', 'b', 'k', 'f', 'T') FROM 'a'", awsIotSqlVersion="2016-03-23"), "InvalidRequestException", "decode"),
        ({"sql": "SELECT * FROM 'a'", "actions": [{"sqs": {"roleArn": ROLE, "queueUrl": "q"}}]}, "InvalidRequestException", "sqs"),
        ({"sql": "SELECT * FROM 'a'", "actions": [republish("x/${(}")]}, "InvalidRequestException", "topic"),
        ({"sql": "SELECT * FROM 'a'", "actions": [republish()] * 11}, "InvalidRequestException", "10"),
        ({"sql": "SELECT * FROM 'a'", "actions": [republish(qos=2)]}, "InvalidRequestException", "qos"),
    ],
)
def test_a_wrong_rule_is_refused_and_not_made(iot, rule, wrong, code, word):
    refusal = api.refused(iot.create_topic_rule, code, 400, ruleName=rule, topicRulePayload=wrong)
    assert word in refusal.message
    api.refused(iot.get_topic_rule, "UnauthorizedException", ruleName=rule)


def test_a_refused_replacement_changes_nothing(iot, rule):
    iot.create_topic_rule(ruleName=rule, topicRulePayload=payload())
    api.refused(iot.replace_topic_rule, "SqlParseException", 400, ruleName=rule, topicRulePayload=payload("no SQL"))
    assert iot.get_topic_rule(ruleName=rule)["rule"]["sql"] == "SELECT * FROM 'a/b'"


def test_rules_are_tagged(iot, rule):
    iot.create_topic_rule(ruleName=rule, topicRulePayload=payload(), tags="fleet=north&place=hall%20one")
    arn = iot.get_topic_rule(ruleName=rule)["ruleArn"]
    iot.tag_resource(resourceArn=arn, tags=[{"Key": "fleet", "Value": "south"}])
    tags = {tag["Key"]: tag["Value"] for tag in iot.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert tags == {"fleet": "south", "place": "hall one"}
    iot.delete_topic_rule(ruleName=rule)
    api.refused(iot.list_tags_for_resource, "ResourceNotFoundException", 404, resourceArn=arn)
    iot.create_topic_rule(ruleName=rule, topicRulePayload=payload())
    assert iot.list_tags_for_resource(resourceArn=arn)["tags"] == []


def test_tags_that_cannot_be_are_refused(iot, rule):
    api.refused(iot.create_topic_rule, "InvalidRequestException", 400, ruleName=rule, topicRulePayload=payload(), tags="aws:x=1")
    api.refused(iot.get_topic_rule, "UnauthorizedException", 401, ruleName=rule)


def test_changes_at_the_same_time_leave_what_was_committed_last(iot, rule):
    """Whatever the order, the engine runs what the API shows."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            pool.submit(iot.create_topic_rule, ruleName=rule, topicRulePayload=payload())
            pool.submit(iot.delete_topic_rule, ruleName=rule)
    names = [each["ruleName"] for each in iot.list_topic_rules()["rules"]]
    with_pattern = [each["ruleName"] for each in iot.list_topic_rules(topic="a/b")["rules"]]
    assert (rule in names) == (rule in with_pattern)
