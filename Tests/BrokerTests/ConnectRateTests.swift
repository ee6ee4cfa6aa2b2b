import NIOCore
import Testing

@testable import Broker

/// AWS IoT quotas: one CONNECT a second for each client identifier.
@Suite struct ConnectRateTests {
    private func rates(seconds: Int) -> ConnectRates {
        var profile = Profile.aws
        profile.connectIntervalSeconds = seconds
        return ConnectRates(profile: profile)
    }

    @Test func oneForEachIdentifierAndInterval() {
        let rates = self.rates(seconds: 1)
        let start = NIODeadline.now()
        let (a, b) = (ExactText("a"), ExactText("b"))
        #expect(rates.take(a, now: start))
        #expect(!rates.take(a, now: start + .milliseconds(900)))
        #expect(rates.take(b, now: start + .milliseconds(900)))
        // What was refused does not count: the interval is from the last connection.
        #expect(rates.take(a, now: start + .milliseconds(1000)))
        #expect(!rates.take(b, now: start + .milliseconds(1800)))
        #expect(!rates.take(a, now: start + .milliseconds(1900)))
        #expect(rates.take(b, now: start + .milliseconds(1950)))
        #expect(rates.take(a, now: start + .seconds(100)))
    }

    @Test func theSecondConnectionIsRefused() async throws {
        var profile = Profile.aws
        profile.enforceRates = true
        profile.connectIntervalSeconds = 3600
        try await TestBroker.run(profile: profile) { test in
            let first = try await test.open()
            #expect(try await first.connect("device").reason == 0)
            let second = try await test.open()
            #expect(try await second.connect("device").reason == 0x97)
            #expect(try await second.next()?.type == nil)
            // The one that is connected stays so, and other clients are not concerned.
            try await first.ping()
            let other = try await test.open()
            #expect(try await other.connect("other", version: 4).reason == 0)
            let again = try await test.open()
            #expect(try await again.connect("other", version: 4).reason == 3)
        }
    }

    @Test func notWithoutEnforcedRates() async throws {
        try await TestBroker.run(profile: .aws) { test in
            for _ in 0..<3 {
                let client = try await test.open()
                let answer = try await client.connect("device")
                #expect(answer.reason == 0)
            }
        }
    }
}
