internal import Dispatch
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Measures what the disk under a folder can do, to put a store's figures beside it.
package enum DiskProbe {
    /// One block of the store's WAL frame size.
    private static let blockBytes = 4096

    /// Syncs per second of one writer that overwrites a block and waits for it, over about `milliseconds`. Blocks its thread.
    package static func syncsPerSecond(folder: String, milliseconds: Int = 500) throws(StoreError) -> Double {
        let path = folder + "/fsync-probe-\(getpid())"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .noPermission(path: path, what: "create")
        }
        defer {
            close(file)
            unlink(path)
        }
        let block = [UInt8](repeating: 0x5A, count: Self.blockBytes)
        // The first write allocates the block, which costs a journal commit that later ones do not pay.
        try Self.writeAndSync(file, block, path: path)
        let started = DispatchTime.now().uptimeNanoseconds
        var elapsed: UInt64 = 0
        var syncs = 0
        repeat {
            try Self.writeAndSync(file, block, path: path)
            syncs += 1
            elapsed = DispatchTime.now().uptimeNanoseconds - started
        } while elapsed < UInt64(max(1, milliseconds)) * 1_000_000
        return Double(syncs) / (Double(elapsed) / 1e9)
    }

    private static func writeAndSync(_ file: Int32, _ block: [UInt8], path: String) throws(StoreError) {
        guard pwrite(file, block, block.count, 0) == block.count else {
            throw .inputOutput(path: path, what: String(cString: strerror(errno)))
        }
        #if canImport(Darwin)
            let code = fsync(file)
        #else
            let code = fdatasync(file)
        #endif
        guard code == 0 else {
            throw .inputOutput(path: path, what: String(cString: strerror(errno)))
        }
    }
}
