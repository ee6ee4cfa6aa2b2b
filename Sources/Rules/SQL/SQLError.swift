/// Why a text is no statement: AWS's SqlParseException (400).
package struct SQLError: Error, Sendable, Hashable {
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int
    /// The text at the place, as a person would name it: "'FRM'", "the end of the statement".
    package let found: String
    /// What could stand there, or why what stands there may not.
    package let expected: String

    init(_ expected: String, found: String, at offset: Int, in text: [UInt8]) {
        self.expected = expected
        self.found = found
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}

extension SQLError: CustomStringConvertible {
    package var description: String {
        "SQL error at line \(self.line), column \(self.column): found \(self.found), expected \(self.expected)"
    }
}
