import NIOCore

/// A PUBLISH that came from the server.
struct MQTTMessage: Sendable, Equatable {
    var topic: String
    var payload: ByteBuffer
}

/// The bounds of a connection to an MQTT server, and what happens at each.
struct MQTTClientLimits: Sendable {
    /// One packet of the server; the server is told, and one that is longer ends the connection. The longest message of a shadow has its
    /// document twice, each with metadata that is many times longer than the 128 KiB of state.
    var maxPacketBytes = 8 << 20
    /// Messages with QoS 1 that the server sends without waiting for an acknowledgement (MQTT 5.0 §3.1.2.11.3). They are acknowledged when
    /// they have been dealt with, so no more wait in memory.
    var receiveMaximum: UInt16 = 32
    /// Messages that wait in memory, those with QoS 0 included. Past it the connection ends with an error.
    var maxWaitingMessages = 64
    /// From the first packet of TCP to the CONNACK.
    var connectTimeout = TimeAmount.seconds(15)
    /// Promised to the server (MQTT 5.0 §3.1.2.10). A PINGREQ leaves at a third of it; no answer until the next is the end.
    var keepAliveSeconds: UInt16 = 60
}
