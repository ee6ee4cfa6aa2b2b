/// PUBLISH from a client (MQTT 5.0 §3.3), as a view of the received bytes: valid while the packet is handled.
struct PublishPacket {
    var qos: UInt8
    var isDuplicate: Bool
    var isRetained: Bool
    /// Empty when a topic alias stands for it.
    var topic: UnsafeRawBufferPointer
    /// 0 with QoS 0.
    var packetID: UInt16
    var properties: Properties
    var payload: UnsafeRawBufferPointer

    @inline(__always)
    static func read(first: UInt8, _ body: UnsafeRawBufferPointer, version: UInt8) throws(WireError) -> PublishPacket {
        let qos = (first >> 1) & 3
        if qos == 3 { throw .malformed("QoS of PUBLISH is 3") }
        if qos == 0 && first & 0x08 != 0 { throw .malformed("DUP is set on a QoS 0 PUBLISH") }
        var reader = WireReader(body)
        let topic = try reader.text()
        var packetID: UInt16 = 0
        if qos > 0 {
            packetID = try reader.uint16()
            if packetID == 0 { throw .malformed("packet identifier is 0") }
        }
        let properties = version == 5 ? try Properties.read(&reader, allowed: .publish) : .none
        return PublishPacket(
            qos: qos, isDuplicate: first & 0x08 != 0, isRetained: first & 0x01 != 0, topic: topic, packetID: packetID,
            properties: properties, payload: reader.rest())
    }
}
