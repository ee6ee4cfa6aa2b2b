/// A compiled regular expression in Java's syntax (`java.util.regex.Pattern`), for searches of bounded time.
///
/// Swift's own `Regex` and Foundation's have no such bound: `(a+)+$` and some thirty letters would stop a server.
struct Regex: Sendable {
    let groupCount: Int
    let groupNames: [String: Int]
    private let program: RegexProgram

    /// Instructions, for whoever pays for compiling.
    var size: Int { self.program.instructions.count }

    init(_ pattern: String) throws(RegexError) {
        var parser = RegexParser(pattern)
        let node = try parser.parse()
        self.groupCount = parser.groupCount
        self.groupNames = parser.groupNames
        self.program = try RegexCompiler(node, groupCount: parser.groupCount).program
    }

    /// The groups' slots (`RegexMatcher`) of the first match; nil when there is none. `steps` is lessened by those taken.
    func firstMatch(in text: [UInt32], steps: inout Int) throws(RegexMatcher.Exhausted) -> [Int]? {
        var matcher = RegexMatcher(self.program, text: text, steps: steps)
        defer { steps = max(0, matcher.stepsLeft) }
        return try matcher.firstMatch(from: 0)
    }

    /// Calls `body` with the slots of each match from the left.
    func forEachMatch<Failure: Error>(
        in text: [UInt32], steps: inout Int, _ body: ([Int]) throws(Failure) -> Void
    ) throws(RegexMatcher.Exhausted) -> Result<Void, Failure> {
        var matcher = RegexMatcher(self.program, text: text, steps: steps)
        defer { steps = max(0, matcher.stepsLeft) }
        var position = 0
        while position <= text.count, let match = try matcher.firstMatch(from: position) {
            do throws(Failure) { try body(match) } catch { return .failure(error) }
            // An empty match moves on by one, or the search would stay.
            position = match[1] > match[0] ? match[1] : match[1] + 1
        }
        return .success(())
    }
}
