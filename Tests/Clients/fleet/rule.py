"""What tests of rule actions share: rules, and waiting for what they bring about."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, List, Optional
from urllib.parse import quote

from .inbox import PATIENCE
from .signed import signed

ROLE = "arn:aws:iam::123456789012:role/rules"
VERSION = "2016-03-23"


def action(kind: str, **fields) -> dict:
    return {kind: {"roleArn": ROLE, **fields}}


def make(iot, rule: str, sql: str, *actions: dict, **fields) -> None:
    iot.create_topic_rule(
        ruleName=rule, topicRulePayload={"sql": sql, "awsIotSqlVersion": VERSION, "actions": list(actions), **fields})


def wait_for(look: Callable[[], Any], what: str = "it") -> Any:
    """What `look` returns when that is true."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come; there is {found!r}"
        time.sleep(0.02)


def refused_field(endpoints, rule: str, wrong: dict, word: str) -> None:
    """A rule with this action is refused, and the refusal names what is wrong. Not through boto3, which checks some fields itself."""
    body = {"sql": "SELECT * FROM 'a'", "awsIotSqlVersion": VERSION, "actions": [wrong]}
    answer = signed(endpoints, "POST", f"/rules/{rule}", json.dumps(body).encode())
    assert (answer.status, answer.error) == (400, "InvalidRequestException"), answer.body
    assert word in answer.json["message"], answer.json


def target_records(endpoints, service: str, name: str, limit: Optional[int] = None) -> List[dict]:
    """What the server's embedded target holds; empty while there is no such target."""
    query = f"/targets/{service}/records?name={quote(name, safe='-_.~')}" + (f"&limit={limit}" if limit else "")
    answer = signed(endpoints, "GET", query, service="roost")
    if answer.status == 404:
        return []
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["records"]
