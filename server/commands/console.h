// The terminal of a command: lines on standard output, and one line of progress below them on standard error that is
// there only when standard error is a terminal. Thread-safe.
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

namespace tagswell {

class Console {
 public:
  Console();
  ~Console();  // takes the progress away

  void PrintLine(std::string_view line);    // on standard output
  void PrintNotice(std::string_view line);  // on standard error

  bool shows_progress() const { return progress_wanted_; }
  void ShowProgress(std::string line);
  void EndProgress();

  // Whether lines on standard output may be coloured: a terminal that can, and no NO_COLOR (no-color.org).
  static bool Colours();

 private:
  void Print(std::FILE* to, std::string_view line);
  void Erase();
  void Draw();

  const bool progress_wanted_;
  std::mutex mutex_;
  std::string progress_;  // what stands there; empty: nothing
};

}  // namespace tagswell
