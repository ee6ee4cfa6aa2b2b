"""Roost beside mosquitto on this machine, with equal settings: `./dev bench [NAME...] [--quick]`.

Prints a table for each part and writes everything as JSON. What each figure means stands in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import parts
import registry
import rules
import shadows
from brokers import Settings
from machine import Machine
from report import Report

PARTS = {**parts.PARTS, "registry": registry.registry, "rules": rules.rules, "shadows": shadows.shadows}

REPOSITORY = Path(__file__).resolve().parents[2]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = "\n".join(f"  {name:<10} {part.__doc__.splitlines()[0]}" for name, part in PARTS.items())
    parser.epilog = f"names:\n{known}"
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts to run; all of them where none is named")
    parser.add_argument("--quick", action="store_true", help="one short run of each; for a look, not for a figure")
    parser.add_argument("--repeat", type=int, metavar="N", help="runs of each figure, of which the median counts (3; 1 with --quick)")
    parser.add_argument("--only", choices=["roost", "mosquitto"], help="leave the other broker out")
    parser.add_argument("--json", type=Path, default=REPOSITORY / ".build" / "bench.json", metavar="FILE", help="where the JSON goes")
    parser.add_argument("--roost", type=Path, required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(PARTS))
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    return chosen


def main() -> int:
    chosen = arguments()
    # Beside the build rather than in /tmp, which may be memory: a figure about fsync needs the disk.
    scratch = REPOSITORY / ".build"
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=scratch) as folder:
        machine = Machine(Path(folder), REPOSITORY / "Benchmarks" / "load")
        settings = Settings.prepare(Path(folder), chosen.roost, machine)
        report = Report(machine.description(chosen.roost))
        print(report.heading(), flush=True)
        for name in chosen.names or PARTS:
            run = parts.Run(settings, machine, quick=chosen.quick, repeat=chosen.repeat or (1 if chosen.quick else 3), only=chosen.only)
            table = PARTS[name](run)
            report.add(name, table)
            print(table.text(), flush=True)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    print(f"as JSON: {chosen.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
