import AWSAPI

/// Which function a caller means: `name`, `ACCOUNT:function:name`, or an ARN, each with or without `:$LATEST`.
struct FunctionName: Sendable, Hashable {
    let name: String

    static let maxCharacters = 64
    static let latest = "$LATEST"

    /// - Throws: ResourceNotFoundException for another account, region or version; ValidationException for what is no name.
    init(_ text: String, account: AccountContext, qualifier: String? = nil) throws(AWSError) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if let place = parts.firstIndex(of: "function") {
            let owner = parts[..<place]
            let own = ["arn", account.partition, "lambda", account.region, account.account]
            guard owner.isEmpty || Array(owner) == own || Array(owner) == [account.account] else { throw .functionNotFound(text) }
            parts.removeFirst(place + 1)
        }
        guard (1...2).contains(parts.count), Self.isName(parts[0]) else {
            throw .constraint(
                "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+", value: "'\(text.prefix(170))'", at: "functionName")
        }
        for version in [parts.count == 2 ? parts[1] : nil, qualifier] {
            guard version == nil || version == Self.latest else {
                throw .functionNotFound(account.functionARN(parts[0]) + ":\(version ?? "")")
            }
        }
        self.name = parts[0]
    }

    private static func isName(_ text: String) -> Bool {
        (1...Self.maxCharacters).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
    }
}

extension AccountContext {
    func functionARN(_ name: String) -> String { self.arn(service: "lambda", "function:\(name)") }
}
