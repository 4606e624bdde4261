#include "server/connect/cursor_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "proto/json_writer.h"

namespace tagswell {
namespace {

// A file descriptor that is closed.
class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool WriteDown(std::string_view bytes) const {
    return fd_ >= 0 && write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && Sync();
  }
  bool Sync() const { return fd_ >= 0 && fsync(fd_) == 0; }

 private:
  const int fd_;
};

}  // namespace

std::expected<CursorFile, Error> CursorFile::Open(std::string path, std::string stream) {
  CursorFile file(std::move(path), std::move(stream));
  std::error_code ec;
  if (!std::filesystem::exists(file.path_, ec) && !ec) return file;
  const Error bad{"unreadable_cursor", file.path_ + " is no cursor of `tagswell connect`, or cannot be read"};
  std::ifstream in(file.path_, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view whose;
  std::string_view cursor;
  std::string_view time_text;
  if (!in || parser.parse(text).get(root) != simdjson::SUCCESS ||
      root.at_pointer("/stream").get(whose) != simdjson::SUCCESS ||
      root.at_pointer("/cursor").get(cursor) != simdjson::SUCCESS ||
      root.at_pointer("/time").get(time_text) != simdjson::SUCCESS) {
    return std::unexpected(bad);
  }
  const auto time = ParseTimestamp(time_text);
  if (!time) return std::unexpected(bad);
  if (whose != file.stream_) {
    return std::unexpected(
        Error{"other_stream", fmt::format("{} is the cursor of {}, not of {}", file.path_, whose, file.stream_)});
  }
  file.position_ = StreamPosition{.cursor = std::string(cursor), .time = *time};
  return file;
}

std::expected<void, Error> CursorFile::Save(const StreamPosition& position) {
  JsonWriter json;
  json.BeginObject();
  json.Field("stream", stream_);
  json.Field("cursor", position.cursor);
  json.Field("time", position.time);
  json.EndObject();
  const std::string folder = std::filesystem::absolute(path_).parent_path().string();
  const std::string fresh = path_ + ".new";
  const bool saved = File(fresh, O_WRONLY | O_CREAT | O_TRUNC).WriteDown(json.Take() + "\n") &&
                     rename(fresh.c_str(), path_.c_str()) == 0 && File(folder, O_RDONLY | O_DIRECTORY).Sync();
  if (!saved) {
    return std::unexpected(Error{"unwritable_cursor", path_ + " cannot be written: " + std::strerror(errno)});
  }
  position_ = position;
  return {};
}

}  // namespace tagswell
