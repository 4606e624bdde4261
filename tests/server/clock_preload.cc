// Preloaded into the server: its wall clock is so many seconds off as the 8 bytes of the file CLOCK_OFFSET_FILE say (a
// signed number in the machine's order), from one reading to the next. Other clocks stay right.
// libfaketime would do it, but does not go together with jemalloc: it waits for memory in the reading that jemalloc
// makes.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

const std::atomic<std::int64_t>* offset = nullptr;  // null: until the file is mapped, and without one

[[gnu::constructor]] void MapOffset() {
  const char* const path = std::getenv("CLOCK_OFFSET_FILE");
  const int file = path != nullptr ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* const at = mmap(nullptr, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (at != MAP_FAILED) offset = static_cast<const std::atomic<std::int64_t>*>(at);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) {
  const long failed = syscall(SYS_clock_gettime, clock, now);
  if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && offset != nullptr)
    now->tv_sec += offset->load(std::memory_order_relaxed);
  return static_cast<int>(failed);
}

int gettimeofday(timeval* now, void* /*zone*/) {
  timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  *now = {.tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* now) {
  timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now != nullptr) *now = precise.tv_sec;
  return precise.tv_sec;
}

}  // extern "C"
