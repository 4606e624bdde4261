#include "storage/spellings.h"

#include <algorithm>

#include "storage/byte_order.h"

namespace tagswell {

void Spellings::Add(std::string_view spelling, std::int64_t count) {
  for (auto& [known, sum] : counts_) {
    if (known == spelling) {
      sum = AddWrapping(sum, count);
      return;
    }
  }
  if (counts_.size() < kHeldMax) counts_.emplace_back(spelling, count);
}

void Spellings::Add(const Spellings& other) {
  for (const auto& [spelling, count] : other.counts_) Add(spelling, count);
}

bool Spellings::AddStored(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = TakeVarint(bytes);
    if (!length || *length > bytes.size()) return false;
    const std::string_view spelling = bytes.substr(0, *length);
    bytes.remove_prefix(*length);
    const auto count = TakeVarint(bytes);
    if (!count) return false;
    Add(spelling, UnZigZag(*count));
  }
  return true;
}

std::string_view Spellings::Best() const {
  const std::pair<std::string, std::int64_t>* best = nullptr;
  for (const auto& candidate : counts_) {
    if (candidate.second <= 0) continue;
    if (best == nullptr || candidate.second > best->second ||
        (candidate.second == best->second && candidate.first < best->first)) {
      best = &candidate;
    }
  }
  return best == nullptr ? std::string_view() : std::string_view(best->first);
}

void Spellings::Encode(std::string& out) const {
  auto sorted = counts_;
  std::erase_if(sorted, [](const auto& entry) { return entry.second == 0; });
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (sorted.size() > kSpellingsMax) sorted.resize(kSpellingsMax);
  for (const auto& [spelling, count] : sorted) {
    AppendVarint(spelling.size(), out);
    out.append(spelling);
    AppendVarint(ZigZag(count), out);
  }
}

}  // namespace tagswell
