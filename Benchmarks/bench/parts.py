"""The parts of the comparison; each takes a `Run` and gives a table. The goals are those that docs/benchmarks.md states."""

from __future__ import annotations

import signal
import socket
import statistics
import time
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional

from brokers import PREFIX, Broker, Mosquitto, Roost, Settings
from machine import Machine
from report import Table, no_worse, ratio, verdict

BROKERS = {"mosquitto": Mosquitto, "roost": Roost}


@dataclass
class Run:
    settings: Settings
    machine: Machine
    quick: bool
    repeat: int
    only: Optional[str] = None

    def sized(self, full: int) -> int:
        return max(1, full // 5) if self.quick else full

    def measure(self, table: Table, label: str, measurement: Callable[[Broker], dict], brokers=BROKERS) -> Dict[str, List[dict]]:
        """Runs a measurement `repeat` times against fresh brokers, taking turns, so that a change in the machine's mood meets both."""
        found: Dict[str, List[dict]] = {name: [] for name in brokers}
        for number in range(self.repeat):
            for name in brokers:
                if self.only not in (None, name):
                    continue
                with BROKERS[name](self.settings) as broker:
                    result = measurement(broker)
                found[name].append(result)
                table.raw.append({"label": label, "broker": name, "run": number + 1, **result})
        return found


def median(results: List[dict], *path: str) -> Optional[float]:
    values = []
    for result in results:
        value = result
        for key in path:
            value = value[key]
        values.append(value)
    return statistics.median(values) if values else None


#: name, generator options, deliveries of one run by mosquitto at QoS 0 and 1. Roost gets eight times as many: it needs them to be
#: busy for as long.
SHAPES = [
    ("pair 50 → 50", {"mode": "pair", "pubs": 50}, 300_000, 150_000),
    ("fan-in 50 → 1", {"mode": "fanin", "pubs": 50}, 300_000, 150_000),
    ("fan-out 1 → 100", {"mode": "fanout", "subs": 100}, 500_000, 300_000),
]
ROOST_FACTOR = 8


def _shapes(run: Run, tls: bool) -> Table:
    title = f"Deliveries per broker CPU second, {'mutual TLS' if tls else 'plain TCP'}"
    table = Table(title, ["shape", "QoS", "mosquitto", "roost", "ratio", "goal", "p99 mosquitto, µs", "p99 roost, µs", "p99 goal"])
    for name, options, *deliveries in SHAPES:
        for qos in (0, 1):
            def once(broker: Broker, options=options, qos=qos, deliveries=deliveries[qos]) -> dict:
                total = run.sized(deliveries) * (ROOST_FACTOR if broker.name == "roost" else 1) // (2 if tls else 1)
                count = total // options.get("subs", 1)
                return run.machine.mqttload(**options, qos=qos, count=count, timeout=300, **broker.where(tls))

            found = run.measure(table, f"{name} QoS {qos}", once)
            per_cpu = {broker: median(results, "delivered_per_broker_cpu_s") for broker, results in found.items()}
            p99 = {broker: median(results, "latency_us", "p99") for broker, results in found.items()}
            gained = ratio(per_cpu["roost"], per_cpu["mosquitto"])
            table.rows.append(
                [name, qos, _whole(per_cpu["mosquitto"]), _whole(per_cpu["roost"]), gained, verdict(gained, at_least=8),
                 _whole(p99["mosquitto"]), _whole(p99["roost"]), no_worse(p99["roost"], p99["mosquitto"])]
            )  # fmt: skip
    table.notes.append("closed loop: at most 1,000 messages between publish and delivery; p99 is publish to delivery under that load")
    return table


def _whole(value: Optional[float]) -> Optional[int]:
    return None if value is None else round(value)


def plain(run: Run) -> Table:
    """pair, fan-in and fan-out at QoS 0 and 1 over plain TCP"""
    return _shapes(run, tls=False)


def tls(run: Run) -> Table:
    """the same over mutual TLS"""
    return _shapes(run, tls=True)


def latency(run: Run) -> Table:
    """publish to delivery at a fixed rate that neither broker is pressed by"""
    rate = 10_000
    table = Table(f"Latency at {rate:,} messages/s, pair 50 → 50, µs", ["transport", "QoS", "broker", "p50", "p99", "p99.9"])
    for secure in (False, True):
        for qos in (0, 1):
            def once(broker: Broker, secure=secure, qos=qos) -> dict:
                count = run.sized(rate * 10)
                return run.machine.mqttload(mode="pair", pubs=50, qos=qos, count=count, rate=rate, timeout=300, **broker.where(secure))

            transport = "mutual TLS" if secure else "plain"
            for name, results in run.measure(table, f"{transport} QoS {qos}", once).items():
                points = [_whole(median(results, "latency_us", point)) for point in ("p50", "p99", "p999")]
                table.rows.append([transport, qos, name, *points])
    return table


def handshakes(run: Run) -> Table:
    """connection storms: how many connections a broker takes per CPU second"""
    table = Table("Connections accepted per broker CPU second", ["transport", "mosquitto", "roost", "ratio", "goal"])
    for secure, connections, goal in ((False, 8000, None), (True, 4000, 3)):
        def once(broker: Broker, secure=secure, connections=connections) -> dict:
            wanted = run.machine.connections(run.sized(connections))
            return run.machine.mqttload(mode="connect", pubs=wanted, hold=0, timeout=300, **broker.where(secure))

        name = "mutual TLS (P-256)" if secure else "plain"
        found = run.measure(table, name, once)
        per_cpu = {broker: median(results, "per_broker_cpu_s") for broker, results in found.items()}
        gained = ratio(per_cpu["roost"], per_cpu["mosquitto"])
        goal_text = verdict(gained, at_least=goal) if goal else "–"
        table.rows.append([name, _whole(per_cpu["mosquitto"]), _whole(per_cpu["roost"]), gained, goal_text])
    return table


def memory(run: Run) -> Table:
    """KiB of resident memory per idle connection at 10,000 connections"""
    connections = run.machine.connections(2000 if run.quick else 10_000)
    table = Table(f"KiB per idle connection, {connections:,} connections", ["transport", "mosquitto", "roost", "goal"])
    for secure, goal in ((False, 6), (True, 25)):
        def once(broker: Broker, secure=secure) -> dict:
            return run.machine.mqttload(mode="connect", pubs=connections, hold=5, timeout=600, **broker.where(secure))

        name = "mutual TLS" if secure else "plain"
        found = run.measure(table, name, once)
        each = {broker: median(results, "kib_per_connection") for broker, results in found.items()}
        table.rows.append([name, each["mosquitto"], each["roost"], verdict(each["roost"], at_most=goal)])
    if connections < 10_000 and not run.quick:
        table.notes.append(f"fewer than 10,000 because this shell may open {run.machine.max_files:,} files (ulimit -n)")
    return table


def offline(run: Run) -> Table:
    """QoS 1 to a persistent session that is away: 50 publishers with 100 messages in flight each"""
    table = Table(
        "QoS 1 to an offline persistent session, 50 publishers × 100 in flight",
        ["broker", "acknowledged/s", "goal", "p50, ms", "p99, ms", "p99 goal", "on disk before PUBACK", "drained/s"],
    )
    disk = run.machine.fsync()

    def once(broker: Broker) -> dict:
        options = {"mode": "offline", "pubs": 50, "inflight": 100, "count": run.sized(500_000), "timeout": 600}
        return run.machine.mqttscale(**options, **broker.where(False))

    for name, results in run.measure(table, "offline", once).items():
        if not results:
            continue
        rate = _whole(median(results, "acknowledged_per_s"))
        p50, p99 = (median(results, "ack_latency_us", point) / 1000 for point in ("p50", "p99"))
        is_roost = name == "roost"
        table.rows.append(
            [name, rate, verdict(rate, at_least=50_000) if is_roost else "–", p50, p99, verdict(p99, at_most=20) if is_roost else "–",
             "yes" if is_roost else "no", _whole(median(results, "drained_per_s"))]
        )  # fmt: skip
    table.notes.append(f"the disk alone, one thread: {disk['per_second']} fdatasync/s ({disk['p50_ms']} ms, p99 {disk['p99_ms']} ms)")
    table.notes.append("every message was received when the session came back; mosquitto writes its store to disk now and then")
    table.raw.append({"label": "disk fdatasync", **disk})
    return table


def matching(run: Run) -> Table:
    """deliveries per CPU second with 10 to 100,000 subscriptions, one of which matches"""
    table = Table(
        "Deliveries per roost CPU second; each topic matches one of the subscriptions, half of which hold a wildcard",
        ["subscriptions", "one topic", "all topics, in no order", "against 10, one topic", "goal"],
    )
    first: Optional[float] = None
    for filters in (10, 100, 1000, 10_000, 100_000):
        figures = []
        for topics in (1, filters):
            def once(broker: Broker, topics=topics, filters=filters) -> dict:
                options = {"mode": "match", "filters": filters, "topics": topics, "holders": max(1, filters // 1000)}
                return run.machine.mqttscale(**options, count=run.sized(2_000_000), timeout=600, **broker.where(False))

            results = run.measure(table, f"{filters} filters, {topics} topics", once, brokers=["roost"])["roost"]
            figures.append(median(results, "delivered_per_broker_cpu_s"))
        first = first or figures[0]
        against = ratio(figures[0], first)
        table.rows.append([filters, _whole(figures[0]), _whole(figures[1]), against, verdict(against, at_least=0.8)])
    table.notes.append("flat is taken to be: no more than a fifth less than with 10 subscriptions")
    return table


def start(run: Run) -> Table:
    """time to serve with 100,000 stored sessions, after SIGTERM and after SIGKILL"""
    sessions = 10_000 if run.quick else 100_000
    table = Table(f"Start with {sessions:,} stored sessions", ["after", "seconds to the first CONNACK", "goal"])
    if run.only == "mosquitto":
        return table
    broker = Roost(run.settings)
    with broker:
        made = run.machine.mqttscale(mode="sessions", count=sessions, timeout=1200, **broker.where(False))
        table.raw.append({"label": "making the sessions", **made})
        for name, number in (("SIGTERM", signal.SIGTERM), ("SIGKILL", signal.SIGKILL)):
            broker.end(number)
            began = time.monotonic()
            broker.start()
            _first_connack(broker.plain_port)
            took = time.monotonic() - began
            table.raw.append({"label": f"start after {name}", "seconds": took})
            table.rows.append([name, took, verdict(took, at_most=5)])
    table.notes.append(f"making them took {made['seconds']:.1f} s ({made['per_second']:,.0f}/s, each connected, subscribed and on disk)")
    return table


def _first_connack(port: int) -> None:
    """Connects as one of the stored sessions and sees that it is there."""
    client_id = f"{PREFIX}-kept-0000000".encode()
    body = b"\x00\x04MQTT\x04\x00\x00\x3c" + len(client_id).to_bytes(2, "big") + client_id
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"\x10" + bytes([len(body)]) + body)
        answer = connection.recv(4)
    if answer != b"\x20\x02\x01\x00":
        raise RuntimeError(f"a stored session is not there: {answer!r}")


PARTS: Dict[str, Callable[[Run], Table]] = {
    part.__name__: part for part in (plain, tls, latency, handshakes, memory, offline, matching, start)
}
