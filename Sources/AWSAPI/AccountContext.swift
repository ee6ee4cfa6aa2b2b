/// The account that this server is: what stands in every ARN.
package struct AccountContext: Sendable, Hashable {
    /// "aws" in all commercial regions.
    package let partition: String
    package let region: String
    /// Twelve digits.
    package let account: String

    package init(partition: String = "aws", region: String, account: String) {
        self.partition = partition
        self.region = region
        self.account = account
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, for instance of the resource `thing/lamp` of `iot`.
    package func arn(service: String, _ resource: String) -> String {
        "arn:\(self.partition):\(service):\(self.region):\(self.account):\(resource)"
    }
}
