/// What is wrong with bytes that a peer sent; the connection answers with the code that the protocol has for it and ends.
struct WireError: Error, Equatable {
    /// The MQTT 5.0 reason (§4.13). A 3.1.1 peer is only hung up on.
    var code: ReasonCode
    /// What was wrong, for the log and the reason string. Never holds payload bytes.
    var reason: StaticString

    init(_ code: ReasonCode, _ reason: StaticString) {
        self.code = code
        self.reason = reason
    }

    static func malformed(_ reason: StaticString) -> WireError { WireError(.malformedPacket, reason) }
    static func protocolError(_ reason: StaticString) -> WireError { WireError(.protocolError, reason) }

    static func == (a: WireError, b: WireError) -> Bool { a.code == b.code && "\(a.reason)" == "\(b.reason)" }
}
