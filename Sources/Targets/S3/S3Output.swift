import AWSAPI
import HTTPTypes
import NIOCore

/// Answers in S3's XML.
enum S3Output {
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// A document with this root; `content` is escaped already.
    static func document(_ root: String, _ content: String, headers: HTTPFields = [:]) -> OperationOutput {
        let text = "\(XMLText.declaration)<\(root) xmlns=\"\(Self.namespace)\">\(content)</\(root)>"
        return OperationOutput(body: .bytes(ByteBuffer(string: text), contentType: "application/xml"), headers: headers)
    }

    static func empty(status: Int = 200, headers: HTTPFields = [:]) -> OperationOutput {
        OperationOutput(body: .bytes(ByteBuffer(), contentType: "application/xml"), headers: headers, status: status)
    }

    /// `2015-08-30T12:36:00.123Z`.
    static func time(_ milliseconds: Int64) -> String {
        let stamp = Array(SigningTime(seconds: milliseconds / 1000).stamp)
        guard stamp.count == 16 else { return String(stamp) }
        let rest = String(milliseconds % 1000)
        return String(stamp[0..<4]) + "-" + String(stamp[4..<6]) + "-" + String(stamp[6..<8]) + "T" + String(stamp[9..<11]) + ":"
            + String(stamp[11..<13]) + ":" + String(stamp[13..<15]) + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
    }

    /// `Sun, 30 Aug 2015 12:36:00 GMT`.
    static func httpTime(_ milliseconds: Int64) -> String { SigningTime(seconds: milliseconds / 1000).httpDate }

    static func quoted(_ etag: String) -> String { "\"\(etag)\"" }
}

extension HTTPFields {
    /// A header by its name; nothing for a name that is none.
    subscript(named name: String) -> String? {
        get { HTTPField.Name(name).flatMap { self[$0] } }
        set {
            guard let name = HTTPField.Name(name) else { return }
            self[name] = newValue
        }
    }
}
