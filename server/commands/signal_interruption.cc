#include "server/commands/signal_interruption.h"

#include <signal.h>

#include <atomic>

namespace tagswell {
namespace {

std::atomic<Interruption*> interruption = nullptr;  // what the handler may touch

void OnSignal(int) {
  if (Interruption* const now = interruption) now->Interrupt();
}

}  // namespace

SignalInterruption::SignalInterruption() {
  interruption = this;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a read that waits has to return
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

SignalInterruption::~SignalInterruption() {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  interruption = nullptr;
}

}  // namespace tagswell
