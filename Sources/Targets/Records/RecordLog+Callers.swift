import AWSAPI
import JSON

extension Caller {
    /// Whether a part of this server calls, for instance a rule. It finds everything there: on a laptop nobody made the streams and tables that
    /// a rule names.
    var makesTargets: Bool {
        if case .service = self { true } else { false }
    }
}

extension RecordLog {
    /// Makes sure that a target is there before something is written to it.
    ///
    /// - Parameters:
    ///   - missing: what a client of the service sees when there is none.
    ///   - full: what everybody sees when there are too many.
    func require(
        _ name: String, kind: String, for caller: Caller, at time: Int64, missing: @autoclosure () -> AWSError,
        full: @autoclosure () -> AWSError
    ) throws {
        guard try self.entry(name) == nil else { return }
        guard caller.makesTargets else { throw missing() }
        guard try self.create(name, kind: kind, at: time) else { throw full() }
    }
}
