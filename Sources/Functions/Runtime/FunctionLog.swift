import Foundation

/// Takes what functions write. `roost` hands in what keeps it.
package protocol FunctionLogSink: Sendable {
    /// Adds lines to a log stream, which may not be there yet. Failures are the sink's to tell.
    func write(group: String, stream: String, lines: [String]) async
}

/// The lines that Lambda itself writes around an invocation.
enum FunctionLog {
    static func stream(of instance: String) -> String {
        let day = Date().formatted(.iso8601.year().month().day().dateSeparator(.dash)).replacing("-", with: "/")
        return "\(day)/[\(FunctionName.latest)]\(instance)"
    }

    static func start(_ requestID: String) -> String { "START RequestId: \(requestID) Version: \(FunctionName.latest)" }

    /// - Parameter initTime: of an instance that was started for it.
    static func end(
        _ requestID: String, duration: Duration, memoryMegabytes: Int, usedBytes: Int, initTime: Duration?
    ) -> [String] {
        let milliseconds = duration.milliseconds
        var report =
            "REPORT RequestId: \(requestID)\tDuration: \(String(format: "%.2f", milliseconds)) ms\t"
            + "Billed Duration: \(Int(milliseconds.rounded(.up))) ms\tMemory Size: \(memoryMegabytes) MB\tMax Memory Used: \(usedBytes >> 20) MB"
        if let initTime { report += "\tInit Duration: \(String(format: "%.2f", initTime.milliseconds)) ms" }
        return ["END RequestId: \(requestID)", report]
    }
}
