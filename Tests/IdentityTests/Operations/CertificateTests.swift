import Crypto
import CryptoExtras
import Foundation
import JSON
import OperationTesting
import SwiftASN1
import Synchronization
import Testing
import X509

@testable import Identity

@Suite("Certificates: creation, status and deletion (AWS IoT Developer Guide, X.509 certificates)")
struct CertificateTests {
    @Test("CreateKeysAndCertificate: RSA-2048 in PKCS #1, CN=AWS IoT Certificate, valid until the end of 2049, INACTIVE")
    func createKeys() async throws {
        let fixture = try IdentityFixture()
        let created = try await fixture.call("CreateKeysAndCertificate")
        let id = try #require(created["certificateId"]?.stringValue)
        let pem = try #require(created["certificatePem"]?.stringValue)
        #expect(created["certificateArn"]?.stringValue == IdentityFixture.arn("cert/\(id)"))
        let privateKey = try #require(created["keyPair"]?["PrivateKey"]?.stringValue)
        #expect(privateKey.hasPrefix("-----BEGIN RSA PRIVATE KEY-----\n"))
        #expect(created["keyPair"]?["PublicKey"]?.stringValue?.hasPrefix("-----BEGIN PUBLIC KEY-----\n") == true)
        #expect(try _RSA.Signing.PrivateKey(pemRepresentation: privateKey).keySizeInBits == 2048)
        let certificate = try Certificate(pemEncoded: pem)
        #expect(certificate.subject.description == "CN=AWS IoT Certificate")
        #expect(certificate.notValidAfter == Date(timeIntervalSince1970: 2_524_607_999))
        #expect(id == CertificateID.fingerprint(ofDER: try PEMDocument(pemString: pem).derBytes))
        #expect(fixture.identity.authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
        let described = try await fixture.call("DescribeCertificate", ["certificateId": id])["certificateDescription"]
        #expect(described?["status"] == "INACTIVE")
        #expect(described?["certificateMode"] == "DEFAULT")
        #expect(described?["ownedBy"] == "123456789012")
        #expect(described?["customerVersion"] == 1)
        #expect(described?["caCertificateId"] == nil)
        #expect(described?["validity"]?["notAfter"] == 2_524_607_999)
        #expect(described?["certificatePem"]?.stringValue == pem)
    }

