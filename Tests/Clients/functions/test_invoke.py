"""Functions at work: what they answer, how they fail, and that one's failure is its own (Invoke)."""

import base64
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fleet import api
from fleet.functions import BOOTSTRAP, create, zip_of
from fleet.rule import wait_for

PYTHON = """
import os

def handler(event, context):
    print("called with", event)
    if "raise" in event:
        raise ValueError(event["raise"])
    return {"event": event, "name": context.function_name, "memory": context.memory_limit_in_mb, "id": context.aws_request_id,
            "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis(), "place": os.environ["PLACE"],
            "secret": os.environ.get("ROOST_SECRET"), "endpoint": os.environ["AWS_ENDPOINT_URL"]}
"""


def invoke(aws, name, event, **fields):
    answer = aws.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **fields)
    return answer, json.loads(answer["Payload"].read())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"


def test_an_executable_answers_and_stays_warm(aws, name):
    create(aws, name, Environment={"Variables": {"GREETING": "hello"}})
    first, answer = invoke(aws, name, {"n": 1}, LogType="Tail")
    assert (first["StatusCode"], first["ExecutedVersion"], answer["event"]) == (200, "$LATEST", {"n": 1})
    log = base64.b64decode(first["LogResult"]).decode()
    assert "ready hello" in log and 'got {"n": 1}' in log
    assert "START RequestId" in log and "REPORT RequestId" in log and "Memory Size: 128 MB" in log
    _, again = invoke(aws, name, {"n": 2})
    assert (again["pid"], again["served"]) == (answer["pid"], 2)


def test_python_runs_with_awslambdaric(aws, name, endpoints):
    create(aws, name, zip_of({"app/main.py": PYTHON}), "python3.12", "app.main.handler", MemorySize=256, Timeout=20,
           Environment={"Variables": {"PLACE": "cellar"}})
    _, answer = invoke(aws, name, {"x": [1, None]})
    assert (answer["event"], answer["name"], answer["memory"], answer["place"]) == ({"x": [1, None]}, name, "256", "cellar")
    assert answer["arn"].endswith(f":function:{name}") and 0 < answer["left"] <= 20000
    assert (answer["secret"], answer["endpoint"]) == (None, endpoints["api"])
    failed, error = invoke(aws, name, {"raise": "too cold"}, LogType="Tail")
    assert failed["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "too cold")
    assert "too cold" in base64.b64decode(failed["LogResult"]).decode()


def test_an_error_of_the_function_is_its_own(aws, name):
    create(aws, name)
    failed, error = invoke(aws, name, {"do": "fail"})
    assert (failed["StatusCode"], failed["FunctionError"], error) == (
        200, "Unhandled", {"errorType": "Broken", "errorMessage": "as told"})
    _, answer = invoke(aws, name, {"do": "well"})
    assert answer["served"] == 2


def test_a_crash_harms_nobody_else(aws, name):
    create(aws, name)
    _, before = invoke(aws, name, {})
    failed, error = invoke(aws, name, {"do": "crash"})
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "exit status 7" in error["errorMessage"]
    _, after = invoke(aws, name, {})
    assert (after["served"], after["pid"] != before["pid"]) == (1, True)


def test_what_takes_too_long_is_ended_with_all_it_started(aws, name):
    create(aws, name, Timeout=1)
    _, before = invoke(aws, name, {})
    failed, error = invoke(aws, name, {"do": "hang"})
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "Task timed out after 1.00 seconds" in error["errorMessage"]
    wait_for(lambda: not is_running(before["pid"]), "the end of the process")


def test_memory_is_limited(aws, name):
    create(aws, name, MemorySize=128, Timeout=60)
    failed, error = invoke(aws, name, {"do": "large"})
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "Runtime.OutOfMemory")


def test_events_are_run_later(aws, name, endpoints, tmp_path):
    marker = tmp_path / "events"
    script = BOOTSTRAP.replace('echo "got $event"', f'echo "$event" >> {marker}')
    create(aws, name, zip_of({"bootstrap": script}))
    for number in range(20):
        answer = aws.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": %d}' % number)
        assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    wait_for(lambda: marker.exists() and len(marker.read_text().splitlines()) == 20, "all events")
    assert {json.loads(line)["n"] for line in marker.read_text().splitlines()} == set(range(20))


def test_accepted_events_survive_a_crash_of_the_server(start_server, tmp_path):
    server = start_server("aws")
    aws = api.client(vars(server.endpoints), "lambda")
    marker = tmp_path / "events"
    script = BOOTSTRAP.replace('echo "got $event"', f'sleep 0.2; echo "$event" >> {marker}')
    create(aws, "slow", zip_of({"bootstrap": script}))
    for number in range(30):
        aws.invoke(FunctionName="slow", InvocationType="Event", Payload=b'{"n": %d}' % number)
    server.restart(kill=True)
    wait_for(lambda: marker.exists() and {json.loads(line)["n"] for line in marker.read_text().splitlines()} == set(range(30)))


def test_a_killed_server_s_instances_end_with_the_next_start(start_server):
    server = start_server("aws")
    aws = api.client(vars(server.endpoints), "lambda")
    # It does not notice that nobody answers.
    script = BOOTSTRAP.replace('curl -sS -D "$headers" "$api/next") || exit 1', 'curl -sS -D "$headers" "$api/next") || sleep 600')
    create(aws, "stubborn", zip_of({"bootstrap": script}))
    _, answer = invoke(aws, "stubborn", {})
    server.restart(kill=True)
    wait_for(lambda: not is_running(answer["pid"]), "the end of what was left")


