/// What S3 takes; past each the request is refused with the error that its comment names.
enum S3Limits {
    /// Bytes of a key: KeyTooLongError.
    static let maxKeyBytes = 1024
    /// Bytes of the names and values of `x-amz-meta-`: MetadataTooLarge.
    static let maxMetadataBytes = 2048
    /// Keys and common prefixes of one listing: a larger `max-keys` counts as this.
    static let maxKeysOfPage = 1000
    /// Keys of one DeleteObjects: MalformedXML.
    static let maxDeletions = 1000
    /// Bytes of contents that `roost target tail` reads: older objects are left out then.
    static let maxShownBytes = 16 << 20
    /// Files that wait for their own name: a PutObject past it waits.
    static let maxUnpublished = 1024
}
