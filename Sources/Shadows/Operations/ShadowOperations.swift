package import AWSAPI
package import Identity
import JSON
import NIOCore

/// Holds a device's request over HTTPS against its policies.
package protocol ShadowAccess: Sendable {
    /// - Parameter resource: the last part of the ARN ("thing/T/S"); nil for an action without a resource.
    /// - Throws: `AWSError` when it is denied.
    func check(_ action: PolicyAction, _ resource: String?, _ context: OperationContext) async throws
}

extension ShadowService {
    /// This room's operations, for the endpoint.
    package func operations(access: any ShadowAccess) -> [any AWSOperation] {
        [
            GetThingShadow(service: self, access: access), UpdateThingShadow(service: self, access: access),
            DeleteThingShadow(service: self, access: access), ListNamedShadowsForThing(service: self, access: access),
            ListThingShadowHistory(service: self, access: access),
        ]
    }
}

/// The shadow that an operation is about.
struct ShadowInput: OperationDecodable {
    let key: ShadowKey

    init(_ input: OperationInput) throws {
        self.key = ShadowKey(
            thing: try input.string("thingName", in: .label, max: ShadowKey.maxThingCharacters, pattern: .thingName),
            name: try input.optionalString(
                "shadowName", in: .query("name"), min: 1, max: ShadowKey.maxNameCharacters, pattern: .shadowName))
    }
}

/// A document as the whole body, which is how `iot-data` sends shadows.
struct ShadowPayload: OperationEncodable {
    let bytes: [UInt8]

    func encoded() -> OperationOutput {
        OperationOutput(body: .bytes(ByteBuffer(bytes: self.bytes), contentType: "application/json"))
    }
}

extension ShadowPayload {
    init(_ object: JSONObject) { self.bytes = JSONValue.object(object).serializedBytes() }
}

extension PolicyAction {
    static let getThingShadow: PolicyAction = "iot:GetThingShadow"
    static let updateThingShadow: PolicyAction = "iot:UpdateThingShadow"
    static let deleteThingShadow: PolicyAction = "iot:DeleteThingShadow"
    static let listNamedShadows: PolicyAction = "iot:ListNamedShadowsForThing"
}
