import NIOCore

@testable import Broker

enum ByteBufferLength {
    static func of(_ value: Int) -> Int { ByteBuffer.variableByteIntegerLength(value) }
}
