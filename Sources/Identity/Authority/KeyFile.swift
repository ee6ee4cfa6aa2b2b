#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Small files that are replaced as a whole: a reader, and a start after a crash, sees the old text or the new one.
enum KeyFile {
    /// Certificates and keys are a few KiB; chains of an operator's own somewhat more.
    static let maxBytes = 262_144

    /// The text of a file, nil when there is none.
    static func read(_ path: String) throws(CertificateAuthorityError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .file(path: path, what: "read", errno: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { readBytes(descriptor, $0) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .file(path: path, what: "read", errno: errno)
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= Self.maxBytes else { throw .tooLarge(path: path, limitBytes: Self.maxBytes) }
        }
    }

    /// Writes `text` beside `path`, syncs it, and renames it into place. `mode` holds from the file's first moment.
    static func write(_ text: String, to path: String, mode: mode_t) throws(CertificateAuthorityError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .file(path: temporary, what: "create", errno: errno) }
        do throws(CertificateAuthorityError) {
            try Self.writeAll(Array(text.utf8), to: descriptor, path: temporary)
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw .file(path: path, what: "replace", errno: errno) }
        Self.syncFolder(of: path)
    }

    /// Makes a folder that only its owner may enter; one that exists is left as it is.
    static func makeFolder(_ path: String) throws(CertificateAuthorityError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw .file(path: path, what: "make the folder", errno: errno)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(CertificateAuthorityError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...])) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .file(path: path, what: "write", errno: errno) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .file(path: path, what: "sync", errno: errno) }
    }

    /// Some file systems cannot sync a folder; the rename is then as durable as they make it.
    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

// Inside KeyFile the names `read` and `write` are its own.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, bytes.baseAddress, bytes.count)
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
