// load ADDRESS PORT QUERIES SECONDS SOCKETS WINDOW RATE
//
// Sends the DNS queries of a file (each two octets of length and a message) over UDP and times the answers. It stops by
// itself. With RATE 0 the loop is closed: WINDOW queries are under way at any time, over all sockets. Otherwise RATE queries
// a second are sent whatever comes back, and a latency counts from the moment the query was due, not from when a late
// generator got round to it. There the kernel's time stamps also tell the latency on the wire: from the call that sent a query to
// its answer's arrival at the socket, without what this program itself waits for a processor. Prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, SLOT = 512, MAX_SOCKETS = 256, MAX_SECONDS = 900, SUB_BUCKETS = 64, BUCKETS = 40 * SUB_BUCKETS };
static const uint64_t SECOND = 1000000000, LOST_AFTER = 1000000000;

typedef struct {
  int fd;
  uint16_t next_id;
  int waiting;
  uint64_t due[1 << 16];   // by message id; 0: nothing is waited for
  uint64_t sent[1 << 16];  // by the wall clock, which the kernel's time stamps are of
} peer_t;

typedef struct {
  uint64_t count, max_ns, sum_ns, buckets[BUCKETS];
} latencies_t;

static struct {
  uint64_t sent, lost, bad, rcodes[16];
  latencies_t since_due, on_wire;
} total;

typedef union {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(struct timespec))];
} control_t;

static uint8_t *queries;
static size_t queries_end, queries_at;
static uint8_t rx[BATCH][SLOT * 3], tx[BATCH][SLOT];
static struct iovec rx_parts[BATCH], tx_parts[BATCH];
static struct mmsghdr rx_messages[BATCH], tx_messages[BATCH];
static control_t rx_control[BATCH];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t ns_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static uint64_t now_ns(void) { return ns_of(CLOCK_MONOTONIC); }

// ---- latencies: 64 linear buckets for each power of two, so that every figure is good to 1.6 %

