/// Bytes of one text while it grows: memory of our own, for an array asks at each byte whether it is shared.
struct JSONOutput: ~Copyable {
    /// Room at the start: most texts of devices fit.
    private static let firstCapacity = 512

    private var bytes: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init() {
        self.bytes = .allocate(capacity: Self.firstCapacity)
    }

    deinit {
        self.bytes.deallocate()
    }

    /// What was written.
    func withWritten<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
        body(UnsafeBufferPointer(rebasing: self.bytes[..<self.count]))
    }

    /// Makes room for so many bytes more.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if self.bytes.count - self.count < more { self.grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(self.bytes.count * 2, self.count + more))
        _ = larger.update(fromContentsOf: self.bytes[..<self.count])
        self.bytes.deallocate()
        self.bytes = larger
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        self.reserve(1)
        self.bytes[self.count] = byte
        self.count += 1
    }

    @inline(__always)
    mutating func append(_ word: StaticString) {
        self.append(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func append(_ run: UnsafeBufferPointer<UInt8>) {
        self.reserve(run.count)
        _ = self.bytes[self.count...].update(fromContentsOf: run)
        self.count += run.count
    }

    mutating func append(_ byte: UInt8, count: Int) {
        self.reserve(count)
        self.bytes[self.count..<self.count + count].update(repeating: byte)
        self.count += count
    }
}
