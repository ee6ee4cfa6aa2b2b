import Logging

/// Messages that an action had no room for, as its target is down or slow, wait on disk: only those of QoS 1, which the journal has.
extension RuleEngine {
    /// Leaves a result for later. Returns false when it cannot wait.
    func putOff(_ item: ActionItem) -> Bool {
        let invocation = item.invocation
        guard invocation.journalID != nil else { return false }
        // A stop leaves all as it is on disk.
        if !self.isStopping, !self.journal.mayPutOff(invocation.rule.definition.name) { return false }
        // The error action has nothing to fall back on: what it cannot take is dropped, as its failures are.
        guard let index = item.index else { return self.isStopping }
        if case .putOff = invocation.putOff(index) { self.journal.leave(invocation) }
        return true
    }

    /// Goes on with a rule's messages that are on disk only, if there are some and its actions have room.
    func takeUpBacklog(of name: String) {
        guard self.journal.backlogCount(of: name) > 0, !self.isStopping, let rule = self.rule(name), rule.hasMuchRoom,
            self.journal.beginTakingUp(name)
        else { return }
        Task {
            await self.takeUp(name)
            self.journal.endTakingUp(name)
            // Room may have been made after the last look at it.
            self.takeUpBacklog(of: name)
        }
    }

    private func takeUp(_ name: String) async {
        while !self.isStopping, let rule = self.rule(name), rule.hasMuchRoom {
            do {
                let messages = try await self.journal.takeUp(name, atMost: self.limits.maxTakenUp)
                if messages.isEmpty { return }
                for (id, message, delivered) in messages {
                    await self.evaluateAgain(message, for: rule, journalID: id, delivered: delivered)
                }
            } catch {
                self.logger.error(
                    "messages of a rule that wait on disk could not be read: they are tried again",
                    metadata: ["rule": "\(name)", "error": "\(error)"])
                try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
    }

    /// Between tries to read what waits on disk.
    private static let pauseAfterFailure = Duration.seconds(1)
}
