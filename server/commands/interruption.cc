#include "server/commands/interruption.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace tagswell {
namespace {

// What a signal handler may touch.
std::atomic<int> wakeup = -1;
std::atomic<bool> interrupted = false;

void OnSignal(int) {
  interrupted = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup, &one, sizeof(one));
}

}  // namespace

Interruption::Interruption() {
  interrupted = false;
  wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a read that waits has to return
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Interruption::~Interruption() {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  close(wakeup.exchange(-1));
}

bool Interruption::happened() const {
  return interrupted;
}

bool Interruption::WaitFor(std::chrono::milliseconds duration) const {
  pollfd wanted = {.fd = wakeup, .events = POLLIN, .revents = 0};
  if (!interrupted) poll(&wanted, 1, static_cast<int>(duration.count()));
  return interrupted;
}

}  // namespace tagswell
