import AWSAPI
import Crypto
import Foundation
import JSON
import OperationTesting
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("Certificates of a fleet's own CA (AWS IoT Developer Guide, X.509 certificates)")
struct RegistrationTests {
    @Test("DEFAULT mode takes a CA whose owner signed the registration code")
    func standardMode() async throws {
        let fixture = try IdentityFixture()
        let authority = try TestAuthority()
        let code = try #require(try await fixture.call("GetRegistrationCode")["registrationCode"]?.stringValue)
        #expect(code.count == 64)
        #expect(try await fixture.call("GetRegistrationCode")["registrationCode"]?.stringValue == code)
        let body: JSONObject = [
            "caCertificate": .string(try authority.pem), "verificationCertificate": .string(try authority.sign(commonName: code)),
            "tags": [["Key": "team", "Value": "light"]],
        ]
        let registered = try await fixture.call(
            "RegisterCACertificate", query: ["setAsActive": "true", "allowAutoRegistration": "true"], body: body)
        let id = try #require(registered["certificateId"]?.stringValue)
        let arn = IdentityFixture.arn("cacert/\(id)")
        #expect(registered["certificateArn"]?.stringValue == arn)
        let described = try await fixture.call("DescribeCACertificate", ["caCertificateId": id])
        #expect(described["certificateDescription"]?["status"] == "ACTIVE")
        #expect(described["certificateDescription"]?["autoRegistrationStatus"] == "ENABLE")
        #expect(described["certificateDescription"]?["certificateMode"] == "DEFAULT")
        #expect(described["registrationConfig"] == nil)
        #expect(try await fixture.call("ListTagsForResource", query: ["resourceArn": arn])["tags"] == [["Key": "team", "Value": "light"]])
        do {
            try await fixture.call("RegisterCACertificate", body: body)
            Issue.record("registered twice")
        } catch let error as AWSError {
            #expect(error.name == "ResourceAlreadyExistsException")
            #expect(error.extra["resourceId"]?.stringValue == id)
            #expect(error.extra["resourceArn"]?.stringValue == arn)
        }
    }

    @Test("a wrong code, a wrong signature, a CA that is none, and a missing or superfluous verification certificate are refused")
    func refusals() async throws {
        let fixture = try IdentityFixture()
        let authority = try TestAuthority()
        let other = try TestAuthority("Other CA")
        let leaf = try TestAuthority("Leaf", isAuthority: false)
        let expired = try TestAuthority("Expired", until: Date(timeIntervalSince1970: 1_700_000_100))
        let code = try #require(try await fixture.call("GetRegistrationCode")["registrationCode"]?.stringValue)
        func register(_ authority: TestAuthority, _ verification: String?, mode: String? = nil) async throws -> JSONValue {
            var body: JSONObject = ["caCertificate": .string(try authority.pem)]
            body["verificationCertificate"] = verification.map(JSONValue.string)
            body["certificateMode"] = mode.map(JSONValue.string)
            return try await fixture.call("RegisterCACertificate", body: body)
        }
        await expectError("RegistrationCodeValidationException") { try await register(authority, authority.sign(commonName: "wrong")) }
        await expectError("CertificateValidationException") { try await register(authority, other.sign(commonName: code)) }
        await expectError("CertificateValidationException") { try await register(authority, "no certificate") }
        await expectError("CertificateValidationException") { try await register(leaf, leaf.sign(commonName: code)) }
        await expectError("CertificateValidationException") { try await register(expired, expired.sign(commonName: code)) }
        await expectError("CertificateValidationException") {
            try await register(authority, authority.sign(commonName: code, until: Date(timeIntervalSince1970: 1_700_000_100)))
        }
        await expectError("InvalidRequestException") { try await register(authority, nil) }
        await expectError("InvalidRequestException") { try await register(authority, authority.sign(commonName: code), mode: "SNI_ONLY") }
        await expectError("InvalidRequestException") { try await register(authority, nil, mode: "OTHER") }
        try await fixture.call("DeleteRegistrationCode")
        let next = try await fixture.call("GetRegistrationCode")["registrationCode"]?.stringValue
        #expect(next != code)
        await expectError("RegistrationCodeValidationException") { try await register(authority, authority.sign(commonName: code)) }
    }

