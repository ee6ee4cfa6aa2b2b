import AWSAPI
import JSON

/// S3's errors, in its words.
enum S3Error {
    static func noSuchBucket(_ bucket: String) -> AWSError {
        AWSError(
            name: "NoSuchBucket", status: 404, message: "The specified bucket does not exist", extra: ["BucketName": .string(bucket)])
    }

    static func noSuchKey(_ key: String) -> AWSError {
        AWSError(name: "NoSuchKey", status: 404, message: "The specified key does not exist.", extra: ["Key": .string(key)])
    }

    static func invalidBucketName(_ bucket: String) -> AWSError {
        AWSError(
            name: "InvalidBucketName", status: 400, message: "The specified bucket is not valid.",
            extra: ["BucketName": .string(bucket)])
    }

    static func invalidArgument(_ message: String, name: String, value: String) -> AWSError {
        AWSError(
            name: "InvalidArgument", status: 400, message: message,
            extra: ["ArgumentName": .string(name), "ArgumentValue": .string(value)])
    }

    static func preconditionFailed(_ condition: String) -> AWSError {
        AWSError(
            name: "PreconditionFailed", status: 412, message: "At least one of the pre-conditions you specified did not hold",
            extra: ["Condition": .string(condition)])
    }

    static func badDigest(_ algorithm: String) -> AWSError {
        AWSError(name: "BadDigest", status: 400, message: "The \(algorithm) you specified did not match the calculated checksum.")
    }

    /// A header of S3 that would be promised and not kept.
    static func notImplemented(header: String) -> AWSError {
        AWSError(
            name: "NotImplemented", status: 501,
            message: "A header you provided implies functionality that is not implemented: this version of Roost has no \(header).",
            extra: ["Header": .string(header)])
    }

    static let bucketNotEmpty = AWSError(
        name: "BucketNotEmpty", status: 409, message: "The bucket you tried to delete is not empty")
    static let malformedXML = AWSError(
        name: "MalformedXML", status: 400,
        message: "The XML you provided was not well-formed or did not validate against our published schema")
    static let invalidRange = AWSError(
        name: "InvalidRange", status: 416, message: "The requested range is not satisfiable")
    static let keyTooLong = AWSError(name: "KeyTooLongError", status: 400, message: "Your key is too long")
    static let metadataTooLarge = AWSError(
        name: "MetadataTooLarge", status: 400, message: "Your metadata headers exceed the maximum allowed metadata size")
    static let tooManyBuckets = AWSError(
        name: "TooManyBuckets", status: 400, message: "You have attempted to create more buckets than allowed")
    static let slowDown = AWSError(name: "SlowDown", status: 503, message: "Please reduce your request rate.")
}
