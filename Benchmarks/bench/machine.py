"""The machine that the figures are from: its description, its disk's fsync rate, its limits, and the load generators built for it."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import time
from pathlib import Path
from typing import List, Sequence, Tuple


class Machine:
    def __init__(self, folder: Path, sources: Path) -> None:
        self.folder = folder
        self._mqttload = _compile(sources / "mqttload.c", folder, "-lssl", "-lcrypto")
        self._mqttscale = _compile(sources / "mqttscale.c", folder)
        self._shadowload = _compile(sources / "shadowload.c", folder)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.max_files = hard

    def mqttload(self, **options) -> dict:
        return _run(self._mqttload, options)

    def mqttscale(self, **options) -> dict:
        return _run(self._mqttscale, options)

    def shadowload(self, launcher: Sequence[str] = (), **options) -> dict:
        return _run(self._shadowload, options, launcher)

    def divided(self, wanted: int) -> Tuple[List[int], List[int]]:
        """Cores for a server, `wanted` of them, and cores for the generator: the others, or the same where there are no others."""
        cores = sorted(os.sched_getaffinity(0))
        return cores[:wanted], cores[wanted:] or cores

    def connections(self, wanted: int) -> int:
        """As many of the wanted connections as the limit on open files lets one process hold."""
        return min(wanted, self.max_files - 512)

    def fsync(self, seconds: float = 2.0) -> dict:
        """What one thread gets from the disk: 4 KiB written and fdatasync'd, again and again."""
        path = self.folder / "fsync"
        took = []
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            os.pwrite(file, b"\0" * 4096 * 1024, 0)
            os.fsync(file)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                start = time.monotonic()
                os.pwrite(file, b"x" * 4096, 4096 * (len(took) % 1024))
                os.fdatasync(file)
                took.append(time.monotonic() - start)
        finally:
            os.close(file)
            path.unlink()
        took.sort()
        return {
            "per_second": round(len(took) / sum(took)),
            "p50_ms": round(took[len(took) // 2] * 1000, 2),
            "p99_ms": round(took[int((len(took) - 1) * 0.99)] * 1000, 2),
        }

    def description(self, roost: Path) -> dict:
        return {
            "cpu": _cpu_model(),
            "cores": len(os.sched_getaffinity(0)),
            "system": f"{platform.system()} {platform.release()}",
            "roost": _first_line([str(roost), "version"]),
            "mosquitto": _first_line(["mosquitto", "-h"]),
            "open files": self.max_files,
            "busy cores before": _busy_cores(1.0),
            "disk fdatasync": self.fsync(1.0),
        }


def _compile(source: Path, folder: Path, *libraries: str) -> Path:
    program = folder / source.stem
    subprocess.run(["gcc", "-O2", "-o", str(program), str(source), *libraries], check=True)
    return program


def _run(program: Path, options: dict, launcher: Sequence[str] = ()) -> dict:
    """Runs a generator; its exit status 1 says that messages are missing, which spoils every figure."""
    words = [*launcher, str(program)]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
        elif value is not None and value is not False:
            words += [f"--{name.replace('_', '-')}", str(value)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def _first_line(words) -> str:
    done = subprocess.run(words, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def _busy_cores(seconds: float) -> float:
    """How many cores other programs keep busy."""

    def jiffies() -> int:
        user, nice, system = Path("/proc/stat").read_text().split()[1:4]
        return int(user) + int(nice) + int(system)

    before = jiffies()
    time.sleep(seconds)
    return round((jiffies() - before) / os.sysconf("SC_CLK_TCK") / seconds, 1)


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
