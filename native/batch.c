// Serving a UDP socket: receive a batch, have it answered, send the replies; and closing it.
#include "udp_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void count_errors(udp_socket_t *s, int error, int times) {
  s->counters[COUNT_ERRNO + (error > 0 && error < MAX_ERRNO ? error : 0)] += times;
}

// ---- receiving

static void arm(udp_socket_t *s, int i) {
  struct msghdr *header = &s->in[i].msg_hdr;
  header->msg_namelen = sizeof s->from[i];
  header->msg_controllen = sizeof s->control[i];
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
    else if (is_refused(port_of(&s->from[i]))) s->counters[COUNT_SOURCE_PORT]++;
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
    if (received < BUSY) return;
  }
}

// ---- starting and closing

// A connected socket is passed over when the kernel chooses among those that share an address (SO_REUSEPORT), and keeps what it
// has in its queue; it may still send to everybody. It is connected to itself: there is always a way there, and nobody comes from it.
int leave_address(udp_socket_t *s) {
  address_t self;
  socklen_t length = sizeof self;
  if (getsockname(s->fd, &self.any, &length) || connect(s->fd, &self.any, length)) return errno;
  return 0;
}

static void on_closed(uv_handle_t *handle) {
  udp_socket_t *s = handle->data;
  napi_remove_async_cleanup_hook(s->exit_hook);
  free(handle);
  free(s);
}

void close_socket(udp_socket_t *s) {
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
  must(napi_get_uv_event_loop(s->env, &loop));
  s->poll = malloc(uv_handle_size(UV_POLL));  // its size is libuv's of this process, not that of the header
  if (s->poll == NULL) return UV_ENOMEM;
  int error = uv_poll_init(loop, s->poll, s->fd);
  if (error) return free(s->poll), error;
  s->poll->data = s;
  return uv_poll_start(s->poll, UV_READABLE, on_readable);
}

static void hold(udp_socket_t *s, napi_value memory, napi_value on_batch) {
  napi_value name;
  must(napi_create_string_utf8(s->env, "failoverd:udp", NAPI_AUTO_LENGTH, &name));
  must(napi_async_init(s->env, NULL, name, &s->context));
  must(napi_create_reference(s->env, memory, 1, &s->memory_ref));
  must(napi_create_reference(s->env, on_batch, 1, &s->on_batch_ref));
  must(napi_add_async_cleanup_hook(s->env, on_exit_of_thread, s, &s->exit_hook));
}

int start_socket(udp_socket_t *s, napi_value memory, napi_value on_batch) {
  prepare_messages(s);
  int error = start_polling(s);
  if (error == 0) hold(s, memory, on_batch);
  return error;
}
