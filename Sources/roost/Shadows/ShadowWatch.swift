import AWSAPI
import JSON
import NIOCore

/// Prints each change of a shadow as it happens.
struct ShadowWatch: Sendable {
    let endpoints: Endpoints
    let client: ShadowClient
    let text: ShadowText
    let output: LineOutput

    /// A document and its metadata twice; the server made them.
    private static let limits = JSONLimits(maxBytes: MQTTClientLimits().maxPacketBytes, maxDepth: 128, maxKeys: 1 << 20)

    /// Runs until the task is cancelled.
    ///
    /// - Throws: `CommandFailure` when the server goes away, `LineOutput.Closed` when nobody reads any more.
    func run() async throws {
        let target = try self.target()
        do {
            let mqtt = try await MQTTClient.connect(to: target, clientID: Self.clientID())
            do {
                try await self.follow(mqtt)
                await mqtt.disconnect()
            } catch {
                await mqtt.disconnect()
                throw error
            }
        } catch let error as MQTTClientError {
            if Task.isCancelled { return }
            throw CommandFailure(
                .unavailable,
                "The server at \(target.authority) \(error). Start the watch again when it runs; with --shadow-history on the server "
                    + "`roost shadow log \(self.client.address.words)` has what happens meanwhile.")
        }
    }

    private func target() throws -> WebSocketTarget {
        guard let url = self.endpoints.https else {
            throw CommandFailure(
                .unavailable,
                "Changes are watched through the HTTPS port, which this server has off: start it with --https-port. "
                    + "`roost shadow get` works without.")
        }
        let key = AccessKey(id: self.endpoints.accessKeyID, secret: self.endpoints.secretAccessKey)
        guard let target = WebSocketTarget(url: url, caFile: self.endpoints.caFile, region: self.endpoints.region, key: key) else {
            throw CommandFailure(.unavailable, "The server's HTTPS address “\(url)” is not a URL. Start the server again.")
        }
        return target
    }

    /// Unlike that of any other watch.
    private static func clientID() -> String {
        "roost-shadow-watch-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    private func follow(_ mqtt: MQTTClient) async throws {
        let address = self.client.address
        try await mqtt.subscribe([address.documentsTopic, address.deletedTopic])
        var follower = ShadowFollower(try await self.client.state())
        try self.printStart(follower.current)
        for try await message in mqtt.messages {
            let json = try? JSONValue(parsing: message.payload.readableBytesView, limits: Self.limits)
            let isDeletion = message.topic == address.deletedTopic
            let outcome = json.map { isDeletion ? follower.receivedDeletion($0) : follower.receivedDocuments($0) } ?? .foreign
            switch outcome {
            case .changed(let event): try self.print(event)
            case .known: break
            case .foreign: try self.output.write([self.text.note("a message on \(message.topic) that is no shadow document was skipped")])
            }
        }
    }

    private func printStart(_ state: ShadowState?) throws {
        let label = self.client.address.label
        guard let state else {
            try self.output.write(["There is no \(label) yet.", "Waiting for changes; Ctrl-C ends."])
            return
        }
        let head = "\(label.prefix(1).uppercased())\(label.dropFirst()), \(self.text.head(state.version, timestamp: state.timestamp))"
        try self.output.write([head] + self.text.content(of: state) + ["Waiting for changes; Ctrl-C ends."])
    }

    private func print(_ event: ShadowFollower.Event) throws {
        var lines = [self.text.head(event.after.version, timestamp: event.after.timestamp, isDeletion: event.isDeletion)]
        if let missed = event.missed {
            lines.append(self.text.note("versions \(missed.lowerBound) to \(missed.upperBound) were not seen"))
        }
        try self.output.write(lines + self.text.difference(from: event.before, to: event.after))
    }
}
