/// MQTT 5.0 §2.4.
package struct ReasonCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ value: UInt8) { self.rawValue = value }

    /// 0x80 and above are failures.
    package var isFailure: Bool { self.rawValue >= 0x80 }

    package static let success = ReasonCode(0x00)
    package static let grantedQoS1 = ReasonCode(0x01)
    package static let grantedQoS2 = ReasonCode(0x02)
    package static let disconnectWithWill = ReasonCode(0x04)
    package static let noMatchingSubscribers = ReasonCode(0x10)
    package static let noSubscriptionExisted = ReasonCode(0x11)
    package static let unspecifiedError = ReasonCode(0x80)
    package static let malformedPacket = ReasonCode(0x81)
    package static let protocolError = ReasonCode(0x82)
    package static let implementationSpecific = ReasonCode(0x83)
    package static let unsupportedProtocolVersion = ReasonCode(0x84)
    package static let clientIdentifierNotValid = ReasonCode(0x85)
    package static let badUserNameOrPassword = ReasonCode(0x86)
    package static let notAuthorized = ReasonCode(0x87)
    package static let serverUnavailable = ReasonCode(0x88)
    package static let serverShuttingDown = ReasonCode(0x8B)
    package static let badAuthenticationMethod = ReasonCode(0x8C)
    package static let keepAliveTimeout = ReasonCode(0x8D)
    package static let sessionTakenOver = ReasonCode(0x8E)
    package static let topicFilterInvalid = ReasonCode(0x8F)
    package static let topicNameInvalid = ReasonCode(0x90)
    package static let packetIdentifierInUse = ReasonCode(0x91)
    package static let packetIdentifierNotFound = ReasonCode(0x92)
    package static let receiveMaximumExceeded = ReasonCode(0x93)
    package static let topicAliasInvalid = ReasonCode(0x94)
    package static let packetTooLarge = ReasonCode(0x95)
    package static let messageRateTooHigh = ReasonCode(0x96)
    package static let quotaExceeded = ReasonCode(0x97)
    package static let administrativeAction = ReasonCode(0x98)
    package static let payloadFormatInvalid = ReasonCode(0x99)
    package static let retainNotSupported = ReasonCode(0x9A)
    package static let qosNotSupported = ReasonCode(0x9B)
    package static let sharedSubscriptionsNotSupported = ReasonCode(0x9E)
    package static let subscriptionIdentifiersNotSupported = ReasonCode(0xA1)
    package static let wildcardSubscriptionsNotSupported = ReasonCode(0xA2)

    /// The CONNACK return code of MQTT 3.1.1 §3.2.2.3 for a refusal.
    var connectReturnCode: UInt8 {
        switch self {
        case .success: 0
        case .unsupportedProtocolVersion: 1
        case .clientIdentifierNotValid: 2
        case .serverUnavailable, .serverShuttingDown, .quotaExceeded: 3
        case .badUserNameOrPassword: 4
        default: 5
        }
    }
}
