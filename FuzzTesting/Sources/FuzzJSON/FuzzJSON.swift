import CLibFuzzer
import JSON

@main struct FuzzJSON {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzJSON)
    }
}

/// Reads the input under two sets of limits. What is read must come back from its own text, equal and with the same hash.
private func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    check(bytes, .default)
    check(bytes, JSONLimits(maxBytes: 4096, maxDepth: JSONLimits.deepestNesting, maxKeys: 20, duplicateKeys: .reject))
    return 0
}

private func check(_ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits) {
    let value: JSONValue
    do throws(JSONParseError) {
        value = try JSONValue(parsing: bytes, limits: limits)
    } catch {
        precondition(error.offset >= 0 && error.offset <= bytes.count && !error.description.isEmpty)
        return
    }
    // Escapes and decimals may take more bytes than they came with, but not more levels.
    var wide = limits
    wide.maxBytes = .max
    for text in [value.serialized(), value.prettyPrinted()] {
        do throws(JSONParseError) {
            let back = try JSONValue(parsing: text, limits: wide)
            precondition(back == value && back.hashValue == value.hashValue, "not what was written: \(text)")
        } catch {
            preconditionFailure("own text refused: \(error)")
        }
    }
    precondition(value.serialized() == (try? JSONValue(parsing: value.serialized(), limits: wide))?.serialized())
}
