import AWSAPI
import Broker
import Foundation
import JSON

/// The MQTT 5 properties that a republished message gets (`MqttHeaders`; MQTT 5.0 §3.3.2.3). The original's are not copied.
struct RepublishHeaders: Sendable {
    private let payloadFormatIndicator: SubstitutionTemplate?
    private let contentType: SubstitutionTemplate?
    private let responseTopic: SubstitutionTemplate?
    private let correlationData: SubstitutionTemplate?
    private let messageExpiry: SubstitutionTemplate?
    private let userProperties: [(key: SubstitutionTemplate, value: SubstitutionTemplate)]

    static let maxUserProperties = 100

    /// - Parameter fields: nil for an action without headers.
    init(_ fields: ActionFields?) throws(AWSError) {
        self.payloadFormatIndicator = try fields?.optionalTemplate("payloadFormatIndicator")
        self.contentType = try fields?.optionalTemplate("contentType")
        self.responseTopic = try fields?.optionalTemplate("responseTopic")
        self.correlationData = try fields?.optionalTemplate("correlationData")
        self.messageExpiry = try fields?.optionalTemplate("messageExpiry")
        var properties: [(SubstitutionTemplate, SubstitutionTemplate)] = []
        for value in try fields?.input.optionalArray("userProperties", maxCount: Self.maxUserProperties) ?? [] {
            guard let fields, let key = value["key"]?.stringValue, let text = value["value"]?.stringValue else {
                throw .invalidRequest("headers.userProperties holds objects with the texts key and value.")
            }
            properties.append((try fields.template(key, of: "userProperties"), try fields.template(text, of: "userProperties")))
        }
        self.userProperties = properties
    }

    /// - Throws: ``SQLFailure``, or ``RepublishHeaderError`` for a value that the protocol does not take.
    func apply(to request: inout PublishRequest, _ item: ActionItem, _ profile: Profile) async throws {
        var properties = MessageProperties()
        switch try await item.text(self.payloadFormatIndicator) {
        case nil, "", "UNSPECIFIED_BYTES": break
        case "UTF8_DATA": properties.isUTF8Payload = true
        case let text?:
            throw RepublishHeaderError(description: "payloadFormatIndicator is \(text), neither UNSPECIFIED_BYTES nor UTF8_DATA")
        }
        properties.contentType = try await item.text(self.contentType)
        properties.responseTopic = try await item.text(self.responseTopic)
        if let text = try await item.text(self.correlationData) {
            guard let data = Data(base64Encoded: text) else {
                throw RepublishHeaderError(description: "correlationData is not base64")
            }
            properties.correlationData = Array(data)
        }
        if let text = try await item.text(self.messageExpiry), !text.isEmpty {
            guard let seconds = UInt32(text) else {
                throw RepublishHeaderError(description: "messageExpiry is \(text), not a number of seconds")
            }
            request.messageExpirySeconds = seconds
        }
        for property in self.userProperties {
            properties.userProperties.append((try await item.text(property.key), try await item.text(property.value)))
        }
        if let problem = properties.problem(under: profile) { throw RepublishHeaderError(description: problem) }
        request.properties = properties.encoded()
    }
}

struct RepublishHeaderError: Error, CustomStringConvertible {
    let description: String
}
