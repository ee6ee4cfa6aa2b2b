import AWSAPI
import Broker
import Foundation
import JSON

/// The MQTT 5 properties of an HTTP publish (AWS IoT Developer Guide, device communication protocols).
extension MessageProperties {
    /// Reads the query and the headers.
    init(_ input: OperationInput) throws(AWSError) {
        self.init()
        let format = try input.optionalWord(
            "payloadFormatIndicator", in: .named("x-amz-mqtt5-payload-format-indicator"), of: ["UNSPECIFIED_BYTES", "UTF8_DATA"])
        self.isUTF8Payload = format == "UTF8_DATA"
        self.contentType = try input.optionalString("contentType", in: .query)
        self.responseTopic = try input.optionalString("responseTopic", in: .query)
        if let text = try input.optionalString("correlationData", in: .named("x-amz-mqtt5-correlation-data")) {
            guard let data = Data(base64Encoded: text) else {
                throw .invalidRequest("The header x-amz-mqtt5-correlation-data is not base64.")
            }
            self.correlationData = [UInt8](data)
        }
        if let text = try input.optionalString("userProperties", in: .named("x-amz-mqtt5-user-properties")) {
            self.userProperties = try Self.userProperties(text)
        }
    }

    /// A base64 text of a JSON array of objects with one key each.
    static func userProperties(_ text: String) throws(AWSError) -> [(name: String, value: String)] {
        let complaint = AWSError.invalidRequest(
            "The header x-amz-mqtt5-user-properties is not the base64 of a JSON array of objects with one key and a text.")
        guard let data = Data(base64Encoded: text), let value = try? JSONValue(parsing: [UInt8](data)) else { throw complaint }
        guard case .array(let items) = value else { throw complaint }
        var result: [(name: String, value: String)] = []
        for item in items {
            guard case .object(let object) = item, object.count == 1, let (name, value) = object.first(where: { _ in true }),
                case .string(let text) = value
            else { throw complaint }
            result.append((name, text))
        }
        return result
    }

    /// Holds the properties against the limits of the profile.
    func check(_ profile: Profile) throws(AWSError) {
        if let problem = self.problem(under: profile) { throw .invalidRequest(problem) }
    }
}
