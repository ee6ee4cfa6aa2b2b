#include <librdkafka/rdkafka.h>

// rd_kafka_producev has a variable number of arguments, which Swift cannot call. The topic's name, the value, the key and the headers are
// copied or taken over before it returns; `id` comes back with the delivery report. A key or headers that are null are left out.
static inline rd_kafka_resp_err_t ckafka_produce(
    rd_kafka_t *producer, const char *topic, int32_t partition, const void *value, size_t value_bytes, const void *key, size_t key_bytes,
    rd_kafka_headers_t *headers, uintptr_t id) {
    if (headers != NULL)
        return rd_kafka_producev(
            producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_VALUE((void *)value, value_bytes), RD_KAFKA_V_KEY((void *)key, key_bytes), RD_KAFKA_V_HEADERS(headers),
            RD_KAFKA_V_OPAQUE((void *)id), RD_KAFKA_V_END);
    return rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE((void *)value, value_bytes), RD_KAFKA_V_KEY((void *)key, key_bytes), RD_KAFKA_V_OPAQUE((void *)id), RD_KAFKA_V_END);
}
