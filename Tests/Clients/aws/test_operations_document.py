"""docs/operations.md lists what this very server offers, and what it does not."""

import os

from fleet import signed
from support import operations_table


def services(endpoints):
    return signed.signed(endpoints, "GET", "/operations", service="roost").json["services"]


def test_the_document_is_up_to_date(endpoints):
    text = operations_table.DOCUMENT.read_text()
    wanted = operations_table.document(text, services(endpoints))
    if os.environ.get("ROOST_WRITE_DOCS"):
        operations_table.DOCUMENT.write_text(wanted)
    assert operations_table.DOCUMENT.read_text() == wanted, "run it with ROOST_WRITE_DOCS=1"


def test_what_is_offered_is_told(endpoints):
    found = {service["service"]: service for service in services(endpoints)}
    assert {"CreateThing", "CreateTopicRule"} <= set(found["iot"]["offered"])
    assert "CreateStream" in found["iot"]["notOffered"]
    assert not set(found["iot"]["offered"]) & set(found["iot"]["notOffered"])
