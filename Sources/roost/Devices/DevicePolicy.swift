import Foundation
import JSON

/// The policy of a device that `roost device create` sets up.
struct DevicePolicy: Sendable {
    let name: String
    let document: String
    /// Given by the person, so that another document under the name is a conflict; the built-in one may have been changed on purpose.
    let isOwn: Bool

    /// One policy for all devices: each may connect under its thing's name and use the topics below that name and its own reserved ones.
    static func standard(region: String, account: String) -> DevicePolicy {
        let arn = "arn:aws:iot:\(region):\(account):"
        let thing = "${iot:Connection.Thing.ThingName}"
        func allow(_ actions: [String], _ resources: [String]) -> JSONValue {
            .object([
                "Effect": "Allow", "Action": .array(actions.map(JSONValue.string)), "Resource": .array(resources.map(JSONValue.string)),
            ])
        }
        let names = [thing, "\(thing)/*", "$aws/things/\(thing)/*"]
        let document: JSONValue = .object([
            "Version": "2012-10-17",
            "Statement": .array([
                allow(["iot:Connect"], ["\(arn)client/\(thing)"]),
                allow(["iot:Publish", "iot:RetainPublish", "iot:Receive"], names.map { "\(arn)topic/\($0)" }),
                allow(["iot:Subscribe"], names.map { "\(arn)topicfilter/\($0)" }),
            ]),
        ])
        return DevicePolicy(name: "roost-device", document: document.serialized(), isOwn: false)
    }

    /// The document in a file, under a name made of the device's.
    static func own(file: String, device: String) throws -> DevicePolicy {
        // Through a handle, which also reads from a pipe, as of a shell's <(...).
        guard let data = try? FileHandle(forReadingFrom: URL(fileURLWithPath: file)).readToEnd(),
            let text = String(data: data, encoding: .utf8)
        else {
            throw CommandFailure(.cannotCreate, "The policy file \(file) cannot be read as UTF-8 text.")
        }
        do {
            guard case .object = try JSONValue(parsing: text) else {
                throw CommandFailure(.usage, "The policy file \(file) must hold a JSON object.")
            }
        } catch let error as JSONParseError {
            throw CommandFailure(.usage, "The policy file \(file) is not valid JSON: \(error).")
        }
        // Policy names have no colon, names of things may.
        return DevicePolicy(name: device.replacing(":", with: "_") + "-policy", document: text, isOwn: true)
    }

    func hasSameMeaning(as other: String) -> Bool {
        guard let mine = try? JSONValue(parsing: self.document), let theirs = try? JSONValue(parsing: other) else { return false }
        return mine == theirs
    }
}
