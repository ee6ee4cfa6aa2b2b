/// Names and label texts of the Prometheus exposition format 0.0.4.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other character becomes `_`.
    static func sanitized(_ label: String) -> String {
        self.sanitized(label, allowingColon: true)
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func sanitizedLabel(_ name: String) -> String {
        self.sanitized(name, allowingColon: false)
    }

    private static func sanitized(_ text: String, allowingColon: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 1)
        for byte in text.utf8 {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x5F: bytes.append(byte)
            case 0x3A where allowingColon: bytes.append(byte)
            case 0x30...0x39:
                if bytes.isEmpty { bytes.append(0x5F) }
                bytes.append(byte)
            default: bytes.append(0x5F)
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    /// A counter's name ends in `_total`.
    static func counter(_ label: String) -> String {
        let name = self.sanitized(label)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    /// A timer is told in seconds.
    static func timer(_ label: String) -> String {
        let name = self.sanitized(label)
        return name.hasSuffix("_seconds") ? name : name + "_seconds"
    }

    /// Backslash, quote and line feed are escaped in a label's value.
    static func escapedValue(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
