// Keeps every server from opening a store while it is read from outside, and says when one has it open. Changes
// nothing.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>

namespace tagswell {

class ReadLock {
 public:
  // A store without a lock file, such as a copy, was never opened: there is nothing to hold. Error: the process that
  // has the store open; 0 where that cannot be told.
  static std::expected<ReadLock, pid_t> Take(const std::filesystem::path& store);
  ReadLock(ReadLock&& other) noexcept;
  ReadLock& operator=(ReadLock&&) = delete;
  ~ReadLock();

 private:
  explicit ReadLock(int file) : file_(file) {}
  int file_;  // -1: none
};

}  // namespace tagswell
