import CryptoExtras
import SwiftASN1
import X509

/// What is wrong with a certificate or a signing request that the parser refused, in words for the caller.
enum X509Problem {
    static func describe(_ error: any Error) -> String {
        if let error = error as? CertificateError {
            if error.code == .unsupportedPublicKeyAlgorithm { return DeviceKey.requirement }
            if error.code == .unsupportedSignatureAlgorithm { return "its signature algorithm is not supported" }
        }
        // The only checks of the key library that a well-formed key can fail: RSA keys below 2048 bits, and points off the curve.
        if error is CryptoKitError { return DeviceKey.requirement }
        return Self.withoutSourcePosition("\(error)")
    }

    /// The libraries end a description with their own "Module/File.swift:LINE".
    private static func withoutSourcePosition(_ text: String) -> String {
        guard let space = text.lastIndex(of: " "), text[space...].contains(".swift:") else { return text }
        return String(text[..<space])
    }
}
