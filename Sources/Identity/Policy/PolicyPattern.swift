#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A text of a policy that a request's text is compared with: compiled once, decided by the cheapest means its form allows.
struct PolicyPattern: Sendable {
    enum Match {
        case yes
        case no
        /// Would match if the variables it needs had the right values, but they have none.
        case undefined
    }

    enum Piece: Sendable, Hashable {
        /// Encoded for the matcher.
        case text([UInt8])
        /// `${name}` or `${name, 'fallback'}`.
        case variable(PolicyVariable, name: String, fallback: String?)
    }

    private enum Form: Sendable {
        case everything
        case exact([UInt8])
        /// Text with one `*` at its end: nearly all wildcard resources.
        case prefix([UInt8])
        case wildcards([UInt8])
        /// With variables; `head` is the text before the first variable or wildcard, and the pieces are what follows it.
        case template(head: [UInt8], [Piece])
    }

    private let form: Form
    private let ignoresCase: Bool
    let isTimeDependent: Bool

    init(_ pieces: [Piece], ignoresCase: Bool = false) {
        self.ignoresCase = ignoresCase
        self.form = Self.form(of: ignoresCase ? pieces.map(Self.lowercased) : pieces)
        self.isTimeDependent = pieces.contains {
            if case .variable(let variable, _, _) = $0 { variable.isTime } else { false }
        }
    }

    private static func form(of pieces: [Piece]) -> Form {
        var texts: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            guard case .text(let text) = piece else {
                let head = texts.prefix { $0 < WildcardMatcher.anyOne }
                return .template(head: Array(head), [.text(Array(texts[head.count...]))] + pieces[index...])
            }
            texts += text
        }
        guard let firstWildcard = texts.firstIndex(where: { $0 >= WildcardMatcher.anyOne }) else { return .exact(texts) }
        guard firstWildcard == texts.count - 1, texts[firstWildcard] == WildcardMatcher.anyRun else { return .wildcards(texts) }
        return texts.count == 1 ? .everything : .prefix(Array(texts.dropLast()))
    }

    private static func lowercased(_ piece: Piece) -> Piece {
        guard case .text(let text) = piece else { return piece }
        // Only patterns without wildcards ignore case, so the text is UTF-8.
        return .text([UInt8](String(decoding: text, as: UTF8.self).lowercased().utf8))
    }

    /// `text` is well-formed UTF-8, lower-case when the pattern ignores case.
    func matches(_ text: WildcardMatcher.Bytes, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation) -> Match {
        switch self.form {
        case .everything: return .yes
        case .exact(let exact): return exact.count == text.count && Self.hasPrefix(text, exact) ? .yes : .no
        case .prefix(let prefix): return Self.hasPrefix(text, prefix) ? .yes : .no
        case .wildcards(let pattern): return pattern.withUnsafeBufferPointer { WildcardMatcher.matches($0, text) } ? .yes : .no
        case .template(let head, let pieces):
            guard Self.hasPrefix(text, head) else { return .no }
            return self.matchesTemplate(pieces, WildcardMatcher.Bytes(rebasing: text[head.count...]), context, &evaluation)
        }
    }

    @inline(__always)
    private static func hasPrefix(_ text: WildcardMatcher.Bytes, _ prefix: [UInt8]) -> Bool {
        guard prefix.count <= text.count else { return false }
        return prefix.withUnsafeBufferPointer { prefix in
            guard let start = prefix.baseAddress, let base = text.baseAddress else { return true }
            // The last byte first: resources differ in their topics and agree in "arn:aws:iot:…".
            return start[prefix.count - 1] == base[prefix.count - 1] && memcmp(start, base, prefix.count) == 0
        }
    }

    /// Puts the values in place. An unknown one becomes a `*`, so that only variables that matter are reported.
    private func matchesTemplate(
        _ pieces: [Piece], _ text: WildcardMatcher.Bytes, _ context: PolicyContext, _ evaluation: inout PolicyEvaluation
    ) -> Match {
        evaluation.scratch.removeAll(keepingCapacity: true)
        evaluation.scratch.reserveCapacity(text.count)
        var length = 0
        var unknown: [String] = []
        for piece in pieces {
            switch piece {
            case .text(let bytes):
                evaluation.scratch += bytes
                length += bytes.count { $0 != WildcardMatcher.anyRun }
            case .variable(let variable, let name, let fallback):
                if var value = context.substitution(for: variable) ?? fallback {
                    if self.ignoresCase { value = value.lowercased() }
                    length += value.utf8.count
                    if length <= text.count { evaluation.scratch += value.utf8 }
                } else {
                    unknown.append(name)
                    evaluation.scratch.append(WildcardMatcher.anyRun)
                }
            }
            // Everything but `*` takes at least a byte, so this bounds the scratch space as well.
            if length > text.count { return .no }
        }
        let isMatch = evaluation.scratch.withUnsafeBufferPointer { WildcardMatcher.matches($0, text) }
        guard isMatch else { return .no }
        if unknown.isEmpty { return .yes }
        evaluation.report(unknown)
        return .undefined
    }
}

/// What is carried through the evaluation of one request.
struct PolicyEvaluation {
    /// Room for a pattern with its values put in, kept from one pattern to the next.
    var scratch: [UInt8] = []
    /// Names of variables that were needed and unknown, each once.
    var missing: [String] = []
    /// The time was asked for.
    var dependsOnTime = false

    mutating func report(_ names: [String]) {
        for name in names where !self.missing.contains(name) { self.missing.append(name) }
    }
}
