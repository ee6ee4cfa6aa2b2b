import AWSAPI
import Crypto
import JSON
import Storage

/// The account's registration code: 64 hexadecimal digits, made when first asked for. A CA's owner proves to hold its key by signing a
/// certificate with this as common name.
enum RegistrationCode {
    private static let name = "registration-code"

    static func find(in connection: any StoreConnection) throws -> String? {
        try connection.queryOne("SELECT value FROM identity_settings WHERE name = ?", [.text(Self.name)])?.text(0)
    }

    static func insert(_ code: String, in connection: any StoreConnection) throws {
        try connection.execute("INSERT INTO identity_settings (name, value) VALUES (?, ?)", [.text(Self.name), .text(code)])
    }

    static func delete(in connection: any StoreConnection) throws {
        try connection.execute("DELETE FROM identity_settings WHERE name = ?", [.text(Self.name)])
    }

    static func make() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes(CertificateID.hexadecimal)
    }
}

struct GetRegistrationCode: AWSOperation {
    static let route = OperationRoute(.iot, "GetRegistrationCode", "GET", "/registrationcode")

    let identity: IdentityService

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject {
        let candidate = RegistrationCode.make()
        let code = try await self.identity.store.write { connection in
            if let found = try RegistrationCode.find(in: connection) { return found }
            try RegistrationCode.insert(candidate, in: connection)
            return candidate
        }
        return ["registrationCode": .string(code)]
    }
}

/// The next GetRegistrationCode makes another one.
struct DeleteRegistrationCode: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteRegistrationCode", "DELETE", "/registrationcode")

    let identity: IdentityService

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { try RegistrationCode.delete(in: $0) }
        return EmptyOutput()
    }
}
