import DequeModule

/// Who gets which instance: the pool's books, without processes and without a clock.
///
/// A lane is one function. Its generation grows with each change of the function; instances of an older one are not used again. What can be
/// granted is granted at once, to whoever has waited longest, so that nobody sleeps beside something that is free.
struct PoolState<Instance: Sendable, Waiter> {
    enum Decision {
        /// A warm instance.
        case use(Instance)
        /// There is room for a new one: ``launched(_:id:of:)`` or ``launchFailed(of:)`` must follow.
        case launch
        /// The function was changed since the request's caller looked.
        case outdated
        /// Too many at one time.
        case refused
    }

    struct Actions {
        var decisions: [(waiter: Waiter, decision: Decision)] = []
        /// Instances that have to end; ``ended(_:of:)`` must follow for each.
        var ending: [Instance] = []
    }

    private struct Idle {
        let id: String
        let instance: Instance
        let since: ContinuousClock.Instant
    }

    private struct Waiting {
        let waiter: Waiter
        let order: UInt64
        let most: Int
    }

    private struct Lane {
        var generation: Int64
        var idle: [Idle] = []
        /// By its id, the generation of each process that there is.
        var members: [String: Int64] = [:]
        var launching = 0
        var waiting: Deque<Waiting> = []

        var count: Int { self.members.count + self.launching }
        var isEmpty: Bool { self.count == 0 && self.waiting.isEmpty }
    }

    private let maxInstances: Int
    private let maxWaiting: Int
    private var lanes: [String: Lane] = [:]
    /// Those with somebody who waits.
    private var crowded: Set<String> = []
    private(set) var total = 0
    private var lastOrder: UInt64 = 0
    private var isClosed = false

    init(maxInstances: Int, maxWaiting: Int) {
        self.maxInstances = maxInstances
        self.maxWaiting = maxWaiting
    }

    // MARK: Requests

    /// - Parameters:
    ///   - generation: of the function as the caller knows it.
    ///   - most: instances that the function may have.
    ///   - mayWait: whether the answer to "none is free" is to wait.
    mutating func request(_ waiter: Waiter, of function: String, generation: Int64, most: Int, mayWait: Bool) -> Actions {
        var actions = Actions()
        guard !self.isClosed else { return Actions(decisions: [(waiter, .refused)]) }
        self.change(function, to: generation, &actions)
        guard self.lanes[function, default: Lane(generation: generation)].generation == generation else {
            actions.decisions.append((waiter, .outdated))
            return actions
        }
        self.lastOrder += 1
        let waiting = Waiting(waiter: waiter, order: self.lastOrder, most: most)
        self.lanes[function, default: Lane(generation: generation)].waiting.append(waiting)
        self.crowded.insert(function)
        self.serve(&actions)
        let limit = mayWait ? self.maxWaiting : 0
        if let lane = self.lanes[function], lane.waiting.count > limit, let last = self.lanes[function]?.waiting.popLast() {
            actions.decisions.append((last.waiter, .refused))
            self.tidy(function)
        }
        return actions
    }

    mutating func launched(id: String, of function: String, generation: Int64) {
        self.lanes[function]?.launching -= 1
        self.lanes[function]?.members[id] = generation
    }

    mutating func launchFailed(of function: String) -> Actions {
        self.lanes[function]?.launching -= 1
        self.total -= 1
        return self.served(after: function)
    }

    /// An instance has done its work and can do more.
    mutating func released(_ instance: Instance, id: String, of function: String, now: ContinuousClock.Instant) -> Actions {
        guard let generation = self.lanes[function]?.members[id] else { return Actions() }
        guard !self.isClosed, self.lanes[function]?.generation == generation else { return Actions(ending: [instance]) }
        self.lanes[function]?.idle.append(Idle(id: id, instance: instance, since: now))
        return self.served(after: function)
    }

    /// A process is gone. Told twice, it is heard once.
    mutating func ended(id: String, of function: String) -> Actions {
        guard self.lanes[function]?.members.removeValue(forKey: id) != nil else { return Actions() }
        self.lanes[function]?.idle.removeAll { $0.id == id }
        self.total -= 1
        return self.served(after: function)
    }

