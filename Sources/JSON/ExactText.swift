#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension String {
    /// Equality of the UTF-8 bytes, where `==` finds canonically equivalent texts equal (Unicode §3.12).
    @inline(__always)
    func hasSameScalars(as other: String) -> Bool {
        let left = self.utf8
        let right = other.utf8
        if left.count != right.count { return false }
        let isSame = left.withContiguousStorageIfAvailable { l in
            right.withContiguousStorageIfAvailable { r in
                guard let l = l.baseAddress, let r = r.baseAddress else { return true }
                return memcmp(l, r, left.count) == 0
            }
        }
        // Only a string bridged from another runtime has no contiguous storage.
        return (isSame ?? nil) ?? left.elementsEqual(right)
    }

    func hashScalars(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// A dictionary key that is compared by its bytes. The hash is seeded per process, so a peer cannot choose keys that collide.
struct ExactKey: Hashable, Sendable {
    let text: String

    static func == (a: ExactKey, b: ExactKey) -> Bool { a.text.hasSameScalars(as: b.text) }

    func hash(into hasher: inout Hasher) { self.text.hashScalars(into: &hasher) }
}
