/// Text that is compared byte by byte, as MQTT compares topics and client identifiers (MQTT 5.0 §4.7.3); `String` would hold
/// canonically equivalent texts for the same.
package struct ExactText: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    init(_ bytes: UnsafeRawBufferPointer) { self.text = String(decoding: bytes, as: UTF8.self) }

    package static func == (a: ExactText, b: ExactText) -> Bool {
        var left = a.text
        var right = b.text
        return left.withUTF8 { l in
            right.withUTF8 { r in l.count == r.count && l.elementsEqual(r) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        var text = self.text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    package var description: String { self.text }
}
