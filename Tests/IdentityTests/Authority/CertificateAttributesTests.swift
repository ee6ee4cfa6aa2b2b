import Foundation
import JSON
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("What policies see of a certificate (AWS IoT Developer Guide, policies)")
struct CertificateAttributesTests {
    @Test("names with all their values, alternative names, and the serial number in decimal")
    func extracted() throws {
        let subject = try DistinguishedName {
            CountryName("DE")
            OrganizationName("Roost")
            OrganizationalUnitName("first")
            OrganizationalUnitName("second")
            CommonName("lamp")
        }
        let directory = try DistinguishedName { CommonName("dir") }
        let pem = try TestAuthority("Fleet CA").sign(
            subject: subject,
            alternatives: [
                .dnsName("lamp.example"), .rfc822Name("a@example"), .uniformResourceIdentifier("urn:x"), .directoryName(directory),
                .ipAddress(ASN1OctetString(contentBytes: [192, 0, 2, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [1, 2])),
            ])
        let attributes = CertificateAttributes(try Certificate(pemEncoded: pem))
        #expect(attributes.subject.names[.country] == ["DE"])
        #expect(attributes.subject.names[.organizationalUnit] == ["first", "second"])
        #expect(attributes.subject.names[.commonName] == ["lamp"])
        #expect(attributes.subject.names[.title] == nil)
        #expect(attributes.issuer.names[.commonName] == ["Fleet CA"])
        #expect(attributes.subject.alternativeNames[.dnsName] == ["lamp.example"])
        #expect(attributes.subject.alternativeNames[.rfc822Name] == ["a@example"])
        #expect(attributes.subject.alternativeNames[.uniformResourceIdentifier] == ["urn:x"])
        #expect(attributes.subject.alternativeNames[.directoryName] == ["CN=dir"])
        #expect(attributes.subject.alternativeNames[.ipAddress] == ["192.0.2.1", "2001:db8::1"])
        #expect(attributes.serialNumber?.allSatisfy(\.isNumber) == true)
    }

    @Test(
        "serial numbers are written in full",
        arguments: [([UInt8]([0]), "0"), ([1, 0], "256"), ([255, 255, 255, 255, 255, 255, 255, 255, 255], "4722366482869645213695")])
    func serialNumbers(bytes: [UInt8], text: String) throws {
        let authority = try TestAuthority()
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(bytes: bytes), publicKey: authority.certificate.publicKey,
            notValidBefore: TestCertificates.start, notValidAfter: TestCertificates.end, issuer: authority.certificate.subject,
            subject: authority.certificate.subject, extensions: .init(), issuerPrivateKey: .init(authority.key))
        #expect(CertificateAttributes(certificate).serialNumber == text)
    }
}

@Suite("When a certificate may be used")
struct DeviceCertificateTests {
    @Test("its validity dates hold")
    func validity() async throws {
        let fixture = try IdentityFixture()
        let pem = try TestAuthority().sign(commonName: "x")
        let registered = try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(pem), "status": "ACTIVE"])
        let id = try #require(registered["certificateId"]?.stringValue)
        let certificate = try #require(try await fixture.identity.deviceCertificate(fingerprint: id))
        let day: TimeInterval = 86_400
        func refusal(_ date: Date) -> String? { certificate.refusal(at: Timestamp(date), sentServerName: true) }
        #expect(refusal(TestCertificates.start) == nil)
        #expect(refusal(TestCertificates.end) == nil)
        #expect(refusal(TestCertificates.start.addingTimeInterval(-day))?.contains("not valid before") == true)
        #expect(refusal(TestCertificates.end.addingTimeInterval(day))?.contains("expired") == true)
        try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": "INACTIVE"])
        let inactive = try #require(try await fixture.identity.deviceCertificate(fingerprint: id))
        #expect(inactive.refusal(at: Timestamp(TestCertificates.start), sentServerName: true)?.contains("INACTIVE") == true)
    }
}
