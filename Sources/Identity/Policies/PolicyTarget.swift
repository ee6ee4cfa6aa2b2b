package import AWSAPI

/// What a policy can be attached to, or a thing held by.
package enum PolicyTarget: Sendable, Hashable {
    /// `arn:aws:iot:REGION:ACCOUNT:cert/ID`.
    case certificate(id: String)
    /// An Amazon Cognito identity, `REGION:UUID`.
    case cognitoIdentity(String)
    /// `arn:aws:iot:REGION:ACCOUNT:thinggroup/NAME`.
    case thingGroup(String)

    /// How the tables name it: without region and account.
    package var key: String {
        switch self {
        case .certificate(let id): "cert/\(id)"
        case .cognitoIdentity(let id): "cognito/\(id)"
        case .thingGroup(let name): "thinggroup/\(name)"
        }
    }

    package init?(key: String) {
        guard let slash = key.firstIndex(of: "/") else { return nil }
        let rest = String(key[key.index(after: slash)...])
        switch key[..<slash] {
        case "cert": self = .certificate(id: rest)
        case "cognito": self = .cognitoIdentity(rest)
        case "thinggroup": self = .thingGroup(rest)
        default: return nil
        }
    }

    /// How the API names it.
    package func text(in account: AccountContext) -> String {
        switch self {
        case .certificate(let id): account.arn(service: "iot", "cert/\(id)")
        case .cognitoIdentity(let id): id
        case .thingGroup(let name): account.arn(service: "iot", "thinggroup/\(name)")
        }
    }

    /// Reads what a caller names. An ARN of another account, region or service is refused like any other that does not exist here.
    package init(_ text: String, in account: AccountContext) throws(AWSError) {
        let prefix = account.arn(service: "iot", "")
        if text.hasPrefix(prefix) {
            guard let target = PolicyTarget(key: String(text.dropFirst(prefix.count))), !target.isCognito else {
                throw Self.invalid(text)
            }
            self = target
        } else if Self.isCognitoIdentity(text) {
            self = .cognitoIdentity(text)
        } else {
            throw Self.invalid(text)
        }
    }

    private var isCognito: Bool {
        if case .cognitoIdentity = self { true } else { false }
    }

    private static func isCognitoIdentity(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].contains("-") else { return false }
        let groups = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }

    private static func invalid(_ text: String) -> AWSError {
        .invalidRequest(
            "Invalid principal or target: \(text.prefix(256)). Give the ARN of a certificate of this account, or a Cognito identity id")
    }
}
