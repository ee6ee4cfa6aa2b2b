#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An address or a CIDR block of a policy condition (IAM, "IP address condition operators"), IPv4 or IPv6.
struct IPAddressRange: Sendable, Hashable {
    /// Both kinds in one space, as RFC 4291 §2.5.5.2 maps IPv4 to ::ffff:0:0/96, so that a mapped peer address is its IPv4 address.
    private let address: UInt128
    private let mask: UInt128

    private static let mapped: UInt128 = 0xFFFF << 32
    private static let mappedBits = 96

    /// Nil when the text is neither an address nor a block. Bits behind the prefix are ignored.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let (address, isIPv4) = Self.address(String(first)) else { return nil }
        var prefix = 128
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let bits = Int(parts[1]),
                bits <= (isIPv4 ? 32 : 128)
            else { return nil }
            prefix = isIPv4 ? bits + Self.mappedBits : bits
        }
        self.mask = prefix == 0 ? 0 : UInt128.max << UInt128(128 - prefix)
        self.address = address & self.mask
    }

    func contains(_ address: UInt128) -> Bool { address & self.mask == self.address }

    /// The address of a peer; a zone (`%eth0`) is ignored.
    static func address(ofPeer text: String) -> UInt128? {
        Self.address(String(text.prefix { $0 != "%" }))?.address
    }

    private static func address(_ text: String) -> (address: UInt128, isIPv4: Bool)? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return (Self.mapped | UInt128(UInt32(bigEndian: four.s_addr)), true) }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return (withUnsafeBytes(of: &six) { $0.reduce(0) { $0 << 8 | UInt128($1) } }, false)
    }
}
