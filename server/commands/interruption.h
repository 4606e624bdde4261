// Ctrl-C and SIGTERM as something that can be asked for and waited for, so that commands end in order. A second signal
// ends the process at once. One at a time in a process; asked from any thread.
#pragma once

#include <chrono>

namespace tagswell {

class Interruption {
 public:
  Interruption();   // catches the signals
  ~Interruption();  // gives them back
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool happened() const;

  // Waits as long as that, or until it happens, and says whether it has.
  bool WaitFor(std::chrono::milliseconds duration) const;
};

}  // namespace tagswell
