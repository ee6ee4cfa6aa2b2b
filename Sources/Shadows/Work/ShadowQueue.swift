/// Which requests wait for the database, and which may go: one shadow's requests take effect and are answered in the order in which they
/// came, those of different shadows do not wait for each other.
///
/// Pure. Updates and deletions go to the writer in batches; a get goes to a reader unless a change of its shadow is under way, in which case
/// it follows the changes. A get that a change overtook while it was being read is read again, so that no answer is older than one before it.
struct ShadowQueue {
    enum Action: Equatable {
        case wait
        /// Ask the store for a write, which will take what waits then.
        case startWrite
        case startRead
        case refuse
    }

    /// Requests in one transaction's body: a bound on how long it holds others up.
    static let maxBatch = 256
    /// Reads under way at one time.
    static let maxReads = 4

    private let maxWaiting: Int
    private let maxBytes: Int
    private let maxInFlight: Int?

    private var writes: [ShadowRequest] = []
    private var reads: [ShadowRequest] = []
    private var isWriteAsked = false
    private var readsUnderWay = 0
    private var waiting = 0
    private var bytes = 0
    /// Requests at the writer, waiting or under way, by shadow.
    private var writing: [ShadowKey: Int] = [:]
    /// Gets at the readers, by shadow.
    private var reading: [ShadowKey: Int] = [:]
    /// Shadows with gets at the readers that were changed meanwhile.
    private var overtaken: Set<ShadowKey> = []
    /// Requests of one source for one thing that are not answered, when that is limited.
    private var inFlight: [InFlightKey: Int] = [:]

    private struct InFlightKey: Hashable {
        let source: String
        let thing: String
    }

    init(limits: ShadowLimits) {
        self.maxWaiting = limits.maxWaiting
        self.maxBytes = limits.maxWaitingBytes
        self.maxInFlight = limits.maxInFlight
    }

    var isEmpty: Bool { self.waiting == 0 }

    mutating func add(_ request: ShadowRequest) -> Action {
        guard self.waiting < self.maxWaiting, self.bytes + request.byteCount <= self.maxBytes, self.takeSlot(request) else {
            return .refuse
        }
        self.waiting += 1
        self.bytes += request.byteCount
        if request.isGet && self.writing[request.key] == nil { return self.addRead(request) }
        return self.addWrite(request)
    }

    private mutating func addWrite(_ request: ShadowRequest) -> Action {
        self.writing[request.key, default: 0] += 1
        self.writes.append(request)
        if self.isWriteAsked { return .wait }
        self.isWriteAsked = true
        return .startWrite
    }

    private mutating func addRead(_ request: ShadowRequest) -> Action {
        self.reading[request.key, default: 0] += 1
        self.reads.append(request)
        // One reader takes what gathers while it is being woken; more of them help with what is left.
        if self.readsUnderWay > 0 && (self.readsUnderWay >= Self.maxReads || self.reads.count < Self.maxBatch * self.readsUnderWay) {
            return .wait
        }
        self.readsUnderWay += 1
        return .startRead
    }

    // MARK: The writer

    /// From now on a reader may see what these change before they are finished, and another one may not.
    mutating func takeWrites() -> [ShadowRequest] {
        let taken = Self.take(&self.writes)
        for request in taken where !request.isGet && self.reading[request.key] != nil { self.overtaken.insert(request.key) }
        return taken
    }

    /// What was taken is done. Returns whether another write has to be asked for.
    mutating func finishWrites(_ done: [ShadowRequest]) -> Action {
        for request in done {
            Self.decrement(&self.writing, request.key)
            self.leave(request)
        }
        return self.askForWriteIfNeeded()
    }

    /// Between `takeWrites` and here new requests did not ask for a write: the one after this comes from here.
    private mutating func askForWriteIfNeeded() -> Action {
        self.isWriteAsked = !self.writes.isEmpty
        return self.isWriteAsked ? .startWrite : .wait
    }

    // MARK: The readers

    mutating func takeReads() -> [ShadowRequest] { Self.take(&self.reads) }

    /// What was taken is done. Returns which of the answers count; the others go to the writer, after the change that overtook them.
    ///
    /// - Parameter actions: what to start now.
    mutating func finishReads(_ done: [ShadowRequest], actions: inout [Action]) -> [Bool] {
        self.readsUnderWay -= 1
        let counts = done.map { request in
            Self.decrement(&self.reading, request.key)
            guard self.overtaken.contains(request.key) else {
                self.leave(request)
                return true
            }
            if self.reading[request.key] == nil { self.overtaken.remove(request.key) }
            actions.append(self.addWrite(request))
            return false
        }
        if !self.reads.isEmpty {
            self.readsUnderWay += 1
            actions.append(.startRead)
        }
        return counts
    }

    // MARK: Counting

    private mutating func takeSlot(_ request: ShadowRequest) -> Bool {
        // Other rooms are no client, and ask for all of them.
        guard let maxInFlight, request.isOfClient else { return true }
        let key = InFlightKey(source: request.source, thing: request.key.thing)
        guard self.inFlight[key, default: 0] < maxInFlight else { return false }
        self.inFlight[key, default: 0] += 1
        return true
    }

    private mutating func leave(_ request: ShadowRequest) {
        self.waiting -= 1
        self.bytes -= request.byteCount
        if self.maxInFlight != nil && request.isOfClient {
            Self.decrement(&self.inFlight, InFlightKey(source: request.source, thing: request.key.thing))
        }
    }

    private static func decrement<Key>(_ counts: inout [Key: Int], _ key: Key) {
        let count = counts[key, default: 0] - 1
        counts[key] = count > 0 ? count : nil
    }

    private static func take(_ list: inout [ShadowRequest]) -> [ShadowRequest] {
        if list.count <= Self.maxBatch {
            defer { list = [] }
            return list
        }
        defer { list.removeFirst(Self.maxBatch) }
        return Array(list.prefix(Self.maxBatch))
    }
}
