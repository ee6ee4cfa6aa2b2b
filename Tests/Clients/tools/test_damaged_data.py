"""A damaged database: no start on it, nothing overwritten, and the message's way out works; damage that shows later is an error, no crash."""

import os
import shutil
import sqlite3

import pytest
from fleet import api, command
from fleet.paho_client import PahoClient
from support.server import environment

#: Enough rows for more than a hundred pages.
THINGS = [f"thing-{number:02}" for number in range(40)]
PAGE_BYTES = 4096
#: `ExitStatus.cannotCreate`, as in sysexits.h.
CANNOT_CREATE = 73


def iot_of(server):
    return api.client(vars(server.endpoints), "iot")


def things_of(server):
    return [thing["thingName"] for thing in iot_of(server).list_things(maxResults=250)["things"]]


def attributes(name):
    return {"needle": f"in-{name}", "long": "x" * 800, "longer": "y" * 800}


@pytest.fixture(scope="module")
def kept(module_servers, tmp_path_factory):
    """A data folder that holds the things, of a server that was stopped."""
    server = module_servers("aws")
    iot = iot_of(server)
    for name in THINGS:
        iot.create_thing(thingName=name, attributePayload={"attributes": attributes(name)})
    assert server.stop() == 0
    assert not (server.data / "roost.sqlite-wal").exists()
    return server.data


@pytest.fixture
def copy(kept, tmp_path):
    """A copy of that folder for one test."""
    return shutil.copytree(kept, tmp_path / "data")


@pytest.fixture
def server(copy, start_server, tmp_path):
    """Starts a server on the copy."""
    return lambda: start_server("aws", folder=tmp_path)


def garbage(length):
    return bytes((number * 31 + 7) & 0xFF for number in range(length))


def overwrite(path, offset, content):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(content)


