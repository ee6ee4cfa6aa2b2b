import Foundation
import Testing

@testable import Functions

@Suite("What an instance writes")
struct OutputTests {
    @Test("becomes lines, whatever their ends")
    func lines() {
        var output = InvocationOutput(maxBytes: 100)
        output.append(Array("one\r\ntwo\n\nth".utf8))
        output.append(Array("ree".utf8))
        #expect(output.takeLines() == ["one", "two", "three"])
        #expect(output.takeLines() == [])
    }

    @Test("is bounded, and says what is missing")
    func bounds() {
        var output = InvocationOutput(maxBytes: 5)
        output.append(Array("abc".utf8))
        output.append(Array("defg".utf8))
        #expect(output.takeLines() == ["abcde", "(2 bytes more were left out)"])
        output.append(Array("h".utf8))
        #expect(output.takeLines() == ["h"])
    }

    @Test("is all there when it is taken, without waiting")
    func pipe() throws {
        let pipe = try OutputPipe(maxBytes: 1 << 20)
        for number in 0..<1_000 {
            let text = "line \(number)\n"
            #expect(text.withCString { write(pipe.writeEnd, $0, text.utf8.count) } == text.utf8.count)
            #expect(pipe.takeLines() == ["line \(number)"])
        }
        pipe.closeWriteEnd()
        pipe.close()
        pipe.close()
        #expect(pipe.takeLines() == [])
    }

    @Test("is kept when its writer ends")
    func end() throws {
        let pipe = try OutputPipe(maxBytes: 1 << 20)
        _ = "last words".withCString { write(pipe.writeEnd, $0, 10) }
        pipe.close()
        #expect(pipe.contains("last"))
        #expect(pipe.takeLines() == ["last words"])
    }
}
