"""Shadows over MQTT: how many updates, each on disk before it is accepted, and how many gets two cores serve."""

from __future__ import annotations

from typing import Dict, List, Optional

from brokers import ShadowRoost, pinned
from parts import Run, median
from report import Table, ratio, verdict

DEVICES = 100
SERVER_CORES = 2
SECONDS = 10
#: Requests that each device has under way. AWS allows ten for a thing and connection.
IN_FLIGHT = (1, 10)
#: What a second of each request is to serve at least.
GOALS = {"update": 10_000, "get": 30_000}
MAX_P99_MS = 50

COLUMNS = [
    "request", "shadows stored", "in flight", "accepted/s", "goal", "p50, ms", "p99, ms", "p99 goal", "per CPU s", "against few",
    "flat goal",
]  # fmt: skip


class Bench:
    """Server and generator on cores of their own."""

    def __init__(self, run: Run, table: Table) -> None:
        self.run, self.table = run, table
        self.server_cores, self.generator_cores = run.machine.divided(SERVER_CORES)

    def server(self) -> ShadowRoost:
        return ShadowRoost(self.run.settings, self.server_cores)

    def load(self, broker: ShadowRoost, label: str, **options) -> dict:
        result = self.run.machine.shadowload(pinned(self.generator_cores), devices=DEVICES, timeout=1200, **options, **broker.where(False))
        self.table.raw.append({"label": label, **result})
        return result

    def requests(self, broker: ShadowRoost, mode: str, in_flight: int, things: int = 0) -> dict:
        label = f"{mode}, {in_flight} in flight, {things or DEVICES} shadows"
        return self.load(broker, label, mode=mode, inflight=in_flight, things=things, seconds=self.run.sized(SECONDS))

    def row(self, mode: str, stored: int, in_flight: int, results: List[dict], few: Optional[float] = None) -> float:
        rate = median(results, "accepted_per_s")
        p50, p99 = (median(results, "latency_us", point) / 1000 for point in ("p50", "p99"))
        against = ratio(rate, few)
        # The goal is for devices with their own shadows; the other runs press the server with all that it takes.
        has_goal = mode == "update" and stored == DEVICES
        self.table.rows.append(
            [f"{mode}s", stored, in_flight, round(rate), verdict(rate, at_least=GOALS[mode]), p50, p99,
             verdict(p99, at_most=MAX_P99_MS) if has_goal else "–", round(median(results, "accepted_per_broker_cpu_s")), against,
             verdict(against, at_least=0.8) if few else "–"]
        )  # fmt: skip
        return rate


def own_shadows(bench: Bench) -> None:
    """Each device with the shadow of its own thing."""
    found: Dict[tuple, List[dict]] = {}
    for _ in range(bench.run.repeat):
        with bench.server() as broker:
            for mode in GOALS:
                for in_flight in IN_FLIGHT:
                    found.setdefault((mode, in_flight), []).append(bench.requests(broker, mode, in_flight))
    for (mode, in_flight), results in found.items():
        bench.row(mode, DEVICES, in_flight, results)


def stored_shadows(bench: Bench, few: int, many: int) -> None:
    """Requests for things chosen at random of few and of many, all of which have a shadow."""
    rates: Dict[str, float] = {}
    for stored in (few, many):
        broker = bench.server()
        with broker:
            made = bench.load(broker, f"making {stored} shadows", mode="fill", things=stored)
        if stored == many:
            bench.table.notes.append(f"making {stored:,} shadows took {made['seconds']:.1f} s ({made['per_second']:,.0f}/s, each on disk)")
        with broker:
            for mode in GOALS:
                results = [bench.requests(broker, mode, IN_FLIGHT[-1], stored) for _ in range(bench.run.repeat)]
                rate = bench.row(mode, stored, IN_FLIGHT[-1], results, rates.get(mode))
                rates.setdefault(mode, rate)


def shadows(run: Run) -> Table:
    """shadow updates and gets over MQTT from 100 devices, with few and with 1,000,000 shadows stored"""
    table = Table(f"Shadows over plain MQTT, QoS 1 both ways, {DEVICES} devices, roost on {SERVER_CORES} cores", COLUMNS)
    if run.only == "mosquitto":
        return table
    disk = run.machine.fsync()
    bench = Bench(run, table)
    own_shadows(bench)
    stored_shadows(bench, 10_000, 100_000 if run.quick else 1_000_000)
    table.notes.append("accepted/s: answers that came; an update is on disk before it is accepted. Latency: request to answer")
    table.notes.append("with more shadows than devices each request is for one chosen at random of all")
    if set(bench.server_cores) & set(bench.generator_cores):
        table.notes.append("the generator shares the server's cores: this machine has no others")
    table.notes.append(f"the disk alone, one thread: {disk['per_second']} fdatasync/s ({disk['p50_ms']} ms, p99 {disk['p99_ms']} ms)")
    table.raw.append({"label": "disk fdatasync", **disk})
    return table
