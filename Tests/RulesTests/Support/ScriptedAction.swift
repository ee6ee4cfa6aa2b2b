import AWSAPI
import Foundation
import Synchronization

@testable import Rules

/// Where a scripted action delivers: it remembers what it was given, and answers as the test says.
final class ScriptedTarget: Sendable {
    typealias Script = @Sendable (_ call: Int, _ texts: [String]) -> [ActionOutcome]

    private struct State {
        var script: Script = { _, texts in texts.map { _ in .done } }
        var calls: [[String]] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private static let all = Mutex<[String: ScriptedTarget]>([:])

    /// What actions name it by.
    let name = UUID().uuidString
    private let state = Mutex(State())

    static func make(_ script: Script? = nil) -> ScriptedTarget {
        let target = ScriptedTarget()
        if let script { target.answer(script) }
        Self.all.withLock { $0[target.name] = target }
        return target
    }

    static func find(_ name: String) -> ScriptedTarget? { Self.all.withLock { $0[name] } }

    /// Each call's results, as text.
    var calls: [[String]] { self.state.withLock { $0.calls } }
    var received: [String] { self.calls.flatMap { $0 } }

    func answer(_ script: @escaping Script) { self.state.withLock { $0.script = script } }

    /// Calls wait from now on.
    func hold() { self.state.withLock { $0.isHeld = true } }

    func release() {
        let held = self.state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        let texts = items.map { String(decoding: $0.bytes, as: UTF8.self) }
        let (call, script) = self.state.withLock { state in
            state.calls.append(texts)
            return (state.calls.count, state.script)
        }
        await withCheckedContinuation { continuation in
            let isHeld = self.state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        return script(call, texts)
    }
}

/// An action of tests: `{"scripted": {"target": NAME}}`.
struct ScriptedAction: RuleAction {
    static let key = "scripted"
    static let failureName = "ScriptedAction"

    let resource: String
    let batchLimit: Int
    let concurrency: Int
    private let target: ScriptedTarget

    init(_ fields: ActionFields) throws(AWSError) {
        self.resource = try fields.input.string("target")
        self.batchLimit = Int(try fields.input.optionalInt("batchLimit", range: 1...100) ?? 1)
        self.concurrency = Int(try fields.input.optionalInt("concurrency", range: 1...100) ?? 1)
        guard let target = ScriptedTarget.find(self.resource) else { throw .invalidRequest("There is no such target.") }
        self.target = target
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] { await self.target.deliver(items) }
}
