"""The tables of docs/operations.md that the server itself gives, so that they cannot drift.

    ROOST_WRITE_DOCS=1 pytest Tests/Clients/aws/test_operations_document.py    brings the document up to date
"""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "operations.md"
BEGIN, END = "<!-- operations: begin -->\n", "<!-- operations: end -->\n"

#: Operations of a group on one line; the longest lists are folded away by who renders the document.
SEPARATOR = ", "


def tables(services: list) -> str:
    """`services` is what ListOperations answers."""
    lines = ["| service | offered | not offered |", "|---|---|---|"]
    for service in services:
        offered, others = service["offered"], service["notOffered"]
        total = f" of {len(offered) + len(others)}" if others else ""
        lines.append(f"| `{service['service']}` | {len(offered)}{total}: {SEPARATOR.join(offered)} | {SEPARATOR.join(others) or 'all others'} |")
    return "\n".join(lines) + "\n"


def document(text: str, services: list) -> str:
    """The document with new tables."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + tables(services) + "\n" + END + after
