// UDP sockets that take and give datagrams by the batch: recvmmsg, one call into JavaScript, sendmmsg.
//
// Each socket lives on the libuv loop of the thread that opened it, and nothing is shared between sockets or threads: there
// is no global state. The memory of a batch belongs to JavaScript (src/dns/udp-batched.ts makes it, and holds the other half
// of this contract); its layout is that of UdpBatch in src/dns/udp-socket.ts.
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum {
  CAPACITY = 64,
  MAX_DATAGRAM = 4096,
  SLOT_STRIDE = MAX_DATAGRAM + 64,
  PEER_STRIDE = 20,
  // What one turn of the loop may take before TCP, messages and timers have theirs: a millisecond or so at full load.
  BATCHES_PER_TURN = 4,
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

static void count_errors(udp_socket_t *s, int error, int times) {
  s->counters[COUNT_ERRNO + (error > 0 && error < MAX_ERRNO ? error : 0)] += times;
}

// ---- receiving

static void arm(udp_socket_t *s, int i) {
  struct msghdr *header = &s->in[i].msg_hdr;
  header->msg_namelen = sizeof s->from[i];
  header->msg_controllen = sizeof s->control[i];
}

static in_port_t source_port(const address_t *from) {
  return ntohs(from->any.sa_family == AF_INET ? from->v4.sin_port : from->v6.sin6_port);
}

// Port 0 cannot be answered; echo and chargen would answer the answer.
static bool is_refused(in_port_t port) { return port == 0 || port == 7 || port == 19; }

static void write_peer(uint8_t *peer, const address_t *from) {
  if (from->any.sa_family == AF_INET6) {
    memcpy(peer, &from->v6.sin6_addr, 16);
    memcpy(peer + 16, &from->v6.sin6_port, 2);
    return;
  }
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  memcpy(peer, mapped, 12);
  memcpy(peer + 12, &from->v4.sin_addr, 4);
  memcpy(peer + 16, &from->v4.sin_port, 2);
}

// Turns "it came to this address" into "send it from this address". The interface is left to the routing table, as for any
// other datagram, except where the address means nothing without it.
static size_t reply_control(struct msghdr *header) {
  struct cmsghdr *message = CMSG_FIRSTHDR(header);
  if (message == NULL || (header->msg_flags & MSG_CTRUNC)) return 0;
  if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
    ((struct in_pktinfo *)CMSG_DATA(message))->ipi_ifindex = 0;
  } else if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
    struct in6_pktinfo *info = (struct in6_pktinfo *)CMSG_DATA(message);
    if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr)) info->ipi6_ifindex = 0;
  } else {
    return 0;
  }
  return header->msg_controllen;
}

// Keeps datagram `from` of what was received as datagram `to` of the batch; they differ when one before it was dropped.
static void keep(udp_socket_t *s, int to, int from) {
  int length = (int)s->in[from].msg_len;
  s->control_length[to] = reply_control(&s->in[from].msg_hdr);
  if (to != from) {
    memcpy(s->rx + to * SLOT_STRIDE, s->rx + from * SLOT_STRIDE, length);
    s->from[to] = s->from[from];
    s->control[to] = s->control[from];
  }
  s->rx_lengths[to] = length;
  write_peer(s->peers + to * PEER_STRIDE, &s->from[to]);
}

// Fills the batch. Returns how many datagrams left the queue, of which `*count` are for the handler.
static int receive(udp_socket_t *s, int *count) {
  int received;
  do received = recvmmsg(s->fd, s->in, CAPACITY, MSG_DONTWAIT, NULL);
  while (received < 0 && errno == EINTR);
  *count = 0;
  if (received < 0) {
    if (errno != EAGAIN) count_errors(s, errno, 1);
    return 0;
  }
  for (int i = 0; i < received; i++) {
    if (s->in[i].msg_hdr.msg_flags & MSG_TRUNC) s->counters[COUNT_TOO_LONG]++;
    else if (is_refused(source_port(&s->from[i]))) s->counters[COUNT_SOURCE_PORT]++;
    else keep(s, (*count)++, i);
    arm(s, i);
  }
  s->counters[COUNT_RECEIVED] += *count;
  return received;
}

// ---- answering

