import AWSAPI

/// Where the services are that rules call, and with which key.
struct TargetSettings: Sendable {
    /// By the service's name in signatures; what is not there is embedded.
    let endpoints: [String: TargetEndpoint]
    private let accessKeyID: String?
    private let secretAccessKey: String?
    private let sessionToken: String?

    /// - Parameter environment: for AWS's usual variables.
    init(_ layers: SettingLayers, environment: [String: String]) throws {
        var endpoints: [String: TargetEndpoint] = [:]
        for (service, setting) in Setting.endpoints {
            guard let value = layers.value(setting) else { continue }
            guard let endpoint = TargetEndpoint(value.text) else {
                throw SettingLayers.wrong(setting, value, "is not an endpoint: give a URL such as http://localhost:9000, aws, or embedded")
            }
            endpoints[service] = endpoint
        }
        self.endpoints = endpoints
        func text(_ setting: Setting, _ variable: String) -> String? {
            layers.value(setting)?.text ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.accessKeyID = text(.accessKeyID, "AWS_ACCESS_KEY_ID")
        self.secretAccessKey = text(.secretAccessKey, "AWS_SECRET_ACCESS_KEY")
        self.sessionToken = text(.sessionToken, "AWS_SESSION_TOKEN")
    }

    /// What signs calls of other servers; nil when nobody is called, or nobody gave one.
    ///
    /// - Throws: `CommandFailure` when there is half a key, or none for AWS.
    func key() throws -> AccessKey? {
        guard self.endpoints.values.contains(where: { $0 != .embedded }) else { return nil }
        if let id = self.accessKeyID, let secret = self.secretAccessKey {
            return AccessKey(id: id, secret: secret, sessionToken: self.sessionToken)
        }
        guard self.accessKeyID == nil, self.secretAccessKey == nil else {
            throw CommandFailure(
                .configuration,
                "The credentials are half there: set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or both access-key-id and "
                    + "secret-access-key in credentials of the configuration file.")
        }
        if let service = self.endpoints.filter({ $0.value == .aws }).keys.min() {
            throw CommandFailure(
                .configuration,
                "The endpoint of \(service) is aws, which needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                    + "access-key-id and secret-access-key in credentials of the configuration file.")
        }
        return nil
    }

    /// The key that was given, whether a service needs it or not.
    var givenKey: AccessKey? {
        guard let id = self.accessKeyID, let secret = self.secretAccessKey else { return nil }
        return AccessKey(id: id, secret: secret, sessionToken: self.sessionToken)
    }
}

extension TargetSettings {
    /// What was given, for tests and messages; never the secret.
    var givenKeyID: String? { self.accessKeyID }
    var hasSecret: Bool { self.secretAccessKey != nil }
    var hasSessionToken: Bool { self.sessionToken != nil }
}
