extension QueryNode {
    /// Whether a document satisfies this part of a query. How deep it goes is bounded by the parser.
    func matches(_ document: IndexDocument) -> Bool {
        switch self {
        case .all: true
        case .and(let nodes): nodes.allSatisfy { $0.matches(document) }
        case .or(let nodes): nodes.contains { $0.matches(document) }
        case .not(let node): !node.matches(document)
        case .term(let term): term.matches(document)
        }
    }
}

extension QueryTerm {
    func matches(_ document: IndexDocument) -> Bool {
        if case .near(let circle) = self.condition {
            return self.field.map { circle.contains(document, $0) } ?? false
        }
        if let field { return document.fields[field]?.contains(where: self.condition.matches) ?? false }
        return document.searchedByDefault.contains { $0.contains(where: self.condition.matches) }
    }
}

extension QueryCondition {
    /// Whether one value satisfies it; an array does if any of its elements does.
    func matches(_ value: IndexValue) -> Bool {
        switch self {
        case .exists: true
        case .word(let word, let number):
            value.words.contains(word) || (number != nil && value.number == number)
        case .phrase(let words): Self.follow(words, in: value.words)
        case .pattern(let pattern): value.words.contains(where: pattern.matches)
        case .numbers(let range): value.number.map(range.contains) ?? false
        case .words(let range): value.words.contains { range.contains($0) }
        case .near: false
        }
    }

    private static func follow(_ wanted: [String], in words: [String]) -> Bool {
        guard wanted.count <= words.count else { return false }
        return (0...(words.count - wanted.count)).contains { words[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}
