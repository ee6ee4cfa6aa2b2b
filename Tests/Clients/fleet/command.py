"""Command line tools: mosquitto_pub, mosquitto_sub, curl, roost itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any, List, Mapping, Optional, Sequence

import pytest

from .device import Device, host_and_port
from .inbox import PATIENCE


def run(command: Sequence[str], seconds: float = PATIENCE * 2, environment: Optional[dict] = None, input: Optional[bytes] = None):
    """Runs to the end; the result has text outputs and is not checked."""
    if shutil.which(command[0]) is None:
        pytest.fail(f"{command[0]} is not installed (./dev test installs it)")
    done = subprocess.run(command, capture_output=True, timeout=seconds, env=environment, input=input)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def mosquitto(tool: str, endpoints: Mapping[str, Any], device: Device, *arguments: str, client_id: Optional[str] = None) -> List[str]:
    """The words of a mosquitto_pub or mosquitto_sub that connects as the device."""
    _, port = host_and_port(endpoints["mqtts"])
    return [
        tool, "-h", "localhost", "-p", str(port), "--cafile", device.ca_file, "--cert", device.certificate_file,
        "--key", device.key_file, "-i", client_id or device.name, *arguments,
    ]  # fmt: skip


def curl(endpoints: Mapping[str, Any], device: Optional[Device], path: str, *arguments: str):
    """curl against the HTTPS listener with the device's certificate; the last line of the output is the status."""
    _, port = host_and_port(endpoints["https"])
    identity = ["--cert", device.certificate_file, "--key", device.key_file] if device else []
    done = run(
        ["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", endpoints["caFile"], *identity, "--write-out",
         "\n%{http_code}", *arguments, f"https://localhost:{port}{path}"]
    )  # fmt: skip
    if done.returncode != 0:
        raise ConnectionError(f"curl: exit {done.returncode}: {done.stderr}")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def without_aws(**extra: str) -> dict:
    """The environment less everything that would point an AWS tool elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return {**kept, **extra}
