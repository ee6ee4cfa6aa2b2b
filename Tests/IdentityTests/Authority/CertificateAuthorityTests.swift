import Crypto
import Foundation
import Logging
import SwiftASN1
import Testing
import X509

@testable import Identity

@Suite("The server's own authority")
struct CertificateAuthorityTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let now = Date(timeIntervalSince1970: 1_750_000_000)

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/roost-ca-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func open(_ folder: String) throws -> CertificateAuthority {
        try CertificateAuthority.openOrCreate(folder: folder, now: self.now, logger: self.logger)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
    }

    @Test("made once, with files that only the owner can read, and opened again as it is")
    func made() throws {
        try self.withFolder { folder in
            let first = try self.open(folder)
            #expect(try self.mode(folder + "/ca.key") == 0o600)
            #expect(try self.mode(folder) == 0o700)
            #expect(try first.certificate.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
            #expect(first.certificate.publicKey.isValidSignature(first.certificate.signature, for: first.certificate))
            #expect(try String(contentsOfFile: first.certificatePath, encoding: .utf8) == first.certificatePEM)
            #expect(try self.open(folder).certificatePEM == first.certificatePEM)
        }
    }

    @Test("a crash between the two files is mended, a missing or foreign key is reported")
    func incomplete() throws {
        try self.withFolder { folder in
            let first = try self.open(folder)
            try FileManager.default.removeItem(atPath: folder + "/ca.pem")
            let second = try self.open(folder)
            #expect(second.certificate.publicKey == first.certificate.publicKey)
            let key = try String(contentsOfFile: folder + "/ca.key", encoding: .utf8)
            try FileManager.default.removeItem(atPath: folder + "/ca.key")
            #expect(throws: CertificateAuthorityError.keyMissing(path: folder + "/ca.key")) { try self.open(folder) }
            try P256.Signing.PrivateKey().pemRepresentation.write(toFile: folder + "/ca.key", atomically: true, encoding: .utf8)
            #expect(throws: CertificateAuthorityError.mismatch(certificate: folder + "/ca.pem", key: folder + "/ca.key")) {
                try self.open(folder)
            }
            try "no key".write(toFile: folder + "/ca.key", atomically: true, encoding: .utf8)
            #expect(throws: CertificateAuthorityError.self) { try self.open(folder) }
            try String(repeating: "x", count: KeyFile.maxBytes + 1).write(toFile: folder + "/ca.key", atomically: true, encoding: .utf8)
            #expect(throws: CertificateAuthorityError.tooLarge(path: folder + "/ca.key", limitBytes: KeyFile.maxBytes)) {
                try self.open(folder)
            }
            try key.write(toFile: folder + "/ca.key", atomically: true, encoding: .utf8)
            _ = try self.open(folder)
        }
    }

    @Test("the server certificate names the host, is kept, and is made anew near its end or for other names")
    func serverCertificate() throws {
        try self.withFolder { folder in
            let authority = try self.open(folder)
            let names = ServerNames.ofThisHost(adding: ["Broker.Example", "192.0.2.1", "2001:db8::1", "bad name"])
            #expect(names.names.contains("localhost") && names.names.contains("broker.example") && !names.names.contains("bad name"))
            #expect(names.addresses.contains([127, 0, 0, 1]) && names.addresses.contains([192, 0, 2, 1]))
            #expect(names.addresses.contains([UInt8](repeating: 0, count: 15) + [1]))
            let first = try authority.serverCredentials(names: names, now: self.now)
            #expect(try self.mode(folder + "/server.key") == 0o600)
            let leaf = try Certificate(pemEncoded: first.certificateChainPEM)
            #expect(authority.certificate.publicKey.isValidSignature(leaf.signature, for: leaf))
            #expect(leaf.issuer == authority.certificate.subject)
            #expect(leaf.notValidAfter.timeIntervalSince(leaf.notValidBefore) < 825 * 86_400)
            #expect(try leaf.extensions.subjectAlternativeNames?.contains(.dnsName("broker.example")) == true)
            #expect(try authority.serverCredentials(names: names, now: self.now) == first)
            #expect(try self.open(folder).serverCredentials(names: names, now: self.now) == first)
            let second = try authority.serverCredentials(names: ServerNames(adding: ["other"]), now: self.now)
            #expect(second != first)
            let third = try authority.serverCredentials(
                names: ServerNames(adding: ["other"]), now: second.notAfter.addingTimeInterval(-86_400))
            #expect(third.notAfter > second.notAfter)
        }
    }

    @Test("a crash between the server's two files leads to a new pair")
    func halfRenewed() throws {
        try self.withFolder { folder in
            let authority = try self.open(folder)
            let names = ServerNames()
            let first = try authority.serverCredentials(names: names, now: self.now)
            try P256.Signing.PrivateKey().pemRepresentation.write(toFile: folder + "/server.key", atomically: true, encoding: .utf8)
            let second = try authority.serverCredentials(names: names, now: self.now)
            #expect(second.certificateChainPEM != first.certificateChainPEM)
            let key = try Certificate.PrivateKey(pemEncoded: second.privateKeyPEM)
            #expect(try Certificate(pemEncoded: second.certificateChainPEM).publicKey == key.publicKey)
        }
    }

    @Test("a server certificate of the operator's own is served as it is, chain included")
    func operatorsOwn() throws {
        try self.withFolder { folder in
            let authority = try self.open(folder)
            let own = try TestAuthority("Company CA")
            let key = P256.Signing.PrivateKey()
            let chain = try own.sign(subject: DistinguishedName { CommonName("broker") }, key: .init(key.publicKey)) + "\n" + own.pem + "\n"
            try chain.write(toFile: folder + "/server.pem", atomically: true, encoding: .utf8)
            try key.pemRepresentation.write(toFile: folder + "/server.key", atomically: true, encoding: .utf8)
            let served = try authority.serverCredentials(names: ServerNames(), now: TestCertificates.end.addingTimeInterval(1))
            #expect(served.certificateChainPEM == chain)
            try P256.Signing.PrivateKey().pemRepresentation.write(toFile: folder + "/server.key", atomically: true, encoding: .utf8)
            #expect(throws: CertificateAuthorityError.self) { try authority.serverCredentials(names: ServerNames(), now: self.now) }
        }
    }
}
