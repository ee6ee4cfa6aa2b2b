"""`roost device create`: the whole set-up of a device in one line."""

import json
import os
import shlex
from pathlib import Path

import pytest
from fleet import command
from fleet.device import Device
from fleet.paho_client import PahoClient
from support.server import environment


@pytest.fixture
def create(server, roost_binary, tmp_path):
    def run(*words):
        full = [str(roost_binary), "device", "create", *words]
        return command.run(full, environment={**environment(), "ROOST_DATA": str(server.data)})

    return run


def files_in(folder, endpoints, name):
    """The certificate and key that the command wrote, found by their content."""
    certificate = key = None
    for path in Path(folder).rglob("*"):
        if not path.is_file():
            continue
        text = path.read_text()
        if "PRIVATE KEY" in text:
            key = path
        elif "BEGIN CERTIFICATE" in text and text.strip() != Path(endpoints["caFile"]).read_text().strip():
            certificate = path
    assert certificate and key, [str(path) for path in Path(folder).rglob("*")]
    return Device(name, "", "", None, str(certificate), str(key), endpoints["caFile"])


def test_one_line_and_the_device_connects(create, endpoints, iot, tmp_path, name):
    made = create(name, "--out", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr
    device = files_in(tmp_path / "out", endpoints, name)
    assert os.stat(device.key_file).st_mode & 0o077 == 0
    assert iot.describe_thing(thingName=name)["thingName"] == name
    principals = iot.list_thing_principals(thingName=name)["principals"]
    assert len(principals) == 1
    assert iot.list_attached_policies(target=principals[0])["policies"]
    with PahoClient(endpoints, device) as client:
        client.subscribe(f"{name}/commands")
        client.publish(f"{name}/commands", b"hello")
        client.inbox.wait_payload(b"hello")


def test_the_line_that_it_prints_connects(create, tmp_path, name):
    """The printed mosquitto command is meant to be pasted."""
    made = create(name, "--out", str(tmp_path / "out"))
    lines = [line.strip() for line in made.stdout.splitlines() if line.strip().startswith(("mosquitto_pub", "mosquitto_sub"))]
    assert lines, made.stdout
    words = shlex.split(lines[0])
    if words[0] == "mosquitto_sub":
        words = ["mosquitto_pub", *words[1:], "-m", "pasted"]
    done = command.run(words)
    assert done.returncode == 0, (lines[0], done.stderr)


def test_with_a_policy_of_ones_own(create, endpoints, tmp_path, name):
    policy = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Action": ["iot:Connect", "iot:Publish"], "Resource": "*"}
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    made = create(name, "--policy", str(policy), "--out", str(tmp_path / "out"))
    assert made.returncode == 0, made.stderr
    with PahoClient(endpoints, files_in(tmp_path / "out", endpoints, name)) as client:
        assert not client.publish("any/topic", b"x").is_failure
        assert client.subscribe("any/topic")[0].value == 0x87


@pytest.mark.parametrize("bad", ["a b", "../escape", "x" * 129, ""])
def test_a_bad_name_is_refused_before_anything_is_made(bad, create, iot, tmp_path):
    before = len(iot.list_things(maxResults=250)["things"])
    made = create("--out", str(tmp_path / "out"), "--", bad)
    assert made.returncode != 0
    assert len(iot.list_things(maxResults=250)["things"]) == before
    assert not list(tmp_path.parent.glob("escape*"))


def test_a_bad_policy_is_refused(create, iot, tmp_path, name):
    policy = tmp_path / "policy.json"
    policy.write_text("{")
    made = create(name, "--policy", str(policy), "--out", str(tmp_path / "out"))
    assert made.returncode != 0
    assert "olicy" in made.stderr + made.stdout


def test_files_are_not_overwritten(create, tmp_path, name):
    assert create(name, "--out", str(tmp_path / "out")).returncode == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    create(name, "--out", str(tmp_path / "out"))
    after = {path: path.read_bytes() for path in before}
    assert after == before


def test_without_a_server(roost_binary, tmp_path):
    full = [str(roost_binary), "device", "create", "d", "--out", str(tmp_path)]
    done = command.run(full, environment={**environment(), "ROOST_DATA": str(tmp_path / "nothing")})
    assert done.returncode != 0
    assert "serve" in done.stderr + done.stdout


def test_env_and_version(server, roost_binary):
    variables = {**environment(), "ROOST_DATA": str(server.data)}
    printed = command.run([str(roost_binary), "env"], environment=variables).stdout
    shell = command.run(["sh", "-c", 'eval "$1"; echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_REGION"', "sh", printed], environment=variables)
    assert shell.stdout.split() == [server.endpoints.api, server.endpoints.accessKeyId, server.endpoints.region]
    version = command.run([str(roost_binary), "version"], environment=variables)
    assert version.returncode == 0 and version.stdout.strip()
