import NIOSSL

/// A self-signed certificate for localhost, and its key. It protects nothing: it exists so that the tests need no tool to make one.
enum TestCertificate {
    static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIBSDCB8KADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCnJvb3N0IHRl
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMM
        CnJvb3N0IHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR2QUOronX9H7Du
        Yc3R+79IEG4lIUgQcca4HvXtpw5UiwpJFodsrYHKhampsGSvVszseQIdXM2UKPl2
        46uckllfoy8wLTAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9z
        dIcEfwAAATAKBggqhkjOPQQDAgNHADBEAiBpuKeqGq6Ze/+R4IgvK2AFCeIzHS46
        EcrSw1eLjbdGWwIgNBqJ3mbqsIK1JLNyPVYzP7MhPQmGE0iFS5EaKVdKHgk=
        -----END CERTIFICATE-----
        """

    static let keyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb06F9O4ULJAuChiB
        ol03KD8ESWUonMF6jfp46ZabZBahRANCAAR2QUOronX9H7DuYc3R+79IEG4lIUgQ
        cca4HvXtpw5UiwpJFodsrYHKhampsGSvVszseQIdXM2UKPl246uckllf
        -----END PRIVATE KEY-----
        """

    static func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(self.certificatePEM.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(self.keyPEM.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    }

    static func clientConfiguration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: Array(self.certificatePEM.utf8), format: .pem)])
        return configuration
    }
}
