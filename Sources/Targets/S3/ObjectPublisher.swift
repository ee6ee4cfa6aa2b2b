import Logging
import Storage

/// Gives staged contents the names of their objects, and removes the files of deleted objects, behind the caller's back: an object is safe
/// as soon as its row names the staged file, and is read from there until then.
///
/// There is one of it, and it looks at the rows before it acts, so files come and go in the order of the rows whoever calls:
/// - a staged file whose row names it is renamed; the row forgets it when the folders are synced;
/// - a staged file that no row names any more was overwritten or deleted before its turn: it goes;
/// - a deleted object's file goes unless an object with its key is there again.
///
/// What a crash leaves undone is found at the next start: staged files in their folder, removals in their table.
actor ObjectPublisher {
    private enum Step: Sendable {
        case rename(staged: String, bucket: String, path: String)
        case discard(staged: String)
        case remove(bucket: String, key: String, path: String?)
    }

    /// Files of one round.
    private static let batch = 128

    private let store: any Store
    private let files: ObjectFiles
    private let logger: Logger

    private var staged: [String] = []
    private var hasRemovals = false
    private var isWorking = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var idle: [CheckedContinuation<Void, Never>] = []

    init(store: any Store, files: ObjectFiles, logger: Logger) {
        self.store = store
        self.files = files
        self.logger = logger
    }

    /// Takes note of contents whose rows are written. Returns when there is room for more.
    func publish(_ names: [String]) async {
        self.staged += names
        self.work()
        guard self.staged.count > S3Limits.maxUnpublished else { return }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    /// Takes note that objects were deleted.
    func remove() {
        self.hasRemovals = true
        self.work()
    }

    /// Returns when nothing is left to do.
    func settle() async {
        guard self.isWorking else { return }
        await withCheckedContinuation { self.idle.append($0) }
    }

    private func work() {
        guard !self.isWorking else { return }
        self.isWorking = true
        Task { await self.rounds() }
    }

    private func rounds() async {
        while self.hasRemovals || !self.staged.isEmpty {
            let names = Array(self.staged.prefix(Self.batch))
            self.staged.removeFirst(names.count)
            let removes = self.hasRemovals
            self.hasRemovals = false
            do {
                // A full page of removals may have more behind it.
                if try await self.round(names, removes: removes) { self.hasRemovals = true }
            } catch {
                // The rows still say what is to be done: the objects are read where they are, and the next start does it.
                self.logger.error("Objects' files were left for the next start", metadata: ["error": "\(error)"])
            }
            if self.staged.count <= S3Limits.maxUnpublished {
                self.waiting.forEach { $0.resume() }
                self.waiting = []
            }
        }
        self.isWorking = false
        self.idle.forEach { $0.resume() }
        self.idle = []
    }

    /// - Returns: whether there may be more removals.
    private func round(_ names: [String], removes: Bool) async throws -> Bool {
        let steps = try await self.store.read { connection in try Self.steps(names, removes: removes, ObjectTable(connection: connection)) }
        let files = self.files
        try await files.run {
            var folders: Set<String> = []
            for step in steps {
                switch step {
                case .rename(let name, let bucket, let path): folders.formUnion(try files.publish(staged: name, as: path, in: bucket))
                case .discard(let name): files.discard(staged: name)
                case .remove(let bucket, _, let path): if let path { try files.remove(path, in: bucket) }
                }
            }
            try files.sync(folders)
        }
        try await self.store.write { connection in
            let table = ObjectTable(connection: connection)
            for step in steps {
                switch step {
                case .rename(let name, _, _): try table.published(name)
                case .discard: break
                case .remove(let bucket, let key, _): try table.removed(key, in: bucket)
                }
            }
        }
        return steps.count >= names.count + Self.batch
    }

    private static func steps(_ names: [String], removes: Bool, _ table: ObjectTable) throws -> [Step] {
        var steps: [Step] = []
        for name in names {
            if let (bucket, key) = try table.place(ofStaged: name) {
                steps.append(.rename(staged: name, bucket: bucket, path: ObjectPath.path(of: key)))
            } else {
                steps.append(.discard(staged: name))
            }
        }
        guard removes else { return steps }
        for (bucket, key) in try table.removals(limit: Self.batch) {
            let isBack = try table.object(key, in: bucket) != nil
            steps.append(.remove(bucket: bucket, key: key, path: isBack ? nil : ObjectPath.path(of: key)))
        }
        return steps
    }
}
