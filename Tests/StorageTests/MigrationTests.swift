import Testing

@testable import Storage

@Suite struct MigrationTests {
    private let second = Migration(room: "Tests", version: 2, statements: ["ALTER TABLE note ADD COLUMN colour TEXT"])
    private let other = Migration(room: "Other", version: 1, statements: ["CREATE TABLE o (id INTEGER)", "INSERT INTO o VALUES (7)"])

    @Test func stepsRunOnceEachAndInOrder() async throws {
        try await withFolder { folder in
            let first = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            try await first.insert("old")
            await first.close()
            for _ in 0..<2 {
                let store = try SQLiteStore.open(folder: folder, migrations: [notesTable, self.second, self.other], logger: quiet)
                #expect(try await store.read { try $0.query("SELECT text, colour FROM note") } == [StoreRow(["old", nil])])
                #expect(try await store.read { try $0.query("SELECT id FROM o") } == [StoreRow([7])])
                await store.close()
            }
        }
    }

    @Test func aFolderMadeByANewerVersionIsRefusedAndUntouched() async throws {
        try await withFolder { folder in
            let newer = try SQLiteStore.open(folder: folder, migrations: [notesTable, self.second], logger: quiet)
            try await newer.insert("kept")
            await newer.close()
            let expected = StoreError.madeByNewerVersion(path: folder + "/roost.sqlite", room: "Tests", found: 2, known: 1)
            #expect(throws: expected) { try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet) }
            #expect(throws: StoreError.self) { try SQLiteStore.open(folder: folder, migrations: [self.other], logger: quiet) }
            let again = try SQLiteStore.open(folder: folder, migrations: [notesTable, self.second], logger: quiet)
            #expect(try await again.texts() == ["kept"])
            await again.close()
        }
    }

    @Test func aStepThatFailsLeavesNothingBehind() async throws {
        try await withFolder { folder in
            let broken = Migration(room: "Other", version: 1, statements: ["CREATE TABLE o (id INTEGER)", "NONSENSE"])
            #expect(throws: StoreError.self) { try SQLiteStore.open(folder: folder, migrations: [notesTable, broken], logger: quiet) }
            let store = try SQLiteStore.open(folder: folder, migrations: [notesTable, self.other], logger: quiet)
            #expect(try await store.read { try $0.query("SELECT id FROM o") } == [StoreRow([7])])
            await store.close()
        }
    }
}
