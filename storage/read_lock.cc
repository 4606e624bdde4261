#include "storage/read_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace tagswell {

// RocksDB holds LOCK with a lock of fcntl for writing, on the whole file.
std::expected<ReadLock, pid_t> ReadLock::Take(const std::filesystem::path& store) {
  ReadLock lock(open((store / "LOCK").c_str(), O_RDONLY | O_CLOEXEC));
  if (lock.file_ < 0) return lock;
  struct flock whole{};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(lock.file_, F_SETLK, &whole) == 0) return lock;
  const bool told = fcntl(lock.file_, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  return std::unexpected(told ? whole.l_pid : 0);
}

ReadLock::ReadLock(ReadLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ReadLock::~ReadLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace tagswell
