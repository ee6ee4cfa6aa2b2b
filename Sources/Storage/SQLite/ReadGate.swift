/// Counts reads under way, so that they have a limit and closing can wait for them.
struct ReadGate {
    private var outstanding = 0
    private var whenIdle: (@Sendable () -> Void)?
    private var isClosed = false

    /// A read begins, unless the result says why not.
    mutating func enter(limit: Int) -> StoreError? {
        guard !self.isClosed else { return .closed }
        guard self.outstanding < limit else { return .overloaded(limit: limit) }
        self.outstanding += 1
        return nil
    }

    /// A read ended. Returns what the caller must now run, outside of its lock.
    mutating func leave() -> (@Sendable () -> Void)? {
        self.outstanding -= 1
        guard self.outstanding == 0 else { return nil }
        defer { self.whenIdle = nil }
        return self.whenIdle
    }

    /// Refuses reads from now on. `action` runs when the last one ends: it is returned if that is now.
    mutating func close(_ action: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        self.isClosed = true
        guard self.outstanding > 0 else { return action }
        self.whenIdle = action
        return nil
    }
}
