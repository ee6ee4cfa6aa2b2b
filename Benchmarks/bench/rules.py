"""Rules: evaluations of statements on one core, and what rules cost the broker."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

import boto3
from brokers import PREFIX, Roost, pinned
from parts import Run, median
from report import Table, ratio, verdict

PACKAGE = Path(__file__).resolve().parents[1] / "Rules"
SECONDS = 5
#: One event loop, and a core for what evaluates.
SERVER_CORES = 2
PUBLISHERS = 50
MESSAGES = 2_000_000
MANY_RULES = 10_000

#: Evaluations a second that a statement is to have at least.
GOALS = {"simple": 250_000, "ten functions": 60_000}
#: Of the throughput without rules, what is left with a rule on every topic that takes no message.
MIN_LEFT = 0.9
#: What a message with many rules may cost of what it costs with one.
MAX_COST = 2.0

ROLE = "arn:aws:iam::000000000000:role/rules"
#: True for no message of the load.
NO_MATCH = "topic(1) = 'nowhere'"

COLUMNS = ["what", "QoS", "found", "unit", "against", "ratio", "goal"]


class RuleRoost(Roost):
    """On cores of its own, with one event loop; rules are evaluated beside it."""

    def __init__(self, run: Run, cores: List[int]) -> None:
        super().__init__(run.settings)
        self.launcher = pinned(cores)

    def make_rules(self, filters: List[str]) -> None:
        iot = boto3.client(
            "iot", endpoint_url=self.endpoints["api"], region_name=self.endpoints["region"], verify=self.endpoints["caFile"],
            aws_access_key_id=self.endpoints["accessKeyId"], aws_secret_access_key=self.endpoints["secretAccessKey"],
        )  # fmt: skip
        for number, topics in enumerate(filters):
            iot.create_topic_rule(ruleName=f"rule_{number}", topicRulePayload={
                "sql": f"SELECT * FROM '{topics}' WHERE {NO_MATCH}", "awsIotSqlVersion": "2016-03-23",
                "actions": [{"republish": {"roleArn": ROLE, "topic": "nowhere"}}]})


def evaluations(run: Run, table: Table) -> None:
    """The library alone, on one core."""
    subprocess.run(["swift", "build", "-c", "release", "--package-path", str(PACKAGE)], check=True, stdout=subprocess.DEVNULL)
    program = PACKAGE / ".build" / "release" / "EvaluationBench"
    _, cores = run.machine.divided(1)
    found: Dict[str, List[dict]] = {}
    for _ in range(run.repeat):
        done = subprocess.run(
            [*pinned(cores[:1]), str(program), str(run.sized(SECONDS))], check=True, stdout=subprocess.PIPE, text=True)
        for line in done.stdout.splitlines():
            result = json.loads(line)
            found.setdefault(result["statement"], []).append(result)
            table.raw.append({"label": f"evaluations, {result['statement']}", **result})
    for name, results in found.items():
        rate = median(results, "per_second")
        table.rows.append([f"evaluations, {name}", None, round(rate), "/s on one core", None, None, verdict(rate, at_least=GOALS[name])])


def through_the_broker(run: Run, table: Table) -> None:
    """The same load without rules, with one on every topic, and with many whose filters differ."""
    server, _ = run.machine.divided(SERVER_CORES)
    cases = {
        "no rule": [], "one rule on every topic": [f"{PREFIX}/+/telemetry"],
        f"{MANY_RULES:,} rules, one on each topic": [f"{PREFIX}/{number:06d}/telemetry" for number in range(MANY_RULES)],
    }
    for qos in (0, 1):
        found: Dict[str, List[dict]] = {name: [] for name in cases}
        for number in range(run.repeat):
            for name, filters in cases.items():
                with RuleRoost(run, server) as broker:
                    broker.make_rules(filters)
                    result = run.machine.mqttload(
                        mode="pair", pubs=PUBLISHERS, qos=qos, count=run.sized(MESSAGES) // (1 if qos == 0 else 2), timeout=300,
                        **broker.where(False))
                found[name].append(result)
                table.raw.append({"label": f"{name}, QoS {qos}", "run": number + 1, **result})
        add_rows(table, qos, found)


def add_rows(table: Table, qos: int, found: Dict[str, List[dict]]) -> None:
    none, one, many = found
    rate = {name: median(results, "delivered_per_s") for name, results in found.items()}
    per_cpu = {name: median(results, "delivered_per_broker_cpu_s") for name, results in found.items()}
    table.rows.append([none, qos, round(rate[none]), "deliveries/s", None, None, "–"])
    left = ratio(rate[one], rate[none])
    table.rows.append([one, qos, round(rate[one]), "deliveries/s", none, left, verdict(left, at_least=MIN_LEFT)])
    cost = ratio(per_cpu[one], per_cpu[many])
    table.rows.append([many, qos, cpu_time(per_cpu[many]), "µs of CPU a message", one, cost, verdict(cost, at_most=MAX_COST)])


def cpu_time(per_cpu_second: Optional[float]) -> Optional[float]:
    return 1_000_000 / per_cpu_second if per_cpu_second else None


def rules(run: Run) -> Table:
    """evaluations of statements on one core, and what rules cost the broker: none, one on every topic, 10,000 distinct ones"""
    table = Table(f"Rules; with the broker: {PUBLISHERS} → {PUBLISHERS} over plain MQTT, roost with one event loop on two cores", COLUMNS)
    if run.only == "mosquitto":
        return table
    evaluations(run, table)
    through_the_broker(run, table)
    table.notes.append("the rules take no message (their WHERE is false for all): what is measured is that they look at each")
    table.notes.append("CPU of a message: of the whole server, its delivery included")
    return table
