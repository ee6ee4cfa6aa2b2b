/// Which activities of one connection somebody wants to know: found out once, so that a message on its way costs one look at a bit.
struct ActivityInterest: OptionSet, Sendable {
    let rawValue: UInt16

    static let connect = ActivityInterest(rawValue: 1 << 0)
    static let connectFailure = ActivityInterest(rawValue: 1 << 1)
    static let disconnect = ActivityInterest(rawValue: 1 << 2)
    static let disconnectFailure = ActivityInterest(rawValue: 1 << 3)
    static let publishIn = ActivityInterest(rawValue: 1 << 4)
    static let publishInFailure = ActivityInterest(rawValue: 1 << 5)
    static let publishOut = ActivityInterest(rawValue: 1 << 6)
    static let publishOutFailure = ActivityInterest(rawValue: 1 << 7)
    static let subscribe = ActivityInterest(rawValue: 1 << 8)
    static let subscribeFailure = ActivityInterest(rawValue: 1 << 9)

    private static let kinds: [(success: ActivityInterest, failure: ActivityInterest, event: Activity.Event)] = [
        (.connect, .connectFailure, .connect), (.disconnect, .disconnectFailure, .disconnect),
        (.publishIn, .publishInFailure, .publishIn), (.publishOut, .publishOutFailure, .publishOut),
        (.subscribe, .subscribeFailure, .subscribe),
    ]

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(of client: Activity.Client, in log: any ActivityLog) {
        self = []
        for kind in Self.kinds {
            if log.mayWrite(kind.event, .info, client) { self.insert(kind.success) }
            if log.mayWrite(kind.event, .error, client) { self.insert(kind.failure) }
        }
    }
}
