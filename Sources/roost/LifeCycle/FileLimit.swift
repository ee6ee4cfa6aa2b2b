import Foundation

/// How many files, and with them connections, the process may have open.
enum FileLimit {
    /// Files that are not device connections: the database, listeners, API connections.
    static let reserve = 512

    /// Raises the soft limit to the hard one and returns it. Each connection is a file, and the usual soft limit of 1,024 is for
    /// programs that use `select`.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
