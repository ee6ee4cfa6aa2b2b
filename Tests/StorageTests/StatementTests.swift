import Testing

@testable import Storage

@Suite struct StatementTests {
    @Test func aHandleBindsAndRunsManyTimes() async throws {
        try await Variant.onDisk.withStore { store in
            try await store.write { connection in
                let insert = try connection.prepare("INSERT INTO note (id, text, body) VALUES (?, ?, ?)")
                for number in 0..<1000 {
                    try insert.bind(number, at: 0)
                    try insert.bind("text \(number)", at: 1)
                    try insert.bind([UInt8(truncatingIfNeeded: number)], at: 2)
                    #expect(try insert.run() == 1)
                }
            }
            let row = try await store.read { try $0.queryOne("SELECT id, text, body FROM note WHERE id = 300") }
            #expect(row == StoreRow([300, "text 300", .blob([44])]))
            #expect(try await store.read { try $0.queryOne("SELECT COUNT(*) FROM note") } == StoreRow([1000]))
        }
    }

    @Test func bindingsDoNotOutliveARun() async throws {
        try await Variant.inMemory.withStore { store in
            try await store.write { connection in
                let insert = try connection.prepare("INSERT INTO note (text, body) VALUES (?, ?)")
                try insert.bind("first", at: 0)
                try insert.bind([1], at: 1)
                try insert.run()
                try insert.bind("second", at: 0)
                try insert.run()
            }
            #expect(
                try await store.read { try $0.query("SELECT body FROM note ORDER BY id") } == [StoreRow([.blob([1])]), StoreRow([nil])])
        }
    }

    @Test func borrowedBytesAreStored() async throws {
        try await Variant.inMemory.withStore { store in
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            try await store.write { connection in
                let insert = try connection.prepare("INSERT INTO note (text, body) VALUES (?, ?)")
                try insert.bind("large", at: 0)
                try bytes.withUnsafeBytes { _ = try insert.run(borrowing: $0, at: 1) }
            }
            #expect(try await store.read { try $0.queryOne("SELECT body FROM note")?.blob(0) } == bytes)
        }
    }

    @Test func aStatementCanBeUsedWhileItsRowsAreWalked() async throws {
        try await Variant.inMemory.withStore { store in
            for text in ["a", "b", "c"] { try await store.insert(text) }
            let pairs = try await store.read { connection in
                var pairs: [String] = []
                let sql = "SELECT text FROM note ORDER BY id"
                try connection.forEach(sql) { outer in
                    try connection.forEach(sql) { inner in pairs.append(try outer.text(0) + inner.text(0)) }
                }
                return pairs
            }
            #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
        }
    }

    @Test func aWalkThatEndsEarlyLeavesTheStatementUsable() async throws {
        try await Variant.onDisk.withStore { store in
            for text in ["a", "b"] { try await store.insert(text) }
            await #expect(throws: Refused.self) {
                try await store.read { try $0.forEach("SELECT text FROM note") { _ in throw Refused() } }
            }
            #expect(try await store.read { try $0.query("SELECT text FROM note").count } == 2)
        }
    }

    @Test func returningGivesRowsAndIsUndoneWithItsBody() async throws {
        try await Variant.inMemory.withStore { store in
            let ids = try await store.write {
                try $0.query("INSERT INTO note (text) VALUES ('a'), ('b') RETURNING id").map { try $0.integer(0) }
            }
            #expect(ids == [1, 2])
            await #expect(throws: Refused.self) {
                try await store.write { connection in
                    _ = try connection.query("INSERT INTO note (text) VALUES ('c') RETURNING id")
                    throw Refused()
                }
            }
            let texts = try await store.texts()
            #expect(texts == ["a", "b"])
        }
    }

    @Test func aColumnOfAnotherKindIsDamageNotACrash() throws {
        let row = StoreRow(["text", 1, nil])
        #expect(throws: StoreError.self) { try row.integer(0) }
        #expect(throws: StoreError.self) { try row.text(1) }
        #expect(throws: StoreError.self) { try row.blob(2) }
        #expect(try row.optionalBlob(2) == nil)
        #expect(try row.real(1) == 1.0)
        #expect(try row.bool(1))
    }
}
