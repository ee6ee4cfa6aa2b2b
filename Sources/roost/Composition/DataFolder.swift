import Foundation

/// The folders of one run.
struct DataFolder: Sendable {
    /// Where what is kept goes; a temporary folder when the server is ephemeral.
    let path: String
    /// Where `endpoints.json` goes.
    let endpointsPath: String
    /// Removed at the end.
    let isTemporary: Bool

    /// - Throws: `CommandFailure` with what to do.
    init(_ configuration: ServerConfiguration) throws {
        guard configuration.isEphemeral else {
            let folder = configuration.dataFolder ?? ServerConfiguration.expandingHome("~/.roost", homeFolder: HomeFolder.path)
            try Self.make(folder)
            self.path = folder
            self.endpointsPath = folder
            self.isTemporary = false
            return
        }
        if let folder = configuration.dataFolder {
            try Self.make(folder)
            // Nothing of an ephemeral server is locked, so the file of a running one is what tells.
            if let found = try? Endpoints.ofRunningServer(folder: folder) {
                throw CommandFailure(
                    .inUse, "The folder \(folder) is in use by the server with pid \(found.pid). Stop it, or choose another with --data.")
            }
        }
        var template = Array((FileManager.default.temporaryDirectory.path + "/roost-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.cannotCreate, "Cannot make a temporary folder: \(String(cString: strerror(errno))).")
        }
        self.path = template.withUnsafeBufferPointer { String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) }
        self.endpointsPath = configuration.dataFolder ?? self.path
        self.isTemporary = true
    }

    func removeIfTemporary() {
        if self.isTemporary { try? FileManager.default.removeItem(atPath: self.path) }
    }

    private static func make(_ folder: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw CommandFailure(.cannotCreate, "\(folder) is a file, not a folder. Choose another data folder with --data.")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "The data folder \(folder) cannot be made (\(error.localizedDescription)). Choose another with --data.")
        }
    }
}
