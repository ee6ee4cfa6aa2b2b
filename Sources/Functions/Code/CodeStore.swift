import Crypto
import Foundation
import NIOPosix

/// The code of functions, as files below the data folder: `ID.zip`, on disk before its function names it, and the same unpacked beside it
/// when it runs first.
///
/// Each code has a name of its own, whosever it is, and is removed by that name alone: two changes of one function at one time cannot take
/// away each other's code.
final class CodeStore: Sendable {
    private let folder: String
    private let limits: FunctionLimits
    /// One thread: a zip takes up to ``FunctionLimits/maxUnpackedBytes`` of memory while it is read, so they are read one after the other.
    private let worker = NIOThreadPool(numberOfThreads: 1)

    struct Code: Sendable, Hashable {
        let id: String
        let sha256: String
        let bytes: Int
    }

    init(folder: String, limits: FunctionLimits) {
        self.folder = folder
        self.limits = limits
        self.worker.start()
    }

    private func zip(_ id: String) -> String { "\(self.folder)/\(id).zip" }

    /// Checks a zip and puts it on disk.
    ///
    /// - Throws: ``ZipProblem``; errors of the file system.
    func add(_ zip: Data) async throws -> Code {
        try await self.worker.runIfActive {
            try Self.check(zip, limits: self.limits)
            let code = Self.describe(zip)
            try FileManager.default.createDirectory(
                atPath: self.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try DurableFile.write(zip, to: self.zip(code.id))
            return code
        }
    }

    /// Checks a zip and keeps nothing of it.
    func check(_ zip: Data) async throws -> Code {
        try await self.worker.runIfActive {
            try Self.check(zip, limits: self.limits)
            return Self.describe(zip)
        }
    }

    /// The folder of the unpacked code, made when it is not there.
    func unpacked(_ id: String) async throws -> String {
        try await self.worker.runIfActive {
            let target = "\(self.folder)/\(id)"
            guard !FileManager.default.fileExists(atPath: target) else { return target }
            let archive = try ZipArchive(try Data(contentsOf: URL(fileURLWithPath: self.zip(id))), limits: self.limits)
            let temporary = "\(target).part"
            defer { try? FileManager.default.removeItem(atPath: temporary) }
            try? FileManager.default.removeItem(atPath: temporary)
            try Self.unpack(archive, into: temporary)
            // What has its name is whole.
            try FileManager.default.moveItem(atPath: temporary, toPath: target)
            return target
        }
    }

    /// Removes a code that no function names and no instance runs.
    func remove(_ id: String) async {
        try? await self.worker.runIfActive {
            try? FileManager.default.removeItem(atPath: "\(self.folder)/\(id)")
            try? FileManager.default.removeItem(atPath: self.zip(id))
        }
    }

    /// Removes what a crash can leave: code that no function names, and everything unpacked, which nobody synced to the disk.
    func keepOnly(_ ids: Set<String>) async {
        try? await self.worker.runIfActive {
            let kept = Set(ids.map { "\($0).zip" })
            for name in (try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? [] where !kept.contains(name) {
                try? FileManager.default.removeItem(atPath: "\(self.folder)/\(name)")
            }
        }
    }

    func shutdown() async { try? await self.worker.shutdownGracefully() }

    // MARK: Zips

    private static func check(_ zip: Data, limits: FunctionLimits) throws {
        let archive = try ZipArchive(zip, limits: limits)
        for entry in archive.entries where !entry.isFolder { _ = try archive.content(of: entry) }
    }

    private static func describe(_ zip: Data) -> Code {
        Code(id: UUID().uuidString.lowercased(), sha256: Data(SHA256.hash(data: zip)).base64EncodedString(), bytes: zip.count)
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
}
