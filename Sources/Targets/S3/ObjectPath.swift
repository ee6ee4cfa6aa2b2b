import Crypto

/// Where an object's file is below its bucket's folder.
///
/// A key's segments are folders and the last one is the file, so that a simple key is its own path. Whatever a file system would take
/// otherwise is written otherwise, one way for each key:
/// - bytes that are not letters, digits, UTF-8 beyond ASCII or one of `-_.~!'()+=,@:;$&# ` become `%XX`, so does a dot in front;
/// - an empty segment is `%-`;
/// - a name alone does not tell files and folders apart, yet `a` and `a/b` may both be keys: a file without a dot and a folder with one
///   get a `%` at their end (`a%` and `v1.2%/`), others none;
/// - a segment longer than 200 bytes is its first 100, `%~` and the SHA-256 of it; a path longer than 2,000 bytes is `%~/` and that of the
///   key.
enum ObjectPath {
    /// Names of files may have 255 bytes, and a path 4,096 together with the data folder's.
    private static let maxSegmentBytes = 200
    private static let keptBytes = 100
    private static let maxPathBytes = 2_000

    static func path(of key: String) -> String {
        let segments = key.split(separator: "/", omittingEmptySubsequences: false)
        let folders = segments.dropLast().map { segment in
            let name = Self.name(segment)
            return name.contains(".") ? name + "%" : name
        }
        let last = segments.last.map(Self.name) ?? ""
        let path = (folders + [last.contains(".") ? last : last + "%"]).joined(separator: "/")
        return path.utf8.count <= Self.maxPathBytes ? path : "%~/\(Self.hash(key))%"
    }

    private static func name(_ segment: Substring) -> String {
        if segment.isEmpty { return "%-" }
        let name = Self.escaped(segment)
        guard name.utf8.count > Self.maxSegmentBytes else { return name }
        // Cut between characters, not within one.
        var kept = ""
        for scalar in name.unicodeScalars {
            guard kept.utf8.count < Self.keptBytes else { break }
            kept.unicodeScalars.append(scalar)
        }
        return "\(kept)%~\(Self.hash(String(segment)))"
    }

    private static func escaped(_ segment: Substring) -> String {
        var name = ""
        for scalar in segment.unicodeScalars {
            let isKept = scalar.value >= 0x80 || Self.plain.contains(scalar)
            if isKept, scalar != "." || !name.isEmpty {
                name.unicodeScalars.append(scalar)
            } else {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                name += "%" + (hex.count < 2 ? "0" + hex : hex)
            }
        }
        return name
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!'()+=,@:;$&# ".unicodeScalars)

    private static func hash(_ text: String) -> String {
        Hex.text(SHA256.hash(data: Array(text.utf8)))
    }
}
