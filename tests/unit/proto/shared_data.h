// Finds the reference data that some tests compare with. It is no part of the project: they skip where it is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tagswell {

inline std::filesystem::path SharedData(const std::string& name) {
  const char* const folder = std::getenv("TAGSWELL_SHARED");
  return std::filesystem::path(folder != nullptr ? folder : TAGSWELL_SHARED_DIR) / "data" / name;
}

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace tagswell
