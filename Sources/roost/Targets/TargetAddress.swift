import AWSAPI

/// One queue, table, bucket as a person names it: `sqs orders` or `sqs/orders`.
struct TargetAddress: Sendable, Equatable {
    let service: String
    let name: String

    /// - Returns: the address and the words behind it.
    /// - Throws: `CommandFailure` when there is no name.
    static func parse(_ words: [String]) throws -> (address: TargetAddress, rest: [String]) {
        guard let first = words.first else { throw Self.missing }
        if let slash = first.firstIndex(of: "/") {
            let name = String(first[first.index(after: slash)...])
            guard !name.isEmpty else { throw Self.missing }
            return (TargetAddress(service: String(first[..<slash]), name: name), Array(words.dropFirst()))
        }
        guard words.count > 1 else { throw Self.missing }
        return (TargetAddress(service: first, name: words[1]), Array(words.dropFirst(2)))
    }

    private static var missing: CommandFailure {
        CommandFailure(.usage, "Name the service and the target, for instance: sqs orders. What there is: roost target list")
    }

    /// Of the service's operations on records.
    func path(_ end: String) -> String { "/targets/\(AWSClient.pathSegment(self.service))/\(end)" }
}
