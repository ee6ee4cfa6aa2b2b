import Testing

@testable import Rules

@Suite("The client properties of the kafka action")
struct KafkaSettingsTests {
    private static let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"

    @Test("what is not given is as in AWS")
    func defaults() throws {
        let settings = try KafkaSettings(["bootstrap.servers": "b:9092"])
        #expect(
            settings.properties == [
                "bootstrap.servers": "b:9092", "acks": "1", "compression.codec": "none", "security.protocol": "SSL",
            ])
    }

    @Test("AWS's names become librdkafka's")
    func names() throws {
        let settings = try KafkaSettings([
            "bootstrap.servers": "b:9096", "acks": "0", "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.scram.username": "me", "sasl.scram.password": "secret", "ssl.truststore": Self.pem, "compression.type": "lz4",
        ])
        #expect(
            settings.properties == [
                "bootstrap.servers": "b:9096", "acks": "0", "compression.codec": "lz4", "security.protocol": "SASL_SSL",
                "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "me", "sasl.password": "secret", "ssl.ca.pem": Self.pem,
            ])
    }

    @Test("a client's certificate and its key are one text")
    func keystore() throws {
        let settings = try KafkaSettings([
            "bootstrap.servers": "b:9094", "ssl.keystore": Self.pem, "ssl.keystore.password": "secret",
        ])
        #expect(settings.properties["ssl.certificate.pem"] == Self.pem)
        #expect(settings.properties["ssl.key.pem"] == Self.pem)
        #expect(settings.properties["ssl.key.password"] == "secret")
    }

    @Test("what is wrong is told without the secrets")
    func secrets() {
        let given = [
            "bootstrap.servers": "b", "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.plain.password": "secret",
            "ssl.truststore": "secret",
        ]
        for (name, value) in [("ssl.truststore", "secret"), ("ssl.truststore", Self.pem), ("sasl.mechanism", "GSSAPI")] {
            do throws(ActionProblem) {
                _ = try KafkaSettings(given.merging([name: value]) { _, new in new })
                Issue.record("\(name) = \(value) was taken")
            } catch {
                #expect(!error.description.contains("secret"))
            }
        }
    }

    @Test(
        "the names of topics",
        arguments: [
            ("a", true), ("a.b_c-D9", true), (String(repeating: "x", count: 249), true), (String(repeating: "x", count: 250), false),
            ("", false), (".", false), ("..", false), ("a b", false), ("ä", false), ("a\0", false), ("a/b", false),
        ])
    func topics(_ text: String, _ isTopic: Bool) {
        #expect(KafkaRecord.isTopic(text) == isTopic)
    }

    @Test("whoever waits for a batch gets all outcomes in their places")
    func batch() async {
        let outcomes = await withCheckedContinuation { continuation in
            let batch = KafkaBatch(count: 3) { continuation.resume(returning: $0) }
            batch.finish(2, .failed("c", mayRetry: true))
            batch.finish(0, .done)
            batch.finish(1, .failed("b", mayRetry: false))
        }
        #expect(outcomes == [.done, .failed("b", mayRetry: false), .failed("c", mayRetry: true)])
    }

    @Test("a producer is closed with what it had under way")
    func shutdown() async throws {
        let producers = KafkaProducers()
        let settings = try KafkaSettings(["bootstrap.servers": "127.0.0.1:1", "security.protocol": "PLAINTEXT"])
        let record = KafkaRecord(topic: "t", partition: nil, key: nil, value: [1], headers: [KafkaRecord.Header(name: "a", value: "b")])
        async let sent = producers.send([record, record], with: settings)
        while producers.count == 0 { await Task.yield() }
        await producers.shutdown()
        for outcome in await sent {
            if case .failed(_, mayRetry: true) = outcome { continue }
            Issue.record("\(outcome)")
        }
        #expect(await producers.send([record], with: settings) == [.failed("The server stops.", mayRetry: true)])
    }
}
