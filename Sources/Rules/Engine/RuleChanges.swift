/// Runs changes of rules one after the other: what the engine runs in the end is what was committed last.
actor RuleChanges {
    private var last: Task<Void, Never>?

    /// Returns when `change` has run, after all that were handed in before it.
    func run(_ change: @escaping @Sendable () async -> Void) async {
        let previous = self.last
        let task = Task {
            await previous?.value
            await change()
        }
        self.last = task
        await task.value
    }
}
