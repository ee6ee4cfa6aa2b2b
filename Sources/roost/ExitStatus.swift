import ArgumentParser
import Foundation

/// What the process ends with; the numbers are those of `sysexits.h`, so that a service manager can tell them apart.
enum ExitStatus: Int32 {
    case success = 0
    /// The command line is wrong (also what the argument parser itself ends with).
    case usage = 64
    /// The server refused what was asked of it.
    case refused = 65
    /// What was asked for does not exist.
    case notFound = 66
    /// A needed service is not there: no running server, a port that is in use.
    case unavailable = 69
    /// A fault of the program.
    case software = 70
    /// A file or folder cannot be made, read or written.
    case cannotCreate = 73
    /// The data folder belongs to another running server.
    case inUse = 75
    /// The configuration (file, environment or flag) is wrong.
    case configuration = 78
    /// A second signal cut the shutdown short (128 + SIGTERM).
    case killed = 143

    static let help = """
        EXIT CODES
          0    stopped cleanly
          64   wrong command line
          65   the server refused the request
          66   what was asked for does not exist
          69   a port is in use, or no server is running
          70   a fault of the program
          73   a file or folder cannot be made, read or written
          75   the data folder is in use by another server
          78   wrong configuration
          143  a second signal ended the process before it had stopped cleanly
        """
}

/// A failure that a person reads: what happened, to what, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

/// Runs a command's body; a failure is printed on standard error, without a stack or type name, and becomes the exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        FileHandle.standardError.write(Data("roost: \(failure.description)\n".utf8))
        throw ArgumentParser.ExitCode(failure.status.rawValue)
    }
}
