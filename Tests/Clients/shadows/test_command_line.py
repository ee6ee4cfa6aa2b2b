"""`roost shadow get|set|watch|log`: a shadow from a terminal."""

import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

import pytest
from fleet import command
from fleet.inbox import PATIENCE
from support.server import environment

# `ExitStatus`, as in sysexits.h.
USAGE, REFUSED, NOT_FOUND, UNAVAILABLE = 64, 65, 66, 69


@pytest.fixture(scope="module")
def server(module_servers):
    return module_servers("aws", "--shadow-history", "100")


def words(server, roost_binary, *rest):
    """The words and the environment of a command about a shadow of the server."""
    return [str(roost_binary), "shadow", *rest], {**environment(), "ROOST_DATA": str(server.data)}


@pytest.fixture
def roost_shadow(server, roost_binary):
    def run(*rest, input=None, server=server):
        full, variables = words(server, roost_binary, *rest)
        return command.run(full, environment=variables, input=input)

    return run


def said(done):
    """The lines of a command that succeeded."""
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def refusal(done, status):
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("roost: ")
    return done.stderr


class Watch:
    """A `roost shadow watch` and what it has printed so far."""

    def __init__(self, full, variables, output=subprocess.PIPE):
        self.process = subprocess.Popen(full, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, env=variables)
        self._changed = threading.Condition()
        self._lines = []
        self._ended = False

    def read(self, stream=None):
        threading.Thread(target=self._read, args=(stream or self.process.stdout,), daemon=True).start()
        return self

    def _read(self, stream):
        try:
            for line in stream:
                with self._changed:
                    self._lines.append(line.decode().rstrip("\r\n"))
                    self._changed.notify_all()
        except OSError:
            # The end of a pseudo-terminal.
            pass
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def lines(self):
        with self._changed:
            return list(self._lines)

    @property
    def versions(self):
        """The versions of the changes, deletions apart."""
        return [int(found[1]) for line in self.lines if (found := re.match(r"version (\d+)", line))]

    def wait(self, wanted, what):
        with self._changed:
            found = self._changed.wait_for(lambda: any(map(wanted, self._lines)) or self._ended, PATIENCE)
            assert found and any(map(wanted, self._lines)), f"no {what} in {self._lines[-20:]}"

    def wait_line(self, part):
        self.wait(lambda line: part in line, part)
        return self

    @property
    def is_ready(self):
        return any("Waiting for changes" in line for line in self.lines)

    def ready(self):
        return self.wait_line("Waiting for changes")

    def end(self, number=signal.SIGINT):
        """Sends the signal, if any; returns the exit code and what was said on standard error."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, self.process.stderr.read().decode()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def watch(server, roost_binary):
    started = []

    def start(*rest, server=server):
        started.append(Watch(*words(server, roost_binary, "watch", *rest)).read())
        return started[-1]

    yield start
    for each in started:
        each.kill()


class TestGet:
    def test_the_document_as_it_is(self, roost_shadow, shadow, name):
        shadow.accepted("update", b'{"state": {"desired": {"z": 1.50, "a": [1, 12345678901234567890], "m": {"b": 1.0}}}}')
        text = roost_shadow("get", name).stdout
        assert json.loads(text) == shadow.get()
        assert '"z": 1.50' in text and "12345678901234567890" in text and '"b": 1.0' in text
        keys = re.findall(r'"(z|a|m|b)":', text)
        assert keys[:4] == ["z", "a", "m", "b"]

    def test_only_the_state(self, roost_shadow, shadow, name):
        shadow.update(desired={"led": "on"}, reported={"led": "off"})
        found = json.loads(roost_shadow("get", name, "--state").stdout)
        assert found == {"desired": {"led": "on"}, "reported": {"led": "off"}, "delta": {"led": "on"}}

    def test_a_named_shadow(self, roost_shadow, named_shadow, name):
        named_shadow.update(reported={"a": 1})
        assert json.loads(roost_shadow("get", name, "--name", "settings").stdout)["state"] == {"reported": {"a": 1}}
        refusal(roost_shadow("get", name), NOT_FOUND)

    def test_no_shadow_says_how_to_make_one(self, roost_shadow, name):
        told = refusal(roost_shadow("get", name, "--name", "settings"), NOT_FOUND)
        assert f"no shadow “settings” of {name}" in told
        assert f"roost shadow set {name} --name settings --desired" in told

    @pytest.mark.parametrize("bad", [["a/b"], ["a+"], [""], ["x" * 129], ["a", "--name", "x y"], ["a", "--name", "x" * 65]])
    def test_bad_names(self, bad, roost_shadow):
        refusal(roost_shadow("get", *bad), USAGE)

    def test_no_server(self, roost_binary, tmp_path):
        full = [str(roost_binary), "shadow", "get", "lamp", "--data", str(tmp_path)]
        assert "roost serve" in refusal(command.run(full, environment=environment()), UNAVAILABLE)


class TestSet:
    def test_what_changed_and_the_new_version(self, roost_shadow, shadow, name):
        first = said(roost_shadow("set", name, "--desired", '{"led": "off", "mode": "eco"}', "--reported", '{"led": "off"}'))
        assert first[0].startswith("version 1  20")
        assert first[1:] == ['  + desired.led: "off"', '  + desired.mode: "eco"', '  + reported.led: "off"', "    delta: mode"]
        second = said(roost_shadow("set", name, "--desired", '{"led": "on", "mode": null}', "--reported", '{"temp": 21.5}'))
        assert second[0].startswith("version 2  20")
        assert second[1:] == ['    desired.led: "off" → "on"', '  - desired.mode (was "eco")', "  + reported.temp: 21.5", "    delta: led"]
        assert shadow.get()["state"]["reported"] == {"led": "off", "temp": 21.5}

    def test_the_same_again(self, roost_shadow, name):
        roost_shadow("set", name, "--reported", '{"a": 1}')
        assert said(roost_shadow("set", name, "--reported", '{"a": 1}'))[1:] == ["    (nothing changed)"]

    def test_a_section_is_removed_by_null(self, roost_shadow, shadow, name):
        roost_shadow("set", name, "--desired", '{"a": 1}', "--reported", '{"b": 1}')
        assert '  - desired (was {"a":1})' in said(roost_shadow("set", name, "--desired", "null"))
        assert shadow.get()["state"] == {"reported": {"b": 1}}

    def test_a_whole_request_from_standard_input(self, roost_shadow, shadow, named_shadow, name):
        request = {"state": {"reported": {"a": 1}}, "clientToken": "token"}
        assert said(roost_shadow("set", name, "--name", "settings", "-", input=json.dumps(request).encode()))[1] == "  + reported.a: 1"
        assert named_shadow.wait_said("update/accepted").json["clientToken"] == "token"
        assert shadow.version == 0

    def test_a_version(self, roost_shadow, shadow, name):
        shadow.update(reported={"a": 1})
        assert said(roost_shadow("set", name, "--reported", '{"a": 2}', "--version", "1"))[0].startswith("version 2")
        told = refusal(roost_shadow("set", name, "--reported", '{"a": 3}', "--version", "1"), REFUSED)
        assert "Version conflict" in told and f"roost shadow get {name}" in told
        assert shadow.get()["state"]["reported"]["a"] == 2

    @pytest.mark.parametrize(
        "value,words_of_the_server",
        [
            ("[]", "Desired node must be an object"),
            ('{"a": [null]}', "State contains an invalid node"),
            (json.dumps({"a": "x" * 9000}), "The payload exceeds the maximum size allowed"),
        ],
    )
    def test_the_servers_own_words(self, value, words_of_the_server, roost_shadow, shadow, name):
        assert words_of_the_server in refusal(roost_shadow("set", name, "--desired", value), REFUSED)
        assert shadow.version == 0

    @pytest.mark.parametrize(
        "rest", [[], ["--desired", "{led"], ["--desired", ""], ["request.json"], ["-", "--desired", "{}"], ["-", "--version", "1"]]
    )
    def test_what_is_no_request(self, rest, roost_shadow, shadow, name):
        refusal(roost_shadow("set", name, *rest, input=b'{"state": {"desired": {"a": 1}}}'), USAGE)
        assert shadow.version == 0

    @pytest.mark.parametrize("content", [b"", b"{", b'{"state": {"desired": {"a": "\xff"}}}', b" " * (1 << 20) + b"{}"])
    def test_what_is_no_json(self, content, roost_shadow, shadow, name):
        assert "standard input" in refusal(roost_shadow("set", name, "-", input=content), USAGE)
        assert shadow.version == 0


class TestLog:
    def test_the_newest_first_with_who_did_it(self, roost_shadow, shadow, name, endpoints):
        shadow.update(desired={"led": "off"})
        roost_shadow("set", name, "--desired", '{"led": "on"}')
        shadow.delete()
        lines = said(roost_shadow("log", name))
        heads = [line.split("  ") for line in lines if not line.startswith(" ")]
        assert [head[0] for head in heads] == ["deleted, version 2", "version 2", "version 1"]
        assert [head[2] for head in heads] == [f"mqtt:{name}-application", f"http:{endpoints['accessKeyId']}", f"mqtt:{name}-application"]
        assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", head[1]) for head in heads)
        changes = [line for line in lines if line.startswith(" ") and "delta" not in line]
        assert changes == ['  - desired (was {"led":"on"})', '    desired.led: "off" → "on"', '  + desired.led: "off"']

    def test_a_limit_and_several_pages(self, roost_shadow, named_shadow, name):
        for number in range(1, 61):
            named_shadow.update(reported={"number": number})

        def versions(*rest):
            lines = said(roost_shadow("log", name, "--name", "settings", *rest))
            heads = [line for line in lines if not line.startswith(" ")]
            assert len(lines) == 2 * len(heads) and not any("(" in line for line in lines)
            return [int(head.split()[1]) for head in heads]

        assert versions() == list(range(60, 40, -1))
        assert versions("--limit", "1") == [60]
        assert versions("--limit", "55") == list(range(60, 5, -1))
        assert versions("--limit", "60") == versions("--limit", "10000") == list(range(60, 0, -1))

    def test_what_is_forgotten(self, start_server, roost_shadow, name):
        server = start_server("aws", "--shadow-history", "2")
        for number in range(4):
            roost_shadow("set", name, "--reported", json.dumps({"number": number}), server=server)
        lines = said(roost_shadow("log", name, server=server))
        assert [line.split()[1] for line in lines if line.startswith("version")] == ["4", "3"]
        assert lines[-2:] == ["    (the version before it is no longer kept; the state was then)", "    reported.number: 2"]

    def test_nothing_yet(self, roost_shadow, name):
        assert name in refusal(roost_shadow("log", name), NOT_FOUND)

    @pytest.mark.parametrize("limit", ["0", "-1", "10001", "many"])
    def test_bad_limits(self, limit, roost_shadow, name):
        assert roost_shadow("log", name, f"--limit={limit}").returncode == USAGE

    def test_a_server_that_keeps_none(self, start_server, roost_shadow, name):
        told = refusal(roost_shadow("log", name, server=start_server("aws")), REFUSED)
        assert "--shadow-history" in told


class TestWatch:
    def test_what_there_is_and_what_changes(self, watch, shadow, roost_shadow, name):
        shadow.update(desired={"led": "on"}, reported={"led": "off"})
        watching = watch(name).ready()
        assert re.match(rf"Shadow of {name}, version 1  20", watching.lines[0])
        assert watching.lines[1:4] == ['    desired.led: "on"', '    reported.led: "off"', "    delta: led"]
        shadow.update(reported={"led": "on"})
        watching.wait_line("delta: none")
        roost_shadow("set", name, "--desired", "null")
        watching.wait_line("version 3")
        shadow.delete()
        watching.wait_line("deleted, version 3").wait_line("- reported")
        shadow.update(reported={"again": True})
        watching.wait_line("+ reported.again: true")
        assert watching.end() == (0, "")
        assert [line for line in watching.lines[5:] if not re.match("version|deleted", line)] == [
            '    reported.led: "off" → "on"',
            "    delta: none",
            '  - desired (was {"led":"on"})',
            '  - reported (was {"led":"on"})',
            "  + reported.again: true",
        ]

    def test_no_shadow_yet(self, watch, named_shadow, shadow, name):
        watching = watch(name, "--name", "settings").ready()
        assert watching.lines[0] == f"There is no shadow “settings” of {name} yet."
        shadow.update(reported={"classic": 1})
        named_shadow.update(reported={"named": 1})
        watching.wait_line("+ reported.named: 1")
        assert watching.versions == [1]

    def test_nothing_is_missed(self, watch, shadow, application, name):
        """Updates come before and while the watch begins, then in one burst: each is seen once, in order."""
        burst = 500

        def update(number, qos):
            request = {"state": {"reported": {"number": number}}}
            application.publish(f"{shadow.prefix}/update", json.dumps(request).encode(), qos=qos)

        update(1, qos=1)
        watching = watch(name)
        last = 1
        deadline = time.monotonic() + PATIENCE
        while not watching.is_ready:
            assert time.monotonic() < deadline
            last += 1
            update(last, qos=1)
        for number in range(last + 1, last + burst + 1):
            update(number, qos=0)
        watching.wait_line(f"version {last + burst}  ")
        first = int(re.search(r"version (\d+)", watching.lines[0])[1])
        assert 1 <= first <= last
        assert watching.versions == list(range(first + 1, last + burst + 1))
        assert not [line for line in watching.lines if "not seen" in line]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_signals_end_it(self, number, watch, name):
        assert watch(name).ready().end(number) == (0, "")

    def test_a_reader_that_leaves_ends_it(self, server, roost_binary, shadow, name):
        watching = Watch(*words(server, roost_binary, "watch", name))
        try:
            assert watching.process.stdout.readline()
            watching.process.stdout.close()
            shadow.update(reported={"a": 1})
            assert watching.end(None) == (0, "")
        finally:
            watching.kill()

    def test_a_server_that_stops(self, watch, start_server, name):
        server = start_server("aws")
        watching = watch(name, server=server).ready()
        assert server.stop() == 0
        code, told = watching.end(None)
        assert code == UNAVAILABLE
        assert "shutting down" in told

    def test_a_server_that_dies(self, watch, start_server, name):
        server = start_server("aws")
        watching = watch(name, server=server).ready()
        server.kill()
        code, told = watching.end(None)
        assert code == UNAVAILABLE
        assert "went away" in told

    def test_without_the_https_port(self, watch, start_server, name):
        code, told = watch(name, server=start_server("aws", "--https-port", "off")).end(None)
        assert code == UNAVAILABLE
        assert "--https-port" in told

    def test_only_registered_things(self, watch, start_server, name):
        code, told = watch(name, server=start_server("aws", "--shadow-require-thing")).end(None)
        assert code == NOT_FOUND
        assert "Thing not found" in told and f"roost device create {name}" in told

    @pytest.mark.parametrize("variables,is_coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
    def test_colours_on_a_terminal(self, variables, is_coloured, server, roost_binary, shadow, name):
        full, own = words(server, roost_binary, "watch", name)
        inside, outside = pty.openpty()
        watching = Watch(full, {**own, "TERM": "xterm", "NO_COLOR": "", **variables}, output=outside)
        os.close(outside)
        try:
            with open(inside, "rb", buffering=0) as terminal:
                watching.read(terminal).ready()
                shadow.update(reported={"led": "on"})
                watching.wait_line("reported.led")
                assert any("\x1b[32m+ reported.led" in line for line in watching.lines) == is_coloured
                assert any("\x1b" in line for line in watching.lines) == is_coloured
                assert watching.end() == (0, "")
        finally:
            watching.kill()

    def test_it_uses_the_front_door(self, watch, application, name):
        """Its connection is one of a client like any other."""
        application.subscribe("$aws/events/presence/connected/+")
        watch(name).ready()
        application.inbox.wait(lambda message: "roost-shadow-watch-" in message.topic)


def test_help_names_all(roost_shadow):
    told = roost_shadow("--help").stdout
    for word in ("get", "set", "watch", "log"):
        assert re.search(rf"^  {word} ", told, re.MULTILINE)
