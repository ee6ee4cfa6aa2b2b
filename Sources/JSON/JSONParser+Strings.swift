extension JSONParser {
    /// `position` is at the opening quote.
    mutating func string() throws(Failure) -> String {
        self.position += 1
        let start = self.position
        var isASCII = true
        let stop = try self.scanPlain(&isASCII)
        if stop == UInt8(ascii: "\"") {
            defer { self.position += 1 }
            return try self.text(of: UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.position]), isASCII: isASCII, at: start)
        }
        return try self.escapedString(from: start, isASCII: isASCII)
    }

    /// Moves to the next quote or backslash and returns it.
    private mutating func scanPlain(_ isASCII: inout Bool) throws(Failure) -> UInt8 {
        while self.position + 8 <= self.bytes.count {
            let word = self.bytes.loadUnaligned(fromByteOffset: self.position, as: UInt64.self)
            if StringWord.specials(word) != 0 { break }
            if word & StringWord.tops != 0 { isASCII = false }
            self.position += 8
        }
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return byte }
            if byte < 0x20 { throw self.failure(.controlCharacterInString) }
            if byte >= 0x80 { isASCII = false }
            self.position += 1
        }
        throw self.failure(.unexpectedEnd)
    }

    private func text(of slice: UnsafeRawBufferPointer, isASCII: Bool, at offset: Int) throws(Failure) -> String {
        if isASCII { return String(decoding: slice, as: UTF8.self) }
        if let text = String(validating: slice, as: UTF8.self) { return text }
        throw Failure(reason: .invalidUTF8, offset: offset + UTF8Scan.validPrefix(of: slice))
    }

    /// `position` is at the first backslash; what is before it is plain.
    private mutating func escapedString(from start: Int, isASCII: Bool) throws(Failure) -> String {
        var output = [UInt8](self.bytes[start..<self.position])
        var isASCII = isASCII
        while true {
            self.position += 1
            try self.escape(into: &output)
            let runStart = self.position
            let stop = try self.scanPlain(&isASCII)
            output.append(contentsOf: self.bytes[runStart..<self.position])
            if stop == UInt8(ascii: "\"") { break }
        }
        if !isASCII {
            // The text as it came is checked, because two halves around an escape must not join to a valid sequence.
            let valid = UTF8Scan.validPrefix(of: UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.position]))
            if start + valid < self.position { throw Failure(reason: .invalidUTF8, offset: start + valid) }
        }
        self.position += 1
        return String(decoding: output, as: UTF8.self)
    }

    /// `position` is behind the backslash.
    private mutating func escape(into output: inout [UInt8]) throws(Failure) {
        guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
        switch self.bytes[self.position] {
        case UInt8(ascii: "\""): output.append(0x22)
        case UInt8(ascii: "\\"): output.append(0x5C)
        case UInt8(ascii: "/"): output.append(0x2F)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            try self.unicodeEscape(into: &output)
            return
        default: throw self.failure(.invalidEscape)
        }
        self.position += 1
    }

    /// `position` is at the "u" of a \u escape; a high surrogate takes the low one that must follow (RFC 8259 §7).
    private mutating func unicodeEscape(into output: inout [UInt8]) throws(Failure) {
        let start = self.position - 1
        var code = UInt32(try self.fourHexDigits())
        if code & 0xFC00 == 0xD800 {
            guard self.position + 1 < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "\\"),
                self.bytes[self.position + 1] == UInt8(ascii: "u")
            else { throw Failure(reason: .loneSurrogate, offset: start) }
            self.position += 1
            let low = UInt32(try self.fourHexDigits())
            guard low & 0xFC00 == 0xDC00 else { throw Failure(reason: .loneSurrogate, offset: start) }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { throw Failure(reason: .loneSurrogate, offset: start) }
        output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// `position` is at the "u".
    private mutating func fourHexDigits() throws(Failure) -> UInt16 {
        self.position += 1
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard self.position < self.bytes.count else { throw self.failure(.unexpectedEnd) }
            let byte = self.bytes[self.position]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw self.failure(.invalidEscape)
            }
            self.position += 1
        }
        return value
    }
}
