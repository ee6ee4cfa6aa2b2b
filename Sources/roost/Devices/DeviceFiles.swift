import Foundation
import Identity
import NIOSSL

/// The files of a device on this machine. They are made before the server is asked for a certificate, so that a key, which the server
/// gives out once, is never lost to a full disk or a folder without permission.
struct DeviceFiles: Sendable {
    let folder: String
    let certificatePath: String
    let keyPath: String
    let caPath: String

    init(name: String, folder: String) {
        // A colon, which names may have, separates drives and search paths elsewhere.
        let stem = name.replacing(":", with: "_")
        self.folder = folder
        self.certificatePath = "\(folder)/\(stem).cert.pem"
        self.keyPath = "\(folder)/\(stem).private.key"
        self.caPath = "\(folder)/ca.pem"
    }

    enum Found {
        case nothing
        /// Both files; the id of the certificate.
        case device(certificateID: String)
    }

    /// What an earlier run left.
    func look() throws -> Found {
        let manager = FileManager.default
        let hasCertificate = manager.fileExists(atPath: self.certificatePath)
        let hasKey = manager.fileExists(atPath: self.keyPath)
        guard hasCertificate || hasKey else { return .nothing }
        guard hasCertificate && hasKey, let certificate = try? NIOSSLCertificate.fromPEMFile(self.certificatePath).first,
            let bytes = try? certificate.toDERBytes()
        else {
            throw CommandFailure(
                .cannotCreate,
                "\(self.folder) holds only a part of the files of such a device. Remove \(self.certificatePath) and \(self.keyPath), "
                    + "or choose another folder with --out.")
        }
        return .device(certificateID: CertificateID.fingerprint(ofDER: bytes))
    }

    /// Makes the folder and the empty files.
    func reserve() throws {
        do {
            try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "The folder \(self.folder) cannot be made: \(error.localizedDescription).")
        }
        try Self.create(self.keyPath, mode: 0o600)
        do {
            try Self.create(self.certificatePath, mode: 0o644)
        } catch {
            unlink(self.keyPath)
            throw error
        }
    }

    /// Takes back what `reserve` made.
    func release() {
        unlink(self.keyPath)
        unlink(self.certificatePath)
    }

    func write(certificate: String, key: String) throws {
        try Self.fill(self.keyPath, with: key)
        try Self.fill(self.certificatePath, with: certificate)
    }

    /// Puts the server's CA certificate beside the device's files.
    func copyCA(from path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.cannotCreate, "The CA certificate \(path) cannot be read.")
        }
        if FileManager.default.contents(atPath: self.caPath) == data { return }
        do {
            try data.write(to: URL(fileURLWithPath: self.caPath), options: .atomic)
        } catch {
            throw CommandFailure(.cannotCreate, "\(self.caPath) cannot be written: \(error.localizedDescription).")
        }
    }

    private static func create(_ path: String, mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard descriptor >= 0 else {
            throw CommandFailure(.cannotCreate, "\(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        close(descriptor)
    }

    private static func fill(_ path: String, with text: String) throws {
        do {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CommandFailure(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription).")
        }
    }
}
