import JSON
import Synchronization
import Testing

@testable import Shadows

/// Concurrent callers, a real broker and a database on disk that is closed and opened again, against the model.
///
/// Which of two concurrent requests comes first is the service's choice; the versions in its answers tell what it chose. The changes of
/// each shadow, in this order, are done to the model as well, and every answer and message must be the model's.
@Suite struct ShadowPropertyTests {
    #if DEBUG
        static let requests = 12_000
    #else
        static let requests = 100_000
    #endif
    static let lives = 4
    static let callers = 40

    static let keys = [
        ShadowKey(thing: "t"), ShadowKey(thing: "t", name: "n"), ShadowKey(thing: "t", name: "m"), ShadowKey(thing: "u"),
        ShadowKey(thing: "u", name: "n"), ShadowKey(thing: "v"),
    ]

    /// A request and what came of it.
    struct Call: Sendable {
        let key: Int
        let request: RandomRequests.Request
        /// The highest version that anybody had been answered before this was asked.
        let known: Int64
        let outcome: ShadowOutcome
    }

    @Test func doesWhatTheModelDoes() async throws {
        try await withFolder { folder in
            var models = Self.keys.map { _ in ModelShadow() }
            var changes = 0
            for life in 0..<Self.lives {
                changes += try await ShadowHouse.run(folder: folder) { house in
                    house.clock.advance(by: Int64(life) * 10_000)
                    try await Self.compare(house, models)
                    let calls = try await Self.live(house, life: life, known: models.map(\.version))
                    let messages = await house.messages()
                    var count = 0
                    for (index, key) in Self.keys.enumerated() {
                        let replay = try Replay(key: key, start: models[index], calls: calls.map { $0.filter { $0.key == index } })
                        try replay.check(messages)
                        models[index] = replay.end
                        count += replay.count
                    }
                    return count
                }
            }
            try await ShadowHouse.run(folder: folder) { try await Self.compare($0, models) }
            // About two thirds of the requests are changes that are accepted.
            #expect(changes > Self.requests / 2)
        }
    }

    /// What is stored is what the model has.
    private static func compare(_ house: ShadowHouse, _ models: [ModelShadow]) async throws {
        for (key, model) in zip(self.keys, models) {
            let document = try await house.service.document(of: key).map { try JSONValue(parsing: $0) }
            let wanted = model.exists ? Optional.some(model.document) : .none
            #expect(isSame(document, wanted), "\(key.resource): \(String(describing: document)) instead of \(String(describing: wanted))")
        }
    }

    /// All callers at once, each with one request after the other. Returns the calls of each in their order.
    private static func live(_ house: ShadowHouse, life: Int, known: [Int64]) async throws -> [[Call]] {
        let answered = Answered(known)
        return try await withThrowingTaskGroup(of: [Call].self) { group in
            for caller in 0..<self.callers {
                group.addTask {
                    var random = RandomRequests(generator: Generator(seed: life * 1_000 + caller))
                    var calls: [Call] = []
                    for _ in 0..<(self.requests / self.lives / self.callers) {
                        let key = random.generator.number(0..<self.keys.count)
                        if random.generator.once(in: 100) { house.clock.advance(by: 1) }
                        let known = answered[key]
                        let request = random.next(known: known)
                        let outcome = await house.call(try request.operation(), self.keys[key])
                        answered.note(outcome, key)
                        calls.append(Call(key: key, request: request, known: known, outcome: outcome))
                    }
                    return calls
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension ShadowOutcome {
    /// Of the shadow, as the answer tells it.
    var version: Int64? {
        switch self {
        case .found(let shadow): shadow.version
        case .updated(let update): update.current.version
        case .deleted(let version, _): version
        case .refused: nil
        }
    }
}

/// The highest version of each shadow that anybody has been answered.
private final class Answered: Sendable {
    private let versions: Mutex<[Int64]>

    init(_ versions: [Int64]) { self.versions = Mutex(versions) }

    subscript(key: Int) -> Int64 { self.versions.withLock { $0[key] } }

    func note(_ outcome: ShadowOutcome, _ key: Int) {
        guard let version = outcome.version else { return }
        self.versions.withLock { $0[key] = max($0[key], version) }
    }
}
