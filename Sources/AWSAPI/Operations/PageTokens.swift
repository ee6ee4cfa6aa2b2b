internal import Crypto
internal import Foundation

/// Pagination tokens of one operation.
///
/// A token holds the position that the next page starts after, sealed with an HMAC over the operation, the parameters of the query and the
/// position: a token cannot be made up, changed, or used with another operation or other parameters.
package struct PageTokens: Sendable {
    /// The key that seals: at least 32 random bytes.
    package struct Key: Sendable {
        let key: SymmetricKey

        package init(bytes: [UInt8]) {
            self.key = SymmetricKey(data: bytes)
        }

        /// A key that ends with the process, and with it the tokens.
        package static func random() -> Key {
            Key(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
        }
    }

    /// Longest token that is looked at. A service's `marker` may have 1024 characters.
    static let maxTokenLength = 1024
    /// Bytes of the HMAC that a token carries: 128 bits.
    private static let sealBytes = 16

    private let key: Key
    private let operation: String

    /// - Parameter operation: the service and the operation, "iot:ListThings".
    package init(key: Key, operation: String) {
        self.key = key
        self.operation = operation
    }

    /// A token for the page after `position`.
    ///
    /// - Parameter query: the parameters that select and order the results, nil where not given; not the page size.
    package func token(after position: String, query: [String?] = []) -> String {
        let position = Array(position.utf8)
        return Data(self.seal(position, query) + position).base64EncodedString()
    }

    /// The position in a token that a caller sent; nil without token.
    ///
    /// - Throws: InvalidRequestException when this server did not make the token for this query.
    package func position(in token: String?, query: [String?] = []) throws(AWSError) -> String? {
        guard let token else { return nil }
        guard token.utf8.count <= Self.maxTokenLength, let data = Data(base64Encoded: token), data.count >= Self.sealBytes else {
            throw .invalidRequest("Invalid token")
        }
        let position = Array(data.dropFirst(Self.sealBytes))
        guard Self.areEqual(Array(data.prefix(Self.sealBytes)), self.seal(position, query)),
            let text = String(validating: position, as: UTF8.self)
        else {
            throw .invalidRequest("Invalid token")
        }
        return text
    }

    private func seal(_ position: [UInt8], _ query: [String?]) -> [UInt8] {
        var hmac = HMAC<SHA256>(key: self.key.key)
        for part in [self.operation] + query {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart; -1 keeps nil and "" apart.
            withUnsafeBytes(of: Int64(part?.utf8.count ?? -1).bigEndian) { hmac.update(data: $0) }
            if let part { hmac.update(data: Array(part.utf8)) }
        }
        hmac.update(data: position)
        return Array(hmac.finalize().prefix(Self.sealBytes))
    }

    /// Compares in a time that tells nothing about where the difference is.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
