"""A `roost serve` of the tests' own: ports of the system's choice, a data folder of its own, and a log that a failure shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Optional, Sequence

REPOSITORY = Path(__file__).resolve().parents[3]

#: A debug build on a busy machine still starts in this time.
START_DEADLINE_SECONDS = 30.0
#: SIGTERM lets work in flight finish, for 30 s at most.
STOP_DEADLINE_SECONDS = 40.0


def binary() -> Path:
    """The program under test: ROOST_BINARY, else the newest of the debug and release builds."""
    named = os.environ.get("ROOST_BINARY")
    if named:
        return Path(named)
    built = [path for kind in ("debug", "release") if (path := REPOSITORY / ".build" / kind / "roost").exists()]
    if not built:
        raise FileNotFoundError("there is no roost to test: run `swift build`, or set ROOST_BINARY to the program")
    return max(built, key=lambda path: path.stat().st_mtime)


def environment() -> dict:
    """The environment for `roost`: nothing of the tester's own configuration may leak in, every flag is a variable too."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("ROOST_", "AWS_"))}


class Server:
    """One data folder and the process that serves it. The keys of endpoints.json are attributes while it runs."""

    def __init__(self, folder: Path, profile: str = "aws", arguments: Sequence[str] = (), *, ephemeral: bool = False):
        self.profile = profile
        self.data = folder / "data"
        self.log_path = folder / "roost.log"
        self.arguments = list(arguments)
        self.ephemeral = ephemeral
        self.process: Optional[subprocess.Popen] = None
        self.endpoints = SimpleNamespace()

    def __getattr__(self, name: str):
        endpoints = self.__dict__.get("endpoints")
        if endpoints is None or not hasattr(endpoints, name):
            raise AttributeError(f"neither the server nor its endpoints.json has '{name}'")
        return getattr(endpoints, name)

    def command(self) -> list:
        ports = [part for port in ("api", "mqtts", "https", "mqtt", "console") for part in (f"--{port}-port", "0")]
        storage = ["--data", str(self.data)] + (["--ephemeral"] if self.ephemeral else [])
        return [str(binary()), "serve", *storage, "--profile", self.profile, *ports, *self.arguments]

    def start(self) -> "Server":
        assert self.process is None, "the server runs already"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment(), cwd=self.log_path.parent
            )
        try:
            self._wait_for_endpoints()
        except BaseException:
            self.kill()
            raise
        return self

    def _wait_for_endpoints(self) -> None:
        """A killed server leaves its file behind, so only one with this process's id counts."""
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                found = json.loads((self.data / "endpoints.json").read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                found = {}
            if found.get("pid") == self.process.pid:
                self.endpoints = SimpleNamespace(**found)
                return
            time.sleep(0.01)
        raise AssertionError(f"no endpoints.json of process {self.process.pid} within {START_DEADLINE_SECONDS} s\n{self.log_tail()}")

    def check_alive(self) -> None:
        if self.process is None:
            return
        code = self.process.poll()
        assert code is None, f"the server ended by itself with {_describe(code)}\n{self.log_tail()}"

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return self._end(signal.SIGTERM, STOP_DEADLINE_SECONDS)

    def kill(self) -> None:
        """SIGKILL: nothing can be saved after it."""
        self._end(signal.SIGKILL, STOP_DEADLINE_SECONDS)

    def _end(self, number: signal.Signals, deadline_seconds: float) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not end within {deadline_seconds} s of {number.name}\n{self.log_tail()}") from None

    def restart(self, *, kill: bool = False) -> "Server":
        """Ends the server (with SIGKILL if `kill`) and starts one on the same folder; its ports are new."""
        if kill:
            self.kill()
        else:
            self.stop()
        return self.start()

    @property
    def mqtt_address(self) -> tuple:
        """Host and port of the plain MQTT listener."""
        return split_address(self.mqtt)

    @property
    def mqtts_address(self) -> tuple:
        return split_address(self.mqtts)

    def resident_bytes(self) -> int:
        """The process's resident memory now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the process has no VmRSS")

    def log_tail(self, max_bytes: int = 8000) -> str:
        if not self.log_path.exists():
            return "(no log)"
        return self.log_path.read_bytes()[-max_bytes:].decode(errors="replace")


class ExternalBroker:
    """Any MQTT broker at ROOST_TEST_MQTT=host:port, to check the tests themselves against another implementation."""

    profile = "open"

    def __init__(self, address: str):
        self.mqtt = address
        self.mqtt_address = split_address(address)

    def check_alive(self) -> None:
        pass

    def log_tail(self) -> str:
        return f"(external broker {self.mqtt})"


def external_address() -> Optional[str]:
    return os.environ.get("ROOST_TEST_MQTT")


def split_address(address: str) -> tuple:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _describe(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
