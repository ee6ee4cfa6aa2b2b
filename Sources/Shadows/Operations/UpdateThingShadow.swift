import AWSAPI
import NIOCore

/// `POST /things/{thingName}/shadow[?name=S]`: merges the body into the shadow; subscribers of its topics hear of it (AWS IoT Developer Guide, device shadows).
struct UpdateThingShadow: AWSOperation {
    static let route = OperationRoute(.iotData, "UpdateThingShadow", "POST", "/things/{thingName}/shadow", acceptsCertificate: true)

    struct Input: OperationDecodable {
        let key: ShadowKey
        let payload: ByteBuffer

        init(_ input: OperationInput) throws {
            self.key = try ShadowInput(input).key
            self.payload = input.rawBody
        }
    }

    let service: ShadowService
    let access: any ShadowAccess

    func handle(_ input: Input, _ context: OperationContext) async throws -> ShadowPayload {
        try await self.access.check(.updateThingShadow, input.key.resource, context)
        let change: ShadowChange
        do {
            change = try ShadowChange(parsing: input.payload.readableBytesView, limits: self.service.limits)
        } catch {
            throw error.problem.asAWSError(timestamp: self.service.clock(), clientToken: error.clientToken)
        }
        let outcome = await self.service.call(
            .update(change), input.key, clientToken: change.clientToken, source: context.caller.historySource)
        guard case .updated(let update) = outcome else { throw self.service.failure(outcome, clientToken: change.clientToken) }
        return ShadowPayload(
            ShadowMessages.accepted(change, version: update.current.version, timestamp: update.current.timestamp))
    }
}
