import AWSAPI
import JSON
import Logging
import OperationTesting
import Storage
import Testing

@testable import Targets

@Suite("Tables of DynamoDB")
struct DynamoDBTablesTests {
    private let dynamoDB: DynamoDBService

    init() throws {
        self.dynamoDB = DynamoDBService(
            store: try SQLiteStore.inMemory(
                migrations: TargetsService.migrations, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            account: OperationCaller.account, limits: TargetLimits(), clock: { 1_700_000_000_000 })
    }

    private static let rule = Caller.service(principal: "iot.amazonaws.com", sourceARN: nil)

    private func put(_ items: [JSONObject], keySchema: String? = nil, as caller: Caller = rule) async throws {
        try await self.dynamoDB.write("table", DynamoDBService.Writer(caller, keySchema: keySchema)) { writes in
            for item in items { _ = try writes.put(item) }
        }
    }

    @Test("the header with a table's key counts for rules only")
    func writers() async throws {
        await expectError("ResourceNotFoundException") {
            try await self.put([["id": ["S": "a"]]], keySchema: "id:S", as: .accessKey(id: "AKIATEST"))
        }
        try await self.put([["id": ["S": "a"]]], keySchema: "id:S")
        #expect(try await self.dynamoDB.contents().map(\.records) == [1])
        await expectError("ValidationException") { try await self.put([["other": ["S": "a"]]]) }
    }

    @Test("items without a key are counted, and put again under their number")
    func counted() async throws {
        try await self.put([["a": ["N": "1"]], ["a": ["N": "2"]]])
        try await self.put([["#seq": ["N": "1"], "a": ["N": "3"]], ["a": ["N": "4"]]])
        let records = try #require(try await self.dynamoDB.records(of: "table", after: nil, limit: 10))
        #expect(records.map(\.key) == ["2", "1", "4"])
        #expect(try await self.dynamoDB.record(of: "table", key: "1")?.body == Array(##"{"#seq":1,"a":3}"##.utf8))
        #expect(try await self.dynamoDB.records(of: "table", after: 3, limit: 10)?.map(\.key) == ["4"])
    }

    @Test("a large table is deleted in steps, a small one at once")
    func deletion() async throws {
        try await self.put((0..<7).map { ["id": ["S": .string("\($0)")]] }, keySchema: "id:S")
        try await self.dynamoDB.store.write { connection in
            let tables = DynamoDBTables(connection: connection)
            #expect(try !tables.delete(try tables.existing("table"), limit: 3))
            let left = try tables.existing("table")
            #expect((left.items, left.bytes) == (4, 12))
            #expect(try !tables.delete(left, limit: 3))
            #expect(try tables.delete(try tables.existing("table"), limit: 3))
            #expect(try tables.table("table") == nil)
            #expect(try tables.newest(in: "table", after: 0, limit: 10).isEmpty)
        }
    }

    @Test("what a write refuses changes nothing, its batch included")
    func refusedBatch() async throws {
        try await self.put([["id": ["S": "a"]]], keySchema: "id:S")
        await expectError("ValidationException") { try await self.put([["id": ["S": "b"]], ["id": ["N": "1"]]]) }
        #expect(try await self.dynamoDB.contents().map(\.records) == [1])
    }
}
