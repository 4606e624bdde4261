#include "server/client/interruption.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace tagswell {

Interruption::Interruption() : wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interruption::~Interruption() {
  close(wakeup_);
}

void Interruption::Interrupt() {
  happened_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup_, &one, sizeof(one));
}

bool Interruption::WaitFor(std::chrono::milliseconds duration) const {
  pollfd wanted = {.fd = wakeup_, .events = POLLIN, .revents = 0};
  if (!happened_) poll(&wanted, 1, static_cast<int>(duration.count()));
  return happened_;
}

}  // namespace tagswell
