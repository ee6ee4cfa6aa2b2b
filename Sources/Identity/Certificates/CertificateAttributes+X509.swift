import SwiftASN1
import X509

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension CertificateAttributes {
    /// What policies may ask of a certificate (reference: "X.509 Certificate AWS IoT Core policy variables").
    init(_ certificate: Certificate) {
        self.init(
            subject: Party(
                names: Self.names(of: certificate.subject),
                alternativeNames: Self.alternativeNames((try? certificate.extensions.subjectAlternativeNames).map(Array.init) ?? [])),
            issuer: Party(
                names: Self.names(of: certificate.issuer),
                alternativeNames: Self.alternativeNames(Self.issuerAlternativeNames(of: certificate))),
            serialNumber: Self.decimal(certificate.serialNumber.bytes))
    }

    /// The attributes of a distinguished name by their object identifiers (X.520).
    private static func attribute(for type: ASN1ObjectIdentifier) -> NameAttribute? {
        switch type {
        case [2, 5, 4, 3]: .commonName
        case [2, 5, 4, 4]: .surname
        case [2, 5, 4, 5]: .serialNumber
        case [2, 5, 4, 6]: .country
        case [2, 5, 4, 8]: .state
        case [2, 5, 4, 10]: .organization
        case [2, 5, 4, 11]: .organizationalUnit
        case [2, 5, 4, 12]: .title
        case [2, 5, 4, 42]: .givenName
        case [2, 5, 4, 43]: .initials
        case [2, 5, 4, 44]: .generationQualifier
        case [2, 5, 4, 46]: .distinguishedNameQualifier
        case [2, 5, 4, 65]: .pseudonym
        default: nil
        }
    }

    private static func names(of name: DistinguishedName) -> [NameAttribute: [String]] {
        var result: [NameAttribute: [String]] = [:]
        for relative in name {
            for entry in relative {
                guard let attribute = Self.attribute(for: entry.type), let text = String(entry.value) else { continue }
                result[attribute, default: []].append(text)
            }
        }
        return result
    }

    private static func alternativeNames(_ names: [GeneralName]) -> [AlternativeName: [String]] {
        var result: [AlternativeName: [String]] = [:]
        for name in names {
            switch name {
            case .rfc822Name(let text): result[.rfc822Name, default: []].append(text)
            case .dnsName(let text): result[.dnsName, default: []].append(text)
            case .directoryName(let name): result[.directoryName, default: []].append(name.description)
            case .uniformResourceIdentifier(let text): result[.uniformResourceIdentifier, default: []].append(text)
            case .ipAddress(let bytes):
                guard let text = Self.text(ofAddress: bytes.bytes) else { continue }
                result[.ipAddress, default: []].append(text)
            case .otherName, .x400Address, .ediPartyName, .registeredID: continue
            }
        }
        return result
    }

    /// RFC 5280 §4.2.1.7; the library names only the subject's.
    private static func issuerAlternativeNames(of certificate: Certificate) -> [GeneralName] {
        guard let found = certificate.extensions[oid: [2, 5, 29, 18]], let root = try? DER.parse(found.value) else { return [] }
        let names = try? DER.sequence(of: GeneralName.self, identifier: .sequence, rootNode: root)
        return names ?? []
    }

    private static func text(ofAddress bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let found = Array(bytes).withUnsafeBytes {
            inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN))
        }
        guard found != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// RFC 5280 §4.1.2.2 bounds a serial number to 20 bytes; the conversion costs the square of its length, so longer ones have no text.
    private static let maxSerialNumberBytes = 64

    private static func decimal(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count <= Self.maxSerialNumberBytes else { return nil }
        // Digits from the lowest: each byte shifts them by 256.
        var digits: [UInt8] = [0]
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                let value = Int(digits[index]) * 256 + carry
                digits[index] = UInt8(value % 10)
                carry = value / 10
            }
            while carry > 0 {
                digits.append(UInt8(carry % 10))
                carry /= 10
            }
        }
        return String(decoding: digits.reversed().map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }
}
