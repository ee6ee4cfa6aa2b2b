import Foundation
import Logging
import Synchronization
import Testing

@testable import Storage

/// A table that most tests use.
let notesTable = Migration(
    room: "Tests", version: 1, statements: ["CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, body BLOB)"])

let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

/// A folder of its own for one test, removed at its end.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = NSTemporaryDirectory() + "roost-storage-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Both variants of the store, which must behave alike.
enum Variant: CaseIterable, CustomTestStringConvertible {
    case onDisk
    case inMemory

    var testDescription: String {
        switch self {
        case .onDisk: "on disk"
        case .inMemory: "in memory"
        }
    }

    func withStore<T>(_ migrations: [Migration] = [notesTable], _ body: (SQLiteStore) async throws -> T) async throws -> T {
        try await withFolder { folder in
            let store =
                switch self {
                case .onDisk: try SQLiteStore.open(folder: folder, migrations: migrations, logger: quiet)
                case .inMemory: try SQLiteStore.inMemory(migrations: migrations, logger: quiet)
                }
            do {
                let result = try await body(store)
                await store.close()
                return result
            } catch {
                await store.close()
                throw error
            }
        }
    }
}

struct Refused: Error, Equatable {}

extension Store {
    func insert(_ text: String) async throws {
        try await self.write { _ = try $0.execute("INSERT INTO note (text) VALUES (?)", [.text(text)]) }
    }

    func texts() async throws -> [String] {
        try await self.read { try $0.query("SELECT text FROM note ORDER BY id").map { try $0.text(0) } }
    }

    /// `submit` for tests.
    func submitting(_ body: @escaping @Sendable (any StoreConnection) throws -> Void) async -> (any Error)? {
        await withCheckedContinuation { continuation in
            self.submit(body) { continuation.resume(returning: $0) }
        }
    }
}

/// Collects values from closures that run anywhere.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func append(_ value: Value) {
        self.values.withLock { $0.append(value) }
    }

    var all: [Value] {
        self.values.withLock { $0 }
    }
}
