"""`roost shadow get|set|watch|log` (docs/shadows.md)."""

import json
import queue
import re
import signal
import subprocess
import threading

import pytest
from fleet import command
from fleet.inbox import PATIENCE
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow
from support.server import environment

#: What a version's line begins with: the number and the time.
HEAD = re.compile(r"^(?:deleted, )?version (\d+)  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


@pytest.fixture(scope="module")
def server(module_servers):
    return module_servers("aws", "--shadow-history", "100")


@pytest.fixture
def words(server, roost_binary):
    """The words of a `roost shadow` command about this server."""
    return lambda verb, *more: [str(roost_binary), "shadow", verb, "--data", str(server.data), *more]


@pytest.fixture
def roost_shadow(words):
    """Runs a command that has to succeed; returns what it printed."""

    def run(verb, *more, input=None):
        done = command.run(words(verb, *more), environment=environment(), input=input)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run


@pytest.fixture
def failing(words):
    """Runs a command that has to fail with nothing on its output; returns what it complained."""

    def run(verb, *more, input=None):
        done = command.run(words(verb, *more), environment=environment(), input=input)
        assert done.returncode != 0, done.stdout
        assert done.stdout == ""
        assert done.stderr.startswith(("roost: ", "Error: ")), done.stderr
        return done.stderr

    return run


@pytest.fixture(params=[None, "settings"], ids=["classic", "named"])
def names(request, name):
    """The words that name a shadow."""
    return [name] if request.param is None else [name, "--name", request.param]


@pytest.fixture
def device(application, names):
    """The same shadow over MQTT."""
    return Shadow(application, names[0], names[2] if len(names) > 1 else None)


def changes(text):
    """Version and the lines below it, for each version that was printed."""
    found = []
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            found.append((int(head[1]), []))
        elif found:
            found[-1][1].append(line.strip())
    return found


class TestGet:
    def test_document(self, roost_shadow, device, names):
        device.accepted("update", b'{"state":{"desired":{"zeta":1.0,"alpha":{"l":[1,-0.0]}},"reported":{"zeta":2}}}')
        printed = roost_shadow("get", *names)
        found, expected = json.loads(printed), device.get()
        assert abs(found.pop("timestamp") - expected.pop("timestamp")) < 60
        assert found == expected
        assert printed.index('"zeta": 1.0') < printed.index('"alpha"')
        assert "-0.0" in printed

    def test_state(self, roost_shadow, device, names):
        device.update(desired={"a": 1}, reported={"b": 2})
        assert json.loads(roost_shadow("get", *names, "--state")) == {"desired": {"a": 1}, "reported": {"b": 2}, "delta": {"a": 1}}

    def test_missing(self, failing, names):
        assert "There is no shadow" in failing("get", *names)

    def test_what_a_terminal_would_obey(self, roost_shadow, device, names):
        text = "\x1b[31m red \u202e\x9b\x07"
        device.update(desired={"a": text, text: 1})
        printed = roost_shadow("get", *names)
        assert not set(printed) & set("\x1b\u202e\x9b\x07")
        assert json.loads(printed)["state"]["desired"] == {"a": text, text: 1}


class TestSet:
    def test_desired_and_reported(self, roost_shadow, device, names):
        printed = roost_shadow("set", *names, "--desired", '{"led": "on", "deep": {"x": 1}}', "--reported", '{"led": "off"}')
        ((version, lines),) = changes(printed)
        assert version == 1
        assert lines[:3] == ['+ desired.led: "on"', "+ desired.deep.x: 1", '+ reported.led: "off"']
        assert lines[3] == "delta: led, deep.x"
        assert device.get()["state"]["desired"] == {"led": "on", "deep": {"x": 1}}

    def test_a_change_and_a_removal(self, roost_shadow, device, names):
        device.update(desired={"a": 1, "b": 2, "c": 3}, reported={"x": 1})
        printed = roost_shadow("set", *names, "--desired", '{"a": 1.5, "b": null}', "--reported", "null")
        ((version, lines),) = changes(printed)
        assert version == 2
        assert [line for line in lines if "desired.a" in line and "1.5" in line]
        assert [line for line in lines if line.startswith("- desired.b")]
        assert [line for line in lines if line.startswith("- reported")]
        assert device.get()["state"] == {"desired": {"a": 1.5, "c": 3}, "delta": {"a": 1.5, "c": 3}}

    def test_a_request_from_standard_input(self, roost_shadow, device, names):
        request = b'{"state": {"desired": {"n": 1234567890123456789012345678901234}}, "version": 0}'
        assert changes(roost_shadow("set", *names, "-", input=request))[0][0] == 1
        assert b'"n":1234567890123456789012345678901234' in device.ask("get").payload

    def test_the_version(self, roost_shadow, failing, device, names):
        device.update(desired={"a": 1})
        assert "Version conflict" in failing("set", *names, "--desired", '{"a": 2}', "--version", "2")
        assert changes(roost_shadow("set", *names, "--desired", '{"a": 2}', "--version", "1"))[0][0] == 2

    @pytest.mark.parametrize(
        "arguments, complaint",
        [
            ((), "--desired"),
            (("--desired", "{"), "JSON"),
            (("--desired", "[1]"), "Desired node must be an object"),
            (("--reported", '{"l": [null]}'), "State contains an invalid node"),
            (("--desired", '{"a": 1}', "--version", "x"), "version"),
            (("nonsense",), "nonsense"),
            (("-", "--desired", "{}"), "--desired"),
        ],
    )
    def test_mistakes(self, arguments, complaint, failing, device, names):
        assert complaint in failing("set", *names, *arguments, input=b"{}")
        assert device.version == 0


class Watching:
    """A `roost shadow watch` whose output is read as it comes."""

    def __init__(self, words):
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def until(self, wanted):
        """The lines up to the first that contains `wanted`."""
        found = []
        while not found or wanted not in found[-1]:
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, (found, self.process.stderr.read())
            found.append(line)
        return found

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        complaint = self.process.stderr.read()
        self.process.stderr.close()
        return self.process.returncode, complaint


@pytest.fixture
def watch(words):
    started = []

    def start(*more):
        started.append(Watching(words("watch", *more)))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


class TestWatch:
    def test_each_change_is_printed_as_it_happens(self, watch, device, iot_data, names):
        watching = watch(*names)
        assert "There is no shadow" in watching.until("Waiting")[0]
        device.update(desired={"led": "on"}, reported={"celsius": 20})
        assert watching.until("delta")[1:] == ['  + desired.led: "on"', "  + reported.celsius: 20", "    delta: led"]
        device.update(reported={"led": "on", "celsius": 21.50})
        lines = watching.until("delta")
        assert HEAD.match(lines[0])[1] == "2"
        assert '  + reported.led: "on"' in lines and lines[-1] == "    delta: none"
        assert [line for line in lines if "reported.celsius" in line and "20" in line and "21.5" in line]
        device.delete()
        assert watching.until("version 2")[-1].startswith("deleted, ")
        device.update(desired={"b": 1})
        assert watching.until("delta")[-2:] == ["  + desired.b: 1", "    delta: b"]
        assert watching.end() == (0, "")

    def test_it_begins_with_what_is_there(self, watch, device, names):
        device.update(desired={"a": 1})
        lines = watch(*names).until("Waiting")
        assert "version 1" in lines[0]
        assert any("desired.a: 1" in line for line in lines)

    def test_changes_over_http_and_of_no_other_shadow(self, watch, application, iot_data, names, name):
        watching = watch(*names)
        watching.until("Waiting")
        Shadow(application, name, "other").update(desired={"not": "mine"})
        address = {"thingName": name, **({"shadowName": names[2]} if len(names) > 1 else {})}
        iot_data.update_thing_shadow(**address, payload=b'{"state":{"desired":{"a":1}}}')
        assert watching.until("delta")[1:] == ["  + desired.a: 1", "    delta: a"]

    def test_many_changes(self, watch, device, names):
        watching = watch(*names)
        watching.until("Waiting")
        for number in range(100):
            device.client.paho.publish(f"{device.prefix}/update", json.dumps({"state": {"desired": {"n": number}}}), 1)
        lines = watching.until("version 100 ")
        assert [version for version, _ in changes("\n".join(lines))] == list(range(1, 101))

    def test_it_says_that_the_server_went_away(self, start_server, roost_binary, name):
        server = start_server("aws")
        watching = Watching([str(roost_binary), "shadow", "watch", "--data", str(server.data), name])
        watching.until("Waiting")
        server.kill()
        watching.process.wait(PATIENCE)
        code, complaint = watching.end()
        assert code not in (0, -signal.SIGINT) and complaint.startswith("roost: ")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_it_ends_when_it_is_told(self, number, watch, names):
        watching = watch(*names)
        watching.until("Waiting")
        assert watching.end(number) == (0, "")


class TestLog:
    def test_the_newest_first(self, roost_shadow, device, names):
        device.update(desired={"a": 1})
        device.update(reported={"a": 1})
        device.delete()
        device.update(desired={"b": 1})
        printed = roost_shadow("log", *names)
        found = changes(printed)
        assert [version for version, _ in found] == [3, 2, 2, 1]
        assert "+ desired.b: 1" in found[0][1]
        assert printed.splitlines()[3].startswith("deleted, ")
        assert "+ reported.a: 1" in found[2][1]
        assert found[3][1][0] == "+ desired.a: 1"
        assert f"mqtt:{names[0]}-application" in printed

    def test_limit(self, roost_shadow, device, names):
        for number in range(30):
            device.update(reported={"n": number})
        assert [version for version, _ in changes(roost_shadow("log", *names))] == list(range(30, 10, -1))
        assert [version for version, _ in changes(roost_shadow("log", *names, "--limit", "3"))] == [30, 29, 28]
        assert len(changes(roost_shadow("log", *names, "--limit", "100"))) == 30

    def test_nothing_happened(self, failing, names):
        assert "Nothing has happened" in failing("log", *names)

    @pytest.mark.parametrize("limit", ["0", "-1", "x", "10001"])
    def test_a_bad_limit(self, limit, failing, names):
        assert "limit" in failing("log", *names, f"--limit={limit}")

    def test_without_the_option(self, start_server, roost_binary, name):
        server = start_server("aws")
        done = command.run([str(roost_binary), "shadow", "log", "--data", str(server.data), name], environment=environment())
        assert done.returncode != 0
        assert "--shadow-history" in done.stderr


VERBS = {"get": (), "set": ("--desired", "{}"), "watch": (), "log": ()}


@pytest.mark.parametrize("verb", VERBS)
def test_bad_names(verb, failing):
    for bad in ("a b", "../x", "x" * 129, ""):
        assert "not a name" in failing(verb, *VERBS[verb], "--", bad)
    assert "shadow" in failing(verb, "thing", "--name", "a/b", *VERBS[verb])


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_server(verb, roost_binary, tmp_path):
    done = command.run([str(roost_binary), "shadow", verb, "thing", *VERBS[verb], "--data", str(tmp_path)], environment=environment())
    assert done.returncode != 0
    assert "roost serve" in done.stderr


def test_a_reader_that_has_seen_enough(words, endpoints, name):
    with PahoClient(endpoints, client_id=name, listener="mqtt") as client:
        Shadow(client, name).update(desired={f"k{number}": number for number in range(400)})
    done = command.run(["sh", "-c", '"$@" | head -1', "sh", *words("get", name)], environment=environment())
    assert (done.stdout, done.stderr) == ("{\n", "")
