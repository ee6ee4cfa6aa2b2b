// shadowload: devices that update and get their shadows over MQTT, as fast as the answers come.
//
//   cc -O2 -o shadowload shadowload.c
//
// --devices connections keep --inflight requests each under way for --seconds; a request is done when its answer has come on .../accepted,
// and its device sends the next at once. Latency is request to answer. All of MQTT is QoS 1, both ways.
//
//   --mode update   {"state":{"reported":{...}}} with three values                Figures: accepted/s, latency
//   --mode get                                                                     the same
//   --mode fill     makes a shadow for each of --things things; PUBACK counts      Figure: shadows/s
//
// Without --things, device i works on the shadow of thing i and listens to its answers. With --things N each request is for a thing chosen
// at random of N, and one more connection listens to the answers for all.
//
// MQTT 3.1.1, one thread, one epoll. Output: one line of JSON. Exit status 2: a request was refused, or a connection lost.
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

enum { UPDATE, GET, FILL };
enum { MAX_LATENCIES = 20000000, FILL_WINDOW = 200 };

struct conn {
    int fd, index, connected, writing, unsubscribed;
    uint8_t *in, *out;
    size_t in_len, in_cap, out_len, out_off, out_cap;
    uint16_t next_id;
    int unacked; // publishes without PUBACK
};

static struct {
    const char *host, *prefix;
    int port, mode, devices, inflight, pid;
    long things;
    double seconds, timeout;
} opt = {.host = "127.0.0.1", .prefix = "shadow", .port = 1883, .devices = 100, .inflight = 1, .seconds = 10, .timeout = 600};

static int epfd;
static struct conn *devices, *listener;
static uint64_t *sent_at; // by slot: device * inflight + request under way
static uint64_t accepted, acked, requested, deadline, t_start, t_end, order = 1;
static int busy;     // requests under way
static int sending;  // whether an answer is followed by the next request
static uint32_t *latency_us; static uint64_t latencies;

static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *what) { fprintf(stderr, "shadowload: %s: %s\n", what, errno ? strerror(errno) : "unexpected"); exit(2); }
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
static long rss_kib(int pid) {
    char path[64], line[256]; long kib = 0; snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r"); if (!f) return 0;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
    fclose(f); return kib;
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
static int next_id(struct conn *c) { if (!++c->next_id) c->next_id = 1; return c->next_id; }

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

static void open_conn(struct conn *c, const char *kind, int index) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(opt.port)}; inet_pton(AF_INET, opt.host, &to.sin_addr);
    errno = 0; c->index = index;
    c->fd = socket(AF_INET, SOCK_STREAM, 0); if (c->fd < 0) die("socket");
    int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void *)&to, sizeof to)) die("connect");
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c}; epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
    char id[96]; snprintf(id, sizeof id, "%s-%s-%06d", opt.prefix, kind, index);
    put1(c, 0x10); put_length(c, 10 + 2 + strlen(id)); put_string(c, "MQTT"); put1(c, 4); put1(c, 2); put2(c, 300); put_string(c, id);
    flush_out(c);
}

static const char *operation(void) { return opt.mode == GET ? "get" : "update"; }

static void subscribe(struct conn *c, const char *thing) {
    char filters[2][192]; uint32_t length = 2;
    for (int i = 0; i < 2; i++) {
        snprintf(filters[i], sizeof filters[i], "$aws/things/%s/shadow/%s/%s", thing, operation(), i ? "rejected" : "accepted");
        length += 3 + strlen(filters[i]);
    }
    put1(c, 0x82); put_length(c, length); put2(c, next_id(c));
    for (int i = 0; i < 2; i++) { put_string(c, filters[i]); put1(c, 1); }
    c->unsubscribed += 2; flush_out(c);
}

static void thing_name(char *buf, size_t cap, long i) { snprintf(buf, cap, "%s-%07ld", opt.prefix, i); }

static void request(struct conn *c, long slot, long thing) {
    char name[96], topic[192], payload[256]; int n;
    thing_name(name, sizeof name, thing);
    snprintf(topic, sizeof topic, "$aws/things/%s/shadow/%s", name, operation());
    uint64_t number = requested++;
    if (opt.mode == GET) n = snprintf(payload, sizeof payload, "{\"clientToken\":\"%ld\"}", slot);
    else n = snprintf(payload, sizeof payload, "{\"state\":{\"reported\":{\"celsius\":%lu.%lu,\"uptime\":%lu,\"firmware\":\"1.4.2\"}},\"clientToken\":\"%ld\"}",
                      number % 80, number % 10, number, slot);
    put1(c, 0x32); put_length(c, 2 + strlen(topic) + 2 + n); put_string(c, topic); put2(c, next_id(c)); put(c, payload, n);
    c->unacked++;
    if (slot >= 0) { sent_at[slot] = now_ns(); busy++; }
}

