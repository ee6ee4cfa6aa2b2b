// mqttscale: what mqttload does not measure: a session that is away, many subscriptions, many sessions.
//
//   cc -O2 -o mqttscale mqttscale.c
//
//   --mode offline   a persistent session subscribes and goes away; --pubs publishers send --count QoS 1 messages with --inflight
//                    unacknowledged each; then the session comes back and has to receive every one of them. Figures:
//                    acknowledgements/s, their latency, the rate at which the session is served.
//   --mode match     --holders connections hold --filters subscriptions, half of them with a wildcard; a publisher sends --count
//                    QoS 0 messages whose topics match one of them each, --window under way at most. --topics of the filters are
//                    published to (1: always the same). Figure: deliveries per broker CPU second (--pid).
//   --mode sessions  makes --count persistent sessions with one subscription each and leaves them.
//
// MQTT 3.1.1, one thread, one epoll. Output: one line of JSON. Exit status 1: something that was sent did not arrive.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OFFLINE, MATCH, SESSIONS };
enum role { PUBLISHER, RECEIVER, MAKER };
enum { IDS = 65536, MAX_PACKET = 1 << 20, FILTERS_PER_PACKET = 8, OPEN_AT_ONCE = 256 };

struct conn {
    int fd, index, connected, writing, session_present;
    enum role role;
    uint8_t *in, *out;
    size_t in_len, in_cap, out_len, out_off, out_cap;
    uint16_t next_id;
    int inflight, unsubscribed; // messages, or filters, without their acknowledgement
    uint64_t *sent_at;          // by packet id
};

static struct {
    const char *host, *prefix;
    int port, mode, pubs, inflight, size, holders, pid;
    long count, filters, topics, window;
    double timeout;
} opt = {.host = "127.0.0.1", .prefix = "scale", .port = 1883, .pubs = 50, .inflight = 100, .size = 128, .holders = 1, .count = 100000,
         .filters = 10, .topics = 1, .window = 1000, .timeout = 300};

static int epfd;
static uint64_t published, acked, received, duplicates, deadline;
static uint8_t *seen; // by message number
static uint32_t *latency_us;

static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *what) { fprintf(stderr, "mqttscale: %s: %s\n", what, errno ? strerror(errno) : "unexpected"); exit(2); }
static void *grown(void *p, size_t bytes) { p = realloc(p, bytes); if (!p) die("memory"); return p; }

// CPU seconds (user + system) of a process, all its threads.
static double cpu_of(int pid) {
    char path[64], buf[1024]; snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r"); if (!f) return 0;
    size_t n = fread(buf, 1, sizeof buf - 1, f); fclose(f); buf[n] = 0;
    unsigned long user = 0, system = 0; char *p = strrchr(buf, ')');
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

// ---------------------------------------------------------------- bytes out

static void put(struct conn *c, const void *p, size_t n) {
    if (c->out_off && c->out_off == c->out_len) c->out_off = c->out_len = 0;
    while (c->out_len + n > c->out_cap) { c->out_cap = c->out_cap ? c->out_cap * 2 : 512; c->out = grown(c->out, c->out_cap); }
    memcpy(c->out + c->out_len, p, n); c->out_len += n;
}
static void put1(struct conn *c, int b) { uint8_t v = b; put(c, &v, 1); }
static void put2(struct conn *c, int v) { uint8_t b[2] = {v >> 8, v}; put(c, b, 2); }
static void put_string(struct conn *c, const char *s) { put2(c, strlen(s)); put(c, s, strlen(s)); }
static void put_length(struct conn *c, uint32_t n) { do { uint8_t b = n & 127; n >>= 7; put1(c, n ? b | 128 : b); } while (n); }

static void flush_out(struct conn *c) {
    while (c->out_off < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) { if (errno == EAGAIN) break; die("write"); }
        c->out_off += n;
    }
    int writing = c->out_off < c->out_len;
    if (writing != c->writing) {
        struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
        epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e); c->writing = writing;
    }
}

static void open_conn(struct conn *c, const char *id, int clean) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(opt.port)}; inet_pton(AF_INET, opt.host, &to.sin_addr);
    errno = 0;
    c->fd = socket(AF_INET, SOCK_STREAM, 0); if (c->fd < 0) die("socket");
    int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void *)&to, sizeof to)) die("connect");
    c->connected = 0; c->writing = 0; c->in_len = c->out_len = c->out_off = 0;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c}; epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
    put1(c, 0x10); put_length(c, 10 + 2 + strlen(id)); put_string(c, "MQTT"); put1(c, 4); put1(c, clean ? 2 : 0); put2(c, 300); put_string(c, id);
    flush_out(c);
}
static void close_conn(struct conn *c) { close(c->fd); c->fd = -1; c->connected = 0; }
static void leave(struct conn *c) { put1(c, 0xe0); put1(c, 0); flush_out(c); close_conn(c); }

