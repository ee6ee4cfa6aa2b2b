import Dispatch
import Foundation
import Synchronization

/// Turns signals into calls: the first SIGTERM or SIGINT asks for a clean stop, the second ends the process at once, SIGHUP asks for
/// a reload.
///
/// Unchecked, because Dispatch's sources are not marked: they are made in `init` and from then on only kept alive.
final class SignalWatch: @unchecked Sendable {
    private struct State {
        var isStopping = false
        var onStop: (@Sendable () -> Void)?
        var onReload: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let sources: [any DispatchSourceSignal]

    /// Begins to watch; returns when it does. A stop that is asked for before `onStop` is set is told as soon as it is.
    init() {
        let queue = DispatchQueue(label: "roost.signals")
        let numbers = [SIGTERM, SIGINT, SIGHUP]
        self.sources = numbers.map { number in
            // The default action would end the process before the source is asked.
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        // A client that closes its socket must not end the server, nor a file that reaches a limit on its size: both are errors to handle.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        // Dispatch registers a source on a thread of its own; what comes before that is ignored.
        let registered = DispatchGroup()
        for (number, source) in zip(numbers, self.sources) {
            registered.enter()
            source.setRegistrationHandler { registered.leave() }
            source.setEventHandler { [weak self] in
                if number == SIGHUP { self?.receivedReload() } else { self?.receivedStop() }
            }
            source.resume()
        }
        registered.wait()
    }

    func onStop(_ action: @escaping @Sendable () -> Void) {
        let isStopping = self.state.withLock { state in
            state.onStop = action
            return state.isStopping
        }
        if isStopping { action() }
    }

    func onReload(_ action: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.onReload = action }
    }

    var isStopping: Bool { self.state.withLock { $0.isStopping } }

    private func receivedStop() {
        let (isSecond, action) = self.state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            defer { state.isStopping = true }
            return (state.isStopping, state.onStop)
        }
        if isSecond { _exit(ExitStatus.killed.rawValue) }
        action?()
    }

    private func receivedReload() {
        self.state.withLock { $0.onReload }?()
    }
}
