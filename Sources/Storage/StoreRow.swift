/// One row of a result, independent of the statement that made it. Columns count from 0.
///
/// The typed getters throw `StoreError.corrupt` when the column holds another kind: the tables are ours, so nobody but a damaged
/// file or another program can have put it there.
package struct StoreRow: Sendable, Hashable {
    package let values: [StoreValue]

    package init(_ values: [StoreValue]) {
        self.values = values
    }

    package subscript(column: Int) -> StoreValue {
        self.values[column]
    }

    package func isNull(_ column: Int) -> Bool {
        self.values[column] == .null
    }

    package func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let value) = self.values[column] else {
            throw self.mismatch(column, expected: "an integer")
        }
        return value
    }

    /// Any integer but 0 is true.
    package func bool(_ column: Int) throws(StoreError) -> Bool {
        try self.integer(column) != 0
    }

    /// An integer column counts as real too, as SQLite stores 1.0 in a column without affinity.
    package func real(_ column: Int) throws(StoreError) -> Double {
        switch self.values[column] {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        case .null, .text, .blob: throw self.mismatch(column, expected: "a real")
        }
    }

    package func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let value) = self.values[column] else {
            throw self.mismatch(column, expected: "a text")
        }
        return value
    }

    package func blob(_ column: Int) throws(StoreError) -> [UInt8] {
        guard case .blob(let value) = self.values[column] else {
            throw self.mismatch(column, expected: "a blob")
        }
        return value
    }

    /// Nil for NULL.
    package func optionalInteger(_ column: Int) throws(StoreError) -> Int64? {
        self.isNull(column) ? nil : try self.integer(column)
    }

    /// Nil for NULL.
    package func optionalReal(_ column: Int) throws(StoreError) -> Double? {
        self.isNull(column) ? nil : try self.real(column)
    }

    /// Nil for NULL.
    package func optionalText(_ column: Int) throws(StoreError) -> String? {
        self.isNull(column) ? nil : try self.text(column)
    }

    /// Nil for NULL.
    package func optionalBlob(_ column: Int) throws(StoreError) -> [UInt8]? {
        self.isNull(column) ? nil : try self.blob(column)
    }

    private func mismatch(_ column: Int, expected: String) -> StoreError {
        .corrupt(path: nil, what: "column \(column) of a row holds \(self.values[column].kind) where \(expected) belongs")
    }
}
