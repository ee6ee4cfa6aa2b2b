"""A device as the AWS API makes it: thing, keys and certificate, policy, all attached."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional

from . import api


@dataclass(frozen=True)
class Device:
    name: str
    certificate_id: str
    certificate_arn: str
    policy_name: Optional[str]
    certificate_file: str
    key_file: str
    ca_file: str


def arn(endpoints: Mapping[str, Any], resource: str, partition: str = "aws") -> str:
    return f"arn:{partition}:iot:{endpoints['region']}:{endpoints['account']}:{resource}"


def own_topics_policy(endpoints: Mapping[str, Any]) -> dict:
    """Each device connects under its own name and speaks on `fleet/NAME/...` alone."""
    thing = "${iot:Connection.Thing.ThingName}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": arn(endpoints, f"client/{thing}")},
            {
                "Effect": "Allow",
                "Action": ["iot:Publish", "iot:Receive", "iot:RetainPublish"],
                "Resource": arn(endpoints, f"topic/fleet/{thing}/*"),
            },
            {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": arn(endpoints, f"topicfilter/fleet/{thing}/*")},
        ],
    }


def allow_all_policy() -> dict:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}


def allowing(action: str = "iot:Connect") -> str:
    """The text of a policy that allows one action everywhere."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def make_device(
    endpoints: Mapping[str, Any],
    name: str,
    folder: Path,
    policy: Optional[dict] = None,
    exclusive: bool = False,
    active: bool = True,
) -> Device:
    """The set-up of the AWS developer guide, step by step; `policy` is `own_topics_policy` where nothing else is given."""
    iot = api.client(endpoints, "iot")
    iot.create_thing(thingName=name)
    keys = iot.create_keys_and_certificate(setAsActive=active)
    policy_name = f"{name}-policy"
    iot.create_policy(policyName=policy_name, policyDocument=json.dumps(policy or own_topics_policy(endpoints)))
    iot.attach_policy(policyName=policy_name, target=keys["certificateArn"])
    kind = {"thingPrincipalType": "EXCLUSIVE_THING"} if exclusive else {}
    iot.attach_thing_principal(thingName=name, principal=keys["certificateArn"], **kind)
    certificate_file, key_file = write_identity(folder, name, keys["certificatePem"], keys["keyPair"]["PrivateKey"])
    return Device(
        name, keys["certificateId"], keys["certificateArn"], policy_name, certificate_file, key_file, endpoints["caFile"]
    )


def write_identity(folder: Path, name: str, certificate_pem: str, key_pem: str) -> tuple[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / f"{name}.pem.crt", folder / f"{name}.pem.key"
    certificate.write_text(certificate_pem)
    key.touch(mode=0o600)
    key.write_text(key_pem)
    return str(certificate), str(key)


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of `host:port` or of a URL; IPv6 addresses stand in brackets."""
    bare = address.split("://")[-1].split("/")[0]
    host, port = bare.rsplit(":", 1)
    return host.strip("[]"), int(port)
