import Testing

@testable import Identity

@Suite("Caches")
struct CacheTests {
    @Test("the cache of two generations is bounded and keeps what is asked for")
    func generations() {
        var cache = TwoGenerationCache<Int, Int>(capacity: 10)
        for key in 0..<1_000 {
            cache.insert(key, for: key)
            #expect(cache.count <= 10)
            #expect(cache.find(0) == 0)
        }
        cache.remove(0)
        #expect(cache.find(0) == nil)
    }

    @Test("a certificate read before a change is not put in after it")
    func stale() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        let cache = CertificateCache()
        guard case .missing(let epoch) = cache.find(id) else { return }
        let read = try #require(try await fixture.identity.deviceCertificate(fingerprint: id))
        cache.remove(id)
        cache.insert(read, readAt: epoch)
        guard case .missing(let next) = cache.find(id) else {
            Issue.record("a stale certificate was kept")
            return
        }
        cache.insert(read, readAt: next)
        guard case .found = cache.find(id) else {
            Issue.record("a fresh certificate was not kept")
            return
        }
    }

    @Test("the look-up for the handshake sees a change of status at once")
    func status() async throws {
        let fixture = try IdentityFixture()
        let id = try await fixture.createCertificate()
        #expect(try await fixture.identity.deviceCertificate(fingerprint: id)?.status == .active)
        try await fixture.call("UpdateCertificate", ["certificateId": id], query: ["newStatus": "REVOKED"])
        #expect(try await fixture.identity.deviceCertificate(fingerprint: id)?.status == .revoked)
        #expect(try await fixture.identity.deviceCertificate(fingerprint: String(repeating: "0", count: 64)) == nil)
    }
}
