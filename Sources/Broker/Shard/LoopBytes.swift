import Atomics

/// Bytes of messages on their way to each event loop from the others. A loop that delivers to many receivers is slower than those that
/// publish to it; what nobody acknowledges has to be bounded here.
final class LoopBytes: Sendable {
    /// Past it QoS 0 messages for that loop are dropped and counted, as for a slow reader. Other messages are bounded by their publishers'
    /// unacknowledged ones.
    static let limit = 64 << 20

    /// What a message costs besides its bytes.
    static let overhead = 200

    private let bytes: [ManagedAtomic<Int>]

    init(loops: Int) { self.bytes = (0..<loops).map { _ in ManagedAtomic(0) } }

    func add(_ count: Int, to loop: Int) { self.bytes[loop].wrappingIncrement(by: count, ordering: .relaxed) }

    @inline(__always)
    func isTooMuch(_ loop: Int) -> Bool { self.bytes[loop].load(ordering: .relaxed) > Self.limit }
}
