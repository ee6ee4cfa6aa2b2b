import CKafka

/// What librdkafka says of a message, as an action's outcome.
enum KafkaError {
    /// Errors that pass when a broker comes back, a leader is chosen or a queue gets shorter.
    private static let passing: Set<Int32> = Set(
        [
            RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__QUEUE_FULL,
            RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__RETRY,
            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
        ].map(\.rawValue))

    /// - Parameter problem: what the client last said of its connections, which the code of a time-out does not tell.
    static func outcome(_ code: rd_kafka_resp_err_t, problem: String?) -> ActionOutcome {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return .done }
        // A text that librdkafka keeps for good.
        let text = rd_kafka_err2str(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        let more = problem.map { " (the client's last problem: \($0))" } ?? ""
        return .failed("Kafka did not take the message: \(text)\(more).", mayRetry: Self.passing.contains(code.rawValue))
    }
}