    // MARK: Changes

    /// The function has another code or configuration, or is gone.
    mutating func changed(_ function: String, generation: Int64) -> Actions {
        var actions = Actions()
        self.change(function, to: generation, &actions)
        self.tidy(function)
        return actions
    }

    private mutating func change(_ function: String, to generation: Int64, _ actions: inout Actions) {
        guard var lane = self.lanes[function], lane.generation < generation else { return }
        lane.generation = generation
        actions.ending += lane.idle.map(\.instance)
        actions.decisions += lane.waiting.map { ($0.waiter, .outdated) }
        lane.idle = []
        lane.waiting = []
        self.lanes[function] = lane
        self.crowded.remove(function)
    }

    /// Ends what was not used since a moment.
    mutating func endIdle(since limit: ContinuousClock.Instant) -> [Instance] {
        var ending: [Instance] = []
        for function in Array(self.lanes.keys) {
            let old = self.lanes[function]?.idle.filter { $0.since < limit } ?? []
            guard !old.isEmpty else { continue }
            self.lanes[function]?.idle.removeAll { $0.since < limit }
            ending += old.map(\.instance)
        }
        return ending
    }

    /// Refuses who waits and who comes.
    mutating func close() -> Actions {
        self.isClosed = true
        var actions = Actions()
        for function in Array(self.lanes.keys) {
            actions.decisions += (self.lanes[function]?.waiting ?? []).map { ($0.waiter, .refused) }
            self.lanes[function]?.waiting = []
            self.lanes[function]?.idle = []
        }
        self.crowded = []
        return actions
    }

    // MARK: Inside

    private mutating func served(after function: String) -> Actions {
        var actions = Actions()
        self.serve(&actions)
        self.tidy(function)
        return actions
    }

    /// Grants all that can be granted, to the longest waiting first.
    private mutating func serve(_ actions: inout Actions) {
        while let function = self.firstThatCanBeServed(), let first = self.lanes[function]?.waiting.popFirst() {
            if self.lanes[function]?.waiting.isEmpty ?? true { self.crowded.remove(function) }
            if let warm = self.lanes[function]?.idle.popLast() {
                actions.decisions.append((first.waiter, .use(warm.instance)))
                continue
            }
            if self.total >= self.maxInstances, let oldest = self.takeOldestIdle() { actions.ending.append(oldest) }
            self.lanes[function]?.launching += 1
            self.total += 1
            actions.decisions.append((first.waiter, .launch))
        }
    }

    private func firstThatCanBeServed() -> String? {
        let mayLaunch = self.total < self.maxInstances
        let mayEvict = !mayLaunch && !self.crowded.isEmpty && self.lanes.values.contains { !$0.idle.isEmpty }
        return self.crowded.min { self.order(of: $0, mayLaunch || mayEvict) < self.order(of: $1, mayLaunch || mayEvict) }
            .flatMap { self.order(of: $0, mayLaunch || mayEvict) == .max ? nil : $0 }
    }

    /// When its first one came; the greatest number when that one has to go on waiting.
    private func order(of function: String, _ hasRoom: Bool) -> UInt64 {
        guard let lane = self.lanes[function], let first = lane.waiting.first else { return .max }
        return !lane.idle.isEmpty || (hasRoom && lane.count < first.most) ? first.order : .max
    }

    /// The one that ends makes room a moment after the new one starts: the sum may be one more for so long.
    private mutating func takeOldestIdle() -> Instance? {
        let firsts = self.lanes.compactMap { name, lane in lane.idle.first.map { (name: name, since: $0.since) } }
        let oldest = firsts.min { $0.since < $1.since }
        guard let oldest, let idle = self.lanes[oldest.name]?.idle.removeFirst() else { return nil }
        return idle.instance
    }

    private mutating func tidy(_ function: String) {
        guard let lane = self.lanes[function] else { return }
        if lane.waiting.isEmpty { self.crowded.remove(function) }
        if lane.isEmpty { self.lanes[function] = nil }
    }
}
