import Testing

@testable import Storage

@Suite struct StoreTests {
    @Test(arguments: Variant.allCases)
    func whatWasWrittenIsRead(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let changes = try await store.write { connection in
                try connection.execute("INSERT INTO note (text, body) VALUES (?, ?), (?, ?)", ["a", .blob([1, 2]), "b", nil])
            }
            #expect(changes == 2)
            let rows = try await store.read { try $0.query("SELECT id, text, body FROM note ORDER BY id") }
            #expect(rows == [StoreRow([1, "a", .blob([1, 2])]), StoreRow([2, "b", nil])])
        }
    }

    @Test(arguments: Variant.allCases)
    func valuesOfEveryKindComeBackAsTheyWere(_ variant: Variant) async throws {
        let table = Migration(room: "Tests", version: 1, statements: ["CREATE TABLE v (k INTEGER PRIMARY KEY, v)"])
        let values: [StoreValue] = [
            nil, 0, .integer(.min), .integer(.max), 0.1, .real(-.infinity), "", "grüße\u{0}😀", .blob([]), .blob([0, 255]),
            .blob([UInt8](repeating: 7, count: SQLiteStatement.copiedBlobMaxBytes + 1)),
            .blob((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }),
        ]
        try await variant.withStore([table]) { store in
            try await store.write { connection in
                for value in values { try connection.execute("INSERT INTO v (v) VALUES (?)", [value]) }
            }
            let read = try await store.read { try $0.query("SELECT v FROM v ORDER BY k").map { $0[0] } }
            #expect(read == values)
        }
    }

    @Test(arguments: Variant.allCases)
    func largeBlobsBetweenOtherValuesKeepTheirPlaces(_ variant: Variant) async throws {
        let table = Migration(room: "Tests", version: 1, statements: ["CREATE TABLE w (a, b, c, d)"])
        let large = [UInt8](repeating: 1, count: 5000)
        let larger = [UInt8](repeating: 2, count: 6000)
        let values: [StoreValue] = [.blob(large), 1, .blob(larger), "x"]
        try await variant.withStore([table]) { store in
            try await store.write { _ = try $0.execute("INSERT INTO w VALUES (?, ?, ?, ?)", values) }
            #expect(try await store.read { try $0.queryOne("SELECT * FROM w") } == StoreRow(values))
        }
    }

    @Test(arguments: Variant.allCases)
    func aBodyThatThrowsUndoesItsOwnChangesOnly(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let outcomes = Collected<Bool>()
            store.submit({ _ = try $0.execute("INSERT INTO note (text) VALUES ('kept')") }) { outcomes.append($0 == nil) }
            store.submit({
                try $0.execute("INSERT INTO note (text) VALUES ('undone')")
                throw Refused()
            }) { outcomes.append($0 == nil) }
            let error = await store.submitting { try $0.execute("INSERT INTO note (text) VALUES ('kept too')") }
            #expect(error == nil)
            #expect(outcomes.all == [true, false])
            let texts = try await store.texts()
            #expect(texts == ["kept", "kept too"])
        }
    }

    @Test(arguments: Variant.allCases)
    func oneTransactionTakesAllThatQueued(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let totals = await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await store.write { connection in
                            try connection.execute("INSERT INTO note (text) VALUES (?)", [.text("\(number)")])
                            if number.isMultiple(of: 7) { throw Refused() }
                        }
                    }
                }
                var failures = 0
                while let result = await group.nextResult() {
                    if case .failure = result { failures += 1 }
                }
                return failures
            }
            #expect(totals == 72)
            let texts = try await store.texts()
            #expect(texts.count == 428)
        }
    }

    @Test(arguments: Variant.allCases)
    func aFailedStatementLeavesTheBodyToGoOn(_ variant: Variant) async throws {
        try await variant.withStore { store in
            try await store.insert("taken")
            let caught = try await store.write { connection -> StoreError? in
                try connection.execute("INSERT INTO note (text) VALUES ('new')")
                do {
                    try connection.execute("INSERT INTO note (text) VALUES ('taken')")
                    return nil
                } catch {
                    return error as? StoreError
                }
            }
            #expect(caught == .constraintFailed("UNIQUE constraint failed: note.text"))
            let texts = try await store.texts()
            #expect(texts == ["taken", "new"])
        }
    }

    @Test(arguments: Variant.allCases)
    func submittedWritesRunInOrder(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let completed = Collected<Int>()
            for number in 0..<5000 {
                store.submit({ try $0.execute("INSERT INTO note (text) VALUES (?)", [.text("\(number)")]) }) { error in
                    if error == nil { completed.append(number) }
                }
            }
            #expect(await store.submitting { _ in } == nil)
            #expect(completed.all == Array(0..<5000))
            let texts = try await store.texts()
            #expect(texts == (0..<5000).map(String.init))
        }
    }

    @Test(arguments: Variant.allCases)
    func readsCannotWrite(_ variant: Variant) async throws {
        try await variant.withStore { store in
            await #expect(throws: (any Error).self) {
                try await store.read { _ = try $0.execute("INSERT INTO note (text) VALUES ('x')") }
            }
            let texts = try await store.texts()
            #expect(texts == [])
            try await store.insert("still works")
        }
    }

    @Test(arguments: Variant.allCases)
    func aReadSeesWhatReturnedBefore(_ variant: Variant) async throws {
        try await variant.withStore { store in
            for number in 1...50 {
                try await store.insert("\(number)")
                let texts = try await store.texts()
                #expect(texts.count == number)
            }
        }
    }

    @Test(arguments: Variant.allCases)
    func aReadBySubmissionEndsOnce(_ variant: Variant) async throws {
        try await variant.withStore { store in
            try await store.insert("x")
            let seen = Collected<String>()
            let error: (any Error)? = await withCheckedContinuation { continuation in
                store.submitRead({ seen.append(try $0.query("SELECT text FROM note")[0].text(0)) }) { continuation.resume(returning: $0) }
            }
            #expect(error == nil)
            #expect(seen.all == ["x"])
            let failure: (any Error)? = await withCheckedContinuation { continuation in
                store.submitRead({ _ in throw Refused() }) { continuation.resume(returning: $0) }
            }
            #expect(failure is Refused)
        }
    }

    @Test(arguments: Variant.allCases)
    func closingWaitsForQueuedWritesAndRefusesLaterOnes(_ variant: Variant) async throws {
        try await variant.withStore { store in
            let outcomes = Collected<Bool>()
            for number in 0..<2000 {
                store.submit({ try $0.execute("INSERT INTO note (text) VALUES (?)", [.text("\(number)")]) }) { outcomes.append($0 == nil) }
            }
            await store.close()
            #expect(outcomes.all.count == 2000)
            #expect(outcomes.all.allSatisfy { $0 })
            await #expect(throws: StoreError.closed) { try await store.insert("late") }
            await #expect(throws: StoreError.closed) { try await store.texts() }
            #expect(await store.submitting { _ in } as? StoreError == .closed)
            await store.close()
        }
    }

    @Test func aWrongStatementSaysSo() async throws {
        try await Variant.inMemory.withStore { store in
            await #expect(throws: StoreError.invalidStatement(sql: "SELEC 1", message: "near \"SELEC\": syntax error")) {
                try await store.write { _ = try $0.execute("SELEC 1") }
            }
            await #expect(
                throws: StoreError.invalidStatement(
                    sql: "INSERT INTO note (text) VALUES (?)", message: "it has 1 parameters and got 2 values")
            ) {
                try await store.write { _ = try $0.execute("INSERT INTO note (text) VALUES (?)", ["a", "b"]) }
            }
        }
    }
}
