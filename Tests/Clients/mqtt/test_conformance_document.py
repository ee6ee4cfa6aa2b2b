"""docs/mqtt-conformance.md lists every statement that binds a server, each with its test, and is what the markers say."""

from support import conformance_table, mqtt5_statements


def test_every_statement_has_a_test():
    assert conformance_table.missing(conformance_table.tests()) == []


def test_the_document_is_up_to_date():
    text = conformance_table.DOCUMENT.read_text()
    assert text == conformance_table.document(text, conformance_table.tests()), "run support/conformance_table.py --write"


def test_the_list_of_statements_is_whole():
    """The specification has 251 statements; those of one section are numbered without gaps (2.2.1 begins with 2)."""
    numbers = {}
    for identifier in [*mqtt5_statements.SERVER, *mqtt5_statements.CLIENT]:
        section, _, number = identifier.rpartition("-")
        numbers.setdefault(section, []).append(int(number))
    for section, found in numbers.items():
        first = 2 if section == "2.2.1" else 1
        assert sorted(found) == list(range(first, first + len(found))), section
    assert sum(map(len, numbers.values())) == 251
