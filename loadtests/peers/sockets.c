#define _GNU_SOURCE
#include "sockets.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_SIZE = 8192, READ_SIZE = 1 << 18 };

struct side first_side, back_side, *side = &first_side;
const char *protocol, *until[STEPS], *join_text, *joined_text, *catch_prefix[CATCHES];
const char *heartbeat, *beat, *out_path, *out_say[STEPS], *out_until[STEPS];
int untils, catches, out_says, out_untils, out_port, out_raw;
char **tokens;
int n;
struct sock *socks, out = {.id = OUT_ID, .fd = -1};
int poll_fd, opening, opened, retries, stdin_ready;
long received, wanted, whole;
int counting, storm;
int64_t last_came;

/* Time */

int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

double cpu_s(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

enum { BUCKET_NS = 20000, BUCKETS = 500000 }; /* 20 us each, 10 s */
static uint32_t took[BUCKETS];
static int64_t took_max;

static void note(int64_t ns) {
    int64_t bucket = ns / BUCKET_NS;
    took[bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket]++;
    if (ns > took_max) took_max = ns;
}

void clear_latencies(void) {
    memset(took, 0, sizeof took);
    took_max = 0;
}

double worst_ms(void) { return took_max / 1e6; }

double percentile_ms(double part) {
    long all = 0, sum = 0;
    for (int i = 0; i < BUCKETS; i++) all += took[i];
    for (int i = 0; i < BUCKETS; i++)
        if ((sum += took[i]) > all * part) return (i + 0.5) * BUCKET_NS / 1e6;
    return 0;
}

void fail(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputc('\n', stderr);
    exit(1);
}

/* Writing */

void put(int fd, const void *data, size_t size) {
    const char *p = data;
    while (size) {
        ssize_t done = send(fd, p, size, MSG_NOSIGNAL);
        if (done < 0 && errno == EAGAIN) { usleep(50); continue; }
        if (done < 0) return; /* the reading side finds out */
        p += done, size -= done;
    }
}

size_t framed(char *to, int opcode, const char *payload, size_t size) {
    size_t k = 0; /* masked with zeros, which changes nothing */
    to[k++] = (char)(0x80 | opcode);
    if (size < 126) to[k++] = (char)(0x80 | size);
    else to[k++] = (char)(0x80 | 126), to[k++] = (char)(size >> 8), to[k++] = (char)size;
    memset(to + k, 0, 4);
    memcpy(to + k + 4, payload, size);
    return k + 4 + size;
}

static size_t expand(char *to, const char *text, struct sock *s) {
    char *p = to;
    for (; *text; text++) {
        const char *value = NULL;
        if (*text == '%' && s->id >= 0)
            value = text[1] == 'T' && tokens ? tokens[s->id]
                  : text[1] == 'A' ? s->caught[0] : text[1] == 'B' ? s->caught[1] : NULL;
        size_t size = value ? strlen(value) : 1;
        if (p - to + size >= TEXT_SIZE) fail("a text is too long");
        memcpy(p, value ? value : text, size);
        p += size;
        if (value) text++;
    }
    *p = 0;
    return p - to;
}

void say(struct sock *s, const char *text) {
    char payload[TEXT_SIZE], data[TEXT_SIZE + 16];
    put(s->fd, data, framed(data, 1, payload, expand(payload, text, s)));
}

/* Connecting */

static void watch(struct sock *s, int change, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(int64_t)s->id};
    epoll_ctl(poll_fd, change, s->fd, &event);
}

void forget(struct sock *s) {
    struct linger reset = {1, 0}; /* no TIME_WAIT: thousands come and go */
    setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(s->fd);
    free(s->rest);
    s->fd = -1, s->rest = NULL, s->rest_size = 0;
    if (s->stage == OPEN) opened--;
    else opening--;
    s->stage = CLOSED;
}

static void failed(struct sock *s) {
    if (s->id == OUT_ID) fail("the publishing connection was closed");
    int was_open = s->stage == OPEN;
    forget(s);
    retries += !was_open;
    s->retry_at = was_open && !storm ? INT64_MAX : now() + 200000000;
}

static void upgrade(struct sock *s, const char *path, int port) {
    char where[TEXT_SIZE], text[TEXT_SIZE + 512];
    expand(where, path, s);
    int size = snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
        where, port, protocol ? "Sec-WebSocket-Protocol: " : "", protocol ? protocol : "",
        protocol ? "\r\n" : "");
    put(s->fd, text, size);
    s->stage = UPGRADING;
}

