"""AWS clients for a server under test, made as a user makes them, and what they raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Sequence

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

#: No retries: a test wants the server's first answer.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


def session(endpoints: Mapping[str, Any], **overrides) -> boto3.session.Session:
    keys = {
        "aws_access_key_id": endpoints["accessKeyId"],
        "aws_secret_access_key": endpoints["secretAccessKey"],
        "region_name": endpoints["region"],
    }
    return boto3.session.Session(**{**keys, **overrides})


def client(endpoints: Mapping[str, Any], service: str, **overrides):
    made = session(endpoints, **overrides)
    return made.client(service, endpoint_url=endpoints["api"], config=CONFIG, verify=endpoints["caFile"])


@dataclass
class Refusal:
    """An AWS error as boto3 shows it."""

    code: str
    status: int
    message: str
    response: dict

    @property
    def headers(self) -> dict:
        return self.response["ResponseMetadata"]["HTTPHeaders"]


def refused(call: Callable[..., Any], code: str, status: Optional[int] = None, **arguments) -> Refusal:
    """Calls, demands that the server answers with the error `code`, and returns it."""
    return refused_with_any(call, [code], status, **arguments)


def refused_with_any(call: Callable[..., Any], codes: Sequence[str], status: Optional[int] = None, **arguments) -> Refusal:
    """The same where AWS leaves open which of several errors it is."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    error = response["Error"]
    refusal = Refusal(error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error.get("Message", ""), response)
    assert refusal.code in codes, f"{refusal.code} ({refusal.status}): {refusal.message}"
    if status is not None:
        assert refusal.status == status, f"{refusal.code} ({refusal.status}): {refusal.message}"
    return refusal


def needs_operation(aws, name: str) -> None:
    """Skips where the installed boto3 is older than the operation (old Pythons get old versions)."""
    if not hasattr(aws, name):
        pytest.skip(f"this boto3 has no {name}")
