/// The values of a variable in one request.
enum PolicyValues {
    case none
    case one(String)
    /// At least one.
    case many([String])

    init(_ value: String?) { self = value.map { .one($0) } ?? .none }

    init(list: [String]) { self = list.isEmpty ? .none : .many(list) }

    var isMissing: Bool {
        if case .none = self { true } else { false }
    }
}

extension PolicyContext {
    /// Values of a certificate field that count; later ones are ignored ("X.509 Certificate policy variable limitations").
    static let maxCertificateValues = 5
    /// Characters of a certificate value; a longer one counts as missing.
    static let maxCertificateValueCharacters = 1024

    /// The value to put in place of `${…}`; nil when it is unknown, has several values, or may not be substituted.
    func substitution(for variable: PolicyVariable) -> String? {
        guard case .one(let value) = self.values(of: variable) else { return nil }
        if variable.isCertificateField && value.utf8.contains(where: Self.isUnsafeInCertificate) { return nil }
        return value
    }

    private static func isUnsafeInCertificate(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "*"), UInt8(ascii: "$"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "#"): true
        default: false
        }
    }

    func values(of variable: PolicyVariable) -> PolicyValues {
        switch variable {
        case .clientID: PolicyValues(self.clientID)
        case .sourceIP: PolicyValues(self.sourceIP)
        case .domainName: PolicyValues(self.domainName)
        case .certificateID: PolicyValues(self.certificateID)
        case .thingName: PolicyValues(self.thing?.name)
        case .thingTypeName: PolicyValues(self.thing?.typeName)
        case .thingAttribute(let name): PolicyValues(self.thing?.attributes[name])
        case .isThingAttached: PolicyValues(self.isThingAttached.map { $0 ? "true" : "false" })
        case .connectAttributes: PolicyValues(list: self.connectAttributes?.map(\.rawValue) ?? [])
        case .lastWillTopic: PolicyValues(self.lastWillTopic)
        case .certificateName(let party, let name, let selector): Self.select(self.party(party)?.names[name], selector)
        case .certificateAlternativeName(let party, let name, let selector):
            Self.select(self.party(party)?.alternativeNames[name], selector)
        case .certificateSerialNumber: PolicyValues(self.certificate?.serialNumber)
        case .certificateKeys: PolicyValues(list: self.certificate?.variableNames ?? [])
        case .currentTime: .one(PolicyDate.text(self.now()))
        case .epochTime: .one(String(self.now() / 1000))
        case .secureTransport: PolicyValues(self.isSecureTransport.map { $0 ? "true" : "false" })
        case .userAgent: PolicyValues(self.userAgent)
        case .other(let key): Self.simplest(self.additional[key] ?? [])
        }
    }

    private func party(_ party: PolicyVariable.Party) -> CertificateAttributes.Party? {
        switch party {
        case .subject: self.certificate?.subject
        case .issuer: self.certificate?.issuer
        }
    }

    private static func select(_ values: [String]?, _ selector: PolicyVariable.Selector) -> PolicyValues {
        guard let values = values?.prefix(Self.maxCertificateValues) else { return .none }
        let isTooLong = { (value: String) in value.unicodeScalars.count > Self.maxCertificateValueCharacters }
        switch selector {
        case .index(let index): return values.indices.contains(index) && !isTooLong(values[index]) ? .one(values[index]) : .none
        case .list: return values.contains(where: isTooLong) ? .none : PolicyValues(list: Array(values))
        }
    }

    private static func simplest(_ values: [String]) -> PolicyValues {
        values.count == 1 ? .one(values[0]) : PolicyValues(list: values)
    }
}

extension CertificateAttributes {
    /// The names of the certificate variables that have values (`iot:Certificate.AvailableKeys`).
    var variableNames: [String] {
        var names: [String] = []
        for (label, party) in [("Subject", self.subject), ("Issuer", self.issuer)] {
            for name in NameAttribute.allCases where party.names[name]?.isEmpty == false {
                names.append("iot:Certificate.\(label).\(name.rawValue)")
            }
            for name in AlternativeName.allCases where party.alternativeNames[name]?.isEmpty == false {
                names.append("iot:Certificate.\(label).AlternativeName.\(name.rawValue)")
            }
        }
        if self.serialNumber != nil { names.append("iot:Certificate.SerialNumber") }
        return names
    }
}
