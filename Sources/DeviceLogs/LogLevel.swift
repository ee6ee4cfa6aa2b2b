import Broker

/// How severe an entry must be to be written (AWS IoT API, LogLevel). Ordered: what is written at one level is written at all below it.
enum LogLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    case debug = "DEBUG"
    case info = "INFO"
    case warn = "WARN"
    case error = "ERROR"
    case disabled = "DISABLED"

    init(_ level: Activity.Level) {
        self =
            switch level {
            case .debug: .debug
            case .info: .info
            case .warn: .warn
            case .error: .error
            }
    }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warn: 2
        case .error: 3
        case .disabled: 4
        }
    }

    static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }

    /// Whether an entry of this severity is written where `self` is the level.
    func writes(_ level: Activity.Level) -> Bool { self != .disabled && LogLevel(level) >= self }

    static let words = Self.allCases.map(\.rawValue)
}
