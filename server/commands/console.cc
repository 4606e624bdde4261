#include "server/commands/console.h"

#include <unistd.h>

#include <cstdlib>

namespace tagswell {

Console::Console() : progress_wanted_(isatty(STDERR_FILENO) == 1) {}

Console::~Console() {
  EndProgress();
}

void Console::PrintLine(std::string_view line) {
  Print(stdout, line);
}

void Console::PrintNotice(std::string_view line) {
  Print(stderr, line);
}

void Console::Print(std::FILE* to, std::string_view line) {
  const std::scoped_lock lock(mutex_);
  Erase();
  std::fwrite(line.data(), 1, line.size(), to);
  std::fputc('\n', to);
  std::fflush(to);
  Draw();
}

void Console::ShowProgress(std::string line) {
  if (!progress_wanted_) return;
  const std::scoped_lock lock(mutex_);
  Erase();
  progress_ = std::move(line);
  Draw();
}

void Console::EndProgress() {
  const std::scoped_lock lock(mutex_);
  Erase();
  progress_.clear();
}

void Console::Erase() {
  if (!progress_.empty()) std::fputs("\r\x1b[K", stderr);
}

void Console::Draw() {
  if (!progress_.empty()) std::fputs(progress_.c_str(), stderr);
}

bool Console::Colours() {
  const char* const no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* const terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace tagswell
