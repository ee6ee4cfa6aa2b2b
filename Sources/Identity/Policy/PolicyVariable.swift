/// What a policy can ask about a request: a policy variable in a Resource or a condition value, or a condition key.
/// The names are compared without regard to case, as IAM does; thing attributes keep theirs.
enum PolicyVariable: Sendable, Hashable {
    enum Party: Sendable, Hashable {
        case subject
        case issuer
    }

    /// Which of the values of a certificate field: `X` is the first, `X.N` the one at index N (so `.1` is the second), `X.List` all.
    enum Selector: Sendable, Hashable {
        case index(Int)
        case list
    }

    case clientID
    case sourceIP
    case domainName
    case certificateID
    case thingName
    case thingTypeName
    case thingAttribute(String)
    case isThingAttached
    case connectAttributes
    case lastWillTopic
    case certificateName(Party, CertificateAttributes.NameAttribute, Selector)
    case certificateAlternativeName(Party, CertificateAttributes.AlternativeName, Selector)
    case certificateSerialNumber
    case certificateKeys
    case currentTime
    case epochTime
    case secureTransport
    case userAgent
    /// Any other name, lower-case: known only when the connection brings a value for it.
    case other(String)

    init(_ name: String) {
        let key = name.lowercased()
        if let known = Self.fixed[key] {
            self = known
        } else if key.utf8.starts(with: Self.attributePrefix.utf8), key.utf8.last == UInt8(ascii: "]") {
            // Cut from the name as it was written: an attribute keeps its case.
            let attribute = name.utf8.drop { $0 != UInt8(ascii: "[") }.dropFirst().dropLast()
            self = .thingAttribute(String(decoding: attribute, as: UTF8.self))
        } else if key.hasPrefix("iot:certificate."), let field = Self.certificateField(key) {
            self = field
        } else {
            self = .other(key)
        }
    }

    var isTime: Bool { self == .currentTime || self == .epochTime }

    /// Certificate values may not carry wildcards into a policy.
    var isCertificateField: Bool {
        switch self {
        case .certificateName, .certificateAlternativeName, .certificateSerialNumber: true
        default: false
        }
    }

    private static let attributePrefix = "iot:connection.thing.attributes["

    private static let fixed: [String: PolicyVariable] = [
        "iot:clientid": .clientID,
        "aws:sourceip": .sourceIP,
        "iot:domainname": .domainName,
        "iot:certificateid": .certificateID,
        "iot:connection.thing.thingname": .thingName,
        // The older name of the same.
        "iot:thing.thingname": .thingName,
        "iot:connection.thing.thingtypename": .thingTypeName,
        "iot:connection.thing.isattached": .isThingAttached,
        "iot:connectattributes": .connectAttributes,
        "iot:lastwilltopic": .lastWillTopic,
        "iot:certificate.serialnumber": .certificateSerialNumber,
        "iot:certificate.availablekeys": .certificateKeys,
        "aws:currenttime": .currentTime,
        "aws:epochtime": .epochTime,
        "aws:securetransport": .secureTransport,
        "aws:useragent": .userAgent,
    ]

    private static let names = Dictionary(
        uniqueKeysWithValues: CertificateAttributes.NameAttribute.allCases.map { (Substring($0.rawValue.lowercased()), $0) })
    private static let alternativeNames = Dictionary(
        uniqueKeysWithValues: CertificateAttributes.AlternativeName.allCases.map { (Substring($0.rawValue.lowercased()), $0) })

    /// `key` is `iot:certificate.subject.x`, `….x.n` or `….x.list`, or the same below `….alternativename`.
    private static func certificateField(_ key: String) -> PolicyVariable? {
        var parts = key.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
        let party: Party
        switch parts.popFirst() {
        case "subject": party = .subject
        case "issuer": party = .issuer
        default: return nil
        }
        let isAlternative = parts.first == "alternativename"
        if isAlternative { parts.removeFirst() }
        guard let field = parts.popFirst(), parts.count <= 1, let selector = Self.selector(parts.first) else { return nil }
        if isAlternative { return Self.alternativeNames[field].map { .certificateAlternativeName(party, $0, selector) } }
        return Self.names[field].map { .certificateName(party, $0, selector) }
    }

    private static func selector(_ text: Substring?) -> Selector? {
        guard let text else { return .index(0) }
        if text == "list" { return .list }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).map { .index($0) }
    }
}
