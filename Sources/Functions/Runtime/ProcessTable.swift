import Foundation

/// What Linux tells of running processes (proc(5)).
enum ProcessTable {
    /// Processes of one tree that are looked at.
    private static let maxProcesses = 512

    /// When a process was started, in clock ticks since the system was; nil when there is no such process. It tells a process from a later
    /// one with the same number.
    static func startTime(of pid: Int32) -> String? { Self.stat(of: pid).map { $0[19] } }

    /// The resident bytes of a process and all below it.
    static func residentBytes(ofTree root: Int32) -> Int {
        var waiting = [root]
        var seen = 0
        var bytes = 0
        while let pid = waiting.popLast(), seen < Self.maxProcesses {
            seen += 1
            let fields = Self.text("/proc/\(pid)/statm")?.split(separator: " ") ?? []
            if fields.count > 1, let pages = Int(fields[1]) { bytes += pages * Self.pageBytes }
            // A child belongs to the thread that made it.
            for thread in ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []).prefix(Self.maxProcesses) {
                let children = Self.text("/proc/\(pid)/task/\(thread)/children") ?? ""
                waiting += children.split(separator: " ").compactMap { Int32($0) }
            }
        }
        return bytes
    }

    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The fields behind the name, which may hold anything: the first is the state.
    private static func stat(of pid: Int32) -> [String]? {
        guard let text = Self.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map(String.init)
        return fields.count > 19 ? fields : nil
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Remembers the running instances in files, so that a server which was killed finds at its next start what it left behind.
struct InstanceRegister: Sendable {
    /// One file for each process group, named by its number, that holds the start time of its leader.
    let folder: String

    func add(_ pid: Int32) {
        guard let time = ProcessTable.startTime(of: pid) else { return }
        try? FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: "\(self.folder)/\(pid)", contents: Data(time.utf8))
    }

    func remove(_ pid: Int32) { try? FileManager.default.removeItem(atPath: "\(self.folder)/\(pid)") }

    /// Ends what an earlier server left running.
    func endLeftOvers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? [] {
            let path = "\(self.folder)/\(name)"
            if let pid = Int32(name), pid > 1, let time = FileManager.default.contents(atPath: path),
                ProcessTable.startTime(of: pid) == String(decoding: time, as: UTF8.self)
            {
                kill(-pid, SIGKILL)
            }
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