// Returns whether there is something to send. What the handler throws is an uncaught exception of its thread, and no reply
// of that batch is sent: nobody knows how far it came.
static bool call_handler(udp_socket_t *s, int count) {
  napi_env env = s->env;
  napi_handle_scope scope;
  napi_value memory, on_batch, argument, error;
  memset(s->tx_lengths, 0, count * sizeof *s->tx_lengths);
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
  napi_get_reference_value(env, s->memory_ref, &memory);
  napi_get_reference_value(env, s->on_batch_ref, &on_batch);
  napi_create_int32(env, count, &argument);
  bool returned = napi_make_callback(env, s->context, memory, on_batch, 1, &argument, NULL) == napi_ok;
  bool thrown = false;
  if (!returned && napi_is_exception_pending(env, &thrown) == napi_ok && thrown &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok)
    napi_fatal_exception(env, error);
  napi_close_handle_scope(env, scope);
  return returned && s->fd >= 0;
}

static int prepare_replies(udp_socket_t *s, int count) {
  int replies = 0;
  for (int i = 0; i < count; i++) {
    int length = s->tx_lengths[i];
    if (length <= 0) continue;
    if (length > SLOT_STRIDE) {
      count_errors(s, EMSGSIZE, 1);
      continue;
    }
    s->out_iov[replies] = (struct iovec){s->tx + i * SLOT_STRIDE, length};
    s->out[replies].msg_hdr = (struct msghdr){
        .msg_name = &s->from[i],
        .msg_namelen = s->from[i].any.sa_family == AF_INET ? sizeof s->from[i].v4 : sizeof s->from[i].v6,
        .msg_iov = &s->out_iov[replies],
        .msg_iovlen = 1,
        .msg_control = s->control_length[i] ? &s->control[i] : NULL,
        .msg_controllen = s->control_length[i],
    };
    replies++;
  }
  return replies;
}

// A reply that cannot be sent is counted and given up: its client asks again. A full queue takes the rest of the batch with it.
static void send_replies(udp_socket_t *s, int replies) {
  for (int next = 0; next < replies;) {
    int sent = sendmmsg(s->fd, s->out + next, replies - next, MSG_DONTWAIT);
    if (sent >= 0) {
      s->counters[COUNT_SENT] += sent;
      next += sent;
    } else if (errno != EINTR) {
      bool is_full = errno == EAGAIN || errno == ENOBUFS;
      int lost = is_full ? replies - next : 1;
      count_errors(s, errno, lost);
      next += lost;
    }
  }
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)events;
  udp_socket_t *s = poll->data;
  if (status < 0) {  // libuv stops polling on an error of the socket; reading that error clears it
    int error = 0;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    count_errors(s, error, 1);
    uv_poll_start(poll, UV_READABLE, on_readable);
    return;
  }
  for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
    int count;
    int received = receive(s, &count);
    if (count > 0) {
      if (!call_handler(s, count)) return;
      send_replies(s, prepare_replies(s, count));
    }
    if (received < CAPACITY) return;
  }
}

// ---- closing: by JavaScript, or with the thread

static void on_closed(uv_handle_t *handle) {
  udp_socket_t *s = handle->data;
  napi_remove_async_cleanup_hook(s->exit_hook);
  free(handle);
  free(s);
}

static void close_socket(udp_socket_t *s) {
  if (s->fd < 0) return;
  uv_close((uv_handle_t *)s->poll, on_closed);
  close(s->fd);
  s->fd = -1;
  napi_delete_reference(s->env, s->memory_ref);
  napi_delete_reference(s->env, s->on_batch_ref);
  napi_async_destroy(s->env, s->context);
}

static void on_exit_of_thread(napi_async_cleanup_hook_handle hook, void *socket) {
  (void)hook;
  close_socket(socket);
}

// close(socket): the address is free when it returns. Closing twice does nothing.
static napi_value js_close(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value socket;
  void *s;
  napi_get_cb_info(env, info, &argc, &socket, NULL, NULL);
  if (napi_remove_wrap(env, socket, &s) == napi_ok) close_socket(s);
  return NULL;
}

// ---- opening

typedef struct {
  char host[64];
  int32_t port;
  int32_t receive_buffer;
  bool reuse_port;
  bool ipv6_only;
} options_t;

