import Foundation
import Testing

@testable import Storage

@Suite struct FolderTests {
    @Test func whatWasWrittenIsThereAfterAReopening() async throws {
        try await withFolder { folder in
            let first = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            try await first.insert("kept")
            await first.close()
            let second = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            #expect(try await second.texts() == ["kept"])
            await second.close()
        }
    }

    @Test func aSecondServerIsRefusedWithTheFirstOnesPID() async throws {
        try await withFolder { folder in
            let first = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            let pid = ProcessInfo.processInfo.processIdentifier
            #expect(throws: StoreError.inUse(folder: folder, pid: pid)) {
                try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            }
            await first.close()
            let second = try SQLiteStore.open(folder: folder, migrations: [notesTable], logger: quiet)
            await second.close()
        }
    }

    @Test func theRefusalNamesThePIDAndTheWayOut() {
        let message = StoreError.inUse(folder: "/data", pid: 42).description
        #expect(message == "the data folder /data is in use by the server with pid 42: stop it, or choose another folder with --data")
    }

    @Test func aFolderThatIsAFileIsRefused() async throws {
        try await withFolder { folder in
            #expect(FileManager.default.createFile(atPath: folder, contents: Data("x".utf8)))
            #expect(throws: StoreError.self) {
                try SQLiteStore.open(folder: folder, migrations: [], logger: quiet)
            }
        }
    }

    @Test func anUnwritableFolderIsRefusedAsSuch() async throws {
        // The superuser may write everywhere; for it the case does not exist.
        guard getuid() != 0 else { return }
        try await withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o500])
            #expect(throws: StoreError.noPermission(path: folder + "/roost.lock", what: "create")) {
                try SQLiteStore.open(folder: folder, migrations: [], logger: quiet)
            }
        }
    }

    @Test func theFolderIsThePropertyOfItsUserAlone() async throws {
        try await withFolder { folder in
            let store = try SQLiteStore.open(folder: folder, migrations: [], logger: quiet)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
            await store.close()
        }
    }

    @Test func theDiskSyncsAtSomeRate() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            #expect(try DiskProbe.syncsPerSecond(folder: folder, milliseconds: 20) > 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            #expect(throws: StoreError.self) { try DiskProbe.syncsPerSecond(folder: folder + "/missing", milliseconds: 20) }
        }
    }
}
