import Foundation

/// Colours, or none.
struct TextStyle: Sendable {
    let isColoured: Bool

    static let plain = TextStyle(isColoured: false)

    /// For standard output: coloured on a terminal that can, unless `NO_COLOR` is set (https://no-color.org).
    static func standardOutput(environment: [String: String] = ProcessInfo.processInfo.environment) -> TextStyle {
        let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return TextStyle(isColoured: isWanted && isatty(STDOUT_FILENO) == 1)
    }

    /// "Select Graphic Rendition" of ECMA-48 §8.3.117.
    enum Paint: Int {
        case bold = 1
        case faint = 2
        case red = 31
        case green = 32
        case yellow = 33
    }

    func painted(_ text: String, _ paint: Paint) -> String {
        self.isColoured ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }
}
