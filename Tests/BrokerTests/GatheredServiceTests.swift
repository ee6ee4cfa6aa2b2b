import Synchronization
import Testing

@testable import Broker

/// Messages for services that work on other threads.
@Suite struct GatheredServiceTests {
    private static let puback: UInt8 = 4

    private final class Service: GatheredSubscriber {
        let name: String
        let inbox: any ServiceInbox

        init(_ name: String, _ inbox: any ServiceInbox) {
            self.name = name
            self.inbox = inbox
        }
    }

    private final class Inbox: ServiceInbox {
        private let batches = Mutex<[ServiceBatch]>([])

        func receive(_ batch: ServiceBatch) { self.batches.withLock { $0.append(batch) } }

        var deliveryCounts: [Int] { self.batches.withLock { $0.map(\.deliveryCount) } }

        var messages: [ServiceBatch.Message] {
            var messages: [ServiceBatch.Message] = []
            for batch in self.batches.withLock({ $0 }) { batch.forEach { messages.append($0) } }
            return messages
        }
    }

    private func subscribe(_ test: TestBroker, _ service: Service, _ filters: [String]) async {
        await test.broker.exchange(nil, for: ServiceSubscriptions(service, filters: filters))
    }

    @Test("come with their publishers, in order, to all services of a topic, however many loops they come from")
    func contents() async throws {
        let inbox = Inbox()
        try await TestBroker.run(loops: 2) { test in
            await self.subscribe(test, Service("all", inbox), ["#"])
            // Two filters that match one topic are one delivery.
            await self.subscribe(test, Service("some", inbox), ["a/+", "a/#"])
            let clients = [try await test.connect("zero", loop: 0), try await test.connect("one", loop: 1)]
            for number in 0..<3 {
                for client in clients {
                    try await client.publish("a/b", "a \(number)", qos: 0)
                    try await client.publish("c", "", qos: 0)
                }
            }
            try await test.until { inbox.messages.count == 12 }
        }
        for publisher in ["zero", "one"] {
            let messages = inbox.messages.filter { $0.publisher == publisher }
            #expect(messages.map(\.topic) == ["a/b", "c", "a/b", "c", "a/b", "c"])
            #expect(messages.map { String(decoding: $0.payload, as: UTF8.self) } == ["a 0", "", "a 1", "", "a 2", ""])
            #expect(messages.allSatisfy { $0.origin?.address == "127.0.0.1" && $0.receipt == nil })
        }
        for message in inbox.messages {
            let names = message.receivers.compactMap { ($0 as? Service)?.name }.sorted()
            #expect(names == (message.topic == "c" ? ["all"] : ["all", "some"]))
        }
    }

    @Test("of the platform itself come with their properties and what caused them, not as their neighbours'")
    func ownMessages() async throws {
        let inbox = Inbox()
        try await TestBroker.run { test in
            await self.subscribe(test, Service("all", inbox), ["#"])
            var request = PublishRequest(topic: "t", payload: [1], qos: 0)
            request.properties = [0x01, 0x01]
            test.broker.post(request) { _ in }
            request.origin = MessageOrigin(principal: "role", address: nil, ruleDepth: 3)
            request.properties = []
            test.broker.post(request) { _ in }
            try await test.until { inbox.messages.count == 2 }
        }
        #expect(inbox.messages.map { Array($0.propertyBytes) } == [[0x01, 0x01], []])
        #expect(inbox.messages.map { $0.origin?.ruleDepth } == [nil, 3])
        #expect(inbox.messages.map(\.publisher) == ["", ""])
    }

    @Test("of QoS 1 are acknowledged when each service has finished with them", arguments: [true, false])
    func acknowledgements(stored: Bool) async throws {
        let inbox = Inbox()
        try await TestBroker.run { test in
            await self.subscribe(test, Service("first", inbox), ["t"])
            await self.subscribe(test, Service("second", inbox), ["t"])
            let client = try await test.connect("sender")
            // PUBLISH, QoS 1, packet identifier 1, no properties.
            try await client.send(TestClient.packet(0x32, TestClient.text("t") + [0, 1, 0]))
            try await test.until { inbox.messages.count == 1 }
            let message = try #require(inbox.messages.first)
            let receipt = try #require(message.receipt)
            #expect(message.receivers.count == 2)
            test.broker.finish([receipt], stored: stored)
            // An acknowledgement would come before this answer.
            try await client.ping()
            test.broker.finish([receipt], stored: true)
            let body = try await client.expect(Self.puback).body
            // MQTT 5.0 §3.4.2.1: 0x83, implementation specific error.
            #expect(stored ? body.count == 2 || body[2] == 0 : body[2] == 0x83)
        }
    }

    @Test("are handed over before the tick ends when they are enough for a worker")
    func earlyHandOver() async throws {
        let inbox = Inbox()
        try await TestBroker.run { test in
            await self.subscribe(test, Service("all", inbox), ["#"])
            try await test.onLoop(0) { shard in
                let route = [UInt8]("t".utf8).withUnsafeBytes { shard.route(for: $0) }
                for _ in 0..<(ServiceOutbox.maxDeliveries + 1) {
                    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
                    let view = MessageView(topic: empty, properties: ForwardedProperties(), payload: empty, expiresAt: 0)
                    var publication = Publication(view: view, qos: 0, isRetained: false, publisher: nil, publisherID: "")
                    shard.publish(&publication, on: route)
                }
            }
            try await test.until { inbox.deliveryCounts == [ServiceOutbox.maxDeliveries, 1] }
        }
    }
}
