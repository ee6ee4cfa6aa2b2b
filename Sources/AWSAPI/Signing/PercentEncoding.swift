/// Percent-encoding as Signature Version 4 defines it (RFC 3986: everything but letters, digits and `-_.~` is encoded, in upper-case hex).
package enum PercentEncoding {
    private static let unreserved = AsciiSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    package static func encode(_ bytes: some Sequence<UInt8>, keepingSlash: Bool = false) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes {
            if Self.unreserved.contains(byte) || (keepingSlash && byte == UInt8(ascii: "/")) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(Self.hexDigits[Int(byte >> 4)])
                encoded.append(Self.hexDigits[Int(byte & 0xF)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The bytes that `text` stands for. A percent sign without two hex digits stands for itself.
    static func decode(_ text: some StringProtocol) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count)
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let high = rest.first.flatMap(Self.digit), let low = rest.dropFirst().first.flatMap(Self.digit)
            else {
                decoded.append(byte)
                continue
            }
            rest.removeFirst(2)
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    /// `decode` as text, nil when the bytes are not UTF-8.
    static func decodeText(_ text: some StringProtocol) -> String? {
        String(validating: Self.decode(text), as: UTF8.self)
    }

    /// The value of one hex digit.
    static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Lower-case hex, as signatures and hashes are written.
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            for digit in [byte >> 4, byte & 0xF] {
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of hex text, nil when it is none.
    static func bytes(hex text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map(Self.digit)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
