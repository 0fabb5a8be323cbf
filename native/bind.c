// Opening a UDP socket: its address and its options.
#include "udp_batch.h"

#include <errno.h>
#include <unistd.h>

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

int bind_socket(options_t *options, const char **syscall) {
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
      return options->port = port_of(&address), fd;
  }
  int error = errno;
  close(fd);
  return errno = error, -1;
}

