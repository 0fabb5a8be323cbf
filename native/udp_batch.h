// UDP sockets that take and give datagrams by the batch: recvmmsg, one call into JavaScript, sendmmsg.
//
// Each socket lives on the libuv loop of the thread that opened it, and nothing is shared between sockets or threads: there
// is no global state. The memory of a batch belongs to JavaScript (src/dns/udp-batched.ts makes it, and holds the other half
// of this contract); its layout is that of UdpBatch in src/dns/udp-socket.ts.
#ifndef FAILOVERD_UDP_BATCH_H
#define FAILOVERD_UDP_BATCH_H
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

enum {
  CAPACITY = 64,
  MAX_DATAGRAM = 4096,
  SLOT_STRIDE = MAX_DATAGRAM + 64,
  PEER_STRIDE = 20,
  // What one turn of the loop may take before TCP, messages and timers have theirs: a millisecond or so at full load.
  BATCHES_PER_TURN = 4,
  // From so many datagrams on, more have probably come meanwhile: looking at once is cheaper than a turn of the loop.
  BUSY = 16,
};

// Where the counters stand in the Float64Array that JavaScript reads. Error number e is counted at COUNT_ERRNO + e.
enum { COUNT_RECEIVED, COUNT_SENT, COUNT_TOO_LONG, COUNT_SOURCE_PORT, COUNT_ERRNO, MAX_ERRNO = 134, COUNTERS = COUNT_ERRNO + MAX_ERRNO };

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} address_t;

// Room for the one control message that is asked for: the address that a datagram came to.
typedef union {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} control_t;

// What JavaScript asks for; the port becomes the real one.
typedef struct {
  char host[64];
  int32_t port;
  int32_t receive_buffer;
  bool reuse_port;
  bool ipv6_only;
} options_t;

typedef struct {
  napi_env env;
  napi_async_context context;
  napi_ref memory_ref;
  napi_ref on_batch_ref;
  napi_async_cleanup_hook_handle exit_hook;
  uv_poll_t *poll;
  int fd;  // -1 once closed
  uint8_t *rx, *tx, *peers;
  int32_t *rx_lengths, *tx_lengths;
  double *counters;
  struct mmsghdr in[CAPACITY], out[CAPACITY];
  struct iovec in_iov[CAPACITY], out_iov[CAPACITY];
  address_t from[CAPACITY];
  control_t control[CAPACITY];
  size_t control_length[CAPACITY];
} udp_socket_t;

static inline void must(napi_status status) {
  if (status != napi_ok) napi_fatal_error("udp_batch", NAPI_AUTO_LENGTH, "Node-API refused a valid call", NAPI_AUTO_LENGTH);
}

static inline in_port_t port_of(const address_t *address) {
  return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

// bind.c. Returns the descriptor, or -1 with errno and the name of the system call that failed.
int bind_socket(options_t *options, const char **syscall);

// batch.c. The socket has its memory and its descriptor; from here on its loop serves it. Returns an error of libuv.
int start_socket(udp_socket_t *s, napi_value memory, napi_value on_batch);
// Leaves new datagrams to the other sockets of the address; those in the queue are still served. Returns an errno.
int leave_address(udp_socket_t *s);
void close_socket(udp_socket_t *s);

// slice.c. Gives the calling thread slices of this length; its policy, its nice value and its share of the processor stay as they
// are, and threads that it starts have ordinary ones. Returns whether the kernel does so, which takes Linux 6.12 and, where system
// calls are filtered, leave for sched_setattr.
bool shorten_slice(uint64_t slice_ns);

#endif
