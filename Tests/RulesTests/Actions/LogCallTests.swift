import JSON
import Testing

@testable import Rules

@Suite("The calls of PutLogEvents")
struct LogCallTests {
    private static func calls(_ times: [Int64], message: String = "m") -> [[Int64]] {
        LogCall.calls(times.enumerated().map { ($0.offset, [LogEvent(time: $0.element, message: message)]) })
            .map { $0.events.map(\.event.time) }
    }

    @Test("events go in the order of their times")
    func order() {
        #expect(Self.calls([3, 1, 2]) == [[1, 2, 3]])
        #expect(Self.calls([]) == [])
    }

    @Test("one call spans at most a day")
    func span() {
        #expect(Self.calls([0, 86_400_000, 86_400_001]) == [[0, 86_400_000], [86_400_001]])
    }

    @Test("one call has at most a mebibyte, 26 bytes for each event included")
    func bytes() {
        let half = String(repeating: "x", count: LogCall.maxBytes / 2 - LogCall.bytesPerEvent)
        #expect(Self.calls([1, 2, 3], message: half) == [[1, 2], [3]])
        #expect(Self.calls([1, 2, 3], message: half + "x") == [[1], [2], [3]])
    }

    @Test("one call has at most 10,000 events")
    func count() {
        #expect(Self.calls([Int64](repeating: 5, count: 10_001)).map(\.count) == [10_000, 1])
    }

    @Test("what is rejected for its time fails its own result only")
    func rejected() throws {
        let call = try #require(LogCall.calls([(7, [LogEvent(time: 2, message: "b")]), (9, [LogEvent(time: 1, message: "a")])]).first)
        let old = call.rejected(["rejectedLogEventsInfo": ["tooOldLogEventEndIndex": 1]])
        #expect(Array(old.keys) == [9])
        let new = call.rejected(["rejectedLogEventsInfo": ["tooNewLogEventStartIndex": 1]])
        #expect(Array(new.keys) == [7])
        #expect(call.rejected([:]).isEmpty)
        #expect(call.rejected(nil).isEmpty)
    }
}
