import Testing

@testable import Shadows

/// The queue with a database of counters behind it, driven through random orders of events.
///
/// The database has one writer and readers that take their requests first and their snapshot later. Each change adds one to its shadow's
/// counter; an answer is the counter. So what must hold can be said of numbers: each request is answered once, a shadow's changes in the
/// order in which they came, and no answer of a shadow is smaller than one before it.
@Suite struct ShadowQueueExplorationTests {
    @Test(arguments: 0..<40) func keepsItsPromises(seed: Int) throws {
        var world = World(seed: seed)
        for _ in 0..<1_500 { try world.step(mayAdd: true) }
        // Without new requests it comes to an end.
        var steps = 0
        while !world.isIdle && steps < 10_000 {
            try world.step(mayAdd: false)
            steps += 1
        }
        #expect(world.isIdle && world.queue.isEmpty)
        #expect(world.answered == world.accepted)
        #expect(world.refused > 0 || seed % 4 == 0)
    }

    struct Broken: Error {
        let what: String
    }

    private struct World {
        enum Writer {
            case idle, asked
            case ran(batch: [ShadowRequest], answers: [Int], changes: [ShadowKey: Int])
            case committed(batch: [ShadowRequest], answers: [Int])
        }

        enum Reader {
            case asked
            case took([ShadowRequest])
            case saw([ShadowRequest], answers: [Int])
        }

        var queue: ShadowQueue
        var generator: Generator
        let limits: ShadowLimits
        var writer = Writer.idle
        var readers: [Reader] = []
        var database: [ShadowKey: Int] = [:]

        var accepted: Set<String> = []
        var answered: Set<String> = []
        var refused = 0
        private var lastToken = 0
        private var waiting = 0
        private var bytes = 0
        /// By source and thing.
        private var inFlight: [[String]: Int] = [:]
        private var changes: [ShadowKey: [String]] = [:]
        private var lastAnswer: [ShadowKey: Int] = [:]

        init(seed: Int) {
            var limits = ShadowLimits.aws
            // Every fourth world is without tight limits, and its batches fill up.
            if seed % 4 != 0 {
                limits.maxWaiting = 20
                limits.maxWaitingBytes = 12 * 256
                limits.maxInFlight = seed % 4 == 1 ? 3 : nil
            }
            self.limits = limits
            self.queue = ShadowQueue(limits: limits)
            self.generator = Generator(seed: seed)
        }

        var isIdle: Bool {
            if case .idle = self.writer { self.readers.isEmpty } else { false }
        }

        mutating func step(mayAdd: Bool) throws {
            switch self.generator.number(0..<10) {
            case 0..<4: if mayAdd { try self.addSome() }
            case 4..<7: try self.moveWriter()
            default: try self.moveReader()
            }
        }

        // MARK: Requests

        private mutating func addSome() throws {
            let isFlood = self.limits.maxInFlight == nil && self.limits.maxWaiting > 1000 && self.generator.once(in: 50)
            for _ in 0..<(isFlood ? 700 : self.generator.number(1..<4)) { try self.add() }
        }

        private mutating func add() throws {
            self.lastToken += 1
            let token = "\(self.lastToken)"
            let key = ShadowKey(thing: self.generator.pick(["a", "b"]), name: self.generator.pick([nil, "n"]))
            let request = ShadowRequest.make(
                self.generator.once(in: 3) ? .delete : .get, key, token: token, source: self.generator.pick(["1", "2"]))
            let isExpected = self.hasRoom(for: request)
            let action = self.queue.add(request)
            guard (action != .refuse) == isExpected else { throw Broken(what: "\(action) for request \(token)") }
            if action == .refuse {
                self.refused += 1
                return
            }
            self.accepted.insert(token)
            self.count(request, 1)
            if !request.isGet { self.changes[key, default: []].append(token) }
            try self.perform(action)
        }

        private func hasRoom(for request: ShadowRequest) -> Bool {
            self.waiting < self.limits.maxWaiting && self.bytes + request.byteCount <= self.limits.maxWaitingBytes
                && self.inFlight[[request.source, request.key.thing], default: 0] < self.limits.maxInFlight ?? .max
        }

        private mutating func count(_ request: ShadowRequest, _ change: Int) {
            self.waiting += change
            self.bytes += change * request.byteCount
            self.inFlight[[request.source, request.key.thing], default: 0] += change
        }

        private mutating func perform(_ action: ShadowQueue.Action) throws {
            switch action {
            case .wait, .refuse: break
            case .startWrite:
                guard case .idle = self.writer else { throw Broken(what: "two writes at once") }
                self.writer = .asked
            case .startRead:
                self.readers.append(.asked)
                if self.readers.count > ShadowQueue.maxReads { throw Broken(what: "too many readers") }
            }
        }

        // MARK: The database

        private mutating func moveWriter() throws {
            switch self.writer {
            case .idle: break
            case .asked:
                let batch = self.queue.takeWrites()
                guard 1...ShadowQueue.maxBatch ~= batch.count else { throw Broken(what: "\(batch.count) requests in a write") }
                var changes = self.database
                let answers = batch.map { request in
                    if !request.isGet { changes[request.key, default: 0] += 1 }
                    return changes[request.key, default: 0]
                }
                self.writer = .ran(batch: batch, answers: answers, changes: changes)
            case .ran(let batch, let answers, let changes):
                self.database = changes
                self.writer = .committed(batch: batch, answers: answers)
            case .committed(let batch, let answers):
                self.writer = .idle
                let action = self.queue.finishWrites(batch)
                for (request, answer) in zip(batch, answers) { try self.answer(request, answer) }
                try self.perform(action)
            }
        }

        private mutating func moveReader() throws {
            guard !self.readers.isEmpty else { return }
            let index = self.generator.number(0..<self.readers.count)
            switch self.readers[index] {
            case .asked:
                let batch = self.queue.takeReads()
                if batch.count > ShadowQueue.maxBatch { throw Broken(what: "\(batch.count) requests in a read") }
                self.readers[index] = .took(batch)
            case .took(let batch):
                self.readers[index] = .saw(batch, answers: batch.map { self.database[$0.key, default: 0] })
            case .saw(let batch, let answers):
                self.readers.remove(at: index)
                var actions: [ShadowQueue.Action] = []
                let counts = self.queue.finishReads(batch, actions: &actions)
                for (index, request) in batch.enumerated() where counts[index] { try self.answer(request, answers[index]) }
                for action in actions { try self.perform(action) }
            }
        }

        // MARK: Answers

        private mutating func answer(_ request: ShadowRequest, _ answer: Int) throws {
            let token = request.clientToken ?? ""
            guard self.accepted.contains(token), self.answered.insert(token).inserted else {
                throw Broken(what: "request \(token) is answered twice or was never accepted")
            }
            self.count(request, -1)
            guard answer >= self.lastAnswer[request.key, default: 0] else {
                throw Broken(what: "answer \(answer) of request \(token) is older than one before it")
            }
            self.lastAnswer[request.key] = answer
            if request.isGet { return }
            guard self.changes[request.key]?.first == token else { throw Broken(what: "change \(token) is out of order") }
            self.changes[request.key]?.removeFirst()
        }
    }
}
