/// What an instance wrote since it was last asked, up to a bound.
struct InvocationOutput: Sendable {
    private let maxBytes: Int
    private(set) var bytes: [UInt8] = []
    private(set) var omitted = 0

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    mutating func append(_ new: some Collection<UInt8>) {
        let room = max(0, self.maxBytes - self.bytes.count)
        self.bytes += new.prefix(room)
        self.omitted += max(0, new.count - room)
    }

    /// The lines, and an empty start.
    mutating func takeLines() -> [String] {
        defer {
            self.bytes = []
            self.omitted = 0
        }
        var lines = self.bytes.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        if self.omitted > 0 { lines.append("(\(self.omitted) bytes more were left out)") }
        return lines
    }
}
