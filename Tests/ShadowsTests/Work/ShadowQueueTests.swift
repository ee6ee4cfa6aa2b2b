import Testing

@testable import Shadows

@Suite struct ShadowQueueTests {
    private let a = ShadowKey(thing: "a")
    private let b = ShadowKey(thing: "b")

    private static func queue(_ change: (inout ShadowLimits) -> Void = { _ in }) -> ShadowQueue {
        var limits = ShadowLimits.aws
        change(&limits)
        return ShadowQueue(limits: limits)
    }

    private static func tokens(_ requests: [ShadowRequest]) -> [String?] { requests.map(\.clientToken) }

    @Test func theFirstChangeAsksForAWriteAndTheOthersDoNot() {
        var queue = Self.queue()
        let actions = [
            queue.add(.make(.delete, self.a, token: "1")), queue.add(.make(.delete, self.b, token: "2")),
            queue.add(.make(.delete, self.a, token: "3")),
        ]
        #expect(actions == [.startWrite, .wait, .wait])
        let taken = queue.takeWrites()
        #expect(Self.tokens(taken) == ["1", "2", "3"])
        // What comes while the batch is under way goes into the next one.
        let late = queue.add(.make(.delete, self.a, token: "4"))
        #expect(late == .wait)
        let next = queue.finishWrites(taken)
        #expect(next == .startWrite)
        let rest = queue.takeWrites()
        #expect(Self.tokens(rest) == ["4"])
        let end = queue.finishWrites(rest)
        #expect(end == .wait && queue.isEmpty)
        let again = queue.add(.make(.delete, self.a))
        #expect(again == .startWrite)
    }

    @Test func getsFollowTheChangesOfTheirShadowOnly() {
        var queue = Self.queue()
        let actions = [
            queue.add(.make(.delete, self.a, token: "1")), queue.add(.make(.get, self.a, token: "2")),
            queue.add(.make(.get, self.b, token: "3")), queue.add(.make(.get, ShadowKey(thing: "a", name: "n"), token: "4")),
        ]
        #expect(actions == [.startWrite, .wait, .startRead, .wait])
        let writes = queue.takeWrites()
        let reads = queue.takeReads()
        #expect(Self.tokens(writes) == ["1", "2"])
        #expect(Self.tokens(reads) == ["3", "4"])
        // Still behind: the change is done when it is finished.
        let follower = queue.add(.make(.get, self.a, token: "5"))
        #expect(follower == .wait)
        let next = queue.finishWrites(writes)
        #expect(next == .startWrite)
    }

    @Test(arguments: [true, false]) func aGetThatWasOvertakenIsReadAgain(changeEndsFirst: Bool) {
        var queue = Self.queue()
        _ = queue.add(.make(.get, self.a, token: "1"))
        _ = queue.add(.make(.get, self.b, token: "2"))
        let reads = queue.takeReads()
        let change = queue.add(.make(.delete, self.a, token: "3"))
        #expect(change == .startWrite)
        let writes = queue.takeWrites()
        var next = ShadowQueue.Action.wait
        if changeEndsFirst { next = queue.finishWrites(writes) }
        var actions: [ShadowQueue.Action] = []
        let counts = queue.finishReads(reads, actions: &actions)
        #expect(counts == [false, true])
        if !changeEndsFirst { next = queue.finishWrites(writes) }
        #expect(actions + [next] == (changeEndsFirst ? [.startWrite, .wait] : [.wait, .startWrite]))
        let again = queue.takeWrites()
        #expect(Self.tokens(again) == ["1"])
        _ = queue.finishWrites(again)
        #expect(queue.isEmpty)
        // The shadow is not held for overtaken any more.
        _ = queue.add(.make(.get, self.a))
        let later = queue.takeReads()
        let laterCounts = queue.finishReads(later, actions: &actions)
        #expect(laterCounts == [true])
    }

    /// A change that comes after the answer of a get was read does not disturb it, nor does a get that waits behind a change.
    @Test func aChangeThatHasNotBegunOvertakesNothing() {
        var queue = Self.queue()
        _ = queue.add(.make(.get, self.a, token: "1"))
        let reads = queue.takeReads()
        _ = queue.add(.make(.delete, self.a, token: "2"))
        var actions: [ShadowQueue.Action] = []
        let counts = queue.finishReads(reads, actions: &actions)
        #expect(counts == [true] && actions.isEmpty)
    }

    @Test func batchesAreBounded() {
        var queue = Self.queue()
        let count = 2 * ShadowQueue.maxBatch + 1
        for index in 0..<count {
            _ = queue.add(.make(.delete, ShadowKey(thing: "t\(index)"), token: "\(index)"))
        }
        var taken: [ShadowRequest] = []
        var sizes: [Int] = []
        var action = ShadowQueue.Action.startWrite
        while action == .startWrite {
            let batch = queue.takeWrites()
            sizes.append(batch.count)
            taken += batch
            action = queue.finishWrites(batch)
        }
        #expect(sizes == [256, 256, 1])
        #expect(Self.tokens(taken) == (0..<count).map { "\($0)" })
        #expect(queue.isEmpty)
    }

