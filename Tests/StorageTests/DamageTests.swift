import Foundation
import Testing

@testable import Storage

/// Damaged files and full disks: a clear error, the files left as they are, nothing lost.
@Suite struct DamageTests {
    @Test func aFileThatIsNoDatabaseIsRefusedAndUntouched() async throws {
        try await withFolder { folder in
            let path = folder + "/roost.sqlite"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let content = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try content.write(to: URL(fileURLWithPath: path))
            #expect(throws: StoreError.corrupt(path: path, what: "file is not a database")) {
                try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
        }
    }

    @Test func anotherProgramsDatabaseIsRefused() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            await store.close()
            try Self.overwrite(folder + "/roost.sqlite", at: 68, with: [1, 2, 3, 4])  // the application id in the header
            #expect(throws: StoreError.unusableFolder(path: folder + "/roost.sqlite", what: "the file is a database of another program")) {
                try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            }
        }
    }

    @Test func aTruncatedDatabaseIsRefused() async throws {
        try await withFolder { folder in
            try await Self.fill(folder)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/roost.sqlite"))
            try handle.truncate(atOffset: 20_480)
            try handle.close()
            #expect {
                try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            } throws: { error in
                guard case .corrupt(let path, _) = error as? StoreError else { return false }
                return path == folder + "/roost.sqlite"
            }
        }
    }

    @Test func damagedPagesAreFoundAtTheStart() async throws {
        try await withFolder { folder in
            try await Self.fill(folder)
            try Self.overwrite(folder + "/roost.sqlite", at: 4096 * 10, with: [UInt8](repeating: 0xEE, count: 4096 * 4))
            #expect {
                try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            } throws: { error in
                guard case .corrupt(_, let what) = error as? StoreError else { return false }
                return !what.isEmpty
            }
        }
    }

    @Test func aFullDiskFailsTheWriteAndNothingElse() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            try await store.insert("before")
            // SQLite's own ceiling on the file gives the same SQLITE_FULL as a file system without room.
            let pages = try await store.write { try $0.query("PRAGMA page_count")[0].integer(0) }
            try await store.setMaxPages(Int(pages) + 2)
            let error = await store.submitting { connection in
                for number in 0..<1000 {
                    try connection.execute(
                        "INSERT INTO note (text, body) VALUES (?, ?)", [.text("\(number)"), .blob([UInt8](repeating: 0, count: 500))])
                }
            }
            #expect(error as? StoreError == .diskFull(path: folder + "/roost.sqlite"))
            #expect(try await store.texts() == ["before"])
            try await store.setMaxPages(1_000_000)
            try await store.insert("after")
            await store.close()
            let again = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            #expect(try await again.texts() == ["before", "after"])
            await again.close()
        }
    }

    private static func fill(_ folder: String) async throws {
        let store = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
        try await store.write { connection in
            for number in 0..<2000 { try connection.execute("INSERT INTO note (text) VALUES (?)", [.text("a text with number \(number)")]) }
        }
        await store.close()
    }

    private static func overwrite(_ path: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}

extension SQLiteStore {
    /// Sets the most pages that the writer lets the file have.
    fileprivate func setMaxPages(_ pages: Int) async throws {
        _ = try await self.write { try $0.query("PRAGMA max_page_count = \(pages)") }
    }
}
