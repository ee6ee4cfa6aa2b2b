import NIOCore

/// Publishes and bytes of one connection per second, as a bucket that fills with time (AWS IoT quotas; only with `--enforce-rates`).
final class RateLimiter {
    private var messages: Double
    private var bytes: Double
    private let messagesPerSecond: Double
    private let bytesPerSecond: Double
    private var last = NIODeadline.now()

    init(profile: Profile) {
        self.messagesPerSecond = Double(profile.publishesPerSecond)
        self.bytesPerSecond = Double(profile.bytesPerSecond)
        self.messages = self.messagesPerSecond
        self.bytes = self.bytesPerSecond
    }

    /// Whether one more message of this size is within the rates.
    func take(bytes count: Int, now: NIODeadline = .now()) -> Bool {
        let seconds = Double((now - self.last).nanoseconds) / 1e9
        self.last = now
        self.messages = min(self.messagesPerSecond, self.messages + seconds * self.messagesPerSecond)
        self.bytes = min(self.bytesPerSecond, self.bytes + seconds * self.bytesPerSecond)
        guard self.messages >= 1, self.bytes >= Double(count) else { return false }
        self.messages -= 1
        self.bytes -= Double(count)
        return true
    }
}
