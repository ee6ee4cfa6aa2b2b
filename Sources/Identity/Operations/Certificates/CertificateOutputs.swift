import AWSAPI
import FoundationEssentials
import JSON

extension AccountContext {
    func certificateARN(_ id: String) -> String { self.arn(service: "iot", "cert/\(id)") }
    func caCertificateARN(_ id: String) -> String { self.arn(service: "iot", "cacert/\(id)") }
    func policyARN(_ name: String) -> String { self.arn(service: "iot", "policy/\(name)") }
}

extension CertificateRecord {
    /// `CertificateDescription` of the model.
    func description(in account: AccountContext) -> JSONObject {
        var result: JSONObject = [
            "certificateArn": .string(account.certificateARN(self.id)),
            "certificateId": .string(self.id),
            "status": .string(self.status.rawValue),
            "certificatePem": .string(self.pem),
            "ownedBy": .string(account.account),
            "creationDate": self.created.json,
            "lastModifiedDate": self.modified.json,
            "customerVersion": .int(self.customerVersion),
            "transferData": .object([:]),
            "generationId": .string(self.generationID),
            "validity": ["notBefore": self.notBefore.json, "notAfter": self.notAfter.json],
            "certificateMode": .string(self.mode.rawValue),
        ]
        result["caCertificateId"] = self.caID.map(JSONValue.string)
        return result
    }

    /// An item of ListCertificates.
    func summary(in account: AccountContext) -> JSONValue {
        [
            "certificateArn": .string(account.certificateARN(self.id)),
            "certificateId": .string(self.id),
            "status": .string(self.status.rawValue),
            "certificateMode": .string(self.mode.rawValue),
            "creationDate": self.created.json,
        ]
    }

    var position: AgePage.Position { AgePage.Position(created: self.created, key: self.id) }
}

/// Ids that are only compared.
enum UniqueID {
    static func make() -> String { UUID().uuidString.lowercased() }
}

extension OperationInput {
    /// A `CertificateId` in the path, in the lower case in which ids are kept.
    func certificateID(_ name: String) throws(AWSError) -> String {
        try self.string(name, in: .label, min: 64, max: 64, pattern: .certificateID).lowercased()
    }

    /// A certificate in PEM form.
    func certificatePEM(_ name: String) throws(AWSError) -> String {
        try self.string(name, min: 1, max: IdentityLimits.certificatePEMBytes)
    }
}

extension AWSError {
    static func certificateNotFound(_ id: String) -> AWSError {
        .resourceNotFound("The certificate ID \(id) does not exist")
    }

    static func caCertificateNotFound(_ id: String) -> AWSError {
        .resourceNotFound("The CA certificate ID \(id) does not exist")
    }
}
