// Ctrl-C and SIGTERM as an interruption, so that commands end in order. A second signal ends the process at once. One
// at a time in a process.
#pragma once

#include "server/client/interruption.h"

namespace tagswell {

class SignalInterruption final : public Interruption {
 public:
  SignalInterruption();   // catches the signals
  ~SignalInterruption();  // gives them back
};

}  // namespace tagswell
