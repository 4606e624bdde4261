// Reads a whole store and proves it: every file, every block and record of the log, and that index, history, events,
// boards and checkpoints fit it. Changes nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tagswell {

struct StoreCheck {
  std::vector<std::string> facts;   // what is there, a line for each part
  std::vector<std::string> damage;  // what is wrong, by file where that is known; empty: the store is whole
};

// No process may hold the store: see ReadLock. `progress` is told what is being read. O(store): about a second for each million
// posts.
StoreCheck CheckStore(const std::filesystem::path& dir, const std::function<void(std::string)>& progress);

}  // namespace tagswell