static long random_thing(void) {
    order = order * 6364136223846793005ull + 1442695040888963407ull; // Knuth's MMIX generator: the same order each run
    return (long)((order >> 33) % (uint64_t)opt.things);
}
static void next_request(long slot) {
    struct conn *c = &devices[slot / opt.inflight];
    request(c, slot, opt.things ? random_thing() : c->index);
}

// ---------------------------------------------------------------- bytes in

static void on_answer(struct conn *c, int qos, const uint8_t *p, size_t n) {
    static const char key[] = "\"clientToken\":\"";
    size_t topic = p[0] << 8 | p[1], o = 2 + topic;
    if (qos) { put1(c, 0x40); put_length(c, 2); put(c, p + o, 2); o += 2; }
    if (topic < 9 || memcmp(p + 2 + topic - 9, "/accepted", 9)) { fprintf(stderr, "%.*s\n", (int)(n - o), p + o); errno = 0; die("a request was refused"); }
    const uint8_t *token = memmem(p + o, n - o, key, sizeof key - 1);
    if (!token) { errno = 0; die("an answer without its token"); }
    long slot = strtol((const char *)token + sizeof key - 1, NULL, 10);
    if (slot < 0 || slot >= (long)opt.devices * opt.inflight || !sent_at[slot]) { errno = 0; die("an answer that nobody waits for"); }
    uint64_t now = now_ns();
    if (now <= t_end) { accepted++; if (latencies < MAX_LATENCIES) latency_us[latencies++] = (now - sent_at[slot]) / 1000; }
    sent_at[slot] = 0; busy--;
    if (sending && now < t_end) { next_request(slot); struct conn *device = &devices[slot / opt.inflight]; if (device != c) flush_out(device); }
}
static void on_packet(struct conn *c, uint8_t head, const uint8_t *p, size_t n) {
    errno = 0;
    switch (head >> 4) {
    case 2: if (n < 2 || p[1]) die("connection refused"); c->connected = 1; break;
    case 3: on_answer(c, head >> 1 & 3, p, n); break;
    case 4: acked++; c->unacked--; break;
    case 9: for (size_t i = 2; i < n; i++) { if (p[i] > 2) die("subscription refused"); c->unsubscribed--; } break;
    default: die("packet of an unexpected type");
    }
}
static void read_in(struct conn *c) {
    if (c->in_cap - c->in_len < 65536) { c->in_cap = c->in_len + 131072; c->in = grown(c->in, c->in_cap + 1); }
    ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, MSG_DONTWAIT);
    if (n < 0) { if (errno == EAGAIN) return; die("read"); }
    if (n == 0) { errno = 0; die("the broker closed a connection"); }
    c->in_len += n; size_t o = 0;
    c->in[c->in_len] = 0; // strtol stops there at the latest
    while (c->in_len - o >= 2) {
        uint32_t length = 0; size_t k = 1; int whole = 0;
        for (int shift = 0; o + k < c->in_len && k <= 4; shift += 7) { uint8_t b = c->in[o + k++]; length |= (uint32_t)(b & 127) << shift; if (!(b & 128)) { whole = 1; break; } }
        if (!whole || c->in_len - o < k + length) break;
        on_packet(c, c->in[o], c->in + o + k, length); o += k + length;
    }
    memmove(c->in, c->in + o, c->in_len - o); c->in_len -= o;
    flush_out(c);
}
static void poll_once(int ms) {
    static struct epoll_event events[1024]; int n = epoll_wait(epfd, events, 1024, ms);
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_in(c);
        if (events[i].events & EPOLLOUT) flush_out(c);
    }
    if (now_ns() > deadline) { errno = ETIMEDOUT; die("gave up"); }
}

// ---------------------------------------------------------------- what is measured

static int by_value(const void *a, const void *b) { uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b; return (x > y) - (x < y); }
static uint32_t percentile(double q) { return latencies ? latency_us[(uint64_t)((latencies - 1) * q)] : 0; }

static void open_all(void) {
    for (int i = 0; i < opt.devices; i++) { open_conn(&devices[i], "device", i); while (!devices[i].connected) poll_once(10); }
    if (opt.mode == FILL) return;
    char name[96];
    if (opt.things) { listener = calloc(1, sizeof *listener); open_conn(listener, "listener", 0); while (!listener->connected) poll_once(10); subscribe(listener, "+"); while (listener->unsubscribed) poll_once(10); return; }
    for (int i = 0; i < opt.devices; i++) { thing_name(name, sizeof name, i); subscribe(&devices[i], name); }
    for (int i = 0; i < opt.devices; i++) while (devices[i].unsubscribed) poll_once(10);
}

