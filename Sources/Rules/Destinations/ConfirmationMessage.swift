import AWSAPI
import Foundation
import JSON

/// What asks a destination whether rules may send to it (AWS IoT Developer Guide, rules).
struct ConfirmationMessage: Sendable {
    let url: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// - Parameter address: of this server's API, without a slash at its end.
    init(arn: String, confirmationURL: String, token: String, address: String) {
        self.url = Self.url(confirmationURL, token: token)
        self.headers = [
            ("content-type", "application/json"), ("x-amz-rules-engine-message-type", "DestinationConfirmation"),
            ("x-amz-rules-engine-destination-arn", arn),
        ]
        self.body = JSONValue.object([
            "arn": .string(arn), "confirmationToken": .string(token), "enableUrl": .string("\(address)/confirmdestination/\(token)"),
            "messageType": "DestinationConfirmation",
        ]).serializedBytes()
    }

    /// AWS asks at `URL/?confirmationToken=…`; a query that is there stays.
    static func url(_ url: String, token: String) -> String {
        if url.contains("?") { return "\(url)&confirmationToken=\(token)" }
        return "\(url)\(url.hasSuffix("/") ? "" : "/")?confirmationToken=\(token)"
    }

    /// 256 random bits, in characters that need no encoding in URLs.
    static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