void begin(struct sock *s, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    s->stage = CONNECTING, s->step = 0, opening++;
    if (connect(s->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { failed(s); return; }
    watch(s, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void is_whole(struct sock *s) {
    if (s->got == wanted && s->stage == OPEN && !s->whole_at) whole++, s->whole_at = now();
}

static void is_open(struct sock *s) {
    s->stage = OPEN, opening--, opened++;
    if (storm) is_whole(s);
}

static void next_step(struct sock *s) {
    s->stage = SAYING;
    const char **texts = s->id == OUT_ID ? out_say : side->say;
    int steps = s->id == OUT_ID ? out_says : side->says;
    if (s->step < steps) say(s, texts[s->step]);
    else is_open(s);
}

/* Reading */

static void catch_values(struct sock *s, const char *text, size_t size) {
    for (int i = 0; i < catches; i++) {
        size_t prefix = strlen(catch_prefix[i]), k = 0;
        const char *p = memmem(text, size, catch_prefix[i], prefix);
        if (!p) continue;
        for (p += prefix; p < text + size && k < CATCH_SIZE - 1 && !strchr("\",}\n", *p); p++)
            s->caught[i][k++] = *p;
        s->caught[i][k] = 0;
    }
}

static void on_text(struct sock *s, const char *text, size_t size, int64_t at) {
    static size_t usual; /* the clock stands at the same place in nearly every message */
    const char *mark = NULL;
    if (usual + 24 <= size && !memcmp(text + usual, "TS=", 3)) mark = text + usual;
    else if ((mark = memmem(text, size, "TS=", 3))) usual = mark - text;
    if (mark && s->id != OUT_ID) {
        if (counting && mark + 22 < text + size) note(at - strtoll(mark + 3, NULL, 10));
        received++, s->got++, last_came = at;
        if (catches) catch_values(s, text, size);
        if (storm) is_whole(s);
        return;
    }
    if (heartbeat && size == strlen(heartbeat) && !memcmp(text, heartbeat, size)) {
        say(s, beat);
        return;
    }
    if (catches) catch_values(s, text, size);
    const char **awaited = s->id == OUT_ID ? out_until : until;
    if (s->stage == SAYING && memmem(text, size, awaited[s->step], strlen(awaited[s->step]))) {
        s->step++;
        next_step(s);
    } else if (s->stage == JOINING && memmem(text, size, joined_text, strlen(joined_text)))
        is_open(s);
}

/* How many bytes were used of what has come. */
static size_t on_bytes(struct sock *s, unsigned char *p, size_t size, int64_t at) {
    size_t used = 0;
    if (s->stage == UPGRADING) {
        unsigned char *end = memmem(p, size, "\r\n\r\n", 4);
        if (!end) return 0;
        if (!memmem(p, 16 < size ? 16 : size, " 101 ", 5)) return (size_t)-1;
        used = end + 4 - p;
        next_step(s);
    }
    while (size - used >= 2) {
        unsigned char *f = p + used;
        size_t head = 2, length = f[1] & 127;
        if (length == 126) head = 4;
        if (length == 127) head = 10;
        if (size - used < head) break;
        if (length >= 126) {
            length = 0;
            for (size_t i = 2; i < head; i++) length = length << 8 | f[i];
        }
        if (length > READ_SIZE / 2) return (size_t)-1;
        if (size - used < head + length) break;
        int opcode = f[0] & 15;
        if (opcode == 8) return (size_t)-1;
        if (opcode == 9) {
            char pong[140];
            put(s->fd, pong, framed(pong, 10, (char *)f + head, length < 126 ? length : 0));
        } else if (opcode < 3) on_text(s, (char *)f + head, length, at);
        used += head + length;
    }
    return used;
}

static void on_readable(struct sock *s) {
    static unsigned char buffer[READ_SIZE];
    size_t kept = s->rest_size;
    if (kept) memcpy(buffer, s->rest, kept);
    ssize_t came = recv(s->fd, buffer + kept, sizeof buffer - kept, 0);
    if (came < 0 && errno == EAGAIN) return;
    if (came <= 0) { failed(s); return; }
    if (s->id == OUT_ID && out_raw) return; /* a store's acknowledgements */
    size_t size = kept + came, used = on_bytes(s, buffer, size, now());
    if (used == (size_t)-1) { failed(s); return; }
    free(s->rest);
    s->rest = NULL, s->rest_size = size - used;
    if (s->rest_size) {
        s->rest = malloc(s->rest_size);
        memcpy(s->rest, buffer + used, s->rest_size);
    }
}

void turn(int timeout_ms) {
    struct epoll_event events[512];
    int count = epoll_wait(poll_fd, events, 512, timeout_ms);
    for (int i = 0; i < count; i++) {
        int id = (int)(int64_t)events[i].data.u64;
        if (id == STDIN_ID) { stdin_ready = 1; continue; }
        struct sock *s = id == OUT_ID ? &out : &socks[id];
        if (s->stage == CONNECTING && events[i].events & EPOLLOUT) {
            watch(s, EPOLL_CTL_MOD, EPOLLIN);
            if (id >= 0) upgrade(s, side->path, side->port);
            else if (out_raw) is_open(s);
            else upgrade(s, out_path, out_port);
        } else if (s->stage != CLOSED) on_readable(s);
    }
}
