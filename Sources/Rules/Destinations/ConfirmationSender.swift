import AWSAPI
import Synchronization

/// Sends confirmation messages in the background, one task for each destination.
final class ConfirmationSender: Sendable {
    static let maxAttempts = 3
    static let timeout = Duration.seconds(3)
    static let firstBackOff = Duration.milliseconds(500)

    private struct Sending {
        let number: Int
        let task: Task<Void, Never>
    }

    private struct State {
        /// Where this server is reached; nil until its ports are bound.
        var address: String?
        var isStopped = false
        var sending: [String: Sending] = [:]
        var lastNumber = 0
    }

    private let http: HTTPSender
    private let account: AccountContext
    private let state = Mutex(State())

    init(http: HTTPSender, account: AccountContext) {
        self.http = http
        self.account = account
    }

    func serve(at address: String) {
        self.state.withLock { $0.address = address.hasSuffix("/") ? String(address.dropLast()) : address }
    }

    /// Nothing is sent any more; what was not delivered is sent after the next start.
    func stop() {
        let tasks = self.state.withLock { state in
            state.isStopped = true
            defer { state.sending = [:] }
            return state.sending.values.map(\.task)
        }
        for task in tasks { task.cancel() }
    }

    func cancel(_ id: String) { self.state.withLock { $0.sending.removeValue(forKey: id) }?.task.cancel() }

    /// Sends the message of a destination; one that is under way ends. Before the address is known nothing happens: it is sent then.
    ///
    /// - Parameter report: called with the end of it, unless another one took its place.
    func send(_ destination: RuleDestination, report: @escaping @Sendable (ConfirmationEnd) async -> Void) {
        guard let url = destination.confirmationURL, let token = destination.token else { return }
        let arn = self.account.arn(service: "iot", "ruledestination/\(destination.id)")
        let old: Task<Void, Never>? = self.state.withLock { state in
            guard let address = state.address, !state.isStopped else { return nil }
            let message = ConfirmationMessage(arn: arn, confirmationURL: url, token: token, address: address)
            state.lastNumber += 1
            let number = state.lastNumber
            let old = state.sending[destination.id]?.task
            state.sending[destination.id] = Sending(
                number: number,
                task: Task {
                    let end = await self.deliver(message)
                    guard self.finish(destination.id, number) else { return }
                    await report(end)
                })
            return old
        }
        old?.cancel()
    }

    /// Whether the sending with this number is still the one that counts.
    private func finish(_ id: String, _ number: Int) -> Bool {
        self.state.withLock { state in
            guard state.sending[id]?.number == number else { return false }
            state.sending[id] = nil
            return true
        }
    }

    private func deliver(_ message: ConfirmationMessage) async -> ConfirmationEnd {
        var backOff = BackOff(first: Self.firstBackOff, longest: .seconds(5))
        var reason = ""
        for attempt in 1...Self.maxAttempts {
            let answer = await self.http.post(message.url, headers: message.headers, body: message.body, timeout: Self.timeout)
            switch answer {
            case .answered(let status, _) where (200..<300).contains(status): return .delivered(status: status)
            case .answered(let status, _):
                reason = "the endpoint answered with status \(status)."
                if status < 500 && status != 429 { return .failed(reason) }
            case .failed(let failure): reason = "\(failure)."
            }
            guard attempt < Self.maxAttempts else { break }
            try? await Task.sleep(for: backOff.next())
            if Task.isCancelled { break }
        }
        return .failed(reason)
    }
}
