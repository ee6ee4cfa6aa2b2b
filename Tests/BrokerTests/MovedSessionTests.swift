import NIOConcurrencyHelpers
import Testing

@testable import Broker

/// A session whose client connects on another loop each time.
@Suite struct MovedSessionTests {
    @Test func itLosesNothingAndLeavesNothingBehind() async throws {
        try await TestBroker.run(loops: 2) { test in
            let publisher = try await test.connect("publisher")
            let turns = 2 * ExpiryTimers.keptStale / 10
            for turn in 0..<turns {
                let client = try await test.connect("traveller", isClean: turn == 0, expiry: 600, loop: turn % 2)
                if turn == 0 { try await client.subscribe("t", qos: 1) }
                try await publisher.publish("t", "\(turn)")
                let message = try await client.nextMessage()
                #expect(message.payload == "\(turn)")
                #expect(!message.isDuplicate)
                try await client.acknowledge(message)
                try await client.ping()
                try await client.disconnect()
            }
            for loop in 0..<2 {
                // The timers of its former stays are not wanted.
                let wanted = try await test.onLoop(loop) { $0.timers.wantedCount }
                #expect(wanted <= 1)
            }
        }
    }

    /// Others on each loop subscribe to the same topic, so that every loop sends each message to every other one, whoever moves meanwhile.
    @Test(arguments: [1, 2, 3]) func eachMessageComesOnceWhileItMoves(loops: Int) async throws {
        try await TestBroker.run(loops: loops) { test in
            let traveller = try await test.connect("traveller", expiry: 600)
            try await traveller.subscribe("t", qos: 1)
            try await traveller.disconnect()
            for loop in 0..<loops { try await test.connect("resident \(loop)", loop: loop).subscribe("t", qos: 0) }
            let isOver = NIOLockedValueBox(false)
            let published = try await withThrowingTaskGroup(of: [String].self) { group in
                for loop in 0..<loops {
                    let publisher = try await test.connect("publisher \(loop)", loop: loop)
                    group.addTask {
                        var payloads: [String] = []
                        while !isOver.withLockedValue({ $0 }) {
                            payloads.append("\(loop) \(payloads.count)")
                            try await publisher.publish("t", payloads[payloads.count - 1])
                        }
                        return payloads
                    }
                }
                var seen: Set<String> = []
                func take(_ client: TestClient) async throws {
                    let message = try await client.nextMessage()
                    if !seen.insert(message.payload).inserted { #expect(message.isDuplicate, "\(message.payload) came twice") }
                    try await client.acknowledge(message)
                }
                for turn in 1...30 {
                    let client = try await test.connect("traveller", isClean: false, expiry: 600, loop: turn % loops)
                    for _ in 0..<20 { try await take(client) }
                    try await client.disconnect()
                }
                isOver.withLockedValue { $0 = true }
                let published = try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
                let client = try await test.connect("traveller", isClean: false, expiry: 600)
                while seen.count < published.count { try await take(client) }
                return (published, seen)
            }
            #expect(published.0 == published.1)
        }
    }
}
