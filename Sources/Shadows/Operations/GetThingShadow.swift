import AWSAPI

/// `GET /things/{thingName}/shadow[?name=S]`: the document (AWS IoT Developer Guide, device shadows).
struct GetThingShadow: AWSOperation {
    static let route = OperationRoute(.iotData, "GetThingShadow", "GET", "/things/{thingName}/shadow", acceptsCertificate: true)

    let service: ShadowService
    let access: any ShadowAccess

    func handle(_ input: ShadowInput, _ context: OperationContext) async throws -> ShadowPayload {
        try await self.access.check(.getThingShadow, input.key.resource, context)
        switch await self.service.call(.get, input.key, clientToken: nil, source: context.caller.historySource) {
        case .found(let shadow): return ShadowPayload(bytes: ShadowMessages.document(shadow, clientToken: nil))
        case let outcome: throw self.service.failure(outcome, clientToken: nil)
        }
    }
}

extension ShadowService {
    /// The error that an outcome other than success is for a caller of the API.
    func failure(_ outcome: ShadowOutcome, clientToken: String?) -> AWSError {
        let problem: ShadowProblem = if case .refused(let problem) = outcome { problem } else { .internalFailure }
        return problem.asAWSError(timestamp: self.clock(), clientToken: clientToken)
    }
}