static int bucket_of(uint64_t ns) {
  if (ns < SUB_BUCKETS) return ns;
  int shift = 63 - __builtin_clzll(ns) - 6;
  int bucket = (shift + 1) * SUB_BUCKETS + (int)((ns >> shift) - SUB_BUCKETS);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t bucket_floor_ns(int bucket) {
  int shift = bucket / SUB_BUCKETS - 1;
  return shift < 0 ? (uint64_t)bucket : (uint64_t)(bucket % SUB_BUCKETS + SUB_BUCKETS) << shift;
}

static double percentile_us(const latencies_t *of, double share) {
  uint64_t wanted = share * of->count, seen = 0;
  for (int i = 0; i < BUCKETS; i++)
    if ((seen += of->buckets[i]) > wanted) return bucket_floor_ns(i) / 1e3;
  return of->max_ns / 1e3;
}

static void note(latencies_t *of, uint64_t from_ns, uint64_t to_ns) {
  uint64_t ns = to_ns > from_ns ? to_ns - from_ns : 0;
  of->count++;
  of->sum_ns += ns;
  of->buckets[bucket_of(ns)]++;
  if (ns > of->max_ns) of->max_ns = ns;
}

// ---- sending

static size_t next_query(uint8_t *slot) {
  if (queries_at >= queries_end) queries_at = 0;
  size_t length = queries[queries_at] << 8 | queries[queries_at + 1];
  memcpy(slot, queries + queries_at + 2, length);
  queries_at += 2 + length;
  return length;
}

// Sends up to `count` queries, the first due at `due_ns`, the others `step_ns` apart. Returns how many left.
static int send_queries(peer_t *peer, int count, uint64_t due_ns, uint64_t step_ns) {
  uint64_t sent_ns = ns_of(CLOCK_REALTIME);
  for (int i = 0; i < count; i++) {
    uint16_t id = peer->next_id + i;
    tx_parts[i].iov_len = next_query(tx[i]);
    tx[i][0] = id >> 8;
    tx[i][1] = id;
    if (peer->due[id]) total.lost++, peer->waiting--;  // asked 65,536 queries ago
    peer->due[id] = due_ns + i * step_ns;
    peer->sent[id] = sent_ns;
  }
  int sent = sendmmsg(peer->fd, tx_messages, count, 0);
  if (sent < 0) sent = 0;
  for (int i = sent; i < count; i++) peer->due[(uint16_t)(peer->next_id + i)] = 0;
  peer->next_id += sent;
  peer->waiting += sent;
  total.sent += sent;
  return sent;
}

// ---- receiving

// When the datagram came to the socket; 0 where nobody asked the kernel for it.
static uint64_t arrival_ns(struct msghdr *header) {
  struct cmsghdr *control = CMSG_FIRSTHDR(header);
  struct timespec t;
  if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_TIMESTAMPNS) return 0;
  memcpy(&t, CMSG_DATA(control), sizeof t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static void take_answer(peer_t *peer, const uint8_t *message, unsigned length, uint64_t at_ns, uint64_t arrived_ns) {
  uint16_t id = message[0] << 8 | message[1];
  if (length < 12 || !(message[2] & 0x80) || peer->due[id] == 0) {
    total.bad++;
    return;
  }
  note(&total.since_due, peer->due[id], at_ns);
  if (arrived_ns) note(&total.on_wire, peer->sent[id], arrived_ns);
  total.rcodes[message[3] & 15]++;
  peer->due[id] = 0;
  peer->waiting--;
}

static int receive_answers(peer_t *peer) {
  int count = recvmmsg(peer->fd, rx_messages, BATCH, MSG_DONTWAIT, NULL);
  uint64_t at_ns = now_ns();
  for (int i = 0; i < count; i++) {
    take_answer(peer, rx[i], rx_messages[i].msg_len, at_ns, arrival_ns(&rx_messages[i].msg_hdr));
    rx_messages[i].msg_hdr.msg_controllen = sizeof rx_control[i];
  }
  return count > 0 ? count : 0;
}

static void give_up_waiting(peer_t *peers, int sockets) {
  for (int i = 0; i < sockets; i++) {
    total.lost += peers[i].waiting;
    peers[i].waiting = 0;
    memset(peers[i].due, 0, sizeof peers[i].due);
  }
}

static int waiting(const peer_t *peers, int sockets) {
  int sum = 0;
  for (int i = 0; i < sockets; i++) sum += peers[i].waiting;
  return sum;
}

static void sleep_until_readable(const peer_t *peers, int sockets, uint64_t most_ns) {
  static struct pollfd fds[MAX_SOCKETS];
  struct timespec timeout = {most_ns / SECOND, most_ns % SECOND};
  for (int i = 0; i < sockets; i++) fds[i] = (struct pollfd){peers[i].fd, POLLIN, 0};
  ppoll(fds, sockets, &timeout, NULL);
}

// ---- the two loops

// Refills a socket's share of the window once a quarter of it is free, so that both sides can work by the batch.
static void run_closed(peer_t *peers, int sockets, int window, uint64_t end_ns) {
  int share = window / sockets > 0 ? window / sockets : 1;
  int least = share / 4 > 0 ? share / 4 : 1;
  uint64_t last_answer_ns = now_ns();
  for (uint64_t t = now_ns(); t < end_ns; t = now_ns()) {
    int received = 0;
    for (int i = 0; i < sockets; i++) {
      received += receive_answers(&peers[i]);
      int room = share - peers[i].waiting;
      if (room >= least) send_queries(&peers[i], room < BATCH ? room : BATCH, now_ns(), 0);
    }
    if (received) last_answer_ns = t;
    else if (t - last_answer_ns > LOST_AFTER) give_up_waiting(peers, sockets), last_answer_ns = t;
    else sleep_until_readable(peers, sockets, SECOND / 100);
  }
}

static void run_open(peer_t *peers, int sockets, double rate, uint64_t start_ns, uint64_t end_ns) {
  uint64_t step_ns = SECOND / rate, due = 0;
  for (uint64_t t = now_ns(), turn = 0; t < end_ns; t = now_ns(), turn++) {
    uint64_t ready = (t - start_ns) / step_ns - due;
    if (ready > 0) {
      int count = ready < BATCH ? ready : BATCH;
      send_queries(&peers[turn % sockets], count, start_ns + due * step_ns + 1, step_ns);
      due += count;  // what the kernel refused was due all the same, and is missing from `sent`
    }
    for (int i = 0; i < sockets; i++)
      if (peers[i].waiting) receive_answers(&peers[i]);
    uint64_t next_ns = start_ns + (due + 1) * step_ns;
    t = now_ns();
    if (next_ns > t) sleep_until_readable(peers, sockets, next_ns - t);
  }
}

static void drain(peer_t *peers, int sockets) {
  uint64_t until_ns = now_ns() + LOST_AFTER / 2;
  while (waiting(peers, sockets) && now_ns() < until_ns) {
    sleep_until_readable(peers, sockets, SECOND / 100);
    for (int i = 0; i < sockets; i++) receive_answers(&peers[i]);
  }
  give_up_waiting(peers, sockets);
}

// ---- setting up

static void read_queries(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  queries = malloc(64 << 20);
  queries_end = fread(queries, 1, 64 << 20, file);
  fclose(file);
  if (queries_end < 14) die("no queries");
}

static void connect_peer(peer_t *peer, const char *address, int port, int wants_stamps) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int buffer = 4 << 20;
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || *(uint8_t *)&to.sin_addr != 127) {
    fprintf(stderr, "load: only loopback addresses\n");
    exit(1);
  }
  peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  setsockopt(peer->fd, SOL_SOCKET, SO_TIMESTAMPNS, &wants_stamps, sizeof wants_stamps);
  if (connect(peer->fd, (struct sockaddr *)&to, sizeof to)) die("connect");
}

