import ArgumentParser
import Foundation
import Rules

/// The message that a rule is tried on.
struct RuleMessageOptions: ParsableArguments {
    @Option(help: "Topic that it was published to.")
    var topic: String

    @Option(help: ArgumentHelp("Its payload as text.", valueName: "text"))
    var payload: String?

    @Option(help: ArgumentHelp("Its payload in base64.", valueName: "b64"))
    var payloadBase64: String?

    @Option(help: ArgumentHelp("A file with its payload.", valueName: "file"))
    var payloadFile: String?

    @Option(help: ArgumentHelp("Client id of who published it.", valueName: "id"))
    var clientId: String?

    @Option(help: ArgumentHelp("Certificate id or identity of who published it.", valueName: "id"))
    var principal: String?

    @Option(help: ArgumentHelp("MQTT 5 content type.", valueName: "type"))
    var contentType: String?

    @Option(help: ArgumentHelp("MQTT 5 response topic.", valueName: "topic"))
    var responseTopic: String?

    @Option(help: ArgumentHelp("MQTT 5 correlation data in base64.", valueName: "b64"))
    var correlationData: String?

    @Option(help: ArgumentHelp("UTF8_DATA or UNSPECIFIED_BYTES.", valueName: "format"))
    var payloadFormat: String?

    @Option(help: ArgumentHelp("MQTT 5 user property; may be given more than once.", valueName: "key=value"))
    var userProperty: [String] = []

    func validate() throws {
        let given = [self.payload, self.payloadBase64, self.payloadFile].compactMap { $0 }
        guard given.count == 1 else { throw ValidationError("Give one of --payload, --payload-base64 and --payload-file.") }
        guard [nil, "UTF8_DATA", "UNSPECIFIED_BYTES"].contains(self.payloadFormat) else {
            throw ValidationError("--payload-format is UTF8_DATA or UNSPECIFIED_BYTES.")
        }
    }

    func message() throws -> SQLMessage {
        SQLMessage(
            topic: self.topic, payload: try self.bytes(), clientID: self.clientId, principal: self.principal,
            traceID: self.clientId == nil ? nil : UUID().uuidString.lowercased(),
            timestampMilliseconds: Int64(Date().timeIntervalSince1970 * 1000),
            properties: SQLMessage.Properties(
                contentType: self.contentType, responseTopic: self.responseTopic,
                correlationData: try self.correlationData.map { try Self.decoded($0, "--correlation-data") },
                isUTF8Payload: self.payloadFormat == "UTF8_DATA", userProperties: try self.userProperties()))
    }

    private func bytes() throws -> [UInt8] {
        if let text = self.payload { return Array(text.utf8) }
        if let text = self.payloadBase64 { return try Self.decoded(text, "--payload-base64") }
        guard let path = self.payloadFile, let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("The file of --payload-file cannot be read.")
        }
        return Array(data)
    }

    private func userProperties() throws -> [SQLMessage.UserProperty] {
        try self.userProperty.map { text in
            guard let equals = text.firstIndex(of: "=") else { throw ValidationError("--user-property \(text): write it as key=value.") }
            return SQLMessage.UserProperty(key: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
        }
    }

    private static func decoded(_ text: String, _ option: String) throws -> [UInt8] {
        guard let data = Data(base64Encoded: text) else { throw ValidationError("\(option) is not base64.") }
        return Array(data)
    }
}
