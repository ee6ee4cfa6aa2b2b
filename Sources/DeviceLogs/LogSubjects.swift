package import Broker

/// What this room asks about the devices that it logs.
package protocol LogSubjects: Sendable {
    /// The thing groups of the thing that the client is, with all above them; none for a client that is no thing.
    func groups(of client: Activity.Client) async throws -> [String]
}