static void prepare_messages(void) {
  for (int i = 0; i < BATCH; i++) {
    rx_parts[i] = (struct iovec){rx[i], sizeof rx[i]};
    tx_parts[i] = (struct iovec){tx[i], 0};
    rx_messages[i].msg_hdr = (struct msghdr){
        .msg_iov = &rx_parts[i], .msg_iovlen = 1, .msg_control = &rx_control[i], .msg_controllen = sizeof rx_control[i]};
    tx_messages[i].msg_hdr = (struct msghdr){.msg_iov = &tx_parts[i], .msg_iovlen = 1};
  }
}

static void print_latencies(const char *name, const latencies_t *of) {
  if (of->count == 0) {
    printf(",\"%s\":null", name);
    return;
  }
  printf(",\"%s\":{\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}", name,
         of->sum_ns / 1e3 / of->count, percentile_us(of, .5), percentile_us(of, .9), percentile_us(of, .99),
         percentile_us(of, .999), of->max_ns / 1e3);
}

static void print_result(double seconds) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"sent\":%lu,\"answered\":%lu,\"lost\":%lu,\"bad\":%lu,\"seconds\":%.4f,\"cpuSeconds\":%.3f,\"rcodes\":[", total.sent,
         total.since_due.count, total.lost, total.bad, seconds, cpu);
  for (int i = 0; i < 16; i++) printf("%s%lu", i ? "," : "", total.rcodes[i]);
  printf("]");
  print_latencies("latencyUs", &total.since_due);
  print_latencies("wireUs", &total.on_wire);
  printf("}\n");
}

int main(int argc, char **argv) {
  if (argc != 8) return fprintf(stderr, "load ADDRESS PORT QUERIES SECONDS SOCKETS WINDOW RATE\n"), 2;
  double seconds = atof(argv[4]), rate = atof(argv[7]);
  int sockets = atoi(argv[5]), window = atoi(argv[6]);
  if (seconds > MAX_SECONDS || sockets < 1 || sockets > MAX_SOCKETS || window > 20000) return fprintf(stderr, "load: too much\n"), 2;
  read_queries(argv[3]);
  prepare_messages();
  peer_t *peers = calloc(sockets, sizeof *peers);
  for (int i = 0; i < sockets; i++) connect_peer(&peers[i], argv[1], atoi(argv[2]), rate > 0);
  uint64_t start_ns = now_ns(), end_ns = start_ns + (uint64_t)(seconds * SECOND);
  if (rate > 0) run_open(peers, sockets, rate, start_ns, end_ns);
  else run_closed(peers, sockets, window, end_ns);
  double ran = (now_ns() - start_ns) / 1e9;
  drain(peers, sockets);
  print_result(ran);
}