static int run_requests(void) {
    double cpu0 = cpu_of(opt.pid), own0 = cpu_of(getpid());
    t_start = now_ns(); t_end = t_start + (uint64_t)(opt.seconds * 1e9); sending = 1;
    for (long slot = 0; slot < (long)opt.devices * opt.inflight; slot++) next_request(slot);
    for (int i = 0; i < opt.devices; i++) flush_out(&devices[i]);
    while (now_ns() < t_end) poll_once(1);
    double cpu = cpu_of(opt.pid) - cpu0, own = cpu_of(getpid()) - own0;
    sending = 0;
    while (busy) poll_once(10);
    qsort(latency_us, latencies, 4, by_value);
    printf("{\"mode\":\"%s\",\"devices\":%d,\"inflight\":%d,\"things\":%ld,\"accepted\":%lu,\"seconds\":%.3f,\"accepted_per_s\":%.0f,\"broker_cpu_s\":%.2f,"
           "\"accepted_per_broker_cpu_s\":%.0f,\"generator_cpu_s\":%.2f,\"latency_us\":{\"p50\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u},\"rss_kib\":%ld}\n",
           operation(), opt.devices, opt.inflight, opt.things, accepted, opt.seconds, accepted / opt.seconds, cpu, cpu > 0 ? accepted / cpu : 0, own,
           percentile(.5), percentile(.99), percentile(.999), percentile(1), opt.pid ? rss_kib(opt.pid) : 0);
    return 0;
}

static int run_fill(void) {
    uint64_t t0 = now_ns();
    while (acked < (uint64_t)opt.things) {
        for (int i = 0; i < opt.devices; i++) {
            while (devices[i].unacked < FILL_WINDOW && requested < (uint64_t)opt.things) request(&devices[i], -1, requested);
            flush_out(&devices[i]);
        }
        poll_once(1);
    }
    double seconds = (now_ns() - t0) / 1e9;
    printf("{\"mode\":\"fill\",\"things\":%ld,\"seconds\":%.3f,\"per_second\":%.0f,\"rss_kib\":%ld}\n", opt.things, seconds, opt.things / seconds, opt.pid ? rss_kib(opt.pid) : 0);
    return 0;
}

int main(int argc, char **argv) {
    static struct option options[] = {{"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"mode", 1, 0, 'm'}, {"devices", 1, 0, 'd'}, {"inflight", 1, 0, 'f'}, {"things", 1, 0, 'n'},
        {"seconds", 1, 0, 's'}, {"pid", 1, 0, 'i'}, {"prefix", 1, 0, 'x'}, {"timeout", 1, 0, 'T'}, {0}};
    for (int o; (o = getopt_long(argc, argv, "", options, 0)) != -1;) switch (o) {
        case 'h': opt.host = optarg; break; case 'p': opt.port = atoi(optarg); break; case 'd': opt.devices = atoi(optarg); break; case 'f': opt.inflight = atoi(optarg); break;
        case 'm': opt.mode = !strcmp(optarg, "get") ? GET : !strcmp(optarg, "fill") ? FILL : UPDATE; break;
        case 'n': opt.things = atol(optarg); break; case 's': opt.seconds = atof(optarg); break; case 'i': opt.pid = atoi(optarg); break;
        case 'x': opt.prefix = optarg; break; case 'T': opt.timeout = atof(optarg); break;
        default: fprintf(stderr, "usage: see the head of shadowload.c\n"); return 2; }
    if (opt.devices < 1 || opt.inflight < 1 || opt.inflight > 1000 || opt.things < 0 || (opt.mode == FILL && !opt.things) || strlen(opt.prefix) > 32) {
        fprintf(stderr, "shadowload: an option is out of range\n"); return 2; }
    struct rlimit limit; getrlimit(RLIMIT_NOFILE, &limit); limit.rlim_cur = limit.rlim_max; setrlimit(RLIMIT_NOFILE, &limit);
    epfd = epoll_create1(0); deadline = now_ns() + (uint64_t)(opt.timeout * 1e9);
    devices = calloc(opt.devices, sizeof *devices); sent_at = calloc((size_t)opt.devices * opt.inflight, 8); latency_us = calloc(MAX_LATENCIES, 4);
    if (!devices || !sent_at || !latency_us) die("memory");
    open_all();
    return opt.mode == FILL ? run_fill() : run_requests();
}
