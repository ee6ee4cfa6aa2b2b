internal import Foundation
package import JSON

/// Writes the XML of AWS's query and REST-XML answers.
package enum XMLText {
    package static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    /// The members of an object as elements. A list becomes one element with a `member` for each item, as in the query protocol; a list
    /// called `entry`, as those of maps are, becomes elements of that name.
    ///
    /// - Parameter timestamps: names of members whose numbers are seconds since 1970: they are written as ISO 8601.
    package static func elements(_ object: JSONObject, timestamps: Set<String> = []) -> String {
        object.map { Self.element($0.key, $0.value, timestamps: timestamps, isTime: timestamps.contains($0.key)) }.joined()
    }

    /// A map as the query protocol has it.
    package static func map(_ entries: some Sequence<(key: String, value: String)>) -> JSONValue {
        ["entry": .array(entries.map { ["key": .string($0.key), "value": .string($0.value)] })]
    }

    /// One element; nothing for null.
    package static func element(
        _ name: String, _ value: JSONValue, timestamps: Set<String> = [], isTime: Bool = false
    ) -> String {
        switch value {
        case .null: ""
        case .object(let object): "<\(name)>\(Self.elements(object, timestamps: timestamps))</\(name)>"
        case .array(let items) where name == "entry": items.map { Self.element(name, $0, timestamps: timestamps) }.joined()
        case .array(let items):
            "<\(name)>\(items.map { Self.element("member", $0, timestamps: timestamps, isTime: isTime) }.joined())</\(name)>"
        case .int where isTime, .decimal where isTime: "<\(name)>\(Self.iso8601(value.doubleValue ?? 0))</\(name)>"
        case .string(let text): "<\(name)>\(Self.escaped(text))</\(name)>"
        default: "<\(name)>\(value.serialized())</\(name)>"
        }
    }

    private static func iso8601(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Text between tags or in an attribute. Characters that XML 1.0 (§2.2) cannot hold become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\r": escaped += "&#xD;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
