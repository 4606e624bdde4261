// The position of a stream, kept across restarts and crashes: one line of JSON, replaced as a whole. Not thread-safe.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "proto/error.h"
#include "server/connect/platform_stream.h"

namespace tagswell {

class CursorFile {
 public:
  // `stream` names whose positions these are; a file of another one is refused. A file that is not there is made by the
  // first Save. Errors: unreadable_cursor, other_stream.
  static std::expected<CursorFile, Error> Open(std::string path, std::string stream);

  const std::optional<StreamPosition>& position() const { return position_; }

  // On the disk when it returns. The file is the old one or the new one whatever crashes. Error: unwritable_cursor.
  std::expected<void, Error> Save(const StreamPosition& position);

 private:
  CursorFile(std::string path, std::string stream) : path_(std::move(path)), stream_(std::move(stream)) {}

  std::string path_;
  std::string stream_;
  std::optional<StreamPosition> position_;
};

}  // namespace tagswell
