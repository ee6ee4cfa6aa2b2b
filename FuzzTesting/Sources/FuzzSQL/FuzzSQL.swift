import CLibFuzzer
import JSON
import Rules

@main struct FuzzSQL {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzSQL)
    }
}

/// The input is a byte for the version, a statement up to the last line feed, and a payload. The statement's text is tried as a template,
/// too.
private func fuzzSQL(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    guard let first = bytes.first else { return 0 }
    let version = SQLVersion.allCases[Int(first) % SQLVersion.allCases.count]
    let rest = bytes.dropFirst()
    let split = rest.lastIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
    let text = String(decoding: rest[rest.startIndex..<split], as: UTF8.self)
    let message = SQLMessage(topic: "a/b/c", payload: Array(rest[split...].dropFirst()), timestampMilliseconds: 1_700_000_000_000)
    if let statement = try? SQLStatement(parsing: "SELECT 1 AS x", version: .v2016) {
        _ = try? SubstitutionTemplate(parsing: text, in: statement).evaluate(message)
    }
    let statement: SQLStatement
    do throws(SQLError) {
        statement = try SQLStatement(parsing: text, version: version)
    } catch {
        precondition(error.line >= 1 && error.column >= 1 && !error.expected.isEmpty)
        return 0
    }
    let printed = statement.description
    do throws(SQLError) {
        let back = try SQLStatement(parsing: printed, version: version)
        precondition(back.description == printed, "not what was printed: \(printed)")
    } catch {
        preconditionFailure("own text refused: \(error) in \(printed)")
    }
    if case .output(let output) = statement.evaluate(message).outcome { _ = output.bytes }
    return 0
}
