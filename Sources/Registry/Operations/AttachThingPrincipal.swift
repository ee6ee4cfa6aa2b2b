import AWSAPI
import Identity
import JSON
import Storage

/// Gives a thing a principal to hold. Policies that ask for the thing go by it when this returns.
struct AttachThingPrincipal: AWSOperation {
    static let route = OperationRoute(.iot, "AttachThingPrincipal", "PUT", "/things/{thingName}/principals")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let principal: String
        /// Nil leaves what is, and else means `nonExclusive`.
        let kind: ThingPrincipalKind?

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.principal = try input.principal()
            self.kind = try input.thingPrincipalKind()
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let principal = try PolicyTarget(principal: input.principal, in: context.account)
        let registry = self.registry
        try await registry.change { transaction in
            guard try transaction.things.exists(input.thingName) else {
                throw AWSError.thingNotFound(input.thingName)
            }
            try registry.checkExists(principal, in: transaction.connection)
            let table = transaction.principals
            let kind = try input.kind ?? table.kind(thing: input.thingName, principal: principal) ?? .nonExclusive
            // Two are enough to find one that is another thing.
            for other in try table.things(of: principal, after: nil, count: 2) where other.thing != input.thingName {
                guard other.kind == .nonExclusive else {
                    throw AWSError.invalidRequest("The principal \(input.principal) is attached to the thing \(other.thing) exclusively")
                }
                guard kind == .nonExclusive else {
                    throw AWSError.invalidRequest(
                        "The principal \(input.principal) cannot be attached exclusively: it is attached to the thing \(other.thing) too")
                }
            }
            try table.set(kind, thing: input.thingName, principal: principal)
            transaction.affect(.principal(principal))
        }
        return EmptyOutput()
    }
}

struct DetachThingPrincipal: AWSOperation {
    static let route = OperationRoute(.iot, "DetachThingPrincipal", "DELETE", "/things/{thingName}/principals")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let principal: String

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.principal = try input.principal()
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let principal = try PolicyTarget(principal: input.principal, in: context.account)
        try await self.registry.change { transaction in
            guard try transaction.things.exists(input.thingName) else {
                throw AWSError.thingNotFound(input.thingName)
            }
            guard try transaction.principals.delete(thing: input.thingName, principal: principal) else {
                throw AWSError.resourceNotFound("The principal \(input.principal) is not attached to the thing \(input.thingName)")
            }
            transaction.affect(.principal(principal))
        }
        return EmptyOutput()
    }
}

extension OperationInput {
    /// The principal in its header.
    func principal() throws(AWSError) -> String {
        try self.string("principal", in: .header(.amznPrincipal), max: 2_048)
    }

    func thingPrincipalKind() throws(AWSError) -> ThingPrincipalKind? {
        let words = [ThingPrincipalKind.exclusive.rawValue, ThingPrincipalKind.nonExclusive.rawValue]
        return try self.optionalWord("thingPrincipalType", in: .query, of: words).flatMap(ThingPrincipalKind.init)
    }
}

extension PolicyTarget {
    /// What a thing can hold: a certificate or a Cognito identity.
    init(principal text: String, in account: AccountContext) throws(AWSError) {
        let target = try PolicyTarget(text, in: account)
        switch target {
        case .certificate, .cognitoIdentity: self = target
        case .thingGroup: throw .invalidRequest("Invalid principal: \(text) is a thing group")
        }
    }
}

extension RegistryService {
    /// Cognito identities are not kept here: any may exist.
    func checkExists(_ principal: PolicyTarget, in connection: any StoreConnection) throws {
        guard case .certificate(let id) = principal, try !self.identity.certificateExists(id, in: connection) else { return }
        throw AWSError.resourceNotFound("The principal \(principal.text(in: self.account)) does not exist")
    }
}
