import CLibFuzzer
import JSON

@testable import Registry

@main struct FuzzQuery {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzQuery)
    }
}

/// The input is a query up to the last line feed, and a JSON object whose members are the fields of a document.
private func fuzzQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let text = String(decoding: bytes[..<split], as: UTF8.self)
    let document = document(Array(bytes[split...].dropFirst()))
    for limits in [QueryLimits.search, .dynamicGroup] {
        guard let query = query(text, limits) else { continue }
        let isMatch = query.matches(document)
        // Without the limits that parentheses and NOT could break.
        var wider = limits
        wider.characters += 16
        wider.charactersWithLeadingWildcard += 16
        wider.nesting += 1
        guard let same = try? SearchQuery(parsing: "(\(text))", limits: wider, locations: locations),
            let opposite = try? SearchQuery(parsing: "NOT (\(text))", limits: wider, locations: locations)
        else { preconditionFailure("good alone, bad in parentheses: \(text)") }
        precondition(same.matches(document) == isMatch && opposite.matches(document) != isMatch, text)
        for values in document.fields.values { for value in values { check(query.root, value) } }
    }
    return 0
}

private let locations = [GeoLocation(field: "place", order: .latitudeFirst)]

private func query(_ text: String, _ limits: QueryLimits) -> SearchQuery? {
    do throws(QueryError) {
        return try SearchQuery(parsing: text, limits: limits, locations: locations)
    } catch {
        precondition(!error.message.isEmpty)
        if let position = error.position { precondition((0...text.unicodeScalars.count).contains(position), "\(error)") }
        return nil
    }
}

/// What a query finds without the index, the index knows: it may know more, never less.
private func check(_ node: QueryNode, _ value: IndexValue) {
    switch node {
    case .all: break
    case .and(let nodes), .or(let nodes): for node in nodes { check(node, value) }
    case .not(let node): check(node, value)
    case .term(let term): check(term.condition, value)
    }
}

private func check(_ condition: QueryCondition, _ value: IndexValue) {
    guard condition.matches(value) else { return }
    let terms = value.terms
    switch condition {
    case .word(let word, let number):
        let isKnown = terms.contains { $0.word == IndexTerm.word(word[...]) || (number != nil && $0.number == number) }
        precondition(isKnown, "no term for \(word) of \(value)")
    case .phrase(let words):
        for word in words { precondition(terms.contains { $0.word == IndexTerm.word(word[...]) }, "no term for \(word) of \(value)") }
    case .pattern(let pattern):
        let range = IndexTerm.range(prefix: pattern.prefix)
        precondition(terms.contains { range.contains($0.word) }, "no term that begins with \(pattern.prefix) of \(value)")
    case .numbers(let range): precondition(terms.contains { $0.number.map(range.contains) ?? false })
    case .exists, .words, .near: break
    }
}

private func document(_ bytes: [UInt8]) -> IndexDocument {
    var document = IndexDocument()
    guard let object = (try? JSONValue(parsing: bytes))?.objectValue else { return document }
    for (path, value) in object {
        let values = value.arrayValue ?? [value]
        document.fields[path] = values.compactMap { value in
            switch value {
            case .string(let text): .text(text)
            case .bool(let bool): .bool(bool)
            default: value.doubleValue.map(IndexValue.number)
            }
        }
    }
    return document
}