    @Test func moreReadersHelpWhenMuchWaits() {
        var queue = Self.queue()
        var readers = 0
        var started: [Int] = []
        for index in 1...(6 * ShadowQueue.maxBatch) {
            if queue.add(.make(.get, self.a, token: "\(index)")) == .startRead {
                readers += 1
                started.append(index)
            }
        }
        #expect(started == [1, 256, 512, 768] && readers == ShadowQueue.maxReads)
        // Six batches for four readers: two go on.
        let batches = (0..<4).map { _ in queue.takeReads() }
        #expect(batches.allSatisfy { $0.count == ShadowQueue.maxBatch })
        var actions: [ShadowQueue.Action] = []
        let first = queue.finishReads(batches[0], actions: &actions)
        #expect(first.allSatisfy { $0 } && actions == [.startRead])
        let rest = [queue.takeReads(), queue.takeReads(), queue.takeReads()]
        #expect(rest.map(\.count) == [256, 256, 0])
        // A reader that found nothing ends like the others.
        for batch in batches.dropFirst() + rest { _ = queue.finishReads(batch, actions: &actions) }
        #expect(actions == [.startRead] && queue.isEmpty)
    }

    // MARK: Bounds

    @Test func requestsAreBounded() {
        var queue = Self.queue { $0.maxWaiting = 3 }
        let actions = [
            queue.add(.make(.delete, self.a)), queue.add(.make(.get, self.b)), queue.add(.make(.delete, self.b)),
            queue.add(.make(.get, self.a)), queue.add(.make(.delete, self.a)),
        ]
        #expect(actions == [.startWrite, .startRead, .wait, .refuse, .refuse])
        // They count until they are finished.
        let writes = queue.takeWrites()
        let full = queue.add(.make(.delete, self.a))
        #expect(full == .refuse)
        _ = queue.finishWrites(writes)
        let free = queue.add(.make(.delete, self.a))
        #expect(free == .startWrite)
    }

    @Test func bytesAreBounded() throws {
        let update = ShadowRequest.make(try .update(state: #"{"desired":{"a":1}}"#), self.a)
        var queue = Self.queue { $0.maxWaitingBytes = 2 * update.byteCount }
        let actions = [queue.add(update), queue.add(update), queue.add(.make(.get, self.b))]
        #expect(actions == [.startWrite, .wait, .refuse])
        let writes = queue.takeWrites()
        _ = queue.finishWrites(writes)
        let again = [queue.add(update), queue.add(update), queue.add(update)]
        #expect(again == [.startWrite, .wait, .refuse])
        var small = Self.queue { $0.maxWaitingBytes = update.byteCount - 1 }
        let refused = small.add(update)
        #expect(refused == .refuse)
    }

    @Test func requestsOfOneClientForOneThingAreBounded() {
        var queue = Self.queue { $0.maxInFlight = 2 }
        let named = ShadowKey(thing: "a", name: "n")
        let actions = [
            queue.add(.make(.delete, self.a, source: "1")), queue.add(.make(.get, named, source: "1")),
            queue.add(.make(.get, self.a, source: "1")), queue.add(.make(.delete, self.a, source: "2")),
            queue.add(.make(.delete, self.b, source: "1")),
        ]
        #expect(actions == [.startWrite, .startRead, .refuse, .wait, .wait])
        let writes = queue.takeWrites()
        _ = queue.finishWrites(writes)
        let again = [queue.add(.make(.delete, self.a, source: "1")), queue.add(.make(.delete, self.a, source: "1"))]
        #expect(again == [.startWrite, .refuse])
    }

    /// What is refused leaves no trace: neither slots nor bytes are taken.
    @Test func refusalsTakeNothing() {
        var queue = Self.queue {
            $0.maxInFlight = 2
            $0.maxWaiting = 2
        }
        for _ in 0..<2 { _ = queue.add(.make(.delete, self.a, source: "1")) }
        for _ in 0..<5 { _ = queue.add(.make(.delete, self.b, source: "1")) }
        for _ in 0..<5 { _ = queue.add(.make(.delete, self.a, source: "1")) }
        let writes = queue.takeWrites()
        #expect(writes.count == 2)
        _ = queue.finishWrites(writes)
        let actions = [queue.add(.make(.delete, self.b, source: "1")), queue.add(.make(.delete, self.b, source: "1"))]
        #expect(actions == [.startWrite, .wait])
    }
}
