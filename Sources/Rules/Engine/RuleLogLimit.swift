import NIOCore
import Synchronization

/// Bounds how often messages can make the engine write a log line: so many a second, the rest is counted and told with the next line.
final class RuleLogLimit: Sendable {
    private struct State {
        var second: UInt64 = 0
        var written = 0
        var suppressed = 0
    }

    static let linesPerSecond = 10

    private let state = Mutex(State())

    /// Runs `write` with the number of lines that were left out before it, or leaves this one out too.
    func run(_ write: (_ suppressed: Int) -> Void) {
        let second = NIODeadline.now().uptimeNanoseconds / 1_000_000_000
        let suppressed = self.state.withLock { state -> Int? in
            if state.second != second {
                state.second = second
                state.written = 0
            }
            guard state.written < Self.linesPerSecond else {
                state.suppressed += 1
                return nil
            }
            state.written += 1
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        if let suppressed { write(suppressed) }
    }
}