// Even filters are exact, odd ones hold a wildcard; each matches the topic of its number and no other.
static void filter_of(char *buf, size_t cap, long i) {
    if (opt.mode != MATCH) snprintf(buf, cap, "%s/+/telemetry", opt.prefix);
    else if (i % 2) snprintf(buf, cap, "%s/+/%06ld", opt.prefix, i);
    else snprintf(buf, cap, "%s/%06ld/state", opt.prefix, i);
}
static void topic_of(char *buf, size_t cap, long i) {
    if (opt.mode != MATCH) snprintf(buf, cap, "%s/%06ld/telemetry", opt.prefix, i);
    else if (i % 2) snprintf(buf, cap, "%s/any/%06ld", opt.prefix, i);
    else snprintf(buf, cap, "%s/%06ld/state", opt.prefix, i);
}

static void subscribe(struct conn *c, long first, long step, long end, int qos) {
    for (long i = first; i < end;) {
        char filters[FILTERS_PER_PACKET][96]; int n = 0; uint32_t length = 2;
        for (; n < FILTERS_PER_PACKET && i < end; i += step, n++) { filter_of(filters[n], sizeof filters[n], i); length += 3 + strlen(filters[n]); }
        put1(c, 0x82); put_length(c, length); if (!++c->next_id) c->next_id = 1; put2(c, c->next_id);
        for (int k = 0; k < n; k++) { put_string(c, filters[k]); put1(c, qos); }
        c->unsubscribed += n;
    }
    flush_out(c);
}

// The payload begins with the message's number and the time that it was sent.
static void publish(struct conn *c, long topic, int qos) {
    char t[96]; topic_of(t, sizeof t, topic); size_t length = strlen(t);
    static uint8_t payload[MAX_PACKET]; uint64_t number = published++, at = now_ns();
    memcpy(payload, &number, 8); memcpy(payload + 8, &at, 8);
    put1(c, 0x30 | qos << 1); put_length(c, 2 + length + (qos ? 2 : 0) + opt.size); put_string(c, t);
    if (qos) { if (!++c->next_id) c->next_id = 1; put2(c, c->next_id); c->sent_at[c->next_id] = at; }
    put(c, payload, opt.size); c->inflight++;
}

// ---------------------------------------------------------------- bytes in

static void on_publish(struct conn *c, int qos, const uint8_t *p, size_t n) {
    size_t o = 2 + (p[0] << 8 | p[1]); uint16_t id = 0; uint64_t number;
    if (qos) { id = p[o] << 8 | p[o + 1]; o += 2; }
    if (n - o < 16) die("a message that nobody sent");
    memcpy(&number, p + o, 8);
    if (number >= (uint64_t)opt.count) die("a message that nobody sent");
    if (seen[number]) duplicates++; else { seen[number] = 1; received++; }
    if (qos) { put1(c, 0x40); put_length(c, 2); put2(c, id); }
}
static void on_packet(struct conn *c, uint8_t head, const uint8_t *p, size_t n) {
    errno = 0;
    switch (head >> 4) {
    case 2: if (n < 2 || p[1]) die("connection refused"); c->connected = 1; c->session_present = p[0] & 1; break;
    case 3: on_publish(c, head >> 1 & 3, p, n); break;
    case 4: if (acked < (uint64_t)opt.count) latency_us[acked] = (now_ns() - c->sent_at[p[0] << 8 | p[1]]) / 1000; acked++; c->inflight--; break;
    case 9: for (size_t i = 2; i < n; i++) { if (p[i] > 2) die("subscription refused"); c->unsubscribed--; } break;
    default: die("packet of an unexpected type");
    }
}
static void read_in(struct conn *c) {
    if (c->in_cap - c->in_len < 65536) { c->in_cap = c->in_len + 131072; c->in = grown(c->in, c->in_cap); }
    ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, MSG_DONTWAIT);
    if (n < 0) { if (errno == EAGAIN) return; die("read"); }
    if (n == 0) { errno = 0; die("the broker closed a connection"); }
    c->in_len += n; size_t o = 0;
    while (c->in_len - o >= 2) {
        uint32_t length = 0; size_t k = 1; int whole = 0;
        for (int shift = 0; o + k < c->in_len && k <= 4; shift += 7) { uint8_t b = c->in[o + k++]; length |= (uint32_t)(b & 127) << shift; if (!(b & 128)) { whole = 1; break; } }
        if (!whole || c->in_len - o < k + length) break;
        on_packet(c, c->in[o], c->in + o + k, length); o += k + length;
    }
    memmove(c->in, c->in + o, c->in_len - o); c->in_len -= o;
    flush_out(c);
    if (c->role != RECEIVER && !c->in_len) { free(c->in); c->in = NULL; c->in_cap = 0; }
}
static void poll_once(int ms) {
    static struct epoll_event events[1024]; int n = epoll_wait(epfd, events, 1024, ms);
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;
        if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_in(c);
        if (c->fd >= 0 && events[i].events & EPOLLOUT) flush_out(c);
    }
    if (now_ns() > deadline) { errno = ETIMEDOUT; die("gave up"); }
}
static struct conn *new_conns(int n, enum role role) {
    struct conn *all = calloc(n, sizeof *all); if (!all) die("memory");
    for (int i = 0; i < n; i++) { all[i].fd = -1; all[i].index = i; all[i].role = role; if (role == PUBLISHER && !(all[i].sent_at = calloc(IDS, 8))) die("memory"); }
    return all;
}
static void open_all(struct conn *all, int n, const char *kind, int clean) {
    for (int i = 0; i < n; i++) { char id[64]; snprintf(id, sizeof id, "%s-%s-%06d", opt.prefix, kind, i); open_conn(&all[i], id, clean); }
    for (int i = 0; i < n; i++) while (!all[i].connected) poll_once(10);
}
static int by_value(const void *a, const void *b) { uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b; return (x > y) - (x < y); }
static uint32_t percentile(uint64_t n, double q) { return n ? latency_us[(uint64_t)((n - 1) * q)] : 0; }

