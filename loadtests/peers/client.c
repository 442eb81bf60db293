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
#include "sockets.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { AT_ONCE = 64, COPIES = 64 };

static char *message; /* as it goes onto the wire, several times for a burst */
static size_t message_size, stamp_at;

static void answer(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vprintf(format, rest);
    va_end(rest);
    putchar('\n');
    fflush(stdout);
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
    for (int64_t from = now(); out.stage != OPEN; turn(20))
        if (now() - from > 20000000000LL) fail("nobody answers where messages are published");
    opened--; /* it is not one of those that read */
}

static void publish(int count) {
    if (count > COPIES) fail("a burst of %d at most", COPIES);
    if (!message) fail("no message to publish");
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
            while (opening > AT_ONCE) turn(20);
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
    clear_latencies();
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
    answer("done %.3f %.3f %.3f %ld %d", percentile_ms(.5), percentile_ms(.99), worst_ms(),
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
        connect_all(AT_ONCE, from + 120000000000LL, all_open);
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
