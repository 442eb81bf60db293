/* Sockets of the neutral client: connected, spoken to, read, counted. See client.c. */
#include <stdint.h>
#include <stdio.h>

enum { STEPS = 4, CATCHES = 2, CATCH_SIZE = 80 };
enum stage { CLOSED, CONNECTING, UPGRADING, SAYING, JOINING, OPEN };
enum { STDIN_ID = -1, OUT_ID = -2 };

struct side { /* where sockets connect, and what they say after the handshake */
    const char *path, *say[STEPS];
    int port, says;
};

struct sock {
    int id, fd, step;
    enum stage stage;
    unsigned char *rest; /* of a frame, or an answer, that has not come whole */
    size_t rest_size;
    char caught[CATCHES][CATCH_SIZE];
    long got;
    int64_t retry_at, whole_at;
};

/* What was asked for. */
extern struct side first_side, back_side, *side;
extern const char *protocol, *until[STEPS], *join_text, *joined_text, *catch_prefix[CATCHES];
extern const char *heartbeat, *beat, *out_path, *out_say[STEPS], *out_until[STEPS];
extern int untils, catches, out_says, out_untils, out_port, out_raw;
extern char **tokens;
extern int n;

/* What is. */
extern struct sock *socks, out;
extern int poll_fd, opening, opened, retries, stdin_ready;
extern long received, wanted, whole;
extern int counting; /* latencies are noted */
extern int storm;    /* who was cut off tries again, and is whole with `wanted` messages */
extern int64_t last_came;

int64_t now(void); /* nanoseconds */
double cpu_s(void);
void fail(const char *format, ...);
void put(int fd, const void *data, size_t size);
size_t framed(char *to, int opcode, const char *payload, size_t size);
void say(struct sock *s, const char *text);
void begin(struct sock *s, int port);
void forget(struct sock *s);
void turn(int timeout_ms); /* of the event loop: everything above happens here */
void clear_latencies(void);
double percentile_ms(double part);
double worst_ms(void);
