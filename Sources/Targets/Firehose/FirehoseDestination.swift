import AWSAPI
import Foundation
import JSON

/// The bucket of the embedded S3 that a delivery stream's records go to (Firehose ExtendedS3DestinationConfiguration).
struct FirehoseDestination: Sendable {
    static let sizes = 1...64
    static let intervals = 0...900
    private static let standardSizeMB = 5
    private static let standardIntervalSeconds = 300
    private static let maxPrefixCharacters = 1_024

    /// What was given of it, with all that has a default.
    let configuration: JSONObject
    let bucket: String
    private let prefix: String
    private let suffix: String
    /// An object is written when this much has gathered, in MiB, or when the oldest record has waited this long.
    let sizeMB: Int
    let intervalSeconds: Int

    /// - Throws: InvalidArgumentException, which names what this server does not do with records.
    init(_ configuration: JSONObject) throws(AWSError) {
        for (name, value) in configuration where !value.isNull { try Self.check(name, value) }
        let input = OperationInput.nested(configuration)
        let role = try input.string("RoleARN", max: 512)
        let arn = try input.string("BucketARN", max: 2_048)
        guard arn.hasPrefix("arn:"), let bucket = arn.split(separator: ":").last, arn.contains(":s3:::") else {
            throw .firehose("InvalidArgumentException", "BucketARN: \(arn.prefix(256)) is not the ARN of a bucket.")
        }
        self.bucket = String(bucket)
        self.prefix = try input.optionalString("Prefix", max: Self.maxPrefixCharacters) ?? ""
        guard !self.prefix.contains("!{") else {
            throw .firehose("InvalidArgumentException", "Prefix: expressions in it (!{...}) are not supported by Roost.")
        }
        self.suffix = try input.optionalString("FileExtension", max: 128) ?? ""
        let hints = OperationInput.nested(try input.optionalObject("BufferingHints") ?? [:])
        self.sizeMB = try hints.optionalInt("SizeInMBs", range: Self.sizes) ?? Self.standardSizeMB
        self.intervalSeconds = try hints.optionalInt("IntervalInSeconds", range: Self.intervals) ?? Self.standardIntervalSeconds
        var kept: JSONObject = [
            "RoleARN": .string(role), "BucketARN": .string(arn), "Prefix": .string(self.prefix),
            "BufferingHints": ["SizeInMBs": JSONValue(self.sizeMB), "IntervalInSeconds": JSONValue(self.intervalSeconds)],
        ]
        if !self.suffix.isEmpty { kept["FileExtension"] = .string(self.suffix) }
        if let errors = try input.optionalString("ErrorOutputPrefix") { kept["ErrorOutputPrefix"] = .string(errors) }
        self.configuration = kept
    }

    private static let members: Set<String> = [
        "RoleARN", "BucketARN", "Prefix", "ErrorOutputPrefix", "FileExtension", "BufferingHints",
    ]

    /// What is off may be said to be off.
    private static func check(_ name: String, _ value: JSONValue) throws(AWSError) {
        let isNothing =
            switch name {
            case "CompressionFormat": value == "UNCOMPRESSED"
            case "S3BackupMode": value == "Disabled"
            case "CustomTimeZone": value == "UTC" || value == ""
            case "EncryptionConfiguration": value["NoEncryptionConfig"] == "NoEncryption"
            case "CloudWatchLoggingOptions", "ProcessingConfiguration", "DataFormatConversionConfiguration",
                "DynamicPartitioningConfiguration":
                value["Enabled"] != true
            default: Self.members.contains(name)
            }
        guard !isNothing else { return }
        throw .firehose(
            "InvalidArgumentException",
            "\(name.prefix(64)): \(value.serialized().prefix(128)) of a destination in S3 is not supported by Roost.")
    }

    /// As DescribeDeliveryStream tells it; the same for its two forms.
    var described: JSONObject {
        var described = self.configuration
        described["CompressionFormat"] = "UNCOMPRESSED"
        described["EncryptionConfiguration"] = ["NoEncryptionConfig": "NoEncryption"]
        described["CloudWatchLoggingOptions"] = ["Enabled": false]
        return described
    }

    /// Where an object goes: below a folder for each hour, UTC.
    ///
    /// - Parameter time: milliseconds since 1970, of its first record.
    func key(of stream: String, at time: Int64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(time / 1_000)).formatted(.iso8601)
        // 2023-11-14T22:13:20Z
        let parts = seconds.split { "-T:Z".contains($0) }.map(String.init)
        return self.prefix + parts.prefix(4).joined(separator: "/") + "/\(stream)-1-" + parts.joined(separator: "-")
            + "-\(UUID().uuidString.lowercased())" + self.suffix
    }
}
