/// What policies can ask of a device certificate: the values behind the `iot:Certificate.*` variables
/// ("X.509 Certificate AWS IoT Core policy variables" in the AWS IoT developer guide). The X.509 code fills it once per certificate.
package struct CertificateAttributes: Sendable, Hashable {
    /// The attributes of a distinguished name that have a variable; the raw value is the variable's part.
    package enum NameAttribute: String, Sendable, CaseIterable {
        case distinguishedNameQualifier = "DistinguishedNameQualifier"
        case country = "Country"
        case organization = "Organization"
        case organizationalUnit = "OrganizationalUnit"
        case state = "State"
        case commonName = "CommonName"
        case serialNumber = "SerialNumber"
        case title = "Title"
        case surname = "Surname"
        case givenName = "GivenName"
        case initials = "Initials"
        case pseudonym = "Pseudonym"
        case generationQualifier = "GenerationQualifier"
    }

    /// The forms of an alternative name that have a variable.
    package enum AlternativeName: String, Sendable, CaseIterable {
        case rfc822Name = "RFC822Name"
        case dnsName = "DNSName"
        case directoryName = "DirectoryName"
        case uniformResourceIdentifier = "UniformResourceIdentifier"
        case ipAddress = "IPAddress"
    }

    /// The subject or the issuer: its attributes and its alternative names, each with all values in the certificate's order.
    package struct Party: Sendable, Hashable {
        package var names: [NameAttribute: [String]]
        package var alternativeNames: [AlternativeName: [String]]

        package init(names: [NameAttribute: [String]] = [:], alternativeNames: [AlternativeName: [String]] = [:]) {
            self.names = names
            self.alternativeNames = alternativeNames
        }
    }

    package var subject: Party
    package var issuer: Party
    /// The certificate's own serial number, decimal digits as AWS shows it; nil when it has none.
    package var serialNumber: String?

    package init(subject: Party = Party(), issuer: Party = Party(), serialNumber: String? = nil) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
    }
}