static bool get(napi_env env, napi_value object, const char *name, napi_value *value) {
  return napi_get_named_property(env, object, name, value) == napi_ok;
}

static bool read_options(napi_env env, napi_value object, options_t *options) {
  napi_value host, port, reuse_port, ipv6_only, receive_buffer;
  size_t length;
  return get(env, object, "host", &host) && get(env, object, "port", &port) && get(env, object, "reusePort", &reuse_port) &&
         get(env, object, "ipv6Only", &ipv6_only) && get(env, object, "receiveBufferBytes", &receive_buffer) &&
         napi_get_value_string_utf8(env, host, options->host, sizeof options->host, &length) == napi_ok &&
         napi_get_value_int32(env, port, &options->port) == napi_ok && options->port >= 0 && options->port <= UINT16_MAX &&
         napi_get_value_bool(env, reuse_port, &options->reuse_port) == napi_ok &&
         napi_get_value_bool(env, ipv6_only, &options->ipv6_only) == napi_ok &&
         napi_get_value_int32(env, receive_buffer, &options->receive_buffer) == napi_ok;
}

static bool read_array(napi_env env, napi_value memory, const char *name, napi_typedarray_type type, size_t length, void *data) {
  napi_value array;
  napi_typedarray_type found_type;
  size_t found_length;
  return get(env, memory, name, &array) &&
         napi_get_typedarray_info(env, array, &found_type, &found_length, data, NULL, NULL) == napi_ok && found_type == type &&
         found_length == length;
}

static bool read_memory(napi_env env, napi_value memory, udp_socket_t *s) {
  return read_array(env, memory, "rx", napi_uint8_array, CAPACITY * SLOT_STRIDE, &s->rx) &&
         read_array(env, memory, "tx", napi_uint8_array, CAPACITY * SLOT_STRIDE, &s->tx) &&
         read_array(env, memory, "peers", napi_uint8_array, CAPACITY * PEER_STRIDE, &s->peers) &&
         read_array(env, memory, "rxLengths", napi_int32_array, CAPACITY, &s->rx_lengths) &&
         read_array(env, memory, "txLengths", napi_int32_array, CAPACITY, &s->tx_lengths) &&
         read_array(env, memory, "counters", napi_float64_array, COUNTERS, &s->counters);
}

static socklen_t parse_address(const options_t *options, address_t *address) {
  if (uv_ip4_addr(options->host, options->port, &address->v4) == 0) return sizeof address->v4;
  if (uv_ip6_addr(options->host, options->port, &address->v6) == 0) return sizeof address->v6;
  return 0;
}

static bool is_wildcard(const address_t *address) {
  if (address->any.sa_family == AF_INET) return address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
  return IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr);
}

static int set(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof value); }

static int set_options(int fd, const address_t *address, const options_t *options) {
  bool is_v6 = address->any.sa_family == AF_INET6;
  // Wishes, which not every kernel grants: a long queue, and packets that follow the interface's MTU, not a path MTU that
  // anybody can forge (RFC 9715 §3.1; the answers are too small to be fragmented on an honest path).
  set(fd, SOL_SOCKET, SO_RCVBUF, options->receive_buffer);
  set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
  if (is_v6) set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
  if (options->reuse_port && set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return -1;
  if (is_v6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, options->ipv6_only)) return -1;
  if (!is_wildcard(address)) return 0;
  return is_v6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

// Returns the descriptor, or -1 with errno and the system call that failed. `options->port` becomes the real port.
static int bind_socket(options_t *options, const char **syscall) {
  address_t address;
  socklen_t length = parse_address(options, &address);
  *syscall = "bind";
  if (length == 0) return errno = EINVAL, -1;
  *syscall = "socket";
  int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  *syscall = "setsockopt";
  if (set_options(fd, &address, options) == 0) {
    *syscall = "bind";
    if (bind(fd, &address.any, length) == 0 && getsockname(fd, &address.any, &length) == 0)
      return options->port = source_port(&address), fd;
  }
  int error = errno;
  close(fd);
  return errno = error, -1;
}

static void prepare_messages(udp_socket_t *s) {
  for (int i = 0; i < CAPACITY; i++) {
    s->in_iov[i] = (struct iovec){s->rx + i * SLOT_STRIDE, MAX_DATAGRAM};
    s->in[i].msg_hdr =
        (struct msghdr){.msg_name = &s->from[i], .msg_iov = &s->in_iov[i], .msg_iovlen = 1, .msg_control = &s->control[i]};
    arm(s, i);
  }
}

static int start_polling(udp_socket_t *s) {
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(s->env, &loop) != napi_ok) return UV_EINVAL;
  s->poll = malloc(uv_handle_size(UV_POLL));  // its size is libuv's of this process, not that of the header
  if (s->poll == NULL) return UV_ENOMEM;
  int error = uv_poll_init(loop, s->poll, s->fd);
  if (error) return free(s->poll), error;
  s->poll->data = s;
  return uv_poll_start(s->poll, UV_READABLE, on_readable);
}

