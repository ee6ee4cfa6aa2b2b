import Crypto
import Foundation

/// The code of functions, as files below the data folder: `functions/NAME/CODE.zip`, on disk before its function is, and the same unpacked
/// beside it when it runs first.
struct CodeStore: Sendable {
    /// `functions` in the data folder.
    let folder: String
    let limits: FunctionLimits

    struct Code: Sendable, Hashable {
        let id: String
        let sha256: String
        let bytes: Int
    }

    private func folder(of function: String) -> String { "\(self.folder)/\(function)" }
    private func zip(_ function: String, _ id: String) -> String { "\(self.folder(of: function))/\(id).zip" }

    /// Checks a zip and puts it on disk.
    ///
    /// - Throws: ``ZipProblem``; errors of the file system.
    func add(_ zip: Data, to function: String) throws -> Code {
        let archive = try ZipArchive(zip, limits: self.limits)
        for entry in archive.entries where !entry.isFolder { _ = try archive.content(of: entry) }
        let code = Code(
            id: UUID().uuidString.lowercased(), sha256: Data(SHA256.hash(data: zip)).base64EncodedString(), bytes: zip.count)
        try FileManager.default.createDirectory(
            atPath: self.folder(of: function), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try DurableFile.write(zip, to: self.zip(function, code.id))
        return code
    }

    /// The folder of the unpacked code. Made when it is not there, or not whole.
    func unpacked(_ id: String, of function: String) throws -> String {
        let target = "\(self.folder(of: function))/\(id)"
        guard !FileManager.default.fileExists(atPath: target) else { return target }
        let archive = try ZipArchive(try Data(contentsOf: URL(fileURLWithPath: self.zip(function, id))), limits: self.limits)
        let temporary = "\(target).\(UUID().uuidString.lowercased()).part"
        defer { try? FileManager.default.removeItem(atPath: temporary) }
        try Self.unpack(archive, into: temporary)
        do {
            // What has its name is whole.
            try FileManager.default.moveItem(atPath: temporary, toPath: target)
        } catch  where FileManager.default.fileExists(atPath: target) {
            // Another instance was faster.
        }
        return target
    }

    private static func unpack(_ archive: ZipArchive, into folder: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        for entry in archive.entries {
            let path = "\(folder)/\(entry.path)"
            if entry.isFolder {
                try files.createDirectory(atPath: path, withIntermediateDirectories: true)
                continue
            }
            try files.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            let content = try archive.content(of: entry)
            guard files.createFile(atPath: path, contents: content, attributes: [.posixPermissions: entry.permissions ?? 0o755]) else {
                throw ZipProblem("\(entry.path) cannot be written to \(folder)")
            }
        }
    }

    /// Removes all code of a function but one; nil removes all.
    func removeAll(of function: String, but id: String?) {
        let files = FileManager.default
        guard let id else {
            try? files.removeItem(atPath: self.folder(of: function))
            return
        }
        for name in (try? files.contentsOfDirectory(atPath: self.folder(of: function))) ?? [] where !name.hasPrefix(id) {
            try? files.removeItem(atPath: "\(self.folder(of: function))/\(name)")
        }
    }

    /// Removes the folders of functions that are not there any more, which a crash can leave.
    func keepOnly(_ functions: Set<String>) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? [] where !functions.contains(name) {
            try? FileManager.default.removeItem(atPath: self.folder(of: name))
        }
    }
}
