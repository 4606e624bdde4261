// The bound on topics: who is let in when there is no room, and who is forgotten to make some.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "trend/engine.h"

namespace tagswell {
namespace {

// Beyond this part of the bound the end of a minute makes room, down to the second part.
constexpr double kCrowded = 7.0 / 8;
constexpr double kRoomy = 3.0 / 4;
// Three people who write the same made-up tags are no crowd: beyond this part nobody is let in before the minute ends.
constexpr double kFull = 9.0 / 8;
// Topics forgotten, or passed over, between two chances to ask the engine: some milliseconds of work.
constexpr std::size_t kYieldTopics = 16'384;

bool OfOneAuthor(const TopicCell& cell) {
  const std::span<const Hit> hits = cell.hits();
  return std::ranges::all_of(hits, [&](const Hit& hit) { return hit.author == hits.front().author; });
}

// How little would be missed: those of one author go before others, and within each those of the longest ago.
constexpr std::size_t kAges = kWindowMinutesMax + 1;
constexpr std::size_t kRanks = 2 * kAges;

}  // namespace

std::optional<TopicId> Engine::LetIn(std::string_view name, std::uint64_t hash, std::uint64_t author) {
  if (topics_.live() < options_.topics_max || IsGroupKey(name)) return topics_.Intern(name, hash);
  if (const auto known = topics_.Find(name, hash)) return known;
  const auto full = static_cast<std::size_t>(kFull * static_cast<double>(options_.topics_max));
  if (newcomers_.Admit(hash, author) && topics_.live() < full) return topics_.Intern(name, hash);
  ++mentions_unadmitted_;
  return std::nullopt;
}

void Engine::ForgetQuiet(Minute now) {
  const auto part = [this](double of) {
    return static_cast<std::size_t>(of * static_cast<double>(options_.topics_max));
  };
  if (topics_.live() <= part(kCrowded)) return;
  // Nullopt: it stays. What was used in minutes that are still open stays too: their mentions know it by its id.
  const auto rank_of = [&](TopicId id) -> std::optional<std::size_t> {
    const TopicTable::Summary& summary = topics_.SummaryOf(id);
    if (summary.posts == 0 || summary.last >= now || topics_[id].cell.busy() || detector_.Watches(id) ||
        IsGroupKey(topics_[id].name))
      return std::nullopt;
    const auto age = static_cast<std::size_t>(std::clamp(now - summary.last, 0, kWindowMinutesMax));
    return (OfOneAuthor(topics_[id].cell) ? 0 : kAges) + kWindowMinutesMax - age;
  };
  std::size_t since_yield = 0;
  const auto for_each = [&](auto visit) {
    for (std::size_t i = 0; i < topics_.id_limit(); ++i) {
      const TopicId id{static_cast<std::uint32_t>(i)};
      if (const auto rank = rank_of(id)) visit(id, *rank);
      if (++since_yield % kYieldTopics == 0 && yield_) yield_();
    }
  };
  std::array<std::size_t, kRanks> topics{};
  for_each([&](TopicId, std::size_t rank) { ++topics[rank]; });
  std::size_t left = topics_.live() - part(kRoomy);
  std::size_t first_to_stay = 0;
  for (; first_to_stay < kRanks && left > 0; ++first_to_stay) left -= std::min(left, topics[first_to_stay]);
  for_each([&](TopicId id, std::size_t rank) {
    if (rank >= first_to_stay) return;
    topics_.Erase(id);
    ++topics_forgotten_;
  });
}

}  // namespace tagswell
