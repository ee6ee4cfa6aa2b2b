"""Sessions on different event loops: order per publisher and topic, completeness, and takeover across loops."""

import threading

import pytest

from support.mqtt_raw import MQTTClient, Type, build
from support.statements import statement

pytestmark = pytest.mark.roost_process

PUBLISHERS, SUBSCRIBERS, COUNT, WINDOW = 4, 6, 400, 50


@pytest.fixture(scope="module", params=[2, 4], ids=["2 loops", "4 loops"])
def server(request, module_servers):
    return module_servers("open", "--event-loops", str(request.param))


def client(server, name, **fields):
    one = MQTTClient(server.mqtt_address)
    assert one.connect(name, **fields).reason == 0
    return one


def in_threads(tasks):
    """Runs all at once; the first error is the test's."""
    errors = []

    def run(task):
        try:
            task()
        except BaseException as error:  # noqa: BLE001, handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
        assert not each.is_alive(), "a client did not come to its end in 60 s"
    if errors:
        raise errors[0]


@statement("MQTT-4.6.0-5", "MQTT-4.6.0-6")
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_order_per_publisher_and_topic(server, unique, qos):
    topic = unique("topic")
    subscribers = [client(server, unique()) for _ in range(SUBSCRIBERS)]
    for each in subscribers:
        each.subscribe(topic, qos=qos)
    publishers = [client(server, unique()) for _ in range(PUBLISHERS)]
    received = [[] for _ in subscribers]

    def publish(index):
        for start in range(0, COUNT, WINDOW):
            numbers = range(start + 1, start + WINDOW + 1)
            if qos == 2:
                for number in numbers:
                    publishers[index].publish(topic, b"%d %d" % (index, number), qos=2)
                continue
            publishers[index].send(
                *(build.publish(topic, b"%d %d" % (index, each), qos=qos, packet_id=each if qos else None) for each in numbers)
            )
            if qos:
                for number in numbers:
                    publishers[index].wait(Type.PUBACK, number)

    def receive(index):
        for _ in range(PUBLISHERS * COUNT):
            received[index].append(tuple(map(int, subscribers[index].next_publish(timeout=30).payload.split())))

    in_threads([lambda n=n: receive(n) for n in range(SUBSCRIBERS)] + [lambda n=n: publish(n) for n in range(PUBLISHERS)])
    for each in received:
        for publisher in range(PUBLISHERS):
            assert [number for index, number in each if index == publisher] == list(range(1, COUNT + 1))


def test_takeover_across_loops_keeps_the_session(server, unique):
    """Each new connection may land on another loop; the messages of one session come complete and in order all the same."""
    topic, name = unique("topic"), unique("client")
    keep = {"session_expiry_interval": 60}
    client(server, name, properties=keep).subscribe(topic, qos=1)
    publisher = client(server, unique())
    seen = []
    for round_number in range(20):
        for number in range(10):
            publisher.publish(topic, b"%d" % (round_number * 10 + number), qos=1)
        current = client(server, name, clean=False, properties=keep)
        assert current.connack.session_present
        # Half is acknowledged, half has to come again in the next connection.
        for _ in range(10):
            message = current.next_publish(ack=False)
            if len(seen) < (round_number + 1) * 10 - 5:
                seen.append(int(message.payload))
                current.acknowledge(message)
        current.ping()
    last = client(server, name, clean=False)
    while len(seen) < 200:
        seen.append(int(last.next_publish().payload))
    assert seen == list(range(200))


def test_a_race_for_one_client_id_has_one_winner(server, unique):
    name = unique("client")
    clients = [MQTTClient(server.mqtt_address) for _ in range(16)]
    in_threads([lambda each=each: each.connect(name) for each in clients])
    # Each but one was taken over by the next; which one is left is open, and one more connection ends it.
    final = client(server, name)
    for each in clients:
        assert [packet.reason for packet in each.until_closed()] == [0x8E]
    final.ping()


def test_retained_and_shared_across_loops(server, unique):
    topic = unique("topic")
    publisher = client(server, unique())
    publisher.publish(topic, b"retained", qos=1, retain=True)
    members = [client(server, unique()) for _ in range(8)]
    for each in members:
        each.subscribe(topic, qos=1)
        assert each.next_publish().retain
        each.unsubscribe(topic)
        each.subscribe(f"$share/group/{topic}/work", qos=1)
    for number in range(200):
        publisher.publish(topic + "/work", b"%d" % number, qos=1)
    found = []
    for number, each in enumerate(members):
        each.subscribe(f"{topic}/end/{number}", qos=1)
        publisher.publish(f"{topic}/end/{number}", qos=1)
        while not (message := each.wait(Type.PUBLISH)).topic.endswith(f"/end/{number}"):
            each.acknowledge(message)
            found.append(int(message.payload))
        each.acknowledge(message)
    assert sorted(found) == list(range(200))
    publisher.publish(topic, b"", qos=1, retain=True)
