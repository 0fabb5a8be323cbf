// How soon a thread that has been woken gets a processor. EEVDF runs those first whose slice would end first: a thread with a
// short slice takes the place of one that computes with a long one at once, not at the next tick of the kernel's clock.
#include "udp_batch.h"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

// The first version of sched_setattr(2)'s struct, which every kernel takes; libc does not declare it everywhere.
typedef struct {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
} attributes_t;

static bool get_attributes(attributes_t *attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0) == 0;
}

// An older kernel accepts a slice and ignores it: what counts is what it says afterwards.
bool shorten_slice(uint64_t slice_ns) {
  attributes_t attributes = {0};
  if (!get_attributes(&attributes) || attributes.policy != SCHED_NORMAL) return false;
  attributes.flags |= SCHED_FLAG_RESET_ON_FORK;
  attributes.runtime = slice_ns;
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 && get_attributes(&attributes) && attributes.runtime == slice_ns;
}
