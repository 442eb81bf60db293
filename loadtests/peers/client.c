/* The reading end of every comparison: thousands of WebSocket sockets on one core, the same
 * program for every server. It knows no server: what is said and awaited comes as arguments,
 * what to do comes as lines on stdin, and answers go to stdout. A line an answer.
 *
 *   client PORT N [--option value]...
 *
 *     --path P --protocol P      of the handshake
 *     --say TEXT --until TEXT    after it, pairs: said in a text frame, part of the answer
 *     --join TEXT --joined TEXT  the same, said by `join` to all that are open
 *     --back-port N --back-path P --back-say TEXT   instead, when they come back
 *     --tokens FILE              %T is the socket's own line of it
 *     --catch PREFIX             twice at most: %A and %B are what last stood behind it
 *     --heartbeat TEXT --beat TEXT   an application's own ping and its answer
 *     --out-port N --out-path P --out-say TEXT --out-until TEXT
 *                                where messages are published: a WebSocket, or with
 *                                --out-raw 1 a bare TCP connection
 *     --message FILE             what is published there; TS=<19 digits>; in it is the clock
 *
 *   open              connect all            open OPEN RETRIES SECONDS
 *   join              and join               joined OPEN SECONDS
 *   fan W WARM S      bursts of W, the next when all have the last; four parts:
 *                     measure, then part DELIVERIES SECONDS CPU_SECONDS, then
 *   rate R WARM S     R a second whatever comes back; the same answers
 *                     done P50_MS P99_MS MAX_MS LOST OPEN
 *   publish K S       K messages, and wait S seconds at most     got SOCKETS_WITH_ALL TOTAL
 *   wait K S          the same, published by somebody else
 *   drop              reset all              dropped N
 *   back K S          all return at once, and await K messages each
 *                                            back P50_S P99_S LAST_S OPEN WHOLE RETRIES
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STEPS = 4, CATCHES = 2, CATCH_SIZE = 80, TEXT_SIZE = 8192, READ_SIZE = 1 << 18 };
enum stage { CLOSED, CONNECTING, UPGRADING, SAYING, JOINING, OPEN };
enum { STDIN_ID = -1, OUT_ID = -2 };

struct side { const char *path, *say[STEPS]; int port, says; };
struct sock {
    int id, fd, step;
    enum stage stage;
    unsigned char *rest; /* of a frame, or an answer, that has not come whole */
    size_t rest_size;
    char caught[CATCHES][CATCH_SIZE];
    long got;
    int64_t retry_at, whole_at;
};

static struct side first_side, back_side, *side = &first_side;
static const char *protocol, *until[STEPS], *join_text, *joined_text, *catch_prefix[CATCHES];
static const char *heartbeat, *beat, *out_path, *out_say[STEPS], *out_until[STEPS];
static int untils, catches, out_says, out_untils, out_port, out_raw, at_once = 64;
static struct sock *socks, out = {.id = OUT_ID, .fd = -1};
static char **tokens;
static int n, poll_fd, opening, opened, retries, stdin_ready;
static char *message; /* as it goes onto the wire, W times for a burst */
static size_t message_size, stamp_at;
static long received, wanted, whole;
static int counting, storm;
static int64_t last_came;

