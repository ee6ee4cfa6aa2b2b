import Foundation

/// What `~` means.
enum HomeFolder {
    /// `HOME` as shells have it; the user's entry in the password file where it is not set, as under some service managers.
    static var path: String {
        let named = ProcessInfo.processInfo.environment["HOME"] ?? ""
        return named.isEmpty ? NSHomeDirectory() : named
    }
}
