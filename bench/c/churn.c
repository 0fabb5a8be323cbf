// churn ADDRESS PORT QUERIES SECONDS WINDOW RATE
//
// Opens TCP connections that live for one query each: connect, send it, read the answer, close. WINDOW of them are under way at
// most, and RATE of them begin in a second, or as many as can with RATE 0. They come from 16,384 addresses of loopback. The
// queries are those of a file (each two octets of length and a message). Stops by itself and prints one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WINDOW = 1024, MAX_SECONDS = 900, SLOT = 4096 };
static const uint64_t SECOND = 1000000000, LOST_AFTER = 5000000000;

typedef struct {
  int fd;  // -1: free
  uint64_t since_ns;
  size_t received;
  uint8_t answer[SLOT];
} connection_t;

static connection_t connections[MAX_WINDOW];
static struct sockaddr_in server = {.sin_family = AF_INET};
static uint8_t queries[1 << 20];
static size_t queries_end, queries_at;
static uint64_t opened, answered, failed, under_way;
static int poller;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static void finish(connection_t *c, int is_answered) {
  close(c->fd);
  c->fd = -1;
  under_way--;
  if (is_answered) answered++;
  else failed++;
}

static void open_connection(connection_t *c) {
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010000 + opened % 16384)};
  int yes = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) die("socket");
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  if (bind(c->fd, (struct sockaddr *)&from, sizeof from)) die("bind");
  opened++, under_way++;
  c->since_ns = now_ns();
  c->received = 0;
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event)) die("epoll_ctl");
  if (connect(c->fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) finish(c, 0);
}

static void send_query(connection_t *c) {
  if (queries_at >= queries_end) queries_at = 0;
  size_t length = 2 + (queries[queries_at] << 8 | queries[queries_at + 1]);
  ssize_t sent = send(c->fd, queries + queries_at, length, MSG_NOSIGNAL);
  queries_at += length;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (sent != (ssize_t)length) finish(c, 0);
  else epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

static void receive_answer(connection_t *c) {
  ssize_t count = recv(c->fd, c->answer + c->received, SLOT - c->received, 0);
  if (count <= 0) return finish(c, 0);
  c->received += count;
  if (c->received >= 2 && c->received >= 2u + (c->answer[0] << 8 | c->answer[1])) finish(c, 1);
}

static void give_up_waiting(int window, uint64_t now) {
  for (int i = 0; i < window; i++)
    if (connections[i].fd >= 0 && now > connections[i].since_ns + LOST_AFTER) finish(&connections[i], 0);
}

static void run(int window, double rate, uint64_t end_ns) {
  uint64_t start_ns = now_ns();
  struct epoll_event events[64];
  for (uint64_t t = start_ns; t < end_ns || under_way; t = now_ns()) {
    double due = rate > 0 ? (t - start_ns) * rate / SECOND : 1e18;
    for (int i = 0; i < window && t < end_ns && opened < due; i++)
      if (connections[i].fd < 0) open_connection(&connections[i]);
    int count = epoll_wait(poller, events, 64, rate > 0 ? 1 : 100);
    for (int i = 0; i < count; i++) {
      connection_t *c = events[i].data.ptr;
      if (events[i].events & EPOLLIN) receive_answer(c);
      else if (events[i].events & (EPOLLERR | EPOLLHUP)) finish(c, 0);
      else send_query(c);
    }
    give_up_waiting(window, t);
  }
}

static void read_queries(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  queries_end = fread(queries, 1, sizeof queries, file);
  fclose(file);
  if (queries_end < 14) fprintf(stderr, "churn: no queries\n"), exit(1);
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "churn ADDRESS PORT QUERIES SECONDS WINDOW RATE\n"), 2;
  double seconds = atof(argv[4]), rate = atof(argv[6]);
  int window = atoi(argv[5]);
  if (seconds > MAX_SECONDS || window < 1 || window > MAX_WINDOW) return fprintf(stderr, "churn: too much\n"), 2;
  server.sin_port = htons(atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1 || *(uint8_t *)&server.sin_addr != 127)
    return fprintf(stderr, "churn: only loopback addresses\n"), 1;
  read_queries(argv[3]);
  poller = epoll_create1(0);
  for (int i = 0; i < window; i++) connections[i].fd = -1;
  uint64_t start_ns = now_ns();
  run(window, rate, start_ns + (uint64_t)(seconds * SECOND));
  printf("{\"opened\":%lu,\"answered\":%lu,\"failed\":%lu,\"seconds\":%.3f}\n", opened, answered, failed,
         (now_ns() - start_ns) / 1e9);
}
