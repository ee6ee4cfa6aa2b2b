"""Writes the tables of docs/mqtt-conformance.md from the markers of the tests, so that they cannot drift.

    python3 Tests/Clients/support/conformance_table.py            shows what is missing, and whether the document is up to date
    python3 Tests/Clients/support/conformance_table.py --write    brings the document up to date
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import mqtt5_statements, mqtt311_statements  # noqa: E402

CLIENTS = Path(__file__).resolve().parents[1]
DOCUMENT = CLIENTS.parents[1] / "docs" / "mqtt-conformance.md"
BEGIN, END = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"
SHOWN_TESTS = 3


@dataclass
class Test:
    file: str
    name: str
    title: str
    statements: list = field(default_factory=list)
    statements311: list = field(default_factory=list)
    open_only: str = ""
    aws_only: bool = False
    departs: str = ""
    departed: list = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"[{self.name}](../Tests/Clients/mqtt/{self.file})"


def tests() -> list:
    """All tests of the MQTT suites with their markers, from the sources."""
    return [test for path in sorted((CLIENTS / "mqtt").glob("test_*.py")) for test in _tests_of(path)]


def _tests_of(path: Path) -> list:
    module = ast.parse(path.read_text(), str(path))
    constants = {
        node.targets[0].id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
    }
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return [_test(path, node, constants) for node in functions]


def _test(path: Path, node: ast.FunctionDef, constants: dict) -> Test:
    test = Test(path.name, node.name, node.name[len("test_") :].replace("_", " "))
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id == "aws_only":
            test.aws_only = True
        if not (isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name)):
            continue
        values = [constants[each.id] if isinstance(each, ast.Name) else ast.literal_eval(each) for each in decorator.args]
        if decorator.func.id == "statement":
            test.statements += map(_number, values)
        elif decorator.func.id == "statement311":
            test.statements311 += map(_number, values)
        elif decorator.func.id == "open_only":
            test.open_only = values[0]
        elif decorator.func.id == "departs":
            test.departs, test.departed = values[0], list(map(_number, values[1:]))
    return test


def _number(statement: str) -> str:
    assert statement.startswith("MQTT-"), f"{statement} is not written as in the specification"
    return statement[len("MQTT-") :]


def missing(all_tests: list) -> list:
    """What keeps the document from being true, in sentences."""
    shown = {each for test in all_tests for each in test.statements}
    shown311 = {each for test in all_tests for each in test.statements311}
    departed = {each for test in all_tests for each in test.departed}
    known, known311 = mqtt5_statements.SERVER, mqtt311_statements.SERVER
    return (
        [f"MQTT-{each} has no test" for each in known if each not in shown]
        + [f"MQTT-{each} of 3.1.1 has no test" for each in known311 if each not in shown311]
        + [f"MQTT-{each} is marked but not listed for servers" for each in sorted((shown | departed) - set(known))]
        + [f"MQTT-{each} of 3.1.1 is marked but not listed" for each in sorted(shown311 - set(known311))]
    )


def tables(all_tests: list) -> str:
    parts = [
        "## MQTT 5.0\n\n| Statement | What it demands | Shown by | `aws` profile |\n| --- | --- | --- | --- |\n",
        *(_row(number, text, all_tests) for number, text in mqtt5_statements.SERVER.items()),
        "\n## MQTT 3.1.1, where it demands more or other\n\n| Statement | What it demands | Shown by |\n| --- | --- | --- |\n",
        *(_row311(number, text, all_tests) for number, text in mqtt311_statements.SERVER.items()),
        "\n## The `aws` profile: limits and departures\n\n| What | Shown by |\n| --- | --- |\n",
        *(f"| {test.title} | {test.label} |\n" for test in all_tests if test.aws_only or test.departs),
        "\n## Statements that bind clients only\n\n",
        ", ".join(f"MQTT-{number}" for number in mqtt5_statements.CLIENT) + ".\n",
    ]
    return "".join(parts)


def _row(number: str, text: str, all_tests: list) -> str:
    showing = [test for test in all_tests if number in test.statements]
    return f"| MQTT-{number} | {text} | {_labels(showing)} | {_aws(number, showing, all_tests)} |\n"


def _row311(number: str, text: str, all_tests: list) -> str:
    return f"| MQTT-{number} | {text} | {_labels([test for test in all_tests if number in test.statements311])} |\n"


def _labels(showing: list) -> str:
    more = len(showing) - SHOWN_TESTS
    return ", ".join(test.label for test in showing[:SHOWN_TESTS]) + (f" and {more} more" if more > 0 else "")


def _aws(number: str, showing: list, all_tests: list) -> str:
    """Whether the `aws` profile holds a statement; where it does not, why, and the test of what it does instead."""
    departing = [test for test in all_tests if number in test.departed]
    reasons = list(dict.fromkeys(test.departs for test in departing))
    if not departing and showing and all(test.open_only for test in showing):
        reasons = list(dict.fromkeys(test.open_only for test in showing))
    if not reasons:
        return "holds"
    tested = f" ({_labels(departing)})" if departing else ""
    return f"departs: {'; '.join(reasons)}{tested}"


def document(text: str, all_tests: list) -> str:
    """The document's text with its tables brought up to date."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tables(all_tests) + END + after


def main() -> int:
    all_tests = tests()
    problems = missing(all_tests)
    current = DOCUMENT.read_text()
    wanted = document(current, all_tests)
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(wanted)
    elif current != wanted:
        problems.append(f"{DOCUMENT.name} is not up to date; run this with --write")
    print("\n".join(problems) or f"{len(mqtt5_statements.SERVER)} statements of MQTT 5.0 and {len(mqtt311_statements.SERVER)} of 3.1.1 are shown")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
