import AWSAPI

/// `DELETE /things/{thingName}/shadow[?name=S]`. The version is remembered for 48 hours (AWS IoT Developer Guide, device shadows).
struct DeleteThingShadow: AWSOperation {
    static let route = OperationRoute(.iotData, "DeleteThingShadow", "DELETE", "/things/{thingName}/shadow", acceptsCertificate: true)

    let service: ShadowService
    let access: any ShadowAccess

    func handle(_ input: ShadowInput, _ context: OperationContext) async throws -> ShadowPayload {
        try await self.access.check(.deleteThingShadow, input.key.resource, context)
        switch await self.service.call(.delete, input.key, clientToken: nil, source: context.caller.historySource) {
        case .deleted(let version, let timestamp):
            return ShadowPayload(ShadowMessages.deleted(version: version, timestamp: timestamp, clientToken: nil))
        case let outcome: throw self.service.failure(outcome, clientToken: nil)
        }
    }
}