def truncated(path):
    os.truncate(path, path.stat().st_size // 2)


def cut_to_nothing_but_its_header(path):
    os.truncate(path, 100)


def garbage_header(path):
    overwrite(path, 0, garbage(100))


def pages_in_the_middle(path):
    middle = path.stat().st_size // PAGE_BYTES // 2
    overwrite(path, middle * PAGE_BYTES, garbage(4 * PAGE_BYTES))


DAMAGES = [truncated, cut_to_nothing_but_its_header, garbage_header, pages_in_the_middle]


def refused_start(folder, roost_binary):
    """What a server says that does not start on the folder."""
    ports = [part for port in ("api", "mqtts", "https", "console") for part in (f"--{port}-port", "0")]
    done = command.run([str(roost_binary), "serve", "--data", str(folder), *ports], environment=environment())
    assert done.returncode == CANNOT_CREATE, done.stdout + done.stderr
    return done.stderr


def move_away(folder):
    """As the message says."""
    away = folder.parent / "damaged"
    away.mkdir()
    for name in ("roost.sqlite", "roost.sqlite-wal", "roost.sqlite-shm"):
        if (folder / name).exists():
            (folder / name).rename(away / name)
    return away / "roost.sqlite"


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_the_start_is_refused_and_says_how_to_go_on(damage, copy, roost_binary):
    path = copy / "roost.sqlite"
    damage(path)
    before = path.read_bytes()
    said = refused_start(copy, roost_binary)
    for words in (f"The database {path} is damaged: ", f"keep a copy of {copy} ", f"{path}-wal", f"{path}-shm", "backup", "empty one", "docs/durability.md"):
        assert words in said, said
    assert path.read_bytes() == before
    assert not (copy / "endpoints.json").exists()


def test_a_backup_in_its_place(kept, copy, server, roost_binary):
    truncated(copy / "roost.sqlite")
    refused_start(copy, roost_binary)
    move_away(copy)
    shutil.copy(kept / "roost.sqlite", copy / "roost.sqlite")
    assert things_of(server()) == THINGS


def test_starting_afresh(copy, server, roost_binary):
    authority = (copy / "ca" / "ca.pem").read_bytes()
    garbage_header(copy / "roost.sqlite")
    refused_start(copy, roost_binary)
    move_away(copy)
    fresh = server()
    assert things_of(fresh) == []
    # The authority is no part of the database: devices keep their trust in the server.
    assert (copy / "ca" / "ca.pem").read_bytes() == authority
    iot_of(fresh).create_thing(thingName="new")


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed")
def test_what_can_still_be_read_can_be_saved(copy, server, roost_binary):
    path = copy / "roost.sqlite"
    # A page of an index: all rows are there still.
    overwrite(path, page_with(path, "registry_terms_by_word") * PAGE_BYTES, garbage(PAGE_BYTES))
    refused_start(copy, roost_binary)
    damaged = move_away(copy)
    saving = "{ echo 'PRAGMA auto_vacuum = INCREMENTAL;'; sqlite3 \"$1\" .dump; } | sqlite3 \"$2\""
    done = command.run(["sh", "-c", saving, "sh", str(damaged), str(path)])
    assert done.returncode == 0, done.stderr
    running = server()
    assert things_of(running) == THINGS
    assert iot_of(running).list_things(attributeName="needle", attributeValue=f"in-{THINGS[7]}")["things"][0]["thingName"] == THINGS[7]
    running.restart()
    assert things_of(running) == THINGS


def page_with(path, table):
    """The number, from 0, of the root page of a table or index."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    (number,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    database.close()
    return number - 1


def test_damage_that_shows_while_the_server_runs(copy, server):
    running = server()
    path = copy / "roost.sqlite"
    iot = iot_of(running)
    content = path.read_bytes()
    needle = f"in-{THINGS[20]}".encode()
    pages = {offset // PAGE_BYTES for offset in range(len(content)) if content.startswith(needle, offset)}
    assert pages
    for page in pages:
        overwrite(path, page * PAGE_BYTES, garbage(PAGE_BYTES))
    for _ in range(3):
        api.refused(iot.describe_thing, "InternalFailureException", 500, thingName=THINGS[20])
    log = running.log_tail()
    assert str(path) in log and "damaged" in log and "keep a copy" in log
    # The rest is served.
    assert iot.describe_thing(thingName=THINGS[0])["attributes"] == attributes(THINGS[0])
    with PahoClient(vars(running.endpoints), client_id="client", listener="mqtt") as client:
        client.subscribe("t")
        client.publish("t", b"x")
        client.inbox.wait_payload(b"x")
    running.check_alive()


class TestLog:
    """The write-ahead log of a server that was killed."""

    FIRST, SECOND = ["a", "b", "c"], ["d", "e", "f"]

    @pytest.fixture
    def killed(self, start_server):
        server = start_server("aws")
        for name in self.FIRST:
            iot_of(server).create_thing(thingName=name)
        server.restart()
        for name in self.SECOND:
            iot_of(server).create_thing(thingName=name)
        server.kill()
        log = server.data / "roost.sqlite-wal"
        assert log.stat().st_size > PAGE_BYTES
        return server, log

    def starts_with(self, server):
        """What is there is what was committed up to some moment, and can be added to."""
        found = things_of(server.start())
        assert found == (self.FIRST + self.SECOND)[: len(found)]
        iot_of(server).create_thing(thingName="z")
        server.restart(kill=True)
        assert things_of(server) == [*found, "z"]
        return found

    def test_garbage_behind_its_end_changes_nothing(self, killed):
        server, log = killed
        with open(log, "ab") as file:
            file.write(garbage(3 * PAGE_BYTES + 17))
        assert self.starts_with(server) == self.FIRST + self.SECOND

    def test_a_damaged_index_is_made_anew(self, killed):
        server, log = killed
        index = server.data / "roost.sqlite-shm"
        overwrite(index, 0, garbage(index.stat().st_size))
        assert self.starts_with(server) == self.FIRST + self.SECOND

    def test_a_missing_index_is_made_anew(self, killed):
        server, log = killed
        (server.data / "roost.sqlite-shm").unlink()
        assert self.starts_with(server) == self.FIRST + self.SECOND

    @pytest.mark.parametrize("missing", [1, 100, PAGE_BYTES, 3 * PAGE_BYTES])
    def test_without_its_end_what_was_committed_before_is_there(self, missing, killed):
        server, log = killed
        os.truncate(log, log.stat().st_size - missing)
        found = self.starts_with(server)
        assert len(found) >= len(self.FIRST)

    def test_of_garbage_what_the_database_holds_is_there(self, killed):
        server, log = killed
        overwrite(log, 0, garbage(log.stat().st_size))
        assert self.starts_with(server) == self.FIRST

    def test_of_length_0_what_the_database_holds_is_there(self, killed):
        server, log = killed
        os.truncate(log, 0)
        assert self.starts_with(server) == self.FIRST


@pytest.mark.parametrize("damage", ["x''", "substr(data, 1, length(data) / 2)", "zeroblob(length(data))", "randomblob(4000)"])
def test_a_session_goes_on_behind_a_damaged_part_of_its_queue(start_server, tmp_path, damage):
    server = start_server("open", folder=tmp_path)

    def connect():
        return PahoClient(vars(server.endpoints), client_id="sleeper", persistent=True, listener="mqtt")

    def publish(*payloads):
        with PahoClient(vars(server.endpoints), client_id="sender", listener="mqtt") as sender:
            for payload in payloads:
                sender.publish("t", payload)

    with connect() as client:
        client.subscribe("t")
    publish(*(b"%d" % number for number in range(10)))
    assert server.stop() == 0
    database = sqlite3.connect(server.data / "roost.sqlite")
    assert database.execute(f"UPDATE broker_queue SET data = {damage}").rowcount > 0
    database.commit()
    database.close()
    server = start_server("open", folder=tmp_path)
    publish(b"later")
    with connect() as client:
        client.inbox.wait(lambda message: message.payload == b"later")
        got = [message.payload for message in client.inbox.messages]
        assert got[:-1] == [b"%d" % number for number in range(len(got) - 1)]
        publish(b"last")
        client.inbox.wait(lambda message: message.payload == b"last")
    with connect() as client:
        publish(b"again")
        client.inbox.wait(lambda message: message.payload == b"again")
        assert len(client.inbox.messages) == 1
    assert "messages of a stored queue are lost" in server.log_tail()
