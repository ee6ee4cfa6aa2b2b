import Synchronization
import Testing

@testable import Broker

/// Decisions are kept by each connection until its own authority says that it changed.
@Suite struct AuthorityChangeTests {
    /// Says what a test wants it to, and counts how often it was asked.
    private final class Changing: ConnectionAuthority {
        private struct State {
            var isAllowed = true
            var added = MessageProperties()
            var questions = 0
            var listeners: [@Sendable () -> Void] = []
        }

        private let state = Mutex(State())

        func decide(_ action: TopicAction, _ topic: String) -> AccessDecision {
            self.state.withLock { state in
                state.questions += 1
                return AccessDecision(isAllowed: state.isAllowed, isCacheable: true, explanation: "")
            }
        }

        var addedProperties: MessageProperties { self.state.withLock { $0.added } }

        func onChange(_ listener: @escaping @Sendable () -> Void) {
            self.state.withLock { $0.listeners.append(listener) }
        }

        var questions: Int { self.state.withLock { $0.questions } }

        func change(isAllowed: Bool, adding properties: [(name: String, value: String)] = []) {
            let listeners = self.state.withLock { state in
                state.isAllowed = isAllowed
                state.added.userProperties = properties
                return state.listeners
            }
            for listener in listeners { listener() }
        }
    }

    /// An authority for each client id.
    private struct Authorities: Authorizer {
        let known: [String: Changing]

        func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict {
            guard let authority = self.known[attempt.clientID] else { return .deny(reason: "unknown") }
            return .allow(authority, thingName: nil)
        }
    }

    @Test("only who changed is asked again, and the receiver's routes are worked out anew", arguments: [1, 2])
    func changes(loops: Int) async throws {
        let authorities = Authorities(known: ["sender": Changing(), "receiver": Changing()])
        let (sending, receiving) = (try #require(authorities.known["sender"]), try #require(authorities.known["receiver"]))
        try await TestBroker.run(loops: loops, authorizer: authorities) { test in
            let receiver = try await test.connect("receiver", loop: loops - 1)
            try await receiver.subscribe("t", qos: 1)
            let sender = try await test.connect("sender")
            func publish(_ payload: String) async throws -> TestClient.Message {
                try await sender.publish("t", payload)
                let message = try await receiver.nextMessage()
                try await receiver.acknowledge(message)
                return message
            }
            _ = try await publish("a")
            let asked = sending.questions
            let askedReceiver = receiving.questions

            sending.change(isAllowed: true, adding: [("k", "v")])
            await test.broker.authoritiesSettled()
            #expect(try await publish("b").userProperties == ["k=v"])
            #expect(sending.questions == asked + 1 && receiving.questions == askedReceiver)

            receiving.change(isAllowed: false)
            await test.broker.authoritiesSettled()
            try await sender.publish("t", "not for it")
            receiving.change(isAllowed: true)
            sending.change(isAllowed: true)
            await test.broker.authoritiesSettled()
            let last = try await publish("c")
            #expect(last.payload == "c" && last.userProperties.isEmpty)
        }
    }
}
