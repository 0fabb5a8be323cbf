// echo PORT: answers every UDP datagram on 127.0.0.1 with itself, QR set. What the kernel alone costs a server that takes and
// gives datagrams by the batch: the floor that the others are compared with.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { CAPACITY = 64, MAX_DATAGRAM = 4096 };

static unsigned char slots[CAPACITY][MAX_DATAGRAM + 64];
static struct sockaddr_in peers[CAPACITY];
static struct iovec parts[CAPACITY];
static struct mmsghdr messages[CAPACITY];

static void prepare(void) {
  for (int i = 0; i < CAPACITY; i++) {
    parts[i] = (struct iovec){slots[i], MAX_DATAGRAM};
    messages[i].msg_hdr =
        (struct msghdr){.msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &parts[i], .msg_iovlen = 1};
  }
}

int main(int argc, char **argv) {
  int on = 1;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address)) return perror("bind"), 1;
  for (;;) {
    prepare();
    int count = recvmmsg(fd, messages, CAPACITY, MSG_WAITFORONE, NULL);
    if (count < 0) return perror("recvmmsg"), 1;
    for (int i = 0; i < count; i++) {
      slots[i][2] |= 0x80;
      parts[i].iov_len = messages[i].msg_len;
    }
    for (int sent = 0; sent < count;) {
      int now = sendmmsg(fd, messages + sent, count - sent, 0);
      sent += now > 0 ? now : 1;
    }
  }
}
