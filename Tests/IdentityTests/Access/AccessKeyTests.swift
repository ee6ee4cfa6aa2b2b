import AWSAPI
import Logging
import Storage
import Testing

@testable import Identity

@Suite("Access keys")
struct AccessKeyTests {
    @Test("the first start makes one, and it stays")
    func first() async throws {
        let fixture = try IdentityFixture()
        async let one = fixture.identity.firstAccessKey()
        async let two = fixture.identity.firstAccessKey()
        let key = try await one
        #expect(try await two == key)
        #expect(key.id.hasPrefix("AKIA") && key.id.count == 20)
        #expect(key.secret.count == 40)
        #expect(try await fixture.identity.accessKeys.secret(for: key.id) == key)
        #expect(try await fixture.identity.accessKeys.secret(for: "AKIAOTHER") == nil)
        let later = AccessKeys(store: fixture.store, clock: { Timestamp.now() })
        #expect(try await later.secret(for: key.id) == key)
        #expect(try await later.first() == key)
    }
}