static void must(napi_status status) {
  if (status != napi_ok) napi_fatal_error("udp_batch", NAPI_AUTO_LENGTH, "Node-API refused a valid call", NAPI_AUTO_LENGTH);
}

static void hold(udp_socket_t *s, napi_value memory, napi_value on_batch) {
  napi_value name;
  must(napi_create_string_utf8(s->env, "failoverd:udp", NAPI_AUTO_LENGTH, &name));
  must(napi_async_init(s->env, NULL, name, &s->context));
  must(napi_create_reference(s->env, memory, 1, &s->memory_ref));
  must(napi_create_reference(s->env, on_batch, 1, &s->on_batch_ref));
  must(napi_add_async_cleanup_hook(s->env, on_exit_of_thread, s, &s->exit_hook));
}

static napi_value string_of(napi_env env, const char *text) {
  napi_value value;
  must(napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value));
  return value;
}

static napi_value number_of(napi_env env, int number) {
  napi_value value;
  must(napi_create_int32(env, number, &value));
  return value;
}

// Throws what node:dgram would emit: an error with code, errno, syscall, address and port.
static napi_value throw_errno(napi_env env, const options_t *options, const char *syscall, int error) {
  char message[160];
  const char *code = uv_err_name(-error);
  napi_value object;
  snprintf(message, sizeof message, "%s %s %s:%d", syscall, code, options->host, options->port);
  must(napi_create_error(env, string_of(env, code), string_of(env, message), &object));
  must(napi_set_named_property(env, object, "errno", number_of(env, -error)));
  must(napi_set_named_property(env, object, "syscall", string_of(env, syscall)));
  must(napi_set_named_property(env, object, "address", string_of(env, options->host)));
  must(napi_set_named_property(env, object, "port", number_of(env, options->port)));
  napi_throw(env, object);
  return NULL;
}

static bool read_arguments(napi_env env, napi_value *arguments, options_t *options, udp_socket_t *s) {
  napi_valuetype type;
  return read_options(env, arguments[0], options) && read_memory(env, arguments[1], s) &&
         napi_typeof(env, arguments[2], &type) == napi_ok && type == napi_function;
}

// open({host, port, reusePort, ipv6Only, receiveBufferBytes}, {rx, tx, peers, rxLengths, txLengths, counters}, onBatch)
// returns an object with the real port, for close(). onBatch(count) is called for each batch until then.
static napi_value js_open(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value arguments[3], result;
  options_t options;
  const char *syscall = "open";
  must(napi_get_cb_info(env, info, &argc, arguments, NULL, NULL));
  udp_socket_t *s = calloc(1, sizeof *s);
  if (s == NULL) return throw_errno(env, &(options_t){.host = "udp"}, syscall, ENOMEM);
  s->env = env;
  if (!read_arguments(env, arguments, &options, s)) {
    free(s);
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "udp_batch.open: wrong options, memory or handler");
    return NULL;
  }
  s->fd = bind_socket(&options, &syscall);
  int error = s->fd < 0 ? errno : -start_polling(s);
  if (error) {
    if (s->fd >= 0) close(s->fd);
    free(s);
    return throw_errno(env, &options, syscall, error);
  }
  prepare_messages(s);
  hold(s, arguments[1], arguments[2]);
  must(napi_create_object(env, &result));
  must(napi_set_named_property(env, result, "port", number_of(env, options.port)));
  must(napi_wrap(env, result, s, NULL, NULL, NULL));
  return result;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor functions[] = {
      {"open", NULL, js_open, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, js_close, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  must(napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions));
  return exports;
}
