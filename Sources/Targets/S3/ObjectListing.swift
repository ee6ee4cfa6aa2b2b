import JSON
import Storage

/// One page of a bucket's keys: objects, and what keys that have the delimiter behind the prefix have in common.
struct ObjectListing: Sendable {
    struct Query: Sendable {
        var prefix = ""
        var delimiter = ""
        /// Keys behind this one, and behind all that begin with it when it is a common prefix.
        var after: String?
        var limit = S3Limits.maxKeysOfPage
    }

    var objects: [S3Object] = []
    var prefixes: [String] = []
    /// The last of both, when there may be more.
    var next: String?

    /// Rows that are read at a time when most of them may fall into one common prefix.
    private static let page = 64

    static func page(of bucket: String, _ query: Query, _ table: ObjectTable) throws -> ObjectListing {
        var listing = ObjectListing()
        guard query.limit > 0 else { return listing }
        let prefix = Array(query.prefix.utf8)
        let end = prefix.isEmpty ? nil : Self.successor(of: prefix)
        var start = prefix
        if let after = query.after {
            let bytes = Array(after.utf8)
            let isCommon = !query.delimiter.isEmpty && after.hasPrefix(query.prefix) && after.hasSuffix(query.delimiter)
            let behind = isCommon ? Self.successor(of: bytes) ?? bytes + [0] : bytes + [0]
            if start.lexicographicallyPrecedes(behind) { start = behind }
        }
        var last: String?
        while true {
            let limit = query.delimiter.isEmpty ? query.limit - listing.count + 1 : Self.page
            let rows = try table.objects(in: bucket, from: start, below: end, limit: limit)
            for object in rows {
                let common = Self.common(object.key, query)
                if let common, listing.prefixes.last == common { continue }
                guard listing.count < query.limit else {
                    listing.next = last
                    return listing
                }
                if let common { listing.prefixes.append(common) } else { listing.objects.append(object) }
                last = common ?? object.key
            }
            guard rows.count == limit, let final = rows.last else { return listing }
            // Those that begin with the last common prefix are passed over at once.
            let common = Self.common(final.key, query).flatMap { Self.successor(of: Array($0.utf8)) }
            start = common ?? Array(final.key.utf8) + [0]
        }
    }

    private var count: Int { self.objects.count + self.prefixes.count }

    private static func common(_ key: String, _ query: Query) -> String? {
        guard !query.delimiter.isEmpty else { return nil }
        let (bytes, prefix, delimiter) = (Array(key.utf8), query.prefix.utf8.count, Array(query.delimiter.utf8))
        guard let place = bytes[prefix...].firstRange(of: delimiter) else { return nil }
        return String(decoding: bytes[..<place.upperBound], as: UTF8.self)
    }

    /// The least bytes that are behind all that begin with these; nil when there are none.
    private static func successor(of bytes: [UInt8]) -> [UInt8]? {
        var bytes = bytes
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }
}
