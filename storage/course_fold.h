// Makes a TopicCourse out of a topic's cells of the history, hour by hour. Memory: the authors of each place up to a
// bound (DistinctAuthors), and 16 bytes an hour. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/distinct_authors.h"
#include "storage/history_cell.h"
#include "storage/text_map.h"
#include "storage/topic_course.h"

namespace tagswell {

class CourseFold {
 public:
  // The text of a combo: lang NUL country NUL source.
  using ComboText = std::function<std::string(std::uint32_t combo)>;

  // `milestones` ascend and outlive it.
  CourseFold(std::span<const std::uint64_t> milestones, ComboText combo_text);

  // A normalized cell, of a later hour than those before.
  void Add(std::uint32_t hour, const HistoryCell& cell);

  TopicCourse Take();

 private:
  static constexpr std::size_t kPlacesOfPost = 3;  // language, country, source

  struct Tally {
    std::string scope;
    bool has_milestones = false;
    bool touched = false;  // in the minute that is being added
    std::int64_t posts = 0;
    Minute first{-1};
    DistinctAuthors authors;
    std::size_t posts_steps = 0;  // milestones passed so far
    std::size_t authors_steps = 0;

    std::uint64_t Posts() const { return posts < 0 ? 0 : static_cast<std::uint64_t>(posts); }
    // Never more than posts, as an estimate could be.
    std::uint64_t Authors() const { return std::min(Posts(), authors.Count()); }
  };
  using Places = std::array<std::size_t, kPlacesOfPost + 1>;  // numbers of tallies; the world's is 0

  std::size_t TallyOf(std::string_view kind, std::string_view name);
  const Places& PlacesOf(std::uint32_t combo);
  Places FindPlaces(std::uint32_t combo);
  // Calls visit(tally) for each place that the combo counts for.
  template <class Visit>
  void EachTally(std::uint32_t combo, Visit visit);
  void AddPosts(const CellRow& row, Minute minute);
  void EndMinute(Minute minute);
  void AddHour(std::uint32_t hour, const HistoryCell& cell);

  const std::span<const std::uint64_t> milestones_;
  const ComboText combo_text_;
  std::vector<Tally> tallies_;             // the world's first
  TextMap<std::size_t> numbers_;           // of tallies, by scope
  std::uint32_t last_combo_ = kCombosMax;  // rows of one stand together
  Places last_places_{};
  absl::flat_hash_map<std::uint32_t, Places> places_;  // by combo
  std::vector<std::size_t> touched_;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> hours_;  // with their posts
  TopicCourse course_;
};

}  // namespace tagswell
