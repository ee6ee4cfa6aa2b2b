import Foundation

/// Standard output, line by line: what is written is there at once, also in a pipe.
struct LineOutput: Sendable {
    /// Nobody reads any more, as behind `| head`.
    struct Closed: Error {}

    func write(_ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw Closed()
        }
    }
}
