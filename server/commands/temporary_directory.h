// A directory of its own that goes, with all that is in it, when this does.
#pragma once

#include <cstdlib>
#include <expected>
#include <filesystem>
#include <string>
#include <utility>

#include "proto/error.h"

namespace tagswell {

class TemporaryDirectory {
 public:
  // In $TMPDIR or /tmp. Error: no_temporary_directory.
  static std::expected<TemporaryDirectory, Error> Create() {
    std::error_code ec;
    std::string path = (std::filesystem::temp_directory_path(ec) / "tagswell-XXXXXX").string();
    if (ec || mkdtemp(path.data()) == nullptr) {
      return std::unexpected(Error{"no_temporary_directory", "no temporary directory can be made; see TMPDIR"});
    }
    return TemporaryDirectory(std::move(path));
  }
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace tagswell
