import Dispatch
import Foundation
import NIOCore

/// The files of the embedded S3: `targets/s3/BUCKET/...`, and those that have no name of their own yet in `targets/s3/.staging`.
///
/// No call runs on an event loop or a thread of the tasks: file work may wait for the disk.
struct ObjectFiles: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let what: String
        let path: String
        let code: Int32

        var description: String { "cannot \(self.what) \(self.path): \(String(cString: strerror(self.code)))" }
    }

    /// The data folder.
    private let base: String
    private let root: String
    private let queue = DispatchQueue(label: "roost.s3.files", attributes: .concurrent)

    init(folder: String) {
        self.base = folder
        self.root = folder + "/targets/s3"
    }

    private var staging: String { self.root + "/.staging" }

    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    // MARK: Staging

    /// Writes a content that is on disk when this returns, under a name that no other has.
    func stage(_ content: ByteBuffer) throws -> String {
        let name = UUID().uuidString.lowercased()
        for folder in try self.makeFolders(to: self.staging) { try Self.syncFolder(folder) }
        let path = self.staging + "/" + name
        do {
            try Self.write(content, to: path)
            try Self.syncFolder(self.staging)
        } catch {
            unlink(path)
            throw error
        }
        return name
    }

    func discard(staged name: String) { unlink(self.staging + "/" + name) }

    /// The names of all staged files.
    func stagedNames() throws -> [String] {
        guard FileManager.default.fileExists(atPath: self.staging) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: self.staging)
    }

    // MARK: Objects

    /// Gives a staged file its own name, in the place of an older one.
    ///
    /// - Returns: folders to sync; empty when the file had its name already.
    func publish(staged name: String, as path: String, in bucket: String) throws -> [String] {
        let target = self.path(path, in: bucket)
        let folder = Self.folder(of: target)
        let made = try self.makeFolders(to: folder)
        if rename(self.staging + "/" + name, target) != 0 {
            let code = errno
            guard code == ENOENT, access(target, F_OK) == 0 else { throw Failure(what: "rename into", path: target, code: code) }
        }
        return made + [folder]
    }

    func sync(_ folders: Set<String>) throws {
        for folder in folders { try Self.syncFolder(folder) }
        try Self.syncFolder(self.staging)
    }

    /// Removes an object's file and the folders that are empty then.
    func remove(_ path: String, in bucket: String) throws {
        let target = self.path(path, in: bucket)
        guard unlink(target) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw Failure(what: "remove", path: target, code: errno)
        }
        var folder = Self.folder(of: target)
        while folder.utf8.count > self.root.utf8.count, rmdir(folder) == 0 { folder = Self.folder(of: folder) }
    }

    /// The content of an object, wherever its file is now; nil when it is at neither place.
    func read(staged name: String?, path: String, in bucket: String) throws -> ByteBuffer? {
        if let name, let content = try Self.read(self.staging + "/" + name) { return content }
        return try Self.read(self.path(path, in: bucket))
    }

    private func path(_ path: String, in bucket: String) -> String { "\(self.root)/\(bucket)/\(path)" }

    // MARK: The system

    /// - Returns: the folders whose entries changed and are to be synced: those above what was made.
    private func makeFolders(to folder: String) throws -> [String] {
        var missing: [String] = []
        var place = folder
        while access(place, F_OK) != 0, place.utf8.count > self.base.utf8.count {
            missing.append(place)
            place = Self.folder(of: place)
        }
        for next in missing.reversed() {
            guard mkdir(next, 0o700) == 0 || errno == EEXIST else { throw Failure(what: "make the folder", path: next, code: errno) }
        }
        return missing.map(Self.folder)
    }

    private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

    private static func write(_ content: ByteBuffer, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(what: "create", path: path, code: errno) }
        defer { close(descriptor) }
        try content.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw Failure(what: "write", path: path, code: errno) }
                rest = rest.dropFirst(count)
            }
        }
        guard fsync(descriptor) == 0 else { throw Failure(what: "sync", path: path, code: errno) }
    }

    private static func read(_ path: String) throws -> ByteBuffer? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw Failure(what: "open", path: path, code: errno) }
            return nil
        }
        defer { close(descriptor) }
        var content = ByteBuffer()
        while true {
            let count = try content.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { space in
                var count: Int
                repeat { count = Foundation.read(descriptor, space.baseAddress, space.count) } while count < 0 && errno == EINTR
                guard count >= 0 else { throw Failure(what: "read", path: path, code: errno) }
                return count
            }
            if count == 0 { return content }
        }
    }

    private static func syncFolder(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that is gone again has no entries to keep.
        guard descriptor >= 0 else { return }
        // Some file systems cannot sync a folder; an entry is then as durable as they make it.
        fsync(descriptor)
        close(descriptor)
    }
}
