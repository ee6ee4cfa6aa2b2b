#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Hashes of topic bytes for the broker's tables: seeded per process (`Hasher`), so that a client cannot choose topics that collide.
@inline(__always)
func topicHash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    return UInt64(bitPattern: Int64(hasher.finalize()))
}

@inline(__always)
func bytesEqual(_ a: [UInt8], _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBytes { left in
        guard let l = left.baseAddress, let r = b.baseAddress else { return true }
        return memcmp(l, r, b.count) == 0
    }
}