// ---------------------------------------------------------------- what is measured

static int run_offline(void) {
    struct conn *away = new_conns(1, RECEIVER), *pubs = new_conns(opt.pubs, PUBLISHER);
    open_all(away, 1, "away", 0); subscribe(away, 0, 1, 1, 1);
    while (away->unsubscribed) poll_once(10);
    leave(away);
    open_all(pubs, opt.pubs, "pub", 1);
    double cpu0 = cpu_of(opt.pid); uint64_t t0 = now_ns();
    while (acked < (uint64_t)opt.count) {
        for (int i = 0; i < opt.pubs; i++) {
            while (pubs[i].inflight < opt.inflight && published < (uint64_t)opt.count) publish(&pubs[i], i, 1);
            flush_out(&pubs[i]);
        }
        poll_once(1);
    }
    double seconds = (now_ns() - t0) / 1e9, cpu = cpu_of(opt.pid) - cpu0;
    open_all(away, 1, "away", 0); if (!away->session_present) { errno = 0; die("the session is gone"); }
    t0 = now_ns();
    while (received < (uint64_t)opt.count) poll_once(10);
    double drain = (now_ns() - t0) / 1e9;
    qsort(latency_us, acked, 4, by_value);
    printf("{\"mode\":\"offline\",\"pubs\":%d,\"inflight\":%d,\"size\":%d,\"acknowledged\":%lu,\"seconds\":%.3f,\"acknowledged_per_s\":%.0f,"
           "\"broker_cpu_s\":%.2f,\"ack_latency_us\":{\"p50\":%u,\"p99\":%u,\"max\":%u},\"drained\":%lu,\"duplicates\":%lu,\"drain_s\":%.3f,\"drained_per_s\":%.0f}\n",
           opt.pubs, opt.inflight, opt.size, acked, seconds, acked / seconds, cpu, percentile(acked, .5), percentile(acked, .99), percentile(acked, 1),
           received, duplicates, drain, received / drain);
    return received != acked;
}

static int run_match(void) {
    struct conn *holders = new_conns(opt.holders, RECEIVER), *pub = new_conns(1, PUBLISHER);
    open_all(holders, opt.holders, "holder", 1);
    uint64_t t0 = now_ns();
    for (int i = 0; i < opt.holders; i++) { subscribe(&holders[i], i, opt.holders, opt.filters, 0); while (holders[i].unsubscribed) poll_once(10); }
    double subscribed = (now_ns() - t0) / 1e9;
    open_all(pub, 1, "pub", 1);
    double cpu0 = cpu_of(opt.pid); t0 = now_ns(); uint64_t order = 0;
    while (received < (uint64_t)opt.count) {
        while (published < (uint64_t)opt.count && published < received + opt.window) {
            order = order * 6364136223846793005ull + 1442695040888963407ull; // Knuth's MMIX generator: the same order each run
            publish(pub, (long)((order >> 33) % (uint64_t)opt.topics), 0);
        }
        flush_out(pub); poll_once(1);
    }
    double seconds = (now_ns() - t0) / 1e9, cpu = cpu_of(opt.pid) - cpu0;
    printf("{\"mode\":\"match\",\"filters\":%ld,\"topics\":%ld,\"holders\":%d,\"subscribe_s\":%.3f,\"delivered\":%lu,\"seconds\":%.3f,\"delivered_per_s\":%.0f,"
           "\"broker_cpu_s\":%.2f,\"delivered_per_broker_cpu_s\":%.0f}\n",
           opt.filters, opt.topics, opt.holders, subscribed, received, seconds, received / seconds, cpu, cpu > 0 ? received / cpu : 0);
    return 0;
}

