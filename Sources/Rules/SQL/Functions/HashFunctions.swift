import Crypto

/// Digests of a text's UTF-8 in lower-case hexadecimal.
enum HashFunctions {
    static let all: [SQLFunction] = [
        hash("md2") { MD2.hash($0) },
        hash("md5") { Array(Insecure.MD5.hash(data: $0)) },
        hash("sha1") { Array(Insecure.SHA1.hash(data: $0)) },
        hash("sha224") { SHA224.hash($0) },
        hash("sha256") { Array(SHA256.hash(data: $0)) },
        hash("sha384") { Array(SHA384.hash(data: $0)) },
        hash("sha512") { Array(SHA512.hash(data: $0)) },
    ]

    private static func hash(_ name: String, _ digest: @escaping @Sendable ([UInt8]) -> [UInt8]) -> SQLFunction {
        SQLFunction(name, 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]) else { return .undefined }
            return try evaluation.made(self.hexadecimal(digest(Array(text.utf8))))
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
