import AWSAPI
import Broker
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

/// The MQTT 5 properties of an HTTP publish.
struct PublishPropertiesTests {
    private func input(query: [QueryItem] = [], headers: [String: String] = [:]) -> OperationInput {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return OperationInput(query: query, headers: fields)
    }

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test func allOfThemAreEncodedInTheirOrder() throws {
        let properties = try MessageProperties(
            self.input(
                query: [QueryItem("contentType", "a/b"), QueryItem("responseTopic", "r")],
                headers: [
                    "x-amz-mqtt5-payload-format-indicator": "UTF8_DATA",
                    "x-amz-mqtt5-correlation-data": self.base64("c"),
                    "x-amz-mqtt5-user-properties": self.base64(#"[{"k":"v"},{"k":"w"}]"#),
                ]))
        let expected: [UInt8] =
            [0x01, 1] + [0x03, 0, 3] + Array("a/b".utf8) + [0x08, 0, 1] + Array("r".utf8) + [0x09, 0, 1] + Array("c".utf8)
            + [0x26, 0, 1] + Array("k".utf8) + [0, 1] + Array("v".utf8) + [0x26, 0, 1] + Array("k".utf8) + [0, 1] + Array("w".utf8)
        #expect(properties.encoded() == expected)
        let read = MessageProperties(decoding: properties.encoded()).userProperties
        #expect(read.map { [$0.name, $0.value] } == [["k", "v"], ["k", "w"]])
    }

    @Test func noneAreNoBytes() throws {
        #expect(try MessageProperties(self.input()).encoded().isEmpty)
    }

    @Test(arguments: ["{}", "[1]", #"[{"a":"b","c":"d"}]"#, #"[{"a":1}]"#, "[{}]", "no json"])
    func malformedUserPropertiesAreRefused(_ text: String) {
        #expect(throws: AWSError.self) {
            try MessageProperties(self.input(headers: ["x-amz-mqtt5-user-properties": self.base64(text)]))
        }
    }

    @Test(arguments: ["x-amz-mqtt5-user-properties", "x-amz-mqtt5-correlation-data"])
    func whatIsNoBase64IsRefused(_ header: String) {
        #expect(throws: AWSError.self) { try MessageProperties(self.input(headers: [header: "*"])) }
    }

    @Test func anUnknownFormatIsRefused() {
        #expect(throws: AWSError.self) {
            try MessageProperties(self.input(headers: ["x-amz-mqtt5-payload-format-indicator": "LATIN_1"]))
        }
    }

    @Test func theLimitsOfTheProfileHold() throws {
        var properties = MessageProperties()
        properties.contentType = String(repeating: "x", count: Profile.aws.maxContentTypeBytes)
        try properties.check(.aws)
        properties.contentType?.append("x")
        #expect(throws: AWSError.self) { try properties.check(.aws) }
    }

    @Test(arguments: ["a/+", "#", ""])
    func aResponseTopicIsATopicName(_ topic: String) {
        var properties = MessageProperties()
        properties.responseTopic = topic
        #expect(throws: AWSError.self) { try properties.check(.open) }
    }

    /// What is read back comes from the store; a length that lies must end the reading, not the process.
    @Test(arguments: [[0x26], [0x26, 0], [0x26, 0xFF, 0xFF, 1], [0x26, 0, 1, 0x61], [0x7F, 1, 2], [0x03, 0, 9, 1]] as [[UInt8]])
    func brokenBytesEndTheReading(_ bytes: [UInt8]) {
        #expect(MessageProperties(decoding: bytes).userProperties.isEmpty)
    }
}
