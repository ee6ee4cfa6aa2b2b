/// The rules for names of buckets.
enum BucketName {
    /// 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends, no two dots together, not an IPv4 address.
    static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last, Self.isAlphanumeric(first),
            Self.isAlphanumeric(last), bytes.allSatisfy({ Self.isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { return false }
        guard !name.contains(".."), !name.hasPrefix("xn--"), !name.hasSuffix("-s3alias"), !name.hasSuffix("--ol-s3") else { return false }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return !(parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
