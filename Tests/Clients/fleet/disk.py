"""Disks that take no more, and take again: a full file system, and one that fails every write."""

from __future__ import annotations

import errno
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.server import Server


class SmallDisk:
    """A file system of its own in memory, which a file of ballast fills to the last block."""

    MEGABYTES = 48

    def __init__(self, folder: Path):
        self.folder = folder
        self._ballast = folder / "ballast"

    def mount(self) -> None:
        if not sys.platform.startswith("linux") or shutil.which("mount") is None:
            pytest.skip("a small file system needs Linux's tmpfs")
        self.folder.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={self.MEGABYTES}m,mode=700", "tmpfs", str(self.folder)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"a small file system needs the right to mount one: {done.stderr.strip()}")

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True, capture_output=True)

    def fill(self) -> None:
        with open(self._ballast, "ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        self._ballast.unlink()


class FailingWrites:
    """Lets a running server's writes to files fail, as a broken device does: its files may not be longer than nothing."""

    def __init__(self, server: Server):
        self._server = server

    def _limit(self, most_bytes: int) -> None:
        if not hasattr(resource, "prlimit"):
            pytest.skip("changing the limits of another process needs Linux")
        _, hard = resource.prlimit(self._server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._server.process.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))

    def fill(self) -> None:
        self._limit(0)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)
