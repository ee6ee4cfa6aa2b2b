import JSON

/// The messages and answers of the shadow service (AWS IoT Developer Guide, device shadows).
enum ShadowMessages {
    /// The document of a get: what was stored, put together without parsing it.
    static func document(_ shadow: StoredShadow, clientToken: String?) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(shadow.state.count + shadow.metadata.count + (shadow.delta?.count ?? 0) + 128)
        output.append(contentsOf: #"{"state":"#.utf8)
        if let delta = shadow.delta {
            // A delta needs a desired section, so that the state's text is not empty braces.
            output.append(contentsOf: shadow.state.dropLast())
            output.append(contentsOf: #","delta":"#.utf8)
            output.append(contentsOf: delta)
            output.append(UInt8(ascii: "}"))
        } else {
            output.append(contentsOf: shadow.state)
        }
        output.append(contentsOf: #","metadata":"#.utf8)
        output.append(contentsOf: shadow.metadata)
        output.append(contentsOf: #","version":\#(shadow.version),"timestamp":\#(shadow.timestamp)"#.utf8)
        if let clientToken {
            output.append(contentsOf: #","clientToken":"#.utf8)
            JSONValue.string(clientToken).write(into: &output)
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Only what was sent, with its new timestamps (AWS IoT Developer Guide, device shadows).
    static func accepted(_ change: ShadowChange, version: Int64, timestamp: Int64) -> JSONObject {
        var message: JSONObject = ["state": change.state, "metadata": self.metadata(of: change, timestamp: timestamp)]
        self.finish(&message, version: version, timestamp: timestamp, clientToken: change.clientToken)
        return message
    }

    private static func metadata(of change: ShadowChange, timestamp: Int64) -> JSONValue {
        guard case .object = change.state else { return .object(["timestamp": .int(timestamp)]) }
        var metadata = JSONObject()
        for (name, part) in [("desired", change.desired), ("reported", change.reported)] {
            switch part {
            case .untouched: break
            case .removed: metadata[name] = .object(["timestamp": .int(timestamp)])
            case .merged(let sent): metadata[name] = .object(ShadowSection.stamp(sent, at: timestamp))
            }
        }
        return .object(metadata)
    }

    static func delta(_ delta: ShadowDelta, of document: ShadowDocument, clientToken: String?) -> JSONObject {
        var message: JSONObject = [
            "version": .int(document.version), "timestamp": .int(document.timestamp), "state": .object(delta.state),
            "metadata": .object(delta.metadata),
        ]
        if let clientToken { message["clientToken"] = .string(clientToken) }
        return message
    }

    static func documents(previous: ShadowDocument, current: ShadowDocument, clientToken: String?) -> JSONObject {
        var message: JSONObject = [
            "previous": self.side(previous), "current": self.side(current), "timestamp": .int(current.timestamp),
        ]
        if let clientToken { message["clientToken"] = .string(clientToken) }
        return message
    }

    private static func side(_ document: ShadowDocument) -> JSONValue {
        .object(["state": .object(document.state), "metadata": .object(document.metadata), "version": .int(document.version)])
    }

    static func deleted(version: Int64, timestamp: Int64, clientToken: String?) -> JSONObject {
        var message = JSONObject()
        self.finish(&message, version: version, timestamp: timestamp, clientToken: clientToken)
        return message
    }

    static func rejected(_ problem: ShadowProblem, timestamp: Int64, clientToken: String?) -> JSONObject {
        var message: JSONObject = [
            "code": .int(Int64(problem.code)), "message": .string(problem.message), "timestamp": .int(timestamp),
        ]
        if let clientToken { message["clientToken"] = .string(clientToken) }
        return message
    }

    private static func finish(_ message: inout JSONObject, version: Int64, timestamp: Int64, clientToken: String?) {
        message["version"] = .int(version)
        message["timestamp"] = .int(timestamp)
        if let clientToken { message["clientToken"] = .string(clientToken) }
    }
}
