import Logging

/// Writes one log event as text or as one JSON object.
enum LogLine {
    /// A longer message is cut, so that what a peer sends cannot fill the log.
    static let maxValueBytes = 4_096

    static func text(_ event: LogEvent, label: String, metadata: Logger.Metadata, time: String) -> String {
        var line = "\(time) \(event.level.rawValue) \(label): \(self.oneLine(event.message.description))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let text = self.oneLine(value.description)
            line += text.contains(where: { $0 == " " || $0 == "\"" }) || text.isEmpty ? " \(key)=\"\(text)\"" : " \(key)=\(text)"
        }
        return line + "\n"
    }

    static func json(_ event: LogEvent, label: String, metadata: Logger.Metadata, time: String) -> String {
        var line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\",\"logger\":"
        self.appendString(label, to: &line)
        line += ",\"message\":"
        self.appendString(self.cut(event.message.description), to: &line)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += ","
            // The four fields above are ours; a metadata key of the same name is kept apart.
            self.appendString(["time", "level", "logger", "message"].contains(key) ? "_" + key : key, to: &line)
            line += ":"
            self.appendString(self.cut(value.description), to: &line)
        }
        return line + "}\n"
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= self.maxValueBytes ? text : String(text.prefix(self.maxValueBytes / 4)) + "…"
    }

    /// Control characters become escapes: a client id must not be able to forge a log line.
    private static func oneLine(_ text: String) -> String {
        let text = self.cut(text)
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7F {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func appendString(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case let control where control.value < 0x20 || control.value == 0x7F:
                let digits = String(control.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
