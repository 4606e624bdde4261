#include "server/commands/archive_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "server/commands/archive_codec.h"

namespace tagswell {
namespace {

constexpr std::size_t kInputBytes = 256 * 1024;

}  // namespace

struct ArchiveStream::State {
  std::string name;  // for messages
  int file = -1;
  std::optional<std::uint64_t> size;
  std::vector<char> buffer = std::vector<char>(kInputBytes);
  std::string_view input;  // of buffer: read and not yet decoded
  bool input_ended = false;
  std::uint64_t bytes_read = 0;
  std::unique_ptr<ArchiveCodec> codec;  // once the first bytes are known

  ~State() {
    if (file > STDIN_FILENO) close(file);
  }

  std::unexpected<Error> Fail(const char* code, const std::string& what) const {
    return std::unexpected(Error{code, name + " " + what});
  }

  // Adds to `input`, which lies at the front of the buffer and does not fill it.
  std::expected<void, Error> Refill() {
    const ssize_t got = read(file, buffer.data() + input.size(), buffer.size() - input.size());
    if (got < 0 && errno == EINTR) return Fail("interrupted", "was left before its end");
    if (got < 0) return Fail("unreadable_archive", std::string("cannot be read: ") + std::strerror(errno));
    input = std::string_view(buffer.data(), input.size() + static_cast<std::size_t>(got));
    bytes_read += static_cast<std::uint64_t>(got);
    input_ended = got == 0;
    return {};
  }
};

std::expected<ArchiveStream, Error> ArchiveStream::Open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->name = path == "-" ? "standard input" : path;
  state->file = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state->file < 0)
    return state->Fail("unreadable_archive", std::string("cannot be opened: ") + std::strerror(errno));
  struct stat about = {};
  if (fstat(state->file, &about) == 0) {
    if (S_ISDIR(about.st_mode)) return state->Fail("unreadable_archive", "is a directory");
    if (S_ISREG(about.st_mode)) state->size = static_cast<std::uint64_t>(about.st_size);
  }
  return ArchiveStream(std::move(state));
}

ArchiveStream::ArchiveStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveStream::ArchiveStream(ArchiveStream&&) noexcept = default;
ArchiveStream& ArchiveStream::operator=(ArchiveStream&&) noexcept = default;
ArchiveStream::~ArchiveStream() = default;

std::expected<std::size_t, Error> ArchiveStream::Read(std::span<char> room) {
  State& s = *state_;
  while (!s.codec) {
    if (s.input.size() < ArchiveCodec::kFirstBytes && !s.input_ended) {
      if (auto read = s.Refill(); !read) return std::unexpected(read.error());
    } else {
      s.codec = ArchiveCodec::For(s.input);
    }
  }
  while (true) {
    const ArchiveCodec::Step step = s.codec->Decode(s.input, room);
    if (step.malformed) return s.Fail("malformed_archive", "is damaged: it does not decompress");
    s.input.remove_prefix(step.consumed);
    if (step.produced > 0) return step.produced;
    if (step.consumed > 0) continue;
    if (!s.input.empty()) return s.Fail("malformed_archive", "is damaged: it does not decompress");
    if (s.input_ended) {
      if (!s.codec->AtBoundary())
        return s.Fail("truncated_archive", "is cut short: its compressed stream does not end");
      return 0;
    }
    if (auto read = s.Refill(); !read) return std::unexpected(read.error());
  }
}

bool ArchiveStream::Ready(std::chrono::milliseconds patience) const {
  if (state_->size || state_->input_ended || !state_->input.empty()) return true;
  pollfd wanted = {.fd = state_->file, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, static_cast<int>(patience.count())) != 0;
}

std::uint64_t ArchiveStream::bytes_read() const {
  return state_->bytes_read;
}
std::optional<std::uint64_t> ArchiveStream::size() const {
  return state_->size;
}

}  // namespace tagswell
