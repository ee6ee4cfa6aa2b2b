package import AWSAPI
import Crypto
import FoundationEssentials
import HTTPTypes
import JSON
import Logging
import Storage

extension AWSService {
    /// The credentials provider, which devices call with their certificate.
    package static let iotCredentials = AWSService(name: "iot-credentials", signingNames: [], carriesTraceID: true)
}

/// Exchanges a device certificate for temporary credentials of an alias's role (AWS IoT Core Developer Guide, authorizing direct calls to AWS
/// services).
struct AssumeRoleWithCertificate: AWSOperation {
    static let route = OperationRoute(
        .iotCredentials, "AssumeRoleWithCertificate", "GET", "/role-aliases/{roleAlias}/credentials", acceptsCertificate: true)

    let identity: IdentityService

    struct Input: OperationDecodable {
        let alias: String
        /// The thing as which the device comes.
        let thing: String?

        init(_ input: OperationInput) throws {
            self.alias = try input.roleAliasName()
            self.thing = try input.optionalString(
                "x-amzn-iot-thingname", in: .header(.amznIoTThingName), min: 1, max: 128, pattern: .thingName)
        }
    }

    /// Why credentials are refused. The device hears "Access Denied" only; the log says the rest.
    private struct Refusal: Error {
        let why: String
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        guard case .certificate(let id) = context.caller else { throw AWSError.deviceDenied }
        let now = self.identity.clock()
        do {
            try await self.checkPolicy(input, certificate: id, context)
            let session = try await self.identity.store.write { connection in
                try self.makeSession(input, certificate: id, now: now, in: connection)
            }
            return [
                "credentials": [
                    "accessKeyId": .string(session.keyID), "secretAccessKey": .string(session.secret),
                    "sessionToken": .string(session.token), "expiration": .string(Self.text(session.expires)),
                ]
            ]
        } catch let refusal as Refusal {
            context.logger.notice(
                "refused credentials to a device: \(refusal.why)", metadata: ["certificate": "\(id)", "alias": "\(input.alias)"])
            throw AWSError.deviceDenied
        }
    }

    /// The device's own policies must allow the alias; those of the thing count when it names one that it holds.
    private func checkPolicy(_ input: Input, certificate: String, _ context: OperationContext) async throws {
        let target = PolicyTarget.certificate(id: certificate)
        let identity = self.identity
        if let thing = input.thing {
            let isAttached = try await identity.store.read { try identity.things.isAttached(target, to: thing, in: $0) }
            guard isAttached else { throw Refusal(why: "its certificate is not attached to the thing \(thing)") }
        }
        let subject = AuthoritySubject(
            principal: .certificate(id: certificate), clientID: input.thing, sourceAddress: context.remoteAddress ?? "",
            isSecure: context.isSecure)
        let decision = try await identity.authority(for: subject)
            .decide("iot:AssumeRoleWithCertificate", resource: "rolealias/\(input.alias)")
        guard decision.isAllowed else { throw Refusal(why: decision.explanation) }
    }

    private func makeSession(
        _ input: Input, certificate: String, now: Timestamp, in connection: any StoreConnection
    ) throws -> TemporarySession {
        guard let alias = try RoleAliasTable(connection: connection).find(input.alias) else { throw AWSError.deviceNotFound }
        guard let name = Role.name(inARN: alias.roleARN, of: self.identity.account),
            let role = try RoleTable(connection: connection).find(name)
        else { throw Refusal(why: "there is no role \(alias.roleARN); make it with aws iam create-role") }
        let facts = try input.thing.flatMap { try self.identity.things.thing(named: $0, in: connection) }
        let duration = min(alias.duration, role.maxDuration)
        let session = TemporarySession(
            keyID: AccessKeys.makeID(prefix: TemporarySession.keyPrefix), secret: AccessKeys.makeSecret(),
            token: Data(SymmetricKey(size: .init(bitCount: 512)).withUnsafeBytes { Array($0) }).base64EncodedString(), role: name,
            certificateID: certificate, thing: input.thing, thingType: facts?.typeName,
            expires: Timestamp(milliseconds: now.milliseconds + duration * 1_000))
        let clock = self.identity.clock
        let context = PolicyContext(additional: session.contextValues, now: { clock().milliseconds })
        guard RolePolicies.trustsCredentialsProvider(role.trust, context) else {
            throw Refusal(why: "the trust policy of the role \(name) does not allow sts:AssumeRole to credentials.iot.amazonaws.com")
        }
        try TemporarySessionTable(connection: connection).insert(session, now: now)
        return session
    }

    /// Whole seconds, as `2018-01-18T09:18:06Z`.
    private static func text(_ time: Timestamp) -> String {
        Timestamp(milliseconds: time.milliseconds / 1_000 * 1_000).date.formatted(Date.ISO8601FormatStyle())
    }
}

extension AWSError {
    fileprivate static let deviceDenied = AWSError(name: "AccessDeniedException", status: 403, message: "Access Denied")
    fileprivate static let deviceNotFound = AWSError(name: "ResourceNotFoundException", status: 404, message: "Not Found")
}
