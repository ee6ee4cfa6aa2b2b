"""Tables for people and JSON for machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Optional, Sequence


@dataclass
class Table:
    title: str
    columns: Sequence[str]
    rows: List[Sequence[Any]] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)
    #: Everything that was measured, for the JSON.
    raw: List[dict] = field(default_factory=list)

    def text(self) -> str:
        cells = [[shown(cell) for cell in row] for row in [self.columns, *self.rows]]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        lines = [f"\n{self.title}", ""]
        for number, row in enumerate(cells):
            first, *rest = (cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths)))
            lines.append("  ".join([first, *rest]).rstrip())
            if number == 0:
                lines.append("  ".join("-" * width for width in widths))
        return "\n".join(lines + [f"  {note}" for note in self.notes])

    def as_json(self) -> dict:
        rows = [dict(zip(self.columns, row)) for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": self.notes, "measurements": self.raw}


def shown(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.2f}" if abs(cell) < 100 else f"{cell:,.0f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return str(cell)


def ratio(mine: Optional[float], other: Optional[float]) -> Optional[float]:
    return round(mine / other, 2) if mine and other else None


def verdict(value: Optional[float], at_least: Optional[float] = None, at_most: Optional[float] = None) -> str:
    """Whether a goal is reached; a goal that this run could not measure is neither."""
    goal = f"≥ {at_least:,.10g}" if at_least is not None else f"≤ {at_most:,.10g}"
    if value is None:
        return f"{goal}: not measured"
    reached = value >= at_least if at_least is not None else value <= at_most
    return f"{goal}: {'reached' if reached else 'MISSED'}"


def no_worse(mine: Optional[float], other: Optional[float]) -> str:
    if mine is None or other is None:
        return "no worse: not measured"
    return f"no worse: {'reached' if mine <= other else 'MISSED'}"


class Report:
    def __init__(self, machine: dict) -> None:
        self.machine = machine
        self.parts: dict = {}

    def heading(self) -> str:
        disk = self.machine["disk fdatasync"]
        taken, cores = self.machine["busy cores before"], self.machine["cores"]
        busy = f"\nother programs keep {taken} cores busy: figures per second and latencies are worth little" if taken > cores / 4 else ""
        return (
            f"{self.machine['cpu']}, {self.machine['cores']} cores, {self.machine['system']}\n"
            f"{self.machine['roost']} (open profile, one event loop) · {self.machine['mosquitto']}\n"
            f"both: persistence on, every topic authorised, 128-byte payloads; the disk does {disk['per_second']} fdatasync/s"
            f" ({disk['p50_ms']} ms, p99 {disk['p99_ms']} ms){busy}"
        )

    def add(self, name: str, table: Table) -> None:
        self.parts[name] = table.as_json()

    def as_json(self) -> dict:
        return {"machine": self.machine, "parts": self.parts}
