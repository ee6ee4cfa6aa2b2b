import NIOCore
import Testing

@testable import Gateway

struct LogLimitTests {
    @Test func soManyLinesASecondAndTheRestIsCounted() {
        let limit = LogLimit()
        var told: [Int] = []
        let first = NIODeadline.uptimeNanoseconds(5_000_000_000)
        for _ in 0..<LogLimit.linesPerSecond + 7 { limit.run(now: first) { told.append($0) } }
        #expect(told == Array(repeating: 0, count: LogLimit.linesPerSecond))
        limit.run(now: first + .seconds(1)) { told.append($0) }
        #expect(told.last == 7)
        limit.run(now: first + .seconds(1)) { told.append($0) }
        #expect(told.last == 0)
    }
}