    @Test("without a registration code there is nothing that a verification certificate could show, one without a name least of all")
    func noCode() async throws {
        let fixture = try IdentityFixture()
        let authority = try TestAuthority()
        let nameless = try authority.sign(subject: DistinguishedName { OrganizationName("lamps") })
        for verification in [nameless, try authority.sign(commonName: "")] {
            await expectError("RegistrationCodeValidationException") {
                try await fixture.call(
                    "RegisterCACertificate",
                    body: ["caCertificate": .string(try authority.pem), "verificationCertificate": .string(verification)])
            }
        }
    }

    @Test("a device certificate takes the mode of the CA that signed it directly")
    func registerCertificate() async throws {
        let fixture = try IdentityFixture()
        let authority = try TestAuthority()
        let caID = try await fixture.registerSNIOnly(authority)
        let pem = try authority.sign(commonName: "lamp")
        let registered = try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(pem), "status": "ACTIVE"])
        let id = try #require(registered["certificateId"]?.stringValue)
        let found = try #require(try await fixture.identity.deviceCertificate(fingerprint: id))
        #expect(found.mode == .serverNameOnly)
        #expect(found.status == .active)
        #expect(found.attributes.subject.names[.commonName] == ["lamp"])
        #expect(
            try await fixture.call("ListCertificatesByCA", ["caCertificateId": caID])["certificates"]?[0]?["certificateId"]?.stringValue
                == id)
        #expect(
            try await fixture.call("DescribeCertificate", ["certificateId": id])["certificateDescription"]?["caCertificateId"]?.stringValue
                == caID)
        do {
            try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(pem)])
            Issue.record("registered twice")
        } catch let error as AWSError {
            #expect(error.name == "ResourceAlreadyExistsException")
            #expect(error.status == 409)
            #expect(error.message == "The certificate is already provisioned or registered")
            #expect(error.extra["resourceId"]?.stringValue == id)
        }
        await expectError("CertificateValidationException") {
            try await fixture.call(
                "RegisterCertificate", body: ["certificatePem": .string(try TestAuthority("Stranger").sign(commonName: "x"))])
        }
        // The same subject, but another key.
        await expectError("CertificateValidationException") {
            try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(try TestAuthority().sign(commonName: "x"))])
        }
    }

    @Test("two registered CAs with one subject are told apart by who signed; with one key too, the caller must name one")
    func sameSubject() async throws {
        let fixture = try IdentityFixture()
        let first = try TestAuthority()
        let second = try TestAuthority()
        _ = try await fixture.registerSNIOnly(first)
        let secondID = try await fixture.registerSNIOnly(second)
        let registered = try await fixture.call(
            "RegisterCertificate",
            body: ["certificatePem": .string(try second.sign(commonName: "x")), "caCertificatePem": .string(try second.pem)])
        let id = try #require(registered["certificateId"]?.stringValue)
        #expect(
            try await fixture.call("DescribeCertificate", ["certificateId": id])["certificateDescription"]?["caCertificateId"]?.stringValue
                == secondID)
        await expectError("CertificateValidationException") {
            try await fixture.call(
                "RegisterCertificate",
                body: ["certificatePem": .string(try second.sign(commonName: "y")), "caCertificatePem": .string(try first.pem)])
        }
        let renewed = try TestCertificates.make(
            subject: first.certificate.subject, issuer: first.certificate.subject, publicKey: first.certificate.publicKey,
            signedWith: .init(first.key), until: TestCertificates.end.addingTimeInterval(1), isAuthority: true
        ).serializeAsPEM().pemString
        try await fixture.call("RegisterCACertificate", body: ["caCertificate": .string(renewed), "certificateMode": "SNI_ONLY"])
        let device = try first.sign(commonName: "z")
        await expectError("CertificateConflictException") {
            try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(device)])
        }
        try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(device), "caCertificatePem": .string(renewed)])
    }

    @Test("at most ten CAs with the same subject")
    func subjectLimit() async throws {
        let fixture = try IdentityFixture()
        for _ in 0..<10 { _ = try await fixture.registerSNIOnly(try TestAuthority()) }
        await expectError("LimitExceededException") { try await fixture.registerSNIOnly(try TestAuthority()) }
        _ = try await fixture.registerSNIOnly(try TestAuthority("Another"))
    }

    @Test("RegisterCertificateWithoutCA takes any signer and demands the server's name at connect time")
    func withoutCA() async throws {
        let fixture = try IdentityFixture()
        let pem = try TestAuthority("Nobody's").sign(commonName: "x")
        let registered = try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(pem), "status": "ACTIVE"])
        let id = try #require(registered["certificateId"]?.stringValue)
        let found = try #require(try await fixture.identity.deviceCertificate(fingerprint: id))
        #expect(found.mode == .serverNameOnly)
        #expect(found.refusal(at: fixture.clock.now, sentServerName: true) == nil)
        #expect(found.refusal(at: fixture.clock.now, sentServerName: false)?.contains("SNI") == true)
        await expectError("ResourceAlreadyExistsException") {
            try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(pem)])
        }
        // Version 1, with line ends of another system and text in front.
        let text = "Certificate:\r\n    Data:\r\n" + TestCertificates.version1.replacingOccurrences(of: "\n", with: "\r\n")
        try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(text)])
        await expectError("ResourceAlreadyExistsException") {
            try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(TestCertificates.version1)])
        }
        for status in ["PENDING_TRANSFER", "PENDING_ACTIVATION", "?"] {
            await expectError("InvalidRequestException") {
                try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(pem), "status": .string(status)])
            }
        }
        await expectError("CertificateValidationException") {
            try await fixture.call(
                "RegisterCertificateWithoutCA", body: ["certificatePem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
        }
        await expectError("CertificateValidationException") {
            let weak = try TestAuthority("x").sign(
                subject: DistinguishedName { CommonName("ed") }, key: .init(Curve25519.Signing.PrivateKey().publicKey))
            return try await fixture.call("RegisterCertificateWithoutCA", body: ["certificatePem": .string(weak)])
        }
    }

    @Test("a CA is updated, must be INACTIVE to be deleted, and leaves its device certificates")
    func updateAndDelete() async throws {
        let fixture = try IdentityFixture()
        let authority = try TestAuthority()
        let id = try await fixture.registerSNIOnly(authority)
        let device = try await fixture.call("RegisterCertificate", body: ["certificatePem": .string(try authority.sign(commonName: "x"))])
        let role = "arn:aws:iam::123456789012:role/provision"
        try await fixture.call(
            "UpdateCACertificate", ["caCertificateId": id], query: ["newStatus": "ACTIVE", "newAutoRegistrationStatus": "ENABLE"],
            body: ["registrationConfig": ["templateBody": "{}", "roleArn": .string(role)]])
        var described = try await fixture.call("DescribeCACertificate", ["caCertificateId": id])
        #expect(described["registrationConfig"] == ["templateBody": "{}", "roleArn": .string(role)])
        #expect(described["certificateDescription"]?["customerVersion"] == 2)
        try await fixture.call("UpdateCACertificate", ["caCertificateId": id], body: ["removeAutoRegistration": true])
        described = try await fixture.call("DescribeCACertificate", ["caCertificateId": id])
        #expect(described["registrationConfig"] == nil)
        #expect(described["certificateDescription"]?["autoRegistrationStatus"] == "DISABLE")
        await expectError("ResourceNotFoundException") {
            try await fixture.call("UpdateCACertificate", ["caCertificateId": id], body: ["registrationConfig": ["templateName": "t"]])
        }
        await expectError("CertificateStateException") { try await fixture.call("DeleteCACertificate", ["caCertificateId": id]) }
        try await fixture.call("UpdateCACertificate", ["caCertificateId": id], query: ["newStatus": "INACTIVE"])
        #expect(try await fixture.pages("ListCACertificates", "certificates", "certificateId", size: 1) == [id])
        try await fixture.call("DeleteCACertificate", ["caCertificateId": id])
        await expectError("ResourceNotFoundException") { try await fixture.call("DescribeCACertificate", ["caCertificateId": id]) }
        _ = try await fixture.call("DescribeCertificate", ["certificateId": try #require(device["certificateId"]?.stringValue)])
    }
}

extension IdentityFixture {
    func registerSNIOnly(_ authority: TestAuthority) async throws -> String {
        let registered = try await self.call(
            "RegisterCACertificate", body: ["caCertificate": .string(try authority.pem), "certificateMode": "SNI_ONLY"])
        return try #require(registered["certificateId"]?.stringValue)
    }
}
