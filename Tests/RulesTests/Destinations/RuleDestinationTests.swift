import AWSAPI
import Identity
import JSON
import Testing

@testable import Rules

@Suite("The states of a destination")
struct RuleDestinationTests {
    private static let made = Timestamp(milliseconds: 1_700_000_000_123)
    private static let day: Int64 = 86_400_000

    private static func http() -> RuleDestination {
        RuleDestination(id: "http/1", .http(confirmationURL: "https://x/"), token: "first", at: made)
    }

    private static func later(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: Self.made.milliseconds + milliseconds) }

    @Test("it waits for its confirmation, and says since when")
    func waits() {
        let destination = Self.http()
        #expect(destination.status == .inProgress)
        #expect(destination.token == "first")
        #expect(destination.needsMessage)
        #expect(
            destination.reason
                == "Awaiting confirmation. Confirmation message sent on 2023-11-14T22:13:20.123Z; no response received from the endpoint.")
    }

    @Test("one in a VPC waits for nothing")
    func vpc() throws {
        var destination = RuleDestination(id: "vpc/1", .vpc(["vpcId": "v"]), token: "unused", at: Self.made)
        #expect((destination.status, destination.token, destination.needsMessage) == (.enabled, nil, false))
        try destination.set("DISABLED", token: "unused", at: Self.made)
        try destination.set("IN_PROGRESS", token: "unused", at: Self.made)
        #expect((destination.status, destination.token) == (.enabled, nil))
    }

    @Test("a token is good for three days")
    func timesOut() {
        var destination = Self.http()
        #expect(destination.settled(at: Self.later(3 * Self.day)).status == .inProgress)
        let over = destination.settled(at: Self.later(3 * Self.day + 1))
        #expect(over.status == .error)
        #expect(over.reason?.hasPrefix("Confirmation timed out") == true)
        let isConfirmedLate = destination.confirm(at: Self.later(3 * Self.day + 1))
        #expect(!isConfirmedLate)
        let isConfirmed = destination.confirm(at: Self.later(3 * Self.day))
        #expect(isConfirmed)
        #expect((destination.status, destination.reason, destination.token) == (.enabled, nil, nil))
        #expect(destination.settled(at: Self.later(9 * Self.day)).status == .enabled)
    }

    @Test(
        "only the ways that AWS has are open",
        arguments: [
            (RuleDestination.Status.inProgress, "ENABLED", false), (.inProgress, "DISABLED", false), (.error, "ENABLED", false),
            (.error, "DISABLED", false), (.disabled, "ENABLED", true), (.enabled, "DISABLED", true), (.enabled, "ENABLED", true),
            (.disabled, "DISABLED", true), (.enabled, "ERROR", false), (.enabled, "DELETING", false), (.enabled, "IN_PROGRESS", true),
            (.disabled, "IN_PROGRESS", true), (.error, "IN_PROGRESS", true), (.inProgress, "IN_PROGRESS", true),
        ])
    func ways(_ from: RuleDestination.Status, _ to: String, _ isOpen: Bool) {
        var destination = Self.http()
        destination.status = from
        let before = destination
        do throws(AWSError) {
            try destination.set(to, token: "second", at: Self.later(1))
            #expect(isOpen)
            #expect(destination.status.rawValue == to)
            #expect(destination.token == (to == "IN_PROGRESS" ? "second" : "first"))
        } catch {
            #expect(!isOpen, "\(error)")
            #expect(error.name == "InvalidRequestException")
            #expect(destination == before)
        }
    }

    @Test("what became of the message is told, unless it is confirmed already")
    func message() {
        var destination = Self.http()
        destination.messageEnded(.delivered(status: 204), at: Self.made)
        #expect(destination.status == .inProgress)
        #expect(destination.reason?.hasSuffix("the endpoint answered with status 204.") == true)
        #expect(!destination.needsMessage)
        destination.messageEnded(.failed("no connection."), at: Self.made)
        #expect(destination.status == .error)
        #expect(destination.reason == "The confirmation message was not delivered: no connection.")
        let isConfirmed = destination.confirm(at: Self.made)
        #expect(isConfirmed)
        destination.messageEnded(.failed("no connection."), at: Self.made)
        #expect((destination.status, destination.reason) == (.enabled, nil))
    }

    @Test(
        "the message goes to the URL, whose query stays",
        arguments: [
            ("https://x", "https://x/?confirmationToken=t"), ("https://x/", "https://x/?confirmationToken=t"),
            ("https://x/a", "https://x/a/?confirmationToken=t"), ("https://x/a?b=c", "https://x/a?b=c&confirmationToken=t"),
        ])
    func messageURL(_ url: String, _ expected: String) {
        #expect(ConfirmationMessage.url(url, token: "t") == expected)
    }

    @Test("tokens need no encoding and do not repeat")
    func tokens() {
        let tokens = Set((0..<100).map { _ in ConfirmationMessage.newToken() })
        #expect(tokens.count == 100)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        #expect(tokens.allSatisfy { $0.utf8.count == 43 && $0.allSatisfy(allowed.contains) })
    }
}
