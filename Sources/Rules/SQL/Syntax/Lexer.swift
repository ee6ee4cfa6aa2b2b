import JSON

/// Cuts a text into tokens. It never fails: what is no token becomes `.invalid`, so that the parser can say what it wanted there.
struct Lexer {
    private let text: [UInt8]
    private var position: Int

    init(_ text: [UInt8], from position: Int = 0) {
        self.text = text
        self.position = position
    }

    /// All tokens up to the end of the text; the last one is `.end`.
    static func tokens(of text: [UInt8]) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        tokens.reserveCapacity(text.count / 4)
        while true {
            let token = lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    /// The tokens from `position` up to the brace that closes the one before it; `.end` stands for that brace. Nil when there is none.
    static func tokens(of text: [UInt8], upToBraceFrom position: Int) -> [Token]? {
        var lexer = Lexer(text, from: position)
        var tokens: [Token] = []
        var depth = 0
        while true {
            let token = lexer.next()
            switch token.kind {
            case .end: return nil
            case .symbol(.openBrace): depth += 1
            case .symbol(.closeBrace) where depth == 0: return tokens + [Token(kind: .end, range: token.range)]
            case .symbol(.closeBrace): depth -= 1
            default: break
            }
            tokens.append(token)
        }
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        self.position + distance < self.text.count ? self.text[self.position + distance] : nil
    }

    mutating func next() -> Token {
        while let byte = self.peek(), Self.isSpace(byte) { self.position += 1 }
        let start = self.position
        let kind = self.scan()
        return Token(kind: kind, range: start..<self.position)
    }

    private mutating func scan() -> Token.Kind {
        guard let byte = self.peek() else { return .end }
        if Self.isWordStart(byte) { return .word(self.scanWord()) }
        if Self.isDigit(byte) { return self.scanNumber() }
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return self.scanString(quote: byte)
        case UInt8(ascii: "@"):
            self.position += 1
            guard let first = self.peek(), Self.isWordStart(first) else { return .invalid(expected: "the name of a variable after '@'") }
            return .variable(self.scanWord())
        default: return self.scanSymbol(byte)
        }
    }

    private mutating func scanSymbol(_ byte: UInt8) -> Token.Kind {
        if let next = self.peek(1), let symbol = Token.Symbol(rawValue: String(decoding: [byte, next], as: UTF8.self)) {
            self.position += 2
            return .symbol(symbol)
        }
        self.position += 1
        if let symbol = Token.Symbol(rawValue: String(decoding: [byte], as: UTF8.self)) { return .symbol(symbol) }
        return .invalid(expected: byte == UInt8(ascii: "!") ? "'<>' (there is no '!=')" : "a name, a literal or an operator")
    }

    private mutating func scanWord() -> String {
        let start = self.position
        while let byte = self.peek(), Self.isWordStart(byte) || Self.isDigit(byte) { self.position += 1 }
        return String(decoding: self.text[start..<self.position], as: UTF8.self)
    }

    /// Digits, a fraction, an exponent. Zeros may stand in front.
    private mutating func scanNumber() -> Token.Kind {
        while self.peek() == UInt8(ascii: "0"), let next = self.peek(1), Self.isDigit(next) { self.position += 1 }
        let start = self.position
        self.skipDigits()
        if self.peek() == UInt8(ascii: "."), let digit = self.peek(1), Self.isDigit(digit) {
            self.position += 1
            self.skipDigits()
        }
        if let letter = self.peek(), letter | 0x20 == UInt8(ascii: "e") {
            let sign = self.peek(1)
            let length = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1
            if let digit = self.peek(length), Self.isDigit(digit) {
                self.position += length
                self.skipDigits()
            }
        }
        let written = String(decoding: self.text[start..<self.position], as: UTF8.self)
        guard let value = JSONDecimal(written), SQLDialect.exponents.contains(value.leadingExponent) else {
            return .invalid(expected: "a number between 1E-999 and 9.99E999")
        }
        return .number(value)
    }

    private mutating func skipDigits() {
        while let byte = self.peek(), Self.isDigit(byte) { self.position += 1 }
    }

    /// A quote inside is doubled or has a backslash before it; so has a backslash before a quote. A backslash before anything else stays,
    /// so that `'\d+'` is the regular expression that it looks like.
    private mutating func scanString(quote: UInt8) -> Token.Kind {
        let start = self.position
        self.position += 1
        var bytes: [UInt8] = []
        while let byte = self.peek() {
            let next = self.peek(1)
            if byte == UInt8(ascii: "\\"), let next, next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") || next == byte {
                bytes.append(next)
                self.position += 2
            } else if byte == quote {
                if next != quote {
                    self.position += 1
                    return .string(String(decoding: bytes, as: UTF8.self))
                }
                bytes.append(quote)
                self.position += 2
            } else {
                bytes.append(byte)
                self.position += 1
            }
        }
        // The message points to the quote that is not closed.
        self.position = start + 1
        defer { self.position = self.text.count }
        return .invalid(expected: "the quote that ends this string")
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Letters, the underscore and all that is not ASCII.
    static func isWordStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
