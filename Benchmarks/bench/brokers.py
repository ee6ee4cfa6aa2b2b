"""The two brokers, started anew for each figure with the same duties: persistence, authorisation of each topic, mutual TLS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Sequence

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Topics and client ids of the generators begin with it; the policy and the ACL allow nothing else.
PREFIX = "bench"
START_SECONDS = 120
STOP_SECONDS = 60

_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"arn:aws:iot:*:*:client/{PREFIX}-*"},
        {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": f"arn:aws:iot:*:*:topic/{PREFIX}/*"},
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": f"arn:aws:iot:*:*:topicfilter/{PREFIX}/*"},
    ],
}

_MOSQUITTO = """\
listener {plain} 127.0.0.1
listener {tls} 127.0.0.1
cafile {ca}
certfile {certificate}
keyfile {key}
require_certificate true
use_identity_as_username true
per_listener_settings false
allow_anonymous true
acl_file {acl}
persistence true
persistence_location {data}/
max_inflight_messages 2048
max_queued_messages 0
max_connections -1
set_tcp_nodelay true
log_dest none
"""


@dataclass(frozen=True)
class Settings:
    """What both brokers share: one device certificate, and the server certificate that Roost made, so that both do the same work."""

    folder: Path
    roost: Path
    template: Path
    policy_file: Path
    ca: Path
    certificate: Path
    key: Path
    server_certificate: Path
    server_key: Path

    @staticmethod
    def prepare(folder: Path, roost: Path, machine) -> "Settings":
        """Starts Roost once to make the authority and the device, and keeps its folder as the template of each later start."""
        template = folder / "template"
        policy = folder / "policy.json"
        policy.write_text(json.dumps(_POLICY))
        certificate, key = folder / "device.pem", folder / "device.key"
        found = {name: template / "missing" for name in ("ca.pem", "server.pem", "server.key")}
        settings = Settings(folder, roost, template, policy, found["ca.pem"], certificate, key, found["server.pem"], found["server.key"])
        with Roost(settings, template) as broker:
            certificate.write_text(_register(broker.endpoints, key))
            found = {name: next(template.rglob(name)) for name in found}
        return Settings(folder, roost, template, policy, found["ca.pem"], certificate, key, found["server.pem"], found["server.key"])


def _register(endpoints: dict, key_file: Path) -> str:
    """A P-256 certificate with the benchmark's policy; returns its PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PREFIX)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    iot = boto3.client(
        "iot", endpoint_url=endpoints["api"], region_name=endpoints["region"], verify=endpoints["caFile"],
        aws_access_key_id=endpoints["accessKeyId"], aws_secret_access_key=endpoints["secretAccessKey"],
    )  # fmt: skip
    pem = request.public_bytes(serialization.Encoding.PEM).decode()
    made = iot.create_certificate_from_csr(certificateSigningRequest=pem, setAsActive=True)
    iot.create_policy(policyName=PREFIX, policyDocument=json.dumps(_POLICY))
    iot.attach_policy(policyName=PREFIX, target=made["certificateArn"])
    return made["certificatePem"]


class Broker:
    """A process with a plain and a TLS port. `with broker:` starts and stops it."""

    name = ""
    plain_port = 0
    tls_port = 0
    log: Path

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: Optional[subprocess.Popen] = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def where(self, tls: bool) -> dict:
        """The generator's options that name this broker."""
        options = {"port": self.tls_port if tls else self.plain_port, "pid": self.pid, "prefix": PREFIX}
        if tls:
            options.update(cert=self.settings.certificate, key=self.settings.key, ca=self.settings.ca)
        return options

    def _spawn(self, words) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=_environment())

    def _wait(self, ready) -> None:
        end = time.monotonic() + START_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.005)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.end()

    def start(self) -> None:
        raise NotImplementedError


class Roost(Broker):
    name = "roost"

    event_loops = 1

    def __init__(self, settings: Settings, data: Optional[Path] = None) -> None:
        super().__init__(settings)
        self.data = data or settings.folder / "roost"
        self.log = settings.folder / "roost.log"
        self.policy_file = settings.policy_file
        #: Words before the command.
        self.launcher: List[str] = []
        self.endpoints: dict = {}
        if data is None:
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.copytree(settings.template, self.data)

    def start(self) -> None:
        self._spawn(
            [*self.launcher, str(self.settings.roost), "serve", "--data", str(self.data), "--profile", "open",
             "--event-loops", str(self.event_loops), "--anonymous-policy", str(self.policy_file), "--log-level", "error",
             "--api-port", "0", "--mqtts-port", "0", "--https-port", "off", "--mqtt-port", "0", "--console-port", "0"]
        )  # fmt: skip
        self._wait(self._is_ready)
        self.plain_port, self.tls_port = (int(self.endpoints[key].rsplit(":", 1)[1]) for key in ("mqtt", "mqtts"))

    def _is_ready(self) -> bool:
        try:
            self.endpoints = json.loads((self.data / "endpoints.json").read_text())
        except (OSError, json.JSONDecodeError):
            return False
        return self.endpoints["pid"] == self.pid


class ShadowRoost(Roost):
    """On the cores that it is given, with a policy for the shadows of things whose names begin with the prefix."""

    def __init__(self, settings: Settings, cores: Sequence[int]) -> None:
        super().__init__(settings)
        self.event_loops = len(cores)
        self.launcher = pinned(cores)
        things = f"$aws/things/{PREFIX}-*/shadow/*"
        statements = [
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"arn:aws:iot:*:*:client/{PREFIX}-*"},
            {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": f"arn:aws:iot:*:*:topic/{things}"},
            {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": "arn:aws:iot:*:*:topicfilter/$aws/things/*/shadow/*"},
        ]
        self.policy_file = settings.folder / "shadow-policy.json"
        self.policy_file.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))


def pinned(cores: Sequence[int]) -> List[str]:
    """The words that keep a command on these cores."""
    return ["taskset", "--cpu-list", ",".join(str(core) for core in cores)]


class Mosquitto(Broker):
    name = "mosquitto"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.data = settings.folder / "mosquitto"
        self.log = settings.folder / "mosquitto.log"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()

    def start(self) -> None:
        self.plain_port, self.tls_port = _free_port(), _free_port()
        acl = self.data / "acl"
        # The first line is for clients without a name, the second for those whose certificate names them.
        acl.write_text(f"topic readwrite {PREFIX}/#\npattern readwrite {PREFIX}/#\n")
        acl.chmod(0o644)
        configuration = self.data / "mosquitto.conf"
        configuration.write_text(
            _MOSQUITTO.format(
                plain=self.plain_port, tls=self.tls_port, ca=self.settings.ca, certificate=self.settings.server_certificate,
                key=self.settings.server_key, acl=acl, data=self.data,
            ) + (f"user {_user()}\n" if os.geteuid() == 0 else "")
        )  # fmt: skip
        self._spawn(["mosquitto", "-c", str(configuration)])
        self._wait(lambda: _accepts(self.plain_port) and _accepts(self.tls_port))


def _user() -> str:
    """Started as root, mosquitto would drop its rights and then could not read the keys."""
    return "root"


def _environment() -> dict:
    return {key: value for key, value in os.environ.items() if not key.startswith(("ROOST_", "AWS_"))}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
