import CLibFuzzer
import JSON

@testable import Shadows

@main struct FuzzShadows {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzShadows)
    }
}

/// The input is two requests with a line feed between them. The first makes a shadow, the second changes it.
private func fuzzShadows(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    for limits in [ShadowLimits.aws, .open] {
        guard let first = change(bytes[..<split], limits), let second = change(bytes[split...].dropFirst(), limits) else { continue }
        check(first, second, limits)
        checkDamaged(first, second)
    }
    return 0
}

private func change(_ bytes: Slice<UnsafeRawBufferPointer>, _ limits: ShadowLimits) -> ShadowChange? {
    do throws(ShadowChange.Refusal) {
        return try ShadowChange(parsing: bytes, limits: limits)
    } catch {
        precondition([400, 413, 415].contains(error.problem.code) && !error.problem.message.isEmpty)
        return nil
    }
}

private func check(_ first: ShadowChange, _ second: ShadowChange, _ limits: ShadowLimits) {
    let made = ShadowDocument.blank(version: 0).applying(first, at: 1)
    let changed = made.applying(second, at: 2)
    for document in [made, changed] { check(document, limits) }
    precondition(made.version == 1 && changed.version == 2)
    if !second.touchesState { precondition(changed.desired == made.desired && changed.reported == made.reported) }

    // Once more makes no difference but a later stamp.
    let again = changed.applying(second, at: 2)
    precondition(again.desired == changed.desired && again.reported == changed.reported, "another result the second time")
    let later = changed.applying(second, at: 3)
    precondition(later.desired?.state == changed.desired?.state && later.reported?.state == changed.reported?.state)
}

private func check(_ document: ShadowDocument, _ limits: ShadowLimits) {
    for section in [document.desired, document.reported] {
        guard let section else { continue }
        precondition(!section.state.isEmpty && ShadowShape.levels(section.state, atMost: limits.maxLevels))
        precondition(mirrors(section.metadata, section.state, stamps: 1...document.timestamp), "metadata of another shape")
        precondition(ShadowDelta(desired: section, reported: section) == nil, "a section differs from itself")
    }
    precondition(stored(document) == document, "not what was stored")

    guard let delta = document.delta else { return }
    precondition(!delta.state.isEmpty && mirrors(delta.metadata, delta.state, stamps: 1...document.timestamp))
    // Whoever reports the delta has nothing left to do.
    let reported = ShadowSection.merging(delta.state, into: document.reported, at: 9)
    precondition(ShadowDelta(desired: document.desired, reported: reported) == nil, "a delta that reporting it does not end")
}

/// Whether there is an object for each object, an array for each array and a stamp for each other value, in the same order.
private func mirrors(_ metadata: JSONObject, _ state: JSONObject, stamps: ClosedRange<Int64>) -> Bool {
    metadata.count == state.count
        && zip(metadata, state).allSatisfy { $0.key.utf8.elementsEqual($1.key.utf8) && mirrors($0.value, $1.value, stamps: stamps) }
}

private func mirrors(_ metadata: JSONValue, _ state: JSONValue, stamps: ClosedRange<Int64>) -> Bool {
    switch (metadata, state) {
    case (.object(let metadata), .object(let state)): return mirrors(metadata, state, stamps: stamps)
    case (.array(let metadata), .array(let state)):
        return metadata.count == state.count && zip(metadata, state).allSatisfy { mirrors($0, $1, stamps: stamps) }
    case (_, .null), (_, .object), (_, .array): return false
    default:
        guard case .object(let stamp) = metadata, stamp.count == 1, case .int(let seconds)? = stamp["timestamp"] else { return false }
        return stamps.contains(seconds)
    }
}

/// The document as the tables give it back.
private func stored(_ document: ShadowDocument) -> ShadowDocument? {
    let state = JSONValue.object(document.state).serializedBytes()
    let metadata = JSONValue.object(document.metadata).serializedBytes()
    guard let state = try? JSONValue(parsing: state, limits: ShadowShape.parsing),
        let metadata = try? JSONValue(parsing: metadata, limits: ShadowShape.stored)
    else { return nil }
    return ShadowDocument(state: state, metadata: metadata, version: document.version, timestamp: document.timestamp)
}

/// Metadata of another document: whatever comes of it, nothing traps, and the values are those that they would be.
private func checkDamaged(_ first: ShadowChange, _ second: ShadowChange) {
    let made = ShadowDocument.blank(version: 0).applying(first, at: 1)
    let damaged = ShadowDocument(state: .object(made.state), metadata: second.state, version: 1, timestamp: 1)
    let changed = damaged.applying(second, at: 2)
    let wanted = made.applying(second, at: 2)
    precondition(changed.state == wanted.state && changed.delta?.state == wanted.delta?.state)
}
