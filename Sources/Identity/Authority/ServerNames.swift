#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names and addresses under which this host's clients may reach it; the server certificate holds them.
package struct ServerNames: Sendable, Hashable {
    /// DNS names, lower case, sorted.
    package var names: [String]
    /// Addresses as raw bytes, 4 or 16 of them, sorted.
    package var addresses: [[UInt8]]

    /// `localhost`, the loopback addresses, and what the operator adds (names or addresses as text).
    package init(adding extra: [String] = []) {
        self.names = ["localhost"]
        self.addresses = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        for text in extra { self.add(text) }
    }

    /// Also the host's own name and the addresses of its interfaces.
    ///
    /// Link-local addresses are left out (no client names them without a zone), and the list is bounded: a host with more than
    /// `IdentityLimits.serverAddresses` addresses has the rest reached by name.
    package static func ofThisHost(adding extra: [String] = []) -> ServerNames {
        var result = ServerNames(adding: extra)
        if let host = Self.hostName() { result.add(host) }
        for address in Self.interfaceAddresses() where result.addresses.count < IdentityLimits.serverAddresses {
            result.add(address: address)
        }
        return result
    }

    private mutating func add(_ text: String) {
        if let address = Self.parse(address: text) {
            self.add(address: address)
        } else if Self.isHostName(text), !self.names.contains(text.lowercased()) {
            self.names.append(text.lowercased())
            self.names.sort()
        }
    }

    private mutating func add(address: [UInt8]) {
        guard !self.addresses.contains(address), address.contains(where: { $0 != 0 }) else { return }
        self.addresses.append(address)
        self.addresses.sort { $0.lexicographicallyPrecedes($1) }
    }

    /// RFC 1123 §2.1: letters, digits, hyphens and dots, at most 253 characters. An underscore is let through: containers have them.
    static func isHostName(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...253).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// 4 or 16 bytes, nil when the text is no address.
    static func parse(address text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, text, &sixteen) == 1 { return withUnsafeBytes(of: sixteen) { Array($0) } }
        return nil
    }

    private static func hostName() -> String? {
        // 255 is the most that POSIX lets a host name have (HOST_NAME_MAX); one more for the terminator.
        var buffer = [UInt8](repeating: 0, count: 256)
        let result = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { gethostname($0, 255) }
        }
        guard result == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func interfaceAddresses() -> [[UInt8]] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { return [] }
        defer { freeifaddrs(head) }
        var result: [[UInt8]] = []
        var next = head
        while let interface = next {
            next = interface.pointee.ifa_next
            guard let address = interface.pointee.ifa_addr else { continue }
            if let bytes = Self.bytes(of: address), !Self.isLinkLocal(bytes) { result.append(bytes) }
        }
        return result
    }

    private static func bytes(of address: UnsafeMutablePointer<sockaddr>) -> [UInt8]? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
        default:
            return nil
        }
    }

    /// 169.254.0.0/16 and fe80::/10.
    private static func isLinkLocal(_ bytes: [UInt8]) -> Bool {
        bytes.count == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    }
}
