import AWSAPI
import JSON
import Storage

/// Which services may invoke a function (AddPermission).
struct ResourcePolicy: Sendable, Hashable {
    struct Statement: Sendable, Hashable {
        let id: String
        /// "iot.amazonaws.com", an account's id or "*".
        let principal: String
        /// "lambda:InvokeFunction", "lambda:*".
        let action: String
        /// With wildcards; nil for any.
        let sourceARN: String?
        let sourceAccount: String?
    }

    var statements: [Statement] = []

    /// Whether a service that acts for a resource may invoke.
    func allowsInvoke(by principal: String, sourceARN: String?, account: String) -> Bool {
        self.statements.contains { statement in
            guard statement.principal == principal || statement.principal == "*" else { return false }
            guard ["lambda:InvokeFunction", "lambda:*", "*"].contains(statement.action) else { return false }
            if let pattern = statement.sourceARN, !(sourceARN.map { Self.matches(pattern, $0) } ?? false) { return false }
            return statement.sourceAccount == nil || statement.sourceAccount == account
        }
    }

    /// ArnLike: `*` and `?` do not leave their part between colons, but the last part has the rest of the ARN.
    static func matches(_ pattern: String, _ arn: String) -> Bool {
        let patterns = pattern.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return patterns.count == parts.count && zip(patterns, parts).allSatisfy { Self.matchesPart(Array($0.utf8), Array($1.utf8)) }
    }

    /// Goes back to the last star alone, so the steps are bounded by the product of the lengths.
    private static func matchesPart(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (p, t, star, mark) = (0, 0, -1, 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                (star, mark) = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] || pattern[p] == UInt8(ascii: "?") {
                p += 1
                t += 1
            } else if star >= 0 {
                mark += 1
                (p, t) = (star + 1, mark)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

// MARK: As documents

extension ResourcePolicy {
    /// The document that GetPolicy gives.
    func document(_ arn: String) -> JSONObject {
        ["Version": "2012-10-17", "Id": "default", "Statement": .array(self.statements.map { .object($0.document(arn)) })]
    }
}

extension ResourcePolicy.Statement {
    func document(_ arn: String) -> JSONObject {
        var object: JSONObject = ["Sid": .string(self.id), "Effect": "Allow"]
        object["Principal"] =
            if self.principal == "*" {
                "*"
            } else {
                .object([self.principal.contains(".") ? "Service" : "AWS": .string(self.principal)])
            }
        object["Action"] = .string(self.action)
        object["Resource"] = .string(arn)
        var conditions: JSONObject = [:]
        if let account = self.sourceAccount { conditions["StringEquals"] = .object(["AWS:SourceAccount": .string(account)]) }
        if let source = self.sourceARN { conditions["ArnLike"] = .object(["AWS:SourceArn": .string(source)]) }
        if !conditions.isEmpty { object["Condition"] = .object(conditions) }
        return object
    }

    var row: JSONObject {
        var row: JSONObject = ["id": .string(self.id), "principal": .string(self.principal), "action": .string(self.action)]
        if let source = self.sourceARN { row["source"] = .string(source) }
        if let account = self.sourceAccount { row["account"] = .string(account) }
        return row
    }

    init(row: JSONValue) throws {
        guard let id = row["id"]?.stringValue, let principal = row["principal"]?.stringValue, let action = row["action"]?.stringValue else {
            throw StoreError.corrupt(path: "functions", what: "a statement of a function's policy is not whole")
        }
        self.init(
            id: id, principal: principal, action: action, sourceARN: row["source"]?.stringValue, sourceAccount: row["account"]?.stringValue)
    }
}
