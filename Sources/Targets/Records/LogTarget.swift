import JSON
import Storage

/// A target whose contents are in the log of records.
package struct LogTarget: EmbeddedTarget {
    package let service: String
    let store: any Store
    let limits: TargetLimits

    func log(_ connection: any StoreConnection) -> RecordLog {
        RecordLog(connection: connection, service: self.service, limits: self.limits)
    }

    package func contents() async throws -> [TargetSummary] {
        try await self.store.read { connection in
            try self.log(connection).entries().map {
                TargetSummary(name: $0.name, kind: $0.kind, records: $0.records, bytes: $0.bytes)
            }
        }
    }

    package func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.store.read { try self.log($0).newest(of: name, after: position, limit: limit) }
    }

    package func record(of name: String, key: String) async throws -> TargetRecord? {
        try await self.store.read { try self.log($0).find(key, in: name) }
    }
}
