import NIOCore

/// Calls a handler that belongs to one event loop at a later time on that loop.
struct LoopTimer<Handler: NIOScheduledCallbackHandler>: NIOScheduledCallbackHandler, Sendable {
    private let handler: NIOLoopBound<Handler>

    /// Schedules the call. Nil when the loop is shutting down: then nothing needs a deadline.
    static func schedule(_ handler: Handler, in amount: TimeAmount, on eventLoop: any EventLoop) -> NIOScheduledCallback? {
        try? eventLoop.scheduleCallback(in: amount, handler: Self(handler: NIOLoopBound(handler, eventLoop: eventLoop)))
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        self.handler.value.handleScheduledCallback(eventLoop: eventLoop)
    }
}
