internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The right to a data folder: an advisory lock on `roost.lock`, which holds the owner's pid for whoever is refused.
///
/// The system releases the lock when the process ends, however it ends; the file stays, so that two servers never lock two files.
final class FolderLock: Sendable {
    static let fileName = "roost.lock"

    private let file: Int32

    init(folder: String) throws(StoreError) {
        let path = folder + "/" + Self.fileName
        self.file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.file >= 0 else {
            throw Self.error(errno, path: path)
        }
        guard flock(self.file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let pid = Self.pid(in: self.file)
            // `deinit` does not run for an object whose initialiser throws before all is set; here all is set, so it closes the file.
            throw code == EWOULDBLOCK ? .inUse(folder: folder, pid: pid) : .inputOutput(path: path, what: String(cString: strerror(code)))
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(self.file, 0) == 0, pwrite(self.file, text, text.count, 0) == text.count else {
            throw Self.error(errno, path: path)
        }
    }

    deinit {
        close(self.file)
    }

    private static func pid(in file: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private static func error(_ code: Int32, path: String) -> StoreError {
        switch code {
        case EACCES, EPERM, EROFS: .noPermission(path: path, what: "create")
        case ENOSPC, EDQUOT: .diskFull(path: path)
        default: .inputOutput(path: path, what: String(cString: strerror(code)))
        }
    }
}