static int run_sessions(void) {
    struct conn *makers = new_conns(OPEN_AT_ONCE, MAKER); long opened = 0, made = 0; uint64_t t0 = now_ns();
    while (made < opt.count) {
        for (int i = 0; i < OPEN_AT_ONCE; i++) {
            struct conn *c = &makers[i];
            if (c->fd < 0 && opened < opt.count) { char id[64]; snprintf(id, sizeof id, "%s-kept-%07ld", opt.prefix, opened); c->index = opened++; c->session_present = -1; open_conn(c, id, 0); }
            else if (c->fd >= 0 && c->connected == 1) { c->connected = 2; char f[96]; snprintf(f, sizeof f, "%s/kept/%07d/#", opt.prefix, c->index);
                put1(c, 0x82); put_length(c, 2 + 3 + strlen(f)); put2(c, 1); put_string(c, f); put1(c, 1); c->unsubscribed = 1; flush_out(c); }
            else if (c->fd >= 0 && c->connected == 2 && !c->unsubscribed) { leave(c); made++; }
        }
        poll_once(1);
    }
    double seconds = (now_ns() - t0) / 1e9;
    printf("{\"mode\":\"sessions\",\"sessions\":%ld,\"seconds\":%.3f,\"per_second\":%.0f}\n", made, seconds, made / seconds);
    return 0;
}

int main(int argc, char **argv) {
    static struct option options[] = {{"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"mode", 1, 0, 'm'}, {"pubs", 1, 0, 'P'}, {"inflight", 1, 0, 'f'}, {"size", 1, 0, 's'},
        {"holders", 1, 0, 'H'}, {"pid", 1, 0, 'i'}, {"count", 1, 0, 'n'}, {"filters", 1, 0, 'F'}, {"topics", 1, 0, 't'}, {"window", 1, 0, 'w'}, {"prefix", 1, 0, 'x'}, {"timeout", 1, 0, 'T'}, {0}};
    for (int o; (o = getopt_long(argc, argv, "", options, 0)) != -1;) switch (o) {
        case 'h': opt.host = optarg; break; case 'p': opt.port = atoi(optarg); break; case 'P': opt.pubs = atoi(optarg); break;
        case 'm': opt.mode = !strcmp(optarg, "match") ? MATCH : !strcmp(optarg, "sessions") ? SESSIONS : OFFLINE; break;
        case 'f': opt.inflight = atoi(optarg); break; case 's': opt.size = atoi(optarg); break; case 'H': opt.holders = atoi(optarg); break; case 'i': opt.pid = atoi(optarg); break;
        case 'n': opt.count = atol(optarg); break; case 'F': opt.filters = atol(optarg); break; case 't': opt.topics = atol(optarg); break; case 'w': opt.window = atol(optarg); break;
        case 'x': opt.prefix = optarg; break; case 'T': opt.timeout = atof(optarg); break;
        default: fprintf(stderr, "usage: see the head of mqttscale.c\n"); return 2; }
    if (opt.size < 16 || opt.size > MAX_PACKET || opt.inflight >= IDS || opt.topics > opt.filters || opt.pubs < 1 || opt.holders < 1) { fprintf(stderr, "mqttscale: an option is out of range\n"); return 2; }
    struct rlimit limit; getrlimit(RLIMIT_NOFILE, &limit); limit.rlim_cur = limit.rlim_max; setrlimit(RLIMIT_NOFILE, &limit);
    epfd = epoll_create1(0); deadline = now_ns() + (uint64_t)(opt.timeout * 1e9);
    seen = calloc(opt.count, 1); latency_us = calloc(opt.count, 4); if (!seen || !latency_us) die("memory");
    return opt.mode == MATCH ? run_match() : opt.mode == SESSIONS ? run_sessions() : run_offline();
}
