// Faults on the files of one folder, for a program that runs with this library in LD_PRELOAD. It stands between the
// program and the C library, so that the program itself holds no test code.
//
//   FAULT_DIR      the folder; files elsewhere are left alone
//   FAULT_POINT    KIND:CALL:THREAD:N:ACTION, what happens at the Nth such call; * stands for any
//   FAULT_JOURNAL  a file that gets a line for each call on the folder: what a test needs to know which points there
//                  are, and to make of the folder what a power cut would have left
//   FAULT_GRAVE    a folder on the same file system that keeps what is removed or replaced, for the same reason
//
// KIND: log, table (sorted files), staged (those on their way in), manifest, current, folder, other.
// CALL: write, sync, create, rename, link, unlink. THREAD: as the kernel names it.
// ACTION: error (EIO), full (ENOSPC), torn (half is written, then EIO), stick (this and all later such calls fail),
// kill (before the call), tear (half is written, then the process dies), after (the process dies behind the call).
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <iterator>
#include <string>
#include <string_view>

namespace {

enum class Action : unsigned char { kNone, kError, kFull, kTorn, kStick, kKill, kTear, kAfter };

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

class Faults {
 public:
  Faults() : dir_(Variable("FAULT_DIR")), grave_(Variable("FAULT_GRAVE")) {
    const std::string journal = Variable("FAULT_JOURNAL");
    if (!journal.empty()) {
      journal_ = static_cast<int>(
          syscall(SYS_openat, AT_FDCWD, journal.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
    }
    std::string point = Variable("FAULT_POINT");
    for (std::string* part : {&kind_, &call_, &thread_}) *part = Cut(point);
    nth_ = atol(Cut(point).c_str());
    constexpr std::string_view kNames[] = {"", "error", "full", "torn", "stick", "kill", "tear", "after"};
    for (std::size_t i = 1; i < std::size(kNames); ++i) {
      if (point == kNames[i]) action_ = static_cast<Action>(i);
    }
  }

  // The path below the folder, or nothing when it is elsewhere.
  std::string Inside(std::string_view path) const {
    if (dir_.empty() || !path.starts_with(dir_)) return "";
    if (path.size() == dir_.size()) return ".";
    return path[dir_.size()] == '/' ? std::string(path.substr(dir_.size() + 1)) : "";
  }
  std::string Inside(int file) const {
    if (dir_.empty()) return "";
    char target[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t size = readlink(link.c_str(), target, sizeof(target));
    return size <= 0 ? "" : Inside(std::string_view(target, static_cast<std::size_t>(size)));
  }

  // What is to happen at this call.
  Action At(std::string_view name, const char* call) {
    if (action_ == Action::kNone || (kind_ != "*" && kind_ != KindOf(name)) || (call_ != "*" && call_ != call) ||
        (thread_ != "*" && thread_ != ThreadName())) {
      return Action::kNone;
    }
    const long seen = ++seen_;
    return seen == nth_ || (seen > nth_ && action_ == Action::kStick) ? action_ : Action::kNone;
  }

  void Note(const char* call, std::string_view name, const std::string& rest) const {
    if (journal_ < 0) return;
    const std::string line = std::string(call) + '\t' + std::string(KindOf(name)) + '\t' + ThreadName() + '\t' +
                             std::string(name) + '\t' + rest + '\n';
    (void)!syscall(SYS_write, journal_, line.data(), line.size());
  }

  // Keeps what `path` names; gives the name it has from now on.
  std::string Bury(const char* path) {
    if (grave_.empty()) return "";
    const std::string name = std::to_string(buried_.fetch_add(1));
    const std::string kept = grave_ + "/" + name;
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept.c_str(), 0) == 0 ? name : "";
  }

 private:
  static std::string Cut(std::string& text) {
    const std::size_t end = std::min(text.find(':'), text.size());
    std::string head = text.substr(0, end);
    text.erase(0, end + 1);
    return head;
  }
  static std::string ThreadName() {
    char name[32] = "";
    pthread_getname_np(pthread_self(), name, sizeof(name));
    return name;
  }
  static std::string_view KindOf(std::string_view name) {
    if (name == "." || name == "staging") return "folder";
    if (name.ends_with(".log")) return "log";
    if (name.ends_with(".sst")) return name.starts_with("staging/") ? "staged" : "table";
    if (name.starts_with("MANIFEST-")) return "manifest";
    if (name == "CURRENT" || name.ends_with(".dbtmp")) return "current";
    return "other";
  }

  const std::string dir_;
  const std::string grave_;
  std::string kind_;
  std::string call_;
  std::string thread_;
  long nth_ = 0;
  Action action_ = Action::kNone;
  int journal_ = -1;
  std::atomic<long> seen_{0};
  std::atomic<long> buried_{0};
};

Faults& TheFaults() {
  static Faults* const faults = new Faults;  // never destroyed: calls come until the very end
  return *faults;
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Runs `call` with the fault that is due. `half` does half of it, where that can be.
template <typename Call, typename Half>
auto Faulty(std::string_view name, const char* what, Call call, Half half) {
  using Result = decltype(call());
  const Action action = TheFaults().At(name, what);
  if (action == Action::kKill) Die();
  if (action == Action::kTear || action == Action::kTorn) half();
  if (action == Action::kTear) Die();
  if (action == Action::kFull) {
    errno = ENOSPC;
    return Result{-1};
  }
  if (action == Action::kError || action == Action::kTorn || action == Action::kStick) {
    errno = EIO;
    return Result{-1};
  }
  const Result result = call();
  if (action == Action::kAfter) Die();
  return result;
}

ssize_t Write(int file, const void* bytes, size_t size, const off64_t* at) {
  const auto write = [&](size_t length) {
    return at == nullptr ? syscall(SYS_write, file, bytes, length) : syscall(SYS_pwrite64, file, bytes, length, *at);
  };
  const std::string name = TheFaults().Inside(file);
  if (name.empty()) return write(size);
  return Faulty(
      name, "write",
      [&] {
        const ssize_t written = write(size);
        TheFaults().Note("write", name, std::to_string(written));
        return written;
      },
      // Files that are written past the page cache take whole sectors only.
      [&] { (void)write(size / 2 < 512 || size % 512 != 0 ? size / 2 : size / 2 / 512 * 512); });
}

int Sync(int file, long call) {
  const std::string name = TheFaults().Inside(file);
  if (name.empty()) return static_cast<int>(syscall(call, file));
  return Faulty(
      name, "sync",
      [&] {
        struct stat64 before{};
        fstat64(file, &before);
        const int result = static_cast<int>(syscall(call, file));
        if (result == 0)
          TheFaults().Note("sync", name, std::to_string(before.st_ino) + ' ' + std::to_string(before.st_size));
        return result;
      },
      [] {});
}

int Open(int folder, const char* path, int flags, mode_t mode) {
  const auto open = [&] { return static_cast<int>(syscall(SYS_openat, folder, path, flags, mode)); };
  const std::string name = TheFaults().Inside(path);
  if (name.empty() || (flags & O_CREAT) == 0 || access(path, F_OK) == 0) return open();
  return Faulty(
      name, "create",
      [&] {
        TheFaults().Note("create", name, "");
        return open();
      },
      [] {});
}

// A change of a folder is noted before it is made: one that is not made after all is easy to tell.
template <typename Call>
int Change(const char* what, const char* from, const char* to, Call call) {
  const std::string name = TheFaults().Inside(to);
  if (name.empty()) return call();
  return Faulty(
      name, what,
      [&] {
        const std::string kept = strcmp(what, "link") == 0 ? "" : TheFaults().Bury(to);
        TheFaults().Note(what, name, (from == to ? "" : TheFaults().Inside(from)) + ' ' + kept);
        return call();
      },
      [] {});
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  return Write(file, bytes, size, nullptr);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return Write(file, bytes, size, &at);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return Write(file, bytes, size, &at);
}
int fsync(int file) {
  return Sync(file, SYS_fsync);
}
int fdatasync(int file) {
  return Sync(file, SYS_fdatasync);
}

#define TAGSWELL_OPEN(name)                    \
  int name(const char* path, int flags, ...) { \
    va_list rest;                              \
    va_start(rest, flags);                     \
    const mode_t mode = va_arg(rest, mode_t);  \
    va_end(rest);                              \
    return Open(AT_FDCWD, path, flags, mode);  \
  }
TAGSWELL_OPEN(open)
TAGSWELL_OPEN(open64)

int rename(const char* from, const char* to) noexcept {
  return Change("rename", from, to, [&] { return static_cast<int>(syscall(SYS_rename, from, to)); });
}
int link(const char* from, const char* to) noexcept {
  return Change("link", from, to, [&] { return static_cast<int>(syscall(SYS_link, from, to)); });
}
int unlink(const char* path) noexcept {
  return Change("unlink", path, path, [&] { return static_cast<int>(syscall(SYS_unlink, path)); });
}

}  // extern "C"
