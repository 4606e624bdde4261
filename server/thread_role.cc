#include "server/thread_role.h"

#include <pthread.h>
#include <sys/resource.h>

namespace tagswell {
namespace {

constexpr int kCountingNice = 5;  // a third of the share of an answering thread

}  // namespace

void TakeRole(const char* name, Urgency urgency) {
  pthread_setname_np(pthread_self(), name);
  // Linux keeps the nice value by thread; 0 is the calling one. Where it is refused all are equal.
  if (urgency == Urgency::kCounting) setpriority(PRIO_PROCESS, 0, kCountingNice);
}

}  // namespace tagswell
