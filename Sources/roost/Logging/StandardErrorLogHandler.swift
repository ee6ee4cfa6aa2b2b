import Foundation
import Logging

/// Logs to standard error, one line an event, each written with one `write` so that lines of several threads do not mix.
struct StandardErrorLogHandler: LogHandler {
    let label: String
    let format: ServerConfiguration.LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = self.metadata
        if let provided = self.metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let given = event.metadata { all.merge(given) { _, new in new } }
        let time = Self.timestamp()
        let line =
            switch self.format {
            case .text: LogLine.text(event, label: self.label, metadata: all, time: time)
            case .json: LogLine.json(event, label: self.label, metadata: all, time: time)
            }
        Self.write(line)
    }

    /// UTC with milliseconds, `2026-01-31T10:20:30.456Z`.
    static func timestamp() -> String {
        Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private static func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
                // A log that nobody reads any more (closed pipe, full disk) must not stop the server.
                guard count > 0 || errno == EINTR else { return }
                if count > 0 { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
            }
        }
    }

    /// Makes this the log of the whole process; called once.
    static func bootstrap(format: ServerConfiguration.LogFormat, level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            StandardErrorLogHandler(label: label, format: format, logLevel: level)
        }
    }
}
