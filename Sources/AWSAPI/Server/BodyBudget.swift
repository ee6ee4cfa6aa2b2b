internal import Synchronization

/// What requests with unusually large bodies may take of the memory together.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { self.left = Mutex(bytes) }

    /// - Returns: false when there is not so much left.
    func take(_ bytes: Int) -> Bool {
        self.left.withLock { left in
            guard bytes <= left else { return false }
            left -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) { self.left.withLock { $0 += bytes } }
}
