import CLibFuzzer
import NIOCore

@testable import Broker

@main struct FuzzMQTT {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments, fuzzMQTT)
    }
}

/// The input is what a client sends, after one byte that chooses the profile and the protocol version: packets are cut and decoded as
/// a connection does it. What the decoder reports must lie inside the packet.
private func fuzzMQTT(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    guard let choice = bytes.first else { return 0 }
    let profile = choice & 1 == 0 ? Profile.aws : Profile.open
    var version: UInt8 = choice & 2 == 0 ? 4 : 5
    var offset = 1
    do throws(WireError) {
        while let header = try FixedHeader.read(bytes, at: offset) {
            precondition(header.length >= 2 && header.length <= 5 && header.remaining >= 0 && header.remaining <= 268_435_455)
            let bodyStart = offset + header.length
            guard header.remaining <= profile.maxPacketBytes, bodyStart + header.remaining <= bytes.count else { return 0 }
            let body = UnsafeRawBufferPointer(rebasing: bytes[bodyStart..<bodyStart + header.remaining])
            try decode(header.first, body, &version, profile)
            offset = bodyStart + header.remaining
        }
    } catch {
        var answer = ByteBuffer()
        answer.writeDisconnect(error.code, reasonString: "\(error.reason)")
        precondition(answer.readableBytes > 0)
    }
    return 0
}

private func decode(_ first: UInt8, _ body: UnsafeRawBufferPointer, _ version: inout UInt8, _ profile: Profile) throws(WireError) {
    guard let type = PacketType(rawValue: first >> 4) else { return }
    switch type {
    case .connect:
        let packet = try ConnectPacket.read(body, profile: profile)
        precondition(packet.version == 4 || packet.version == 5)
        precondition(packet.clientID.utf8.count <= body.count)
        version = packet.version
        answer(packet, profile)
    case .publish:
        let packet = try PublishPacket.read(first: first, body, version: version)
        precondition(packet.qos <= 2 && isInside(packet.topic, body) && isInside(packet.payload, body))
        precondition((packet.packetID == 0) == (packet.qos == 0))
        try packet.properties.check(profile)
        copyForwarded(packet.properties)
        _ = MQTTText.isValidTopicName(packet.topic)
    case .puback, .pubrec, .pubrel, .pubcomp:
        let packet = try AcknowledgementPacket.read(body, type, version: version)
        precondition(packet.packetID != 0)
    case .subscribe:
        let packet = try SubscribePacket.read(body, version: version, profile: profile)
        precondition(!packet.filters.isEmpty && packet.filters.count <= profile.maxFiltersPerPacket)
        for filter in packet.filters { filter.filter.withUnsafeBytes { checkFilter($0) } }
    case .unsubscribe:
        let packet = try UnsubscribePacket.read(body, version: version, profile: profile)
        precondition(!packet.filters.isEmpty && packet.filters.count <= profile.maxFiltersPerPacket)
        for filter in packet.filters { filter.withUnsafeBytes { checkFilter($0) } }
    case .disconnect: _ = try DisconnectPacket.read(body, version: version)
    case .connack, .suback, .unsuback, .pingreq, .pingresp, .auth: break
    }
}

private func answer(_ packet: ConnectPacket, _ profile: Profile) {
    let connack = ConnackPacket(
        version: packet.version, reason: .success, sessionExpiry: packet.sessionExpiry, assignedClientID: packet.clientID)
    var buffer = ByteBuffer()
    connack.write(to: &buffer, profile: profile)
    precondition(buffer.readableBytes == connack.length(profile: profile))
}

private func copyForwarded(_ properties: Properties) {
    let forwarded = properties.forwarded
    withUnsafeTemporaryAllocation(byteCount: max(forwarded.count, 1), alignment: 1) { buffer in
        if let target = buffer.baseAddress { forwarded.copy(to: target) }
    }
}

private func checkFilter(_ filter: UnsafeRawBufferPointer) {
    if MQTTText.isValidFilter(filter) { precondition(MQTTText.levels(filter) >= 1) }
}

private func isInside(_ part: UnsafeRawBufferPointer, _ whole: UnsafeRawBufferPointer) -> Bool {
    guard let start = part.baseAddress, let base = whole.baseAddress else { return part.isEmpty }
    return start >= base && start + part.count <= base + whole.count
}