def test_a_stopped_server_ends_functions_at_work_and_keeps_their_events(start_server, tmp_path):
    server = start_server("aws")
    aws = api.client(vars(server.endpoints), "lambda")
    marker = tmp_path / "starts"
    script = BOOTSTRAP.replace('echo "got $event"', f'echo $$ >> {marker}; [ -e {marker}.go ] || exec sleep 600')
    create(aws, "slow", zip_of({"bootstrap": script}), Timeout=600)
    aws.invoke(FunctionName="slow", InvocationType="Event", Payload=b"{}")
    wait_for(lambda: marker.exists() and marker.read_text().endswith("\n"), "the start of the function")
    pid = int(marker.read_text())
    server.stop()
    wait_for(lambda: not is_running(pid), "the end of the process")
    (tmp_path / "starts.go").touch()
    server.start()
    wait_for(lambda: len(marker.read_text().splitlines()) == 2, "the second start of the function")


def test_a_stopped_server_leaves_no_process(start_server):
    server = start_server("aws")
    aws = api.client(vars(server.endpoints), "lambda")
    create(aws, "one")
    _, answer = invoke(aws, "one", {})
    server.stop()
    wait_for(lambda: not is_running(answer["pid"]), "the end of the process")


def test_invocations_share_a_bounded_number_of_instances(aws, name):
    create(aws, name, zip_of({"bootstrap": BOOTSTRAP.replace('echo "got $event"', "sleep 0.1")}))
    with ThreadPoolExecutor(30) as pool:
        pids = [answer["pid"] for _, answer in pool.map(lambda n: invoke(aws, name, {"n": n}), range(30))]
    assert 1 < len(set(pids)) <= 10


def test_reserved_concurrency_refuses_more(aws, name):
    create(aws, name, Timeout=5)
    aws.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    api.refused(aws.invoke, "TooManyRequestsException", 429, FunctionName=name, Payload=b"{}")
    assert aws.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    aws.delete_function_concurrency(FunctionName=name)
    assert invoke(aws, name, {})[1]["served"] == 1


def test_new_code_and_configuration_act_on_the_next_invocation(aws, name):
    create(aws, name)
    _, first = invoke(aws, name, {})
    code = aws.update_function_code(FunctionName=name, ZipFile=zip_of({"bootstrap": BOOTSTRAP.replace('"event', '"it')}))
    _, second = invoke(aws, name, {})
    assert ("it" in second, second["pid"] != first["pid"]) == (True, True)
    changed = aws.update_function_configuration(FunctionName=name, Environment={"Variables": {"GREETING": "again"}})
    assert code["CodeSha256"] == changed["CodeSha256"] and code["RevisionId"] != changed["RevisionId"]
    third = aws.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    assert "ready again" in base64.b64decode(third["LogResult"]).decode()


def test_what_is_no_json_is_refused(aws, name):
    create(aws, name)
    api.refused(aws.invoke, "InvalidRequestContentException", 400, FunctionName=name, Payload=b"hello")
    assert aws.invoke(FunctionName=name)["StatusCode"] == 200
    assert aws.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.parametrize("kind, size", [("Event", (1 << 20) + 1), ("RequestResponse", (6 << 20) + 1)])
def test_payloads_are_bounded(aws, name, kind, size):
    create(aws, name)
    payload = b'"' + b"x" * (size - 2) + b'"'
    api.refused(aws.invoke, "RequestTooLargeException", 413, FunctionName=name, InvocationType=kind, Payload=payload)


def test_a_runtime_that_does_not_start_says_why(aws, name):
    create(aws, name, zip_of({"bootstrap": "#!/bin/sh\necho no luck; exit 3\n"}))
    failed, error = invoke(aws, name, {}, LogType="Tail")
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "no luck" in base64.b64decode(failed["LogResult"]).decode()
    create(aws, f"{name}-2", zip_of({"main.py": "import nothing_of_that_name\n"}), "python3.12", "main.handler")
    failed, error = invoke(aws, f"{name}-2", {})
    assert failed["FunctionError"] == "Unhandled" and "nothing_of_that_name" in error["errorMessage"]
    create(aws, f"{name}-3", zip_of({"other": "x"}))
    failed, error = invoke(aws, f"{name}-3", {})
    assert failed["FunctionError"] == "Unhandled" and error["errorType"] == "Runtime.InvalidEntrypoint"


def test_an_answer_past_the_limit_is_an_error_at_once(aws, name):
    body = 'head -c 7000000 /dev/zero | tr "\\0" 1 | curl -sS -o /dev/null -X POST "$api/$id/response" --data-binary @- -H "Expect:"'
    script = BOOTSTRAP.replace("*fail*)", f"*big*) {body} ;;\n  *fail*)")
    create(aws, name, zip_of({"bootstrap": script}), Timeout=100, MemorySize=512)
    failed, error = invoke(aws, name, {"do": "big"})
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    _, answer = invoke(aws, name, {})
    assert answer["served"] == 2


def test_a_runtime_that_ends_after_each_answer_costs_no_invocation(aws, name):
    script = BOOTSTRAP.replace(">/dev/null ;;\n  esac", ">/dev/null; exit 0 ;;\n  esac")
    create(aws, name, zip_of({"bootstrap": script}))
    for number in range(10):
        answer, document = invoke(aws, name, {"n": number})
        assert ("FunctionError" in answer, document.get("served")) == (False, 1), document


def test_everything_written_before_the_answer_is_in_its_log(aws, name):
    create(aws, name)
    for number in range(30):
        answer = aws.invoke(FunctionName=name, Payload=b'{"n": %d}' % number, LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode()
        assert f'got {{"n": {number}}}' in log, log
