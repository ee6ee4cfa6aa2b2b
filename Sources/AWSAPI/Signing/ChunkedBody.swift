internal import Crypto
internal import NIOCore

/// A body in S3's chunks (`Content-Encoding: aws-chunked`): each with its length in hex and, when it is signed, a signature that covers the
/// one before it; then trailers.
struct ChunkedBody {
    /// What `x-amz-content-sha256` says of such a body.
    enum Form: String {
        case unsignedWithTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        case signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        case signedWithTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    }

    /// Links the signatures of chunks.
    struct Chain {
        let key: SymmetricKey
        let stamp: String
        let scope: String
        /// In hex; at first that of the request.
        var last: String

        /// Whether `signature` is that of the next chunk; later ones are linked to it.
        mutating func accepts(_ signature: String?, _ algorithm: String, _ hashes: [String]) -> Bool {
            guard let signature, let bytes = PercentEncoding.bytes(hex: signature) else { return false }
            let text = ([algorithm, self.stamp, self.scope, self.last] + hashes).joined(separator: "\n")
            self.last = signature
            return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Array(text.utf8), using: self.key)
        }
    }

    /// Bytes of a chunk's first line, and of a trailer's. Longer ones are malformed.
    private static let maxLineBytes = 1024
    private static let maxTrailers = 16

    private var rest: ByteBuffer
    private var chain: Chain?

    /// - Parameter chain: nil when signatures are not looked at.
    init(_ body: ByteBuffer, chain: Chain?) {
        self.rest = body
        self.chain = chain
    }

    /// What the chunks hold, and the trailers.
    ///
    /// - Throws: InvalidRequestException when the body is not in chunks, InvalidSignatureException for a chunk's signature.
    mutating func decoded() throws(AWSError) -> (content: ByteBuffer, trailers: [(name: String, value: String)]) {
        var content = ByteBuffer()
        while true {
            let line = try self.line()
            let parts = line.split(separator: ";", omittingEmptySubsequences: false)
            guard let size = parts.first.flatMap({ Int($0, radix: 16) }), size >= 0, var chunk = self.rest.readSlice(length: size) else {
                throw Self.malformed
            }
            if self.chain != nil {
                let signature = parts.dropFirst().first { $0.hasPrefix("chunk-signature=") }?.dropFirst("chunk-signature=".count)
                let isValid = self.chain?.accepts(
                    signature.map(String.init), "AWS4-HMAC-SHA256-PAYLOAD", [PayloadHash.empty, PayloadHash.of(chunk)])
                guard isValid == true else { throw AWSError.signatureMismatch }
            }
            guard size > 0 else { return (content, try self.trailers()) }
            content.writeBuffer(&chunk)
            guard try self.line().isEmpty else { throw Self.malformed }
        }
    }

    private mutating func trailers() throws(AWSError) -> [(name: String, value: String)] {
        var trailers: [(name: String, value: String)] = []
        var signature: String?
        while self.rest.readableBytes > 0 {
            let line = try self.line()
            if line.isEmpty { break }
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, trailers.count < Self.maxTrailers else { throw Self.malformed }
            let name = pair[0].lowercased()
            let value = String(pair[1].drop { $0 == " " })
            if name == "x-amz-trailer-signature" { signature = value } else { trailers.append((name, value)) }
        }
        if !trailers.isEmpty, self.chain != nil {
            let text = trailers.map { "\($0.name):\($0.value)\n" }.joined()
            let isValid = self.chain?.accepts(signature, "AWS4-HMAC-SHA256-TRAILER", [PayloadHash.of(ByteBuffer(string: text))])
            guard isValid == true else { throw AWSError.signatureMismatch }
        }
        return trailers
    }

    /// Up to the next end of line, which is read too.
    private mutating func line() throws(AWSError) -> String {
        let view = self.rest.readableBytesView.prefix(Self.maxLineBytes + 2)
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")), end > view.startIndex, view[end - 1] == UInt8(ascii: "\r") else {
            throw Self.malformed
        }
        let line = self.rest.readString(length: end - 1 - view.startIndex) ?? ""
        self.rest.moveReaderIndex(forwardBy: 2)
        return line
    }

    private static var malformed: AWSError { .invalidRequest("The body is not in the chunks that x-amz-content-sha256 announces.") }
}
