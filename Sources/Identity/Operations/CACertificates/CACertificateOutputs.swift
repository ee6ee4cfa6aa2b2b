import AWSAPI
import JSON

extension CACertificateRecord {
    /// `CACertificateDescription` of the model.
    func description(in account: AccountContext) -> JSONObject {
        [
            "certificateArn": .string(account.caCertificateARN(self.id)),
            "certificateId": .string(self.id),
            "status": .string(self.status.rawValue),
            "certificatePem": .string(self.pem),
            "ownedBy": .string(account.account),
            "creationDate": self.created.json,
            "autoRegistrationStatus": .string(self.autoRegistration.rawValue),
            "lastModifiedDate": self.modified.json,
            "customerVersion": .int(self.customerVersion),
            "generationId": .string(self.generationID),
            "validity": ["notBefore": self.notBefore.json, "notAfter": self.notAfter.json],
            "certificateMode": .string(self.mode.rawValue),
        ]
    }

    var position: AgePage.Position { AgePage.Position(created: self.created, key: self.id) }
}

/// `RegistrationConfig` of the model: what a device is given when its certificate registers itself.
struct RegistrationConfig: Sendable, Hashable {
    let templateBody: String?
    let roleArn: String?
    let templateName: String?

    /// Reads the member `registrationConfig`; nil when absent or empty.
    static func read(_ input: OperationInput) throws(AWSError) -> RegistrationConfig? {
        guard let object = try input.optionalObject("registrationConfig"), !object.isEmpty else { return nil }
        let nested = OperationInput.nested(object)
        let config = RegistrationConfig(
            templateBody: try nested.optionalString("templateBody", max: 10_240),
            roleArn: try nested.optionalString("roleArn", min: 20, max: 2_048),
            templateName: try nested.optionalString("templateName", min: 1, max: 36, pattern: .templateName))
        guard config.templateName == nil || (config.templateBody == nil && config.roleArn == nil) else {
            throw .invalidRequest("registrationConfig takes either templateName, or templateBody and roleArn")
        }
        guard config.templateName != nil || (config.templateBody != nil && config.roleArn != nil) else {
            throw .invalidRequest("registrationConfig needs templateName, or templateBody together with roleArn")
        }
        return config
    }

    /// Provisioning templates are not offered, so a name can only name one that does not exist.
    func checkTemplate() throws(AWSError) {
        guard let templateName else { return }
        throw .resourceNotFound("The provisioning template \(templateName) does not exist")
    }

    /// The JSON text that the table keeps and that DescribeCACertificate returns.
    var json: JSONObject {
        var result: JSONObject = [:]
        result["templateBody"] = self.templateBody.map(JSONValue.string)
        result["roleArn"] = self.roleArn.map(JSONValue.string)
        result["templateName"] = self.templateName.map(JSONValue.string)
        return result
    }
}
