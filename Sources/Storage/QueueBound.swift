/// A variable that belongs to one serial queue, the writer's or a reader's.
///
/// `@unchecked`: every access is from a closure that runs on that queue, which runs one at a time.
final class QueueBound<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}
