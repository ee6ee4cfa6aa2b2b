import AWSAPI
import Foundation
import JSON
import NIOCore
import Synchronization

/// Where get_secret() looks: in the file that the configuration names, else at the endpoint of Secrets Manager. What it holds is never logged.
final class SecretSource: Sendable {
    /// A secret's current version.
    struct Secret: Sendable, Equatable {
        var text: String?
        /// Base64.
        var binary: String?

        /// What get_secret() gives.
        ///
        /// - Parameter key: a member of a secret that is a JSON object; nil for all of it.
        func value(_ type: SQLSecretType, key: String?) throws(ExternalFunctionProblem) -> JSONValue {
            guard let content = type == .string ? self.text : self.binary else {
                throw ExternalFunctionProblem("The secret has no \(type.rawValue).")
            }
            guard let key else { return .string(content) }
            guard type == .string, case .object(let object) = try? JSONValue(parsing: content) else {
                throw ExternalFunctionProblem("The secret is not a JSON object, so it has no key \(key).")
            }
            guard let value = object[key] else { throw ExternalFunctionProblem("The secret has no key \(key).") }
            return value
        }
    }

    private struct Cached {
        let secret: Secret
        let until: ContinuousClock.Instant
    }

    private struct FileContent {
        let modified: Date?
        let size: Int
        let object: JSONObject
    }

    private let services: ActionServices
    private let limits: ExternalCallLimits
    private let cache = Mutex<[String: Cached]>([:])
    private let file = Mutex<FileContent?>(nil)

    init(services: ActionServices, limits: ExternalCallLimits) {
        self.services = services
        self.limits = limits
    }

    /// A secret of the file, or one that was asked for lately; nil when it has to be fetched.
    func known(_ id: String) throws(ExternalFunctionProblem) -> Secret? {
        if let path = self.services.settings.secretsFile { return try self.secret(id, inFile: path) }
        return self.cache.withLock { cache in
            guard let cached = cache[id], cached.until > .now else { return nil }
            return cached.secret
        }
    }

    /// Asks Secrets Manager (GetSecretValue).
    func fetch(_ id: String) async throws -> Secret {
        let request = ServiceRequest.json("secretsmanager", prefix: "secretsmanager", "GetSecretValue", ["SecretId": .string(id)])
        let answer = try await self.services.transport.send(request)
        if let refusal = answer.refusal {
            guard refusal.name != "UnknownOperationException" else {
                throw ExternalFunctionProblem(
                    "There is nowhere to look for the secret \(id): set secrets-file in rules, or secretsmanager in endpoints.")
            }
            throw ExternalFunctionProblem("Secrets Manager did not give the secret \(id): \(refusal.name): \(refusal.message)")
        }
        let object = try? JSONValue(parsing: answer.body.readableBytesView)
        let secret = Secret(text: object?["SecretString"]?.stringValue, binary: object?["SecretBinary"]?.stringValue)
        self.cache.withLock { cache in
            if cache.count >= self.limits.maxSecrets { cache = [:] }
            cache[id] = Cached(secret: secret, until: .now + self.limits.secretLifetime)
        }
        return secret
    }

    // MARK: The file

    private func secret(_ id: String, inFile path: String) throws(ExternalFunctionProblem) -> Secret {
        let object = try self.content(of: path)
        guard let value = Self.names(of: id).lazy.compactMap({ object[$0] }).first else {
            throw ExternalFunctionProblem("The secrets file has no secret \(id).")
        }
        let text = value.stringValue ?? value.serialized()
        return Secret(text: text, binary: text)
    }

    /// An ARN ends with the secret's name, a hyphen and six characters.
    static func names(of id: String) -> [String] {
        guard id.hasPrefix("arn:"), let name = id.split(separator: ":", maxSplits: 6).last.map(String.init) else { return [id] }
        return [id, name] + (name.count > 7 && name.dropLast(6).hasSuffix("-") ? [String(name.dropLast(7))] : [])
    }

    /// Read again when the file changed. What is wrong with it is told without what it says.
    private func content(of path: String) throws(ExternalFunctionProblem) -> JSONObject {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw ExternalFunctionProblem("The secrets file \(path) cannot be read.")
        }
        let modified = attributes[.modificationDate] as? Date
        let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        if let known = self.file.withLock({ $0 }), known.modified == modified, known.size == size { return known.object }
        guard size <= self.limits.maxSecretsFileBytes else {
            throw ExternalFunctionProblem("The secrets file \(path) has \(size) bytes; it may have \(self.limits.maxSecretsFileBytes).")
        }
        guard let data = FileManager.default.contents(atPath: path),
            case .object(let object) = try? JSONValue(parsing: Array(data), limits: JSONLimits(maxBytes: self.limits.maxSecretsFileBytes))
        else { throw ExternalFunctionProblem("The secrets file \(path) is not a JSON object.") }
        self.file.withLock { $0 = FileContent(modified: modified, size: size, object: object) }
        return object
    }
}
