import Atomics
package import JSON
import NIOConcurrencyHelpers
import NIOCore

/// Who is told of activities; nobody, most of the time.
final class ActivityWatch: Sendable {
    private let isOn = ManagedAtomic(false)
    private let log = NIOLockedValueBox<(any ActivityLog)?>(nil)

    /// Costs one load when nobody watches.
    var current: (any ActivityLog)? {
        guard self.isOn.load(ordering: .relaxed) else { return nil }
        return self.log.withLockedValue { $0 }
    }

    func set(_ log: (any ActivityLog)?) {
        self.log.withLockedValue { $0 = log }
        self.isOn.store(log != nil, ordering: .relaxed)
    }
}

extension Broker {
    /// From now on these are told what clients do; nil: nobody is. Returns when every connection knows. Call it again with the same log when its
    /// wishes have changed.
    package func watch(with log: (any ActivityLog)?) async {
        self.shared.activityWatch.set(log)
        await self.onEveryShard { shard in for connection in shard.connections { connection.findActivityInterest() } }
    }

    /// Tells of something that a service did for a client. `fields` is asked only when somebody wants to know.
    package func note(
        _ event: Activity.Event, _ level: Activity.Level, _ client: @autoclosure () -> Activity.Client, transport: String? = nil,
        fields: () -> JSONObject
    ) {
        guard let log = self.shared.activityWatch.current else { return }
        let client = client()
        guard log.mayWrite(event, level, client) else { return }
        log.write(Activity(event, level, client, transport: transport, at: wallMilliseconds(), fields: fields()))
    }

    /// Whether anybody is told of activities.
    package var isWatched: Bool { self.shared.activityWatch.current != nil }
}
