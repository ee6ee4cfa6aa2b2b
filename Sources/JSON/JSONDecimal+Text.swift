extension JSONDecimal: LosslessStringConvertible {
    /// From the text of a JSON number (RFC 8259 §6; a `+` in front and digits missing beside the point are not JSON).
    /// Nil when it is none or out of range; digits past the 34th are rounded half to even.
    package init?(_ text: String) {
        var text = text
        let decimal = text.withUTF8 { bytes -> JSONDecimal? in
            var scanner = NumberScanner(UnsafeRawBufferPointer(bytes))
            guard case .success(let number) = scanner.scan(), scanner.position == bytes.count else { return nil }
            return number.decimal
        }
        guard let decimal else { return nil }
        self = decimal
    }

    /// Plain digits where that is short ("1.50", "0.0001"), with an exponent otherwise ("1.5e40"): the to-scientific-string
    /// of the General Decimal Arithmetic Specification 1.70.
    package var description: String {
        var output = JSONOutput()
        self.write(into: &output)
        return output.withWritten { String(decoding: $0, as: UTF8.self) }
    }

    func write(into output: inout JSONOutput) {
        if self.isNegative { output.append(UInt8(ascii: "-")) }
        let exponent = self.exponent
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.maxDigits) { buffer in
            let digits = Self.digits(of: self.coefficient, in: buffer)
            let leading = exponent + digits.count - 1
            if exponent <= 0 && leading >= -6 {
                Self.writePlain(digits, fractionDigits: -exponent, into: &output)
            } else {
                output.append(digits[digits.startIndex])
                if digits.count > 1 {
                    output.append(UInt8(ascii: "."))
                    output.append(UnsafeBufferPointer(rebasing: digits.dropFirst()))
                }
                output.append(UInt8(ascii: "e"))
                JSONWriter.writeInt(Int64(leading), into: &output)
            }
        }
    }

    private static func writePlain(_ digits: Slice<UnsafeMutableBufferPointer<UInt8>>, fractionDigits: Int, into output: inout JSONOutput) {
        let wholeDigits = digits.count - fractionDigits
        if wholeDigits > 0 {
            output.append(UnsafeBufferPointer(rebasing: digits.prefix(wholeDigits)))
        } else {
            output.append(UInt8(ascii: "0"))
        }
        guard fractionDigits > 0 else { return }
        output.append(UInt8(ascii: "."))
        if wholeDigits < 0 { output.append(UInt8(ascii: "0"), count: -wholeDigits) }
        output.append(UnsafeBufferPointer(rebasing: digits.dropFirst(Swift.max(wholeDigits, 0))))
    }

    /// Fills the end of `buffer`, which has room for 34 digits.
    private static func digits(
        of coefficient: UInt128, in buffer: UnsafeMutableBufferPointer<UInt8>
    ) -> Slice<UnsafeMutableBufferPointer<UInt8>> {
        var rest = coefficient
        var start = buffer.count
        repeat {
            start -= 1
            if rest <= UInt128(UInt64.max) {
                // Division of 128-bit numbers is a call; nearly all coefficients fit a word.
                let (quotient, remainder) = UInt64(truncatingIfNeeded: rest).quotientAndRemainder(dividingBy: 10)
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                rest = UInt128(quotient)
            } else {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                rest = quotient
            }
        } while rest != 0
        return buffer[start...]
    }
}
