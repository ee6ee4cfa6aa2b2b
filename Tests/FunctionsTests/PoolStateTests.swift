import Testing

@testable import Functions

/// Instances are their ids, and who waits is a number.
private struct Pool {
    var state: PoolState<String, Int>
    var ending: [String] = []

    init(maxInstances: Int = 10, maxWaiting: Int = 10) {
        self.state = PoolState(maxInstances: maxInstances, maxWaiting: maxWaiting)
    }

    mutating func did(_ actions: PoolState<String, Int>.Actions) -> [String] {
        self.ending += actions.ending
        return actions.decisions.map { waiter, decision in
            switch decision {
            case .use(let instance): "\(waiter) uses \(instance)"
            case .launch: "\(waiter) launches"
            case .outdated: "\(waiter) looks again"
            case .refused: "\(waiter) is refused"
            }
        }
    }

    mutating func request(_ waiter: Int, _ function: String, generation: Int64 = 1, most: Int = 10, mayWait: Bool = true) -> [String] {
        self.did(self.state.request(waiter, of: function, generation: generation, most: most, mayWait: mayWait))
    }

    /// A request that gets a new instance of this id.
    mutating func launch(_ id: String, _ function: String, generation: Int64 = 1) {
        #expect(self.request(0, function, generation: generation) == ["0 launches"])
        self.state.launched(id: id, of: function, generation: generation)
    }

    mutating func release(_ id: String, _ function: String) -> [String] {
        self.did(self.state.released(id, id: id, of: function, now: .now))
    }

    mutating func end(_ id: String, _ function: String) -> [String] { self.did(self.state.ended(id: id, of: function)) }
}

@Suite("The pool's books")
struct PoolStateTests {
    @Test("use the instance again that was used last")
    func warm() {
        var pool = Pool()
        pool.launch("a", "f")
        pool.launch("b", "f")
        #expect(pool.release("a", "f") == [])
        #expect(pool.release("b", "f") == [])
        #expect(pool.request(1, "f") == ["1 uses b"])
        #expect(pool.request(2, "f") == ["2 uses a"])
        #expect(pool.request(3, "f") == ["3 launches"])
    }

    @Test("serve who waits in the order in which they came")
    func order() {
        var pool = Pool()
        #expect(pool.request(1, "f", most: 1) == ["1 launches"])
        pool.state.launched(id: "a", of: "f", generation: 1)
        #expect(pool.request(2, "f", most: 1) == [])
        #expect(pool.request(3, "f", most: 1) == [])
        #expect(pool.release("a", "f") == ["2 uses a"])
        #expect(pool.release("a", "f") == ["3 uses a"])
    }

    @Test("let a function that waits for room have the place of another's idle instance as soon as there is one")
    func otherFunctions() {
        var pool = Pool(maxInstances: 1)
        pool.launch("a", "f")
        #expect(pool.request(1, "g") == [])
        #expect(pool.release("a", "f") == ["1 launches"])
        #expect(pool.ending == ["a"])
        pool.state.launched(id: "b", of: "g", generation: 1)
        #expect(pool.state.total == 2)
        #expect(pool.end("a", "f") == [])
        #expect(pool.state.total == 1)
    }

    @Test("let no function that has its share keep another from the room that is left")
    func fullFunction() {
        var pool = Pool(maxInstances: 2)
        pool.launch("a", "f")
        pool.launch("b", "g")
        #expect(pool.request(1, "f", most: 1) == [])
        #expect(pool.request(2, "h") == [])
        // f waits longer, but it may not have more than one.
        #expect(pool.end("b", "g") == ["2 launches"])
        #expect(pool.end("a", "f") == ["1 launches"])
    }

    @Test("refuse past the bound, and at once where none may wait")
    func bounds() {
        var pool = Pool(maxInstances: 1, maxWaiting: 1)
        pool.launch("a", "f")
        #expect(pool.request(1, "f") == [])
        #expect(pool.request(2, "f") == ["2 is refused"])
        #expect(pool.request(3, "g", mayWait: false) == ["3 is refused"])
        #expect(pool.request(4, "h", most: 0, mayWait: false) == ["4 is refused"])
        #expect(pool.release("a", "f") == ["1 uses a"])
    }

    @Test("end the instances of an older function, and send away who knows the older one")
    func generations() {
        var pool = Pool(maxInstances: 2)
        pool.launch("idle", "f")
        pool.launch("busy", "f")
        #expect(pool.request(1, "f") == [])
        #expect(pool.release("idle", "f") == ["1 uses idle"])
        #expect(pool.release("idle", "f") == [])
        #expect(pool.did(pool.state.changed("f", generation: 2)) == [])
        #expect(pool.ending == ["idle"])
        #expect(pool.request(2, "f", generation: 1) == ["2 looks again"])
        #expect(pool.request(3, "f", generation: 2) == [])
        #expect(pool.release("busy", "f") == [])
        #expect(pool.ending == ["idle", "busy"])
        #expect(pool.end("busy", "f") == ["3 launches"])
        // Launched before the change was known, so it is used once.
        #expect(pool.did(pool.state.changed("f", generation: 3)) == [])
        pool.state.launched(id: "late", of: "f", generation: 2)
        #expect(pool.release("late", "f") == [])
        #expect(pool.ending == ["idle", "busy", "late"])
    }

    @Test("make who waits look again when the function changes")
    func changeWhileWaiting() {
        var pool = Pool(maxInstances: 1)
        pool.launch("a", "f")
        #expect(pool.request(1, "f") == [])
        #expect(pool.did(pool.state.changed("f", generation: 2)) == ["1 looks again"])
    }

    @Test("hear of an end once")
    func endTwice() {
        var pool = Pool(maxInstances: 2)
        pool.launch("a", "f")
        #expect(pool.end("a", "f") == [])
        #expect(pool.end("a", "f") == [])
        #expect(pool.state.total == 0)
    }

    @Test("give the place back when an instance cannot be made")
    func failedLaunch() {
        var pool = Pool(maxInstances: 1)
        #expect(pool.request(1, "f") == ["1 launches"])
        #expect(pool.request(2, "g") == [])
        #expect(pool.did(pool.state.launchFailed(of: "f")) == ["2 launches"])
    }

    @Test("end what was idle for long")
    func idle() {
        var pool = Pool()
        let start = ContinuousClock.now
        for id in ["a", "b"] { pool.launch(id, "f") }
        _ = pool.did(pool.state.released("a", id: "a", of: "f", now: start))
        _ = pool.did(pool.state.released("b", id: "b", of: "f", now: start + .seconds(10)))
        #expect(pool.state.endIdle(since: start + .seconds(5)) == ["a"])
        #expect(pool.request(1, "f") == ["1 uses b"])
    }

    @Test("refuse everybody once closed")
    func closed() {
        var pool = Pool(maxInstances: 1)
        pool.launch("a", "f")
        #expect(pool.request(1, "f") == [])
        #expect(pool.did(pool.state.close()) == ["1 is refused"])
        #expect(pool.request(2, "f") == ["2 is refused"])
        #expect(pool.release("a", "f") == [])
        #expect(pool.ending == ["a"])
    }
}
