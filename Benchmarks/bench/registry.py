"""The registry: how fast things are made, and how fast they are found among a million."""

from __future__ import annotations

import json
import random
import statistics
import time
from pathlib import Path
from typing import List

from apiload import Call, one_by_one, run_all
from brokers import Roost, pinned
from parts import Run
from report import Table, verdict

THINGS = 1_000_000
#: Of them, in groups of a thousand.
GROUPED = 100_000
GROUP_SIZE = 1_000
SERVER_CORES = 2
CONNECTIONS = 128
LOOKUPS = 2_000
MAX_MEDIAN_MS = 5.0

COLUMNS = ["what", "found", "unit", "p99", "goal"]


def thing(number: int) -> Call:
    """Ten attributes: some that many things share, some that few do, one that is the thing's own."""
    attributes = {
        "serial": f"SN{number:08}", "site": f"site-{number % 1000}", "building": f"b-{number % 50}", "floor": str(number % 40),
        "model": f"model-{number % 20}", "firmware": f"1.{number % 12}.{number % 7}", "owner": f"team-{number % 200}",
        "installed": str(1_500_000_000 + number * 60), "voltage": f"{3 + number % 100 / 50:.2f}", "batch": f"batch-{number // 5000}",
    }  # fmt: skip
    body = {"thingTypeName": "bench", "attributePayload": {"attributes": attributes}}
    return Call("POST", f"/things/device-{number:07}", json.dumps(body).encode())


def group(number: int) -> Call:
    return Call("POST", f"/thing-groups/group-{number}", b"{}")


def membership(number: int) -> Call:
    body = {"thingGroupName": f"group-{number // GROUP_SIZE}", "thingName": f"device-{number:07}"}
    return Call("PUT", "/thing-groups/addThingToThingGroup", json.dumps(body).encode())


def search(query: str) -> Call:
    return Call("POST", "/indices/search", json.dumps({"queryString": query, "maxResults": 100}).encode())


def _by_installation(number: int) -> Call:
    first = 1_500_000_000 + number * 60
    return search(f"attributes.installed:[{first} TO {first + 3_000}]")


#: What is looked for, by the number of a thing, and whether it has the goal.
LOOKUPS_OF = [
    ("DescribeThing", lambda n: Call("GET", f"/things/device-{n:07}"), True),
    ("SearchIndex, one thing", lambda n: search(f"attributes.serial:SN{n:08}"), True),
    ("SearchIndex, a page of 100", lambda n: search(f"attributes.site:site-{n % 1000}"), True),
    ("SearchIndex, two fields", lambda n: search(f"attributes.model:model-{n % 20} AND attributes.owner:team-{n % 200}"), True),
    ("SearchIndex, a range", _by_installation, True),
    ("SearchIndex, a prefix", lambda n: search(f"thingName:device-{n // 10:06}*"), True),
    ("SearchIndex, group and field", lambda n: search(f"thingGroupNames:group-{n // GROUP_SIZE % 20} AND attributes.floor>20"), True),
    ("ListThings by attribute", lambda n: Call("GET", f"/things?attributeName=owner&attributeValue=team-{n % 200}&maxResults=100"), False),
]


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0


def _rate(table: Table, what: str, count: int, seconds: float) -> None:
    table.rows.append([what, round(count / seconds), "a second", None, None])
    table.raw.append({"label": what, "count": count, "seconds": seconds})


def _latency(table: Table, endpoints: dict, what: str, calls: List[Call], has_goal: bool = True) -> None:
    times, answer = one_by_one(endpoints, calls)
    middle = statistics.median(times)
    p99 = statistics.quantiles(times, n=100)[98]
    found = len(json.loads(answer.partition(b"\r\n\r\n")[2]).get("things", []))
    table.rows.append([what, middle, "ms, median", p99, verdict(middle, at_most=MAX_MEDIAN_MS) if has_goal else None])
    table.raw.append({"label": what, "median_ms": middle, "p99_ms": p99, "things in the last answer": found})


def registry(run: Run) -> Table:
    """1,000,000 things with 10 attributes: creating, describing, listing and searching them"""
    count = 20_000 if run.quick else THINGS
    grouped = min(GROUPED, count)
    table = Table(f"The registry with {count:,} things of 10 attributes, roost on {SERVER_CORES} cores", COLUMNS)
    if run.only == "mosquitto":
        return table
    server_cores, generator_cores = run.machine.divided(SERVER_CORES)
    broker = Roost(run.settings)
    broker.event_loops, broker.launcher = len(server_cores), pinned(server_cores)
    with broker:
        endpoints = broker.endpoints
        table.raw.append({"label": "memory before", "MB": _memory(broker.pid)})
        one_by_one(
            endpoints, [
                Call("POST", "/thing-types/bench", b"{}"),
                Call("POST", "/indexing/config", json.dumps({"thingIndexingConfiguration": {"thingIndexingMode": "REGISTRY"}}).encode()),
                *(group(number) for number in range(grouped // GROUP_SIZE)),
            ])  # fmt: skip
        _rate(table, "CreateThing", count, run_all(endpoints, thing, count, generator_cores, CONNECTIONS))
        _rate(table, "AddThingToThingGroup", grouped, run_all(endpoints, membership, grouped, generator_cores, CONNECTIONS))
        chosen = random.Random(1)

        def numbers() -> List[int]:
            return [chosen.randrange(count) for _ in range(LOOKUPS)]

        for what, make, has_goal in LOOKUPS_OF:
            _latency(table, endpoints, what, [make(number) for number in numbers()], has_goal)
        table.rows.append(["memory with all of them", round(_memory(broker.pid)), "MB", None, None])
    table.rows.append(["data folder after a stop", round(_megabytes(broker.data)), "MB", None, None])
    began = time.monotonic()
    with broker:
        table.rows.append(["start with all of them", time.monotonic() - began, "s", None, None])
    table.notes.append(f"{CONNECTIONS} connections make things; look-ups come one after the other on one connection, signed as an SDK does")
    if set(server_cores) & set(generator_cores):
        table.notes.append("the generator shares the server's cores: this machine has no others")
    return table
