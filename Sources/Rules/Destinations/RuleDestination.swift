import AWSAPI
import FoundationEssentials
import Identity
import JSON

/// A topic rule destination: where actions may send that reach out of AWS (AWS IoT Developer Guide, rules). A value; `RuleDestinations` keeps it.
struct RuleDestination: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case enabled = "ENABLED"
        /// Whoever is there has not yet confirmed that rules may send.
        case inProgress = "IN_PROGRESS"
        case disabled = "DISABLED"
        case error = "ERROR"
    }

    enum Configuration: Sendable, Equatable {
        case http(confirmationURL: String)
        /// As CreateTopicRuleDestination was given it.
        case vpc(JSONObject)
    }

    /// How long a confirmation token is good.
    static let confirmationMilliseconds: Int64 = 3 * 86_400_000

    /// `http/UUID` or `vpc/UUID`: the end of its ARN.
    let id: String
    let configuration: Configuration
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var status: Status
    var reason: String?
    /// What confirms it; nil when it is confirmed.
    var token: String?
    /// When the token was made.
    var challengedAt: Timestamp
    /// Whether the confirmation message still has to be sent.
    var needsMessage: Bool

    /// One that has to be confirmed, or a VPC's, which needs no confirmation.
    init(id: String, _ configuration: Configuration, token: String, at now: Timestamp) {
        self.id = id
        self.configuration = configuration
        self.createdAt = now
        self.updatedAt = now
        self.challengedAt = now
        self.status = .enabled
        self.needsMessage = false
        self.challenge(token: token, at: now)
    }

    /// As a row has it.
    init(
        id: String, _ configuration: Configuration, createdAt: Timestamp, updatedAt: Timestamp, status: Status, reason: String?,
        token: String?, challengedAt: Timestamp, needsMessage: Bool
    ) {
        self.id = id
        self.configuration = configuration
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.status = status
        self.reason = reason
        self.token = token
        self.challengedAt = challengedAt
        self.needsMessage = needsMessage
    }

    var confirmationURL: String? {
        if case .http(let url) = self.configuration { url } else { nil }
    }
}

// MARK: What happens to it

extension RuleDestination {
    /// The state at this time: a confirmation that nobody gave in time has failed.
    func settled(at now: Timestamp) -> RuleDestination {
        guard self.status == .inProgress, self.isTokenOver(at: now) else { return self }
        var copy = self
        copy.status = .error
        copy.reason = "Confirmation timed out: the endpoint did not confirm within 3 days. Set the status to IN_PROGRESS for a new message."
        copy.updatedAt = Timestamp(milliseconds: self.challengedAt.milliseconds + Self.confirmationMilliseconds)
        copy.needsMessage = false
        return copy
    }

    private func isTokenOver(at now: Timestamp) -> Bool {
        now.milliseconds - self.challengedAt.milliseconds > Self.confirmationMilliseconds
    }

    /// Asks for a confirmation, with another token than before.
    private mutating func challenge(token: String, at now: Timestamp) {
        self.updatedAt = now
        guard case .http = self.configuration else {
            // There is no VPC whose network interfaces would have to be made first.
            self.status = .enabled
            self.reason = nil
            return
        }
        self.status = .inProgress
        self.token = token
        self.challengedAt = now
        self.needsMessage = true
        self.reason = Self.awaiting(since: now, "no response received from the endpoint")
    }

    private static func awaiting(since time: Timestamp, _ rest: String) -> String {
        let seconds = Timestamp(milliseconds: time.milliseconds / 1000 * 1000).date.formatted(.iso8601).dropLast()
        let milliseconds = String(1000 + time.milliseconds % 1000).dropFirst()
        return "Awaiting confirmation. Confirmation message sent on \(seconds).\(milliseconds)Z; \(rest)."
    }

    /// UpdateTopicRuleDestination.
    ///
    /// - Throws: InvalidRequestException for a way that does not exist.
    mutating func set(_ word: String, token: String, at now: Timestamp) throws(AWSError) {
        switch Status(rawValue: word) {
        case .inProgress: return self.challenge(token: token, at: now)
        case .enabled:
            guard self.status == .disabled || self.status == .enabled else { throw self.wrongWay(to: word, "DISABLED") }
            self.status = .enabled
        case .disabled:
            guard self.status == .enabled || self.status == .disabled else { throw self.wrongWay(to: word, "ENABLED") }
            self.status = .disabled
        case .error, nil: throw .invalidRequest("A destination's status cannot be set to \(word): give ENABLED, DISABLED or IN_PROGRESS.")
        }
        self.reason = nil
        self.updatedAt = now
    }

    private func wrongWay(to word: String, _ needed: String) -> AWSError {
        .invalidRequest(
            "A destination can be set to \(word) only when its status is \(needed); it is \(self.status.rawValue)"
                + (self.status == .inProgress ? ": confirm it first." : "."))
    }

    /// ConfirmTopicRuleDestination; also after its message could not be delivered, for the token may have arrived.
    ///
    /// - Returns: false when the token is too old.
    mutating func confirm(at now: Timestamp) -> Bool {
        guard !self.isTokenOver(at: now) else { return false }
        self.status = .enabled
        self.reason = nil
        self.token = nil
        self.needsMessage = false
        self.updatedAt = now
        return true
    }

    /// What became of the confirmation message.
    mutating func messageEnded(_ end: ConfirmationEnd, at now: Timestamp) {
        self.needsMessage = false
        // Whoever confirms before it answers the message has confirmed.
        guard self.status == .inProgress else { return }
        self.updatedAt = now
        switch end {
        case .delivered(let status): self.reason = Self.awaiting(since: now, "the endpoint answered with status \(status)")
        case .failed(let reason):
            self.status = .error
            self.reason = "The confirmation message was not delivered: \(reason)"
        }
    }
}

/// How the sending of a confirmation message ended.
enum ConfirmationEnd: Sendable, Equatable {
    case delivered(status: Int)
    case failed(String)
}
