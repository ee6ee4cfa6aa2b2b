import Foundation
import Testing

@testable import Storage

/// What happens to files over time.
@Suite struct UpkeepTests {
    private static func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Looks again until `condition` holds; the store's upkeep takes its own time. False after a minute.
    private static func eventually(_ condition: () -> Bool) async throws -> Bool {
        for _ in 0..<6000 {
            if condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func theLogDoesNotGrowWithWhatIsWritten() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            // Five times the log's checkpoint, in small transactions, without a pause.
            let rounds = 5 * Checkpointer.pagesPerCheckpoint / 16
            for round in 0..<rounds {
                let error = await store.submitting { connection in
                    let insert = try connection.prepare("INSERT INTO note (text, body) VALUES (?, ?)")
                    for number in 0..<16 {
                        try insert.bind("\(round) \(number)", at: 0)
                        try insert.bind([UInt8](repeating: 1, count: 3800), at: 1)
                        try insert.run()
                    }
                }
                #expect(error == nil)
            }
            #expect(Self.size(folder + "/roost.sqlite-wal") < 3 * Checkpointer.pagesPerCheckpoint * 4096)
            await store.close()
            #expect(Self.size(folder + "/roost.sqlite-wal") == 0)
        }
    }

    @Test func deletedRowsGiveTheirSpaceBack() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            try await store.write { connection in
                for number in 0..<4000 {
                    try connection.execute(
                        "INSERT INTO note (text, body) VALUES (?, ?)", [.text("\(number)"), .blob([UInt8](repeating: 1, count: 4000))])
                }
            }
            try await store.write { _ = try $0.execute("DELETE FROM note") }
            let kept = (Upkeep.keptFreePages + 64) * 4096
            #expect(try await Self.eventually { Self.size(folder + "/roost.sqlite") <= kept })
            try await store.insert("still works")
            await store.close()
        }
    }

    /// What a machine leaves behind that stops at this moment: the files as they are, without a close.
    @Test func whatWasAcknowledgedIsInTheFilesAtThatMoment() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            for number in 0..<20 { try await store.insert("\(number)") }
            try await withFolder { copy in
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                for name in ["roost.sqlite", "roost.sqlite-wal"] {
                    try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(copy)/\(name)")
                }
                let restarted = try SQLiteStore.open(folder: copy, migrations: [notesTable], logger: quiet)
                #expect(try await restarted.texts() == (0..<20).map(String.init))
                await restarted.close()
            }
            await store.close()
        }
    }
}
