/// A variable that belongs to the writer's serial queue.
///
/// `@unchecked`: every access is from a closure that runs on that queue, which runs one at a time.
final class WriterQueueBound<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}
