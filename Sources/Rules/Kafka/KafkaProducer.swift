import CKafka
import Foundation
import Synchronization

/// One producer of librdkafka with the thread that serves its callbacks.
///
/// `@unchecked`: `handle` is set once, before anybody else sees the object; librdkafka's handles may be used from any thread. It is destroyed
/// by the producer's own thread, after whoever hands it out (`KafkaProducers`) has nobody left that sends.
final class KafkaProducer: @unchecked Sendable {
    /// How long a message may be under way, the client's own tries included.
    static let messageTimeoutMilliseconds = 5_000
    /// Topics that one producer remembers; messages could name any number of them.
    static let maxTopics = 1_000
    static let maxProblemCharacters = 300
    /// How long messages under way may take when it ends.
    private static let lastFlushMilliseconds: Int32 = 2_000
    private static let pollMilliseconds: Int32 = 100

    private struct State: Sendable {
        var waiting: [UInt: (batch: KafkaBatch, place: Int)] = [:]
        var lastID: UInt = 0
        var topics: Set<String> = []
        /// What the client last said of its connections.
        var problem: String?
        var isClosing = false
        var isEnded = false
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private var handle: OpaquePointer?
    private let state = Mutex(State())

    private init() {}

    /// - Parameter isIdle: asked from time to time whether it shall end.
    /// - Throws: `ActionProblem` when librdkafka does not take a property.
    static func open(
        _ settings: KafkaSettings, isIdle: @escaping @Sendable (KafkaProducer) -> Bool
    ) throws(ActionProblem) -> KafkaProducer {
        let producer = KafkaProducer()
        let configuration = try Self.configuration(settings, for: producer)
        var message = [CChar](repeating: 0, count: 512)
        guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &message, message.count) else {
            // Only a handle takes the configuration over.
            rd_kafka_conf_destroy(configuration)
            throw ActionProblem("The Kafka client cannot be made: \(Self.text(message)).")
        }
        producer.handle = handle
        // The thread keeps the object alive for as long as callbacks can come.
        Thread.detachNewThread { producer.run(isIdle) }
        return producer
    }

    private static func configuration(_ settings: KafkaSettings, for producer: KafkaProducer) throws(ActionProblem) -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else { throw ActionProblem("The Kafka client cannot be made: no memory.") }
        let properties = settings.properties.merging(
            [
                "client.id": "roost", "message.timeout.ms": "\(Self.messageTimeoutMilliseconds)", "linger.ms": "1",
                "queue.buffering.max.messages": "20000",
            ]) { own, _ in own }
        for (name, value) in properties {
            var message = [CChar](repeating: 0, count: 512)
            guard rd_kafka_conf_set(configuration, name, value, &message, message.count) == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                // The message may repeat the value, which may be a secret.
                throw ActionProblem("The Kafka client does not take the value of \(name).")
            }
        }
        // Unretained: callbacks come only on the thread that keeps the object (`run`).
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(producer).toOpaque())
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
            guard let message, let producer = KafkaProducer.from(opaque) else { return }
            producer.finish(UInt(bitPattern: message.pointee._private), message.pointee.err)
        }
        rd_kafka_conf_set_error_cb(configuration) { _, _, reason, opaque in
            guard let reason, let producer = KafkaProducer.from(opaque) else { return }
            producer.note(String(cString: reason))
        }
        // Its log would go to standard error; what matters comes as errors.
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        return configuration
    }

    private static func from(_ opaque: UnsafeMutableRawPointer?) -> KafkaProducer? {
        opaque.map { Unmanaged<KafkaProducer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Its thread

    private func run(_ isIdle: @Sendable (KafkaProducer) -> Bool) {
        while !self.state.withLock({ $0.isClosing }), !isIdle(self) {
            rd_kafka_poll(self.handle, Self.pollMilliseconds)
        }
        rd_kafka_flush(self.handle, Self.lastFlushMilliseconds)
        rd_kafka_purge(self.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_flush(self.handle, Self.pollMilliseconds)
        rd_kafka_destroy(self.handle)
        let (left, watchers) = self.state.withLock { state in
            state.isEnded = true
            defer {
                state.waiting = [:]
                state.watchers = []
            }
            return (state.waiting.values.map { $0 }, state.watchers)
        }
        for message in left { message.batch.finish(message.place, KafkaError.outcome(RD_KAFKA_RESP_ERR__DESTROY, problem: nil)) }
        for watcher in watchers { watcher.resume() }
    }

    /// Asks it to end, once nobody sends any more.
    func close() { self.state.withLock { $0.isClosing = true } }

    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let isEnded = self.state.withLock { state in
                if !state.isEnded { state.watchers.append(continuation) }
                return state.isEnded
            }
            if isEnded { continuation.resume() }
        }
    }

    private func finish(_ id: UInt, _ code: rd_kafka_resp_err_t) {
        let (found, problem) = self.state.withLock { state in
            if code == RD_KAFKA_RESP_ERR_NO_ERROR { state.problem = nil }
            return (state.waiting.removeValue(forKey: id), state.problem)
        }
        if let found { found.batch.finish(found.place, KafkaError.outcome(code, problem: problem)) }
    }

    private func note(_ problem: String) {
        self.state.withLock { $0.problem = String(problem.prefix(Self.maxProblemCharacters)) }
    }

    // MARK: Sending

    /// Returns an outcome for each record when the brokers have said so, in their order.
    func send(_ records: [KafkaRecord]) async -> [ActionOutcome] {
        guard !records.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let batch = KafkaBatch(count: records.count) { continuation.resume(returning: $0) }
            for (place, record) in records.enumerated() { self.send(record, place, of: batch) }
        }
    }

    private func send(_ record: KafkaRecord, _ place: Int, of batch: KafkaBatch) {
        let id: UInt? = self.state.withLock { state in
            if !state.topics.contains(record.topic) {
                guard state.topics.count < Self.maxTopics else { return nil }
                state.topics.insert(record.topic)
            }
            state.lastID += 1
            state.waiting[state.lastID] = (batch, place)
            return state.lastID
        }
        guard let id else {
            return batch.finish(place, .failed("Messages name more than \(Self.maxTopics) topics of one cluster.", mayRetry: true))
        }
        let code = self.produce(record, id)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { self.finish(id, code) }
    }

    private func produce(_ record: KafkaRecord, _ id: UInt) -> rd_kafka_resp_err_t {
        let headers = record.headers.isEmpty ? nil : rd_kafka_headers_new(record.headers.count)
        for header in record.headers {
            let code = rd_kafka_header_add(headers, header.name, header.name.utf8.count, header.value, header.value.utf8.count)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                rd_kafka_headers_destroy(headers)
                return code
            }
        }
        // The buffers are copied before it returns.
        let code = record.value.withUnsafeBytes { value in
            guard let key = record.key else {
                return ckafka_produce(
                    self.handle, record.topic, record.partition ?? RD_KAFKA_PARTITION_UA, value.baseAddress, value.count, nil, 0, headers,
                    id)
            }
            // An empty key is one, other than none: it needs an address.
            return (key + [0]).withUnsafeBytes {
                ckafka_produce(
                    self.handle, record.topic, record.partition ?? RD_KAFKA_PARTITION_UA, value.baseAddress, value.count, $0.baseAddress,
                    key.count, headers, id)
            }
        }
        // Only a message that is taken takes its headers.
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers { rd_kafka_headers_destroy(headers) }
        return code
    }
}
