import Dispatch
import Testing

@testable import Storage

/// Reads through the store: many in one snapshot, slow ones beside quick ones, failing ones beside good ones.
@Suite struct ReaderTests {
    /// Two reads that need each other: the slow one waits for what the quick one behind it does.
    @Test func aSlowReadHoldsUpNoOther() async throws {
        try await Variant.onDisk.withStore { store in
            try await store.insert("x")
            let gate = DispatchSemaphore(value: 0)
            async let slow: Void = store.read { _ in gate.wait() }
            for _ in 0..<20 { #expect(try await store.texts() == ["x"]) }
            gate.signal()
            try await slow
        }
    }

    @Test(arguments: Variant.allCases)
    func manyReadsAtOnceEachSeeWhatTheirCallerWrote(_ variant: Variant) async throws {
        try await variant.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<32 {
                    group.addTask {
                        for round in 0..<20 {
                            let text = "\(writer) \(round)"
                            try await store.insert(text)
                            let found = try await store.read {
                                try $0.query("SELECT COUNT(*) FROM note WHERE text = ?", [.text(text)])[0].integer(0)
                            }
                            #expect(found == 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: Variant.allCases)
    func aReadSeesOneMoment(_ variant: Variant) async throws {
        try await variant.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for number in 0..<200 { try await store.insert("\(number)") } }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<100 {
                            let counts = try await store.read { connection in
                                try (0..<5).map { _ in try connection.query("SELECT COUNT(*) FROM note")[0].integer(0) }
                            }
                            #expect(Set(counts).count == 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: Variant.allCases)
    func aReadThatFailsFailsAlone(_ variant: Variant) async throws {
        try await variant.withStore { store in
            try await store.insert("x")
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            return try await store.read { connection in
                                let found = try connection.query("SELECT text FROM note").count == 1
                                if number.isMultiple(of: 3) { throw Refused() }
                                return found
                            }
                        } catch {
                            return error is Refused && number.isMultiple(of: 3)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 200 && outcomes.allSatisfy { $0 })
        }
    }

    @Test(arguments: Variant.allCases)
    func aReadThatWritesIsRefusedAndTheWriterGoesOn(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let sql = "INSERT INTO note (text) VALUES ('x')"
            let refusal = StoreError.invalidStatement(sql: sql, message: "it changes the database, and this is a read")
            await #expect(throws: refusal) { try await store.read { _ = try $0.execute(sql) } }
            try await store.insert("y")
            #expect(try await store.texts() == ["y"])
        }
    }

    @Test func moreTextsThanAreKeptCompiled() async throws {
        try await Variant.inMemory.withStore { store in
            try await store.insert("x")
            for offset in stride(from: 0, to: SQLiteConnection.maxStatements * 2, by: 256) {
                let sums = try await store.read { connection in
                    try (offset..<offset + 256).map { try connection.query("SELECT \($0) + LENGTH(text) FROM note")[0].integer(0) }
                }
                #expect(sums == (offset..<offset + 256).map { Int64($0 + 1) })
            }
        }
    }

    @Test func closingWaitsForQueuedReads() async throws {
        try await Variant.onDisk.withStore { store in
            try await store.insert("x")
            let outcomes = Collected<Bool>()
            for _ in 0..<2000 {
                store.submitRead({ _ = try $0.query("SELECT text FROM note") }) { outcomes.append($0 == nil) }
            }
            await store.close()
            #expect(outcomes.all.count == 2000 && outcomes.all.allSatisfy { $0 })
        }
    }
}
