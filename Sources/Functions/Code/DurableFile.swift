import Foundation

/// Files that are on disk when the call returns.
enum DurableFile {
    /// Writes beside the place, syncs, renames, and syncs the folder.
    static func write(_ data: Data, to path: String) throws {
        let temporary = "\(path).part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw ZipProblem("\(temporary) cannot be made")
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
        try file.write(contentsOf: data)
        try file.synchronize()
        try file.close()
        guard rename(temporary, path) == 0 else { throw ZipProblem("\(path) cannot be written: \(String(cString: strerror(errno)))") }
        try Self.syncFolder((path as NSString).deletingLastPathComponent)
        try Self.syncFolder(((path as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent)
    }

    private static func syncFolder(_ path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw ZipProblem("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ZipProblem("\(path) cannot be synced: \(String(cString: strerror(errno)))") }
    }
}
