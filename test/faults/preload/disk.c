// Brought into failoverd from outside (LD_PRELOAD): a disk that is slow to sync, or that can only be read.
//
// DISK_FAULT names a file with one letter and a number: "s50" delays each fsync and fdatasync by 50 ms, "r" lets every write
// to a database fail as on a file system that the kernel has remounted read-only after an error. No file: no fault.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char fault(int *milliseconds) {
  const char *name = getenv("DISK_FAULT");
  FILE *file = name ? fopen(name, "r") : NULL;
  char kind = 0;
  *milliseconds = 0;
  if (file == NULL) return 0;
  if (fscanf(file, "%c%d", &kind, milliseconds) < 1) kind = 0;
  fclose(file);
  return kind;
}

static int is_database(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, ".db") != NULL;
}

static int is_read_only(int fd) {
  int ignored;
  return fault(&ignored) == 'r' && is_database(fd);
}

static void delay(int fd) {
  int milliseconds;
  if (fault(&milliseconds) == 's' && is_database(fd)) usleep(milliseconds * 1000);
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

int fsync(int fd) {
  delay(fd);
  return REAL("fsync", int (*)(int))(fd);
}

int fdatasync(int fd) {
  delay(fd);
  return REAL("fdatasync", int (*)(int))(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  if (is_read_only(fd)) return errno = EROFS, -1;
  return REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  if (is_read_only(fd)) return errno = EROFS, -1;
  return REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t))(fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size) {
  if (is_read_only(fd)) return errno = EROFS, -1;
  return REAL("write", ssize_t (*)(int, const void *, size_t))(fd, data, size);
}
