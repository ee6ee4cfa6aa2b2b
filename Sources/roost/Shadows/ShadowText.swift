import Foundation
import JSON

/// States of a shadow and their differences as lines for a person.
struct ShadowText: Sendable {
    /// Lines of one difference; the others are counted.
    static let maxLines = 100
    /// Paths in the summary of the delta; the others are counted.
    static let maxDeltaPaths = 8

    let style: TextStyle
    let timeZone: TimeZone

    init(style: TextStyle, timeZone: TimeZone = .current) {
        self.style = style
        self.timeZone = timeZone
    }

    /// `version 7  2026-01-05T14:03:22+01:00  mqtt:lamp`
    func head(_ version: Int64, timestamp: Int64?, isDeletion: Bool = false, source: String? = nil) -> String {
        let title = isDeletion ? "deleted, version \(version)" : "version \(version)"
        let details = [timestamp.map(self.time), source.map { ValueText.harmless($0) }].compactMap { $0 }
        return ([self.style.painted(title, .bold)] + details.map { self.style.painted($0, .faint) }).joined(separator: "  ")
    }

    /// What changed, and what is left to do for the device.
    func difference(from old: ShadowState, to new: ShadowState) -> [String] {
        let found = JSONDifference.between(old.sections, new.sections)
        if found.isEmpty { return [self.note("nothing changed")] + self.delta(of: new) }
        var lines = found.prefix(Self.maxLines).map(self.line)
        if found.count > Self.maxLines { lines.append(self.note("and \(found.count - Self.maxLines) more")) }
        return lines + self.delta(of: new)
    }

    /// All that a shadow is.
    func content(of state: ShadowState) -> [String] {
        let found = JSONDifference.between([:], state.sections)
        if found.isEmpty { return [self.note("the state is empty")] }
        var lines = found.prefix(Self.maxLines).map { self.indented("\($0.path): \(Self.value($0))") }
        if found.count > Self.maxLines { lines.append(self.note("and \(found.count - Self.maxLines) more")) }
        return lines + self.delta(of: state)
    }

    func note(_ text: String) -> String { self.indented(self.style.painted("(\(text))", .faint)) }

    private func line(_ difference: JSONDifference) -> String {
        switch difference.change {
        case .added(let value): return "  " + self.style.painted("+ \(difference.path): \(ValueText.short(value))", .green)
        case .removed(let value): return "  " + self.style.painted("- \(difference.path) (was \(ValueText.short(value)))", .red)
        case .replaced(let old, let new):
            let (old, new) = ValueText.pair(old, new)
            return self.indented(self.style.painted("\(difference.path): \(old) → \(new)", .yellow))
        }
    }

    private static func value(_ difference: JSONDifference) -> String {
        switch difference.change {
        case .added(let value), .removed(let value), .replaced(_, by: let value): ValueText.short(value)
        }
    }

    /// Only where something is desired is there anything to differ.
    private func delta(of state: ShadowState) -> [String] {
        guard state.sections.contains("desired") else { return [] }
        let paths = state.delta
        guard !paths.isEmpty else { return [self.indented("delta: none")] }
        let more = paths.count > Self.maxDeltaPaths ? " and \(paths.count - Self.maxDeltaPaths) more" : ""
        return [self.indented("delta: " + paths.prefix(Self.maxDeltaPaths).map(\.description).joined(separator: ", ") + more)]
    }

    private func indented(_ text: String) -> String { "    " + text }

    /// ISO 8601 in the time zone, with its distance from UTC.
    private func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds))
            .formatted(Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: self.timeZone))
    }
}
