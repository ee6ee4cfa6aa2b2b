extension PolicyPattern {
    /// Which marks a text may contain besides its characters.
    struct Syntax {
        /// `*` and `?`; otherwise they are ordinary characters.
        var wildcards: Bool
        /// `${…}`; not in documents of version 2008-10-17.
        var variables: Bool
    }

    /// Cuts a policy's text into pieces, by its bytes: a `Character` may join a brace with the mark behind it.
    static func pieces(of text: String, _ syntax: Syntax) throws(PolicyError) -> [Piece] {
        let bytes = [UInt8](text.utf8)
        var pieces: [Piece] = []
        var run: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let isVariable = syntax.variables && bytes[position...].starts(with: "${".utf8)
            guard isVariable else {
                run.append(syntax.wildcards ? WildcardMatcher.encode(bytes[position]) : bytes[position])
                position += 1
                continue
            }
            let start = position + 2
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "}")) else {
                throw PolicyError("the variable in \"\(text)\" has no closing brace")
            }
            position = end + 1
            if end == start + 1, let character = Self.escapable(bytes[start]) {
                run.append(character)
                continue
            }
            if !run.isEmpty { pieces.append(.text(run)) }
            run = []
            pieces.append(try Self.variable(bytes[start..<end], in: text))
        }
        if !run.isEmpty || pieces.isEmpty { pieces.append(.text(run)) }
        return pieces
    }

    /// `${*}`, `${?}` and `${$}` are the characters themselves.
    private static func escapable(_ byte: UInt8) -> UInt8? {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "$") ? byte : nil
    }

    /// `content` stands between the braces: a name, or a name, a comma and a default in single quotes (IAM, "Variables and tags").
    private static func variable(_ content: ArraySlice<UInt8>, in text: String) throws(PolicyError) -> Piece {
        let parts = content.split(separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false).map(Self.trim)
        let shown = String(decoding: content, as: UTF8.self)
        guard let first = parts.first, !first.isEmpty, first.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "$") })
        else { throw PolicyError("\"${\(shown)}\" in \"\(text)\" is not a policy variable") }
        let name = String(decoding: first, as: UTF8.self)
        guard parts.count == 2 else { return .variable(PolicyVariable(name), name: name, fallback: nil) }
        let quoted = parts[1]
        guard quoted.count >= 2, quoted.first == UInt8(ascii: "'"), quoted.last == UInt8(ascii: "'") else {
            throw PolicyError("the default value in \"${\(shown)}\" must stand in single quotes")
        }
        return .variable(PolicyVariable(name), name: name, fallback: String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self))
    }

    private static func trim(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") }
        guard let end = text.lastIndex(where: { !isSpace($0) }) else { return text.prefix(0) }
        return text[...end].drop(while: isSpace)
    }
}