/* Time */

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double cpu_s(void) {
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

static double percentile_ms(double part) {
    long all = 0, sum = 0;
    for (int i = 0; i < BUCKETS; i++) all += took[i];
    for (int i = 0; i < BUCKETS; i++)
        if ((sum += took[i]) > all * part) return (i + 0.5) * BUCKET_NS / 1e6;
    return 0;
}

static void fail(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputc('\n', stderr);
    exit(1);
}

static void answer(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vprintf(format, rest);
    va_end(rest);
    putchar('\n');
    fflush(stdout);
}

/* Writing */

static void put(int fd, const void *data, size_t size) {
    const char *p = data;
    while (size) {
        ssize_t done = send(fd, p, size, MSG_NOSIGNAL);
        if (done < 0 && errno == EAGAIN) { usleep(50); continue; }
        if (done < 0) return; /* the reading side finds out */
        p += done, size -= done;
    }
}

static size_t framed(char *to, int opcode, const char *payload, size_t size) {
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

static void say(struct sock *s, const char *text) {
    char payload[TEXT_SIZE], data[TEXT_SIZE + 16];
    put(s->fd, data, framed(data, 1, payload, expand(payload, text, s)));
}

/* Connecting */

static void watch(struct sock *s, int change, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(int64_t)s->id};
    epoll_ctl(poll_fd, change, s->fd, &event);
}

static void forget(struct sock *s) {
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

static void begin(struct sock *s, int port) {
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

static void turn(int timeout_ms) {
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

/* Commands */

static void connect_all(int in_flight, int64_t deadline, int (*enough)(void)) {
    for (int next = 0; !enough() && now() < deadline;) {
        for (int scanned = 0; scanned < n && opening < in_flight; scanned++) {
            struct sock *s = &socks[next];
            next = (next + 1) % n;
            if (s->stage == CLOSED && s->retry_at <= now()) begin(s, side->port);
        }
        turn(20);
    }
}

static int all_open(void) { return opened == n; }
static int all_whole(void) { return whole == n; }

static void open_out(void) {
    if (!out_port) return;
    begin(&out, out_port);
    while (out.stage != OPEN) turn(20);
    opened--; /* it is not one of those that read */
}

static void publish(int count) {
    for (int i = 0; i < count; i++) {
        char digits[20];
        snprintf(digits, sizeof digits, "%019lld", (long long)now());
        memcpy(message + i * message_size + stamp_at, digits, 19);
    }
    put(out.fd, message, message_size * count);
}

static void join_all(void) {
    int64_t from = now(), until_ns = from + 60000000000LL;
    for (int i = 0; join_text && i < n; i++)
        if (socks[i].stage == OPEN) {
            socks[i].stage = JOINING, opened--, opening++;
            say(&socks[i], join_text);
            while (opening > at_once) turn(20);
        }
    while (opening && now() < until_ns) turn(20);
    answer("joined %d %.3f", opened, (now() - from) / 1e9);
}

static void load(int window, double rate, double warm_s, double for_s) {
    enum { PARTS = 4 };
    int64_t from = now() + warm_s * 1e9, part_ns = for_s * 1e9 / PARTS, due = now();
    int64_t ends = from, sent = 0, lost = 0, base = received;
    long part_received = 0;
    int part = -1;
    double part_cpu = 0;
    int64_t part_from = 0;
    last_came = now();
    memset(took, 0, sizeof took);
    took_max = 0;
    while (part < PARTS) {
        int64_t t = now();
        if (t >= ends) {
            if (part < 0) {
                answer("measure");
                counting = 1;
            } else
                answer("part %ld %.6f %.6f", received - part_received, (t - part_from) / 1e9,
                       cpu_s() - part_cpu);
            part++, ends += part_ns, part_from = t, part_received = received, part_cpu = cpu_s();
        }
        int64_t missing = sent * opened - (received - base) - lost;
        if (!rate && missing > 0 && t - last_came > 3000000000LL) lost += missing, missing = 0;
        if (rate ? t >= due : missing <= 0) {
            publish(rate ? 1 : window);
            sent += rate ? 1 : window;
            due += rate ? 1e9 / rate : 0;
        }
        turn(1);
    }
    counting = 0;
    for (int64_t t = now(); sent * opened > received - base + lost && now() - t < 2000000000LL;)
        turn(10);
    lost += sent * opened - (received - base) - lost;
    answer("done %.3f %.3f %.3f %ld %d", percentile_ms(.5), percentile_ms(.99), took_max / 1e6,
           (long)lost, opened);
}

static void await_messages(int count, double for_s) {
    int64_t ends = now() + for_s * 1e9;
    long with_all = 0, total = 0;
    do {
        turn(10);
        with_all = total = 0;
        for (int i = 0; i < n; i++) with_all += socks[i].got >= count, total += socks[i].got;
    } while (with_all < opened && now() < ends);
    answer("got %ld %ld", with_all, total);
}

static void clear_got(void) {
    for (int i = 0; i < n; i++) socks[i].got = 0;
}

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void come_back(int count, double for_s) {
    int64_t from = now(), *times = calloc(n, sizeof *times);
    clear_got();
    for (int i = 0; i < n; i++) socks[i].retry_at = 0, socks[i].whole_at = 0;
    wanted = count, whole = 0, retries = 0, storm = 1, side = &back_side;
    connect_all(n, from + for_s * 1e9, all_whole);
    storm = 0;
    /* A socket that never was whole counts as the end of the wait. */
    for (int i = 0; i < n; i++) times[i] = (socks[i].whole_at ? socks[i].whole_at : now()) - from;
    qsort(times, n, sizeof *times, by_time);
    answer("back %.3f %.3f %.3f %d %ld %d", times[n / 2] / 1e9, times[n * 99 / 100] / 1e9,
           times[n - 1] / 1e9, opened, whole, retries);
    free(times);
}

static void obey(char *line) {
    char word[16] = "";
    double a = 0, b = 0, c = 0;
    sscanf(line, "%15s %lf %lf %lf", word, &a, &b, &c);
    if (!strcmp(word, "open")) {
        int64_t from = now();
        connect_all(at_once, from + 120000000000LL, all_open);
        answer("open %d %d %.3f", opened, retries, (now() - from) / 1e9);
        open_out();
    } else if (!strcmp(word, "join")) join_all();
    else if (!strcmp(word, "fan")) load(a, 0, b, c);
    else if (!strcmp(word, "rate")) load(1, a, b, c);
    else if (!strcmp(word, "publish")) {
        clear_got();
        publish(a);
        await_messages(a, b);
    } else if (!strcmp(word, "wait")) await_messages(a, b);
    else if (!strcmp(word, "drop")) {
        int dropped = opened;
        for (int i = 0; i < n; i++)
            if (socks[i].stage != CLOSED) forget(&socks[i]);
        answer("dropped %d", dropped);
    } else if (!strcmp(word, "back")) come_back(a, b);
    else fail("unknown command: %s", line);
}

/* Arguments */

static char *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("%s: %s", path, strerror(errno));
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *text = calloc(1, *size + 1);
    if (fread(text, 1, *size, file) != *size) fail("%s: cannot be read", path);
    fclose(file);
    return text;
}

static void read_tokens(const char *path) {
    size_t size;
    char *text = contents(path, &size);
    tokens = calloc(n, sizeof *tokens);
    for (int i = 0; i < n; i++)
        if (!(tokens[i] = strsep(&text, "\n"))) fail("%s: fewer lines than sockets", path);
}

static void read_message(const char *path) {
    enum { COPIES = 64 };
    size_t size;
    char *text = contents(path, &size), *once = malloc(size + 16), *mark;
    message_size = out_raw ? size : framed(once, 1, text, size);
    if (out_raw) memcpy(once, text, size);
    if (!(mark = memmem(once, message_size, "TS=", 3))) fail("%s: no place for the clock", path);
    stamp_at = mark + 3 - once;
    message = malloc(message_size * COPIES);
    for (int i = 0; i < COPIES; i++) memcpy(message + i * message_size, once, message_size);
}

static void option(const char *name, const char *value, const char **message_file) {
#define IS(text) (!strcmp(name, "--" text))
    if (IS("path")) first_side.path = value;
    else if (IS("protocol")) protocol = value;
    else if (IS("say") && first_side.says < STEPS) first_side.say[first_side.says++] = value;
    else if (IS("until") && untils < STEPS) until[untils++] = value;
    else if (IS("join")) join_text = value;
    else if (IS("joined")) joined_text = value;
    else if (IS("back-port")) back_side.port = atoi(value);
    else if (IS("back-path")) back_side.path = value;
    else if (IS("back-say") && back_side.says < STEPS) back_side.say[back_side.says++] = value;
    else if (IS("tokens")) read_tokens(value);
    else if (IS("catch") && catches < CATCHES) catch_prefix[catches++] = value;
    else if (IS("heartbeat")) heartbeat = value;
    else if (IS("beat")) beat = value;
    else if (IS("out-port")) out_port = atoi(value);
    else if (IS("out-path")) out_path = value;
    else if (IS("out-say") && out_says < STEPS) out_say[out_says++] = value;
    else if (IS("out-until") && out_untils < STEPS) out_until[out_untils++] = value;
    else if (IS("out-raw")) out_raw = atoi(value);
    else if (IS("message")) *message_file = value;
    else fail("unknown option, or one too many: %s", name);
}

int main(int count, char **arguments) {
    const char *message_file = NULL;
    if (count < 3) fail("usage: client PORT N [--option value]...");
    first_side.port = atoi(arguments[1]), first_side.path = "/";
    n = atoi(arguments[2]);
    socks = calloc(n, sizeof *socks);
    for (int i = 0; i < n; i++) socks[i].id = i, socks[i].fd = -1;
    for (int i = 3; i + 1 < count; i += 2) option(arguments[i], arguments[i + 1], &message_file);
    if (message_file) read_message(message_file);
    if (!back_side.port) back_side.port = first_side.port;
    if (!back_side.path) back_side.path = first_side.path;
    if (!back_side.says) {
        memcpy(back_side.say, first_side.say, sizeof back_side.say);
        back_side.says = first_side.says;
    }
    poll_fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(int64_t)STDIN_ID};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
    char line[256];
    for (;;) {
        stdin_ready = 0;
        while (!stdin_ready) turn(1000);
        /* Commands come one at a time, each after the answer to the last. */
        ssize_t size = read(0, line, sizeof line - 1);
        if (size <= 0) break;
        line[size] = 0;
        obey(line);
    }
    for (int i = 0; i < n; i++)
        if (socks[i].stage != CLOSED) forget(&socks[i]);
    return 0;
}
