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
}
