import Testing

@testable import Rules

@Suite("The URLs of the http action")
struct HTTPAddressTests {
    private static func settings(_ isOpen: Bool) -> RulesSettings {
        var settings = RulesSettings()
        settings.allowsPlainHTTP = isOpen
        settings.allowsAnyPort = isOpen
        return settings
    }

    @Test(
        "a URL comes apart",
        arguments: [
            ("https://Example.com", "https://example.com:443", "example.com", "/"),
            ("HTTPS://example.com:8443?x=y", "https://example.com:8443", "example.com:8443", "/?x=y"),
            ("https://10.0.0.1/a/b?c", "https://10.0.0.1:443", "10.0.0.1", "/a/b?c"),
            ("https://example.com/?a=http://x:y@z/", "https://example.com:443", "example.com", "/?a=http://x:y@z/"),
        ])
    func parts(_ text: String, _ origin: String, _ host: String, _ target: String) throws {
        let address = try HTTPAddress(text, Self.settings(false))
        #expect((address.origin, address.host, address.target) == (origin, host, target))
        #expect(address.text == text)
    }

    @Test(
        "what is refused, and why",
        arguments: [
            ("http://example.com", "https"), ("https://example.com:80/", "8443"), ("https://[::1]/", "IPv6"),
            ("https://a@example.com/", "user"), ("https://a:b@example.com/", "user"), ("https:///x", "host"), ("https://", "host"),
            ("https://exa mple.com", "percent"), ("https://example.com/\r\nX: y", "percent"), ("https://exämple.com", "percent"),
            ("https://example.com/#x", "fragment"), ("https://example.com:0/", "port"), ("https://example.com:99999/", "port"),
            ("https://example.com:/", "port"), ("ftp://example.com", "https"), ("", "https"), ("https://example.com\\x", "percent"),
            ("https://example.com/" + String(repeating: "x", count: 2_000), "2000"),
        ])
    func refused(_ text: String, _ word: String) {
        do throws(ActionProblem) {
            _ = try HTTPAddress(text, Self.settings(false))
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description.contains(word), "\(error)")
        }
    }

    @Test("with the settings any port and plain HTTP are taken")
    func open() throws {
        #expect(try HTTPAddress("http://localhost:9000/x", Self.settings(true)).origin == "http://localhost:9000")
        #expect(try HTTPAddress("http://localhost", Self.settings(true)).origin == "http://localhost:80")
    }

    @Test(
        "a confirmation URL covers what begins with it on the same server",
        arguments: [
            ("https://x/a", "https://x/a/b", true), ("https://x/a", "https://x/ab", true), ("https://x/a", "https://x/b", false),
            ("https://x", "https://x:443/b", true), ("https://x", "https://X/b", true), ("https://x", "https://x.evil.com/", false),
            ("https://x", "https://x:8443/", false), ("https://x/?a=b", "https://x/?a=b&c=d", true), ("https://x/a", "https://x", false),
        ])
    func covers(_ confirmation: String, _ url: String, _ isCovered: Bool) throws {
        let settings = Self.settings(false)
        #expect(try HTTPAddress(url, settings).isCovered(by: HTTPAddress(confirmation, settings)) == isCovered)
    }

    @Test(
        "another try follows only what it may mend",
        arguments: [
            (HTTPAnswer.answered(status: 500, .complete), true), (.answered(status: 599, .complete), true),
            (.answered(status: 429, .complete), true), (.answered(status: 404, .complete), false),
            (.answered(status: 302, .complete), false), (.answered(status: 500, .tooLong), false), (.answered(status: 500, .cut), false),
            (.failed(HTTPFailure(kind: .timedOut, description: "late")), false),
        ])
    func tries(_ answer: HTTPAnswer, _ mayRetry: Bool) {
        #expect(HTTPTry(answer)?.mayRetry == mayRetry)
    }

    @Test("any 2xx is a success", arguments: [200, 202, 204, 299])
    func successes(_ status: Int) {
        #expect(HTTPTry(.answered(status: status, .tooLong)) == nil)
    }
}
