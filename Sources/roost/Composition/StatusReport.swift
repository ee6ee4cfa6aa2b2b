import Broker
import Console
import Foundation
import Gateway

/// What the console's page says of this server: counts and versions, no names and no keys.
struct StatusReport: Sendable {
    let server: RoostServer
    let rooms: Rooms

    func make() async -> ConsoleStatus {
        let configuration = self.server.configuration
        let seconds = Int(Date().timeIntervalSince(self.server.startedAt))
        let uptime = "\(seconds / 86_400) d \(seconds / 3_600 % 24) h \(seconds / 60 % 60) min \(seconds % 60) s"
        return ConsoleStatus(
            version: RoostVersion.text, isServing: !self.server.signals.isStopping,
            sections: [
                .init(
                    "Now",
                    [
                        .init("Device connections", "\(self.rooms.gateway.connectionCount)"),
                        .init("MQTT clients connected", "\(self.rooms.broker.connectionCount)"),
                        .init("MQTT sessions", "\(self.rooms.broker.sessionCount)"),
                        .init("Retained messages", "\(self.rooms.broker.retained.count)"),
                    ]),
                .init(
                    "Server",
                    [
                        .init("Version", RoostVersion.text),
                        .init("Running for", uptime),
                        .init("Profile", configuration.profile.rawValue),
                        .init("Account", configuration.account),
                        .init("Region", configuration.region),
                        .init("Event loops", "\(configuration.eventLoops)"),
                        .init("Storage", configuration.isEphemeral ? "in memory (ephemeral)" : "on disk"),
                    ]),
            ])
    }
}
