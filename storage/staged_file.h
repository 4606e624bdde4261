// A sorted file on its way into the store. Unless it was ingested it goes with this object: what an attempt that failed
// has left may be what fills the disk.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "storage/family.h"

namespace tagswell {

class StagedFile {
 public:
  StagedFile(Family family, std::filesystem::path path) : family_(family), path_(std::move(path)) {}
  StagedFile(StagedFile&& other) noexcept : family_(other.family_), path_(std::exchange(other.path_, {})) {}
  StagedFile& operator=(StagedFile&& other) noexcept {
    std::swap(family_, other.family_);
    path_.swap(other.path_);
    return *this;
  }
  ~StagedFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }

  Family family() const { return family_; }
  std::string path() const { return path_.string(); }

 private:
  Family family_;
  std::filesystem::path path_;
};

}  // namespace tagswell