    @Test("setAsActive makes the certificate ACTIVE at once")
    func createActive() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate(active: true)
        #expect(try await fixture.identity.deviceCertificate(fingerprint: id)?.status == .active)
    }

    @Test("a CSR keeps its subject, gives a new certificate each time, and may hold RSA-2048, P-256, P-384 or P-521")
    func signingRequests() async throws {
        let fixture = try IdentityFixture()
        let keys: [Certificate.PrivateKey] = [
            .init(P256.Signing.PrivateKey()), .init(P384.Signing.PrivateKey()), .init(P521.Signing.PrivateKey()),
            .init(try _RSA.Signing.PrivateKey(keySize: .bits2048)),
        ]
        for key in keys {
            let request = try TestCertificates.signingRequest(key, commonName: "thermometer")
            let body: JSONObject = ["certificateSigningRequest": .string(request)]
            let first = try await fixture.call("CreateCertificateFromCsr", body: body)
            let second = try await fixture.call("CreateCertificateFromCsr", body: body)
            #expect(first["certificateId"] != second["certificateId"])
            let certificate = try Certificate(pemEncoded: try #require(first["certificatePem"]?.stringValue))
            #expect(certificate.subject.description == "CN=thermometer")
            #expect(certificate.publicKey == key.publicKey)
        }
    }

    @Test("a CSR that is none, has another kind of key, or is signed with another key is refused")
    func badSigningRequests() async throws {
        let fixture = try IdentityFixture()
        let good = try TestCertificates.signingRequest()
        let ed25519 = try TestCertificates.signingRequest(.init(Curve25519.Signing.PrivateKey()))
        var tampered = try PEMDocument(pemString: good)
        tampered.derBytes[tampered.derBytes.count - 1] ^= 1
        for text in [
            "x", "", good.replacingOccurrences(of: "M", with: "-"), ed25519, tampered.pemString, String(repeating: "A", count: 4097),
        ] {
            await expectError("InvalidRequestException") {
                try await fixture.call("CreateCertificateFromCsr", body: ["certificateSigningRequest": .string(text)])
            }
        }
    }

    @Test("the refusal of a CSR says what is wrong with it, and older tools' heading is understood")
    func signingRequestTexts() async throws {
        let fixture = try IdentityFixture()
        func create(_ text: String) async throws -> JSONValue {
            try await fixture.call("CreateCertificateFromCsr", body: ["certificateSigningRequest": .string(text)])
        }
        let prefix = "The certificate signing request is not usable PEM-encoded PKCS #10: "
        for text in [TestCertificates.rsa1024Request, TestCertificates.secp256k1Request] {
            await expectError("InvalidRequestException", prefix + DeviceKey.requirement) { try await create(text) }
        }
        await expectError("InvalidRequestException", prefix + "ASN1Error.invalidPEMDocument: could not find PEM start marker") {
            try await create("hello")
        }
        let old = try TestCertificates.signingRequest().replacingOccurrences(of: "CERTIFICATE REQUEST", with: "NEW CERTIFICATE REQUEST")
        _ = try await create(old)
    }

    @Test("status changes count up, are idempotent, and REVOKED is for good")
    func status() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate(active: false)
        func set(_ status: String) async throws {
            try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": status])
        }
        try await set("ACTIVE")
        try await set("ACTIVE")
        try await set("INACTIVE")
        let described = try await fixture.call("DescribeCertificate", ["certificateId": id])["certificateDescription"]
        #expect(described?["customerVersion"] == 3)
        await expectError("InvalidRequestException") { try await set("PENDING_TRANSFER") }
        await expectError("InvalidRequestException") { try await set("PENDING_ACTIVATION") }
        await expectError("InvalidRequestException") { try await set("active") }
        try await set("REVOKED")
        try await set("REVOKED")
        await expectError("CertificateStateException") { try await set("ACTIVE") }
        await expectError("CertificateStateException") { try await set("INACTIVE") }
    }

    @Test("an id that is malformed or unknown is refused by every operation that takes one")
    func unknown() async throws {
        let fixture = try IdentityFixture()
        let unknown = String(repeating: "a", count: 64)
        for (name, query) in [
            ("DescribeCertificate", [:]), ("UpdateCertificate", ["newStatus": "ACTIVE"]), ("DeleteCertificate", [:]),
        ] {
            await expectError("ResourceNotFoundException") { try await fixture.call(name, ["certificateId": unknown], query: query) }
            for bad in ["abc", String(repeating: "g", count: 64), "../../etc/passwd", unknown + "a"] {
                await expectError("InvalidRequestException") { try await fixture.call(name, ["certificateId": bad], query: query) }
            }
        }
    }

    @Test("deletion is refused while ACTIVE, then while a thing holds it, then while policies are attached, in this order")
    func deletion() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let arn = IdentityFixture.arn("cert/\(id)")
        let target = PolicyTarget.certificate(id: id)
        try await fixture.createPolicy("p")
        try await fixture.attach("p", to: id)
        fixture.things.state.withLock { $0.attachments["lamp"] = [target] }
        func delete(_ query: [String: String] = [:]) async throws {
            try await fixture.call("DeleteCertificate", ["certificateId": id], query: query)
        }
        await expectError("CertificateStateException", "Certificate must be deactivated (not ACTIVE) before deletion.") {
            try await delete(["forceDelete": "true"])
        }
        try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": "INACTIVE"])
        await expectError("DeleteConflictException", "Things must be detached before deletion (arn: \(arn))") {
            try await delete(["forceDelete": "true"])
        }
        fixture.things.state.withLock { $0.attachments = [:] }
        await expectError("DeleteConflictException", "Certificate policies must be detached before deletion (arn: \(arn))") {
            try await delete()
        }
        try await delete(["forceDelete": "true"])
        await expectError("ResourceNotFoundException") { try await delete() }
        // Its attachments went with it.
        try await fixture.call("DeletePolicy", ["policyName": "p"])
    }

    @Test("ListCertificates pages in the order of age, newest first unless asked otherwise")
    func list() async throws {
        let fixture = try IdentityFixture()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await fixture.createCertificate()) }
        #expect(try await fixture.pages("ListCertificates", "certificates", "certificateId", size: 2) == ids.reversed())
        #expect(try await fixture.pages("ListCertificates", "certificates", "certificateId", size: 2, ascending: true) == ids)
        let first = try await fixture.call("ListCertificates", query: ["pageSize": "2"])
        let marker = try #require(first["nextMarker"]?.stringValue)
        await expectError("InvalidRequestException") {
            try await fixture.call("ListCertificates", query: ["marker": marker, "isAscendingOrder": "true"])
        }
        for query in [["pageSize": "0"], ["pageSize": "251"], ["pageSize": "x"], ["marker": "AAAA"], ["marker": "!"]] {
            await expectError("InvalidRequestException") { try await fixture.call("ListCertificates", query: query) }
        }
    }
}

extension IdentityFixture {
    /// All values of `key` over all pages of a listing.
    func pages(
        _ name: String, _ list: String, _ key: String?, _ labels: [String: String] = [:], headers: [String: String] = [:], size: Int,
        ascending: Bool? = nil
    ) async throws -> [String] {
        var result: [String] = []
        var query = ["pageSize": "\(size)"]
        query["isAscendingOrder"] = ascending.map { "\($0)" }
        repeat {
            let page = try await self.call(name, labels, query: query, headers: headers)
            let items = try #require(page[list]?.arrayValue)
            #expect(items.count <= size)
            result += items.compactMap { key == nil ? $0.stringValue : $0[key ?? ""]?.stringValue }
            query["marker"] = page["nextMarker"]?.stringValue
        } while query["marker"] != nil && result.count < 1000
        return result
    }
}
