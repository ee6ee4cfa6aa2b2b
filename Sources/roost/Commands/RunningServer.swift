import AWSAPI
import AsyncHTTPClient
import NIOSSL

extension Endpoints {
    /// Calls the running server with its own access key.
    func withClient<Result>(_ body: (AWSClient) async throws -> Result) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(self.caFile)
        configuration.tlsConfiguration = tls
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = AWSClient(
            http: http, endpoint: self.api, region: self.region, key: AccessKey(id: self.accessKeyID, secret: self.secretAccessKey))
        do {
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }
}
