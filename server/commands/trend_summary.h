// What trended, gathered from trend events: one row an episode. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/trend_event.h"

namespace tagswell {

class TrendSummary {
 public:
  void Add(const TrendEvent& event);

  bool empty() const { return episodes_.empty(); }

  // A table by start of what trended in the world and, once each, of topics that trended elsewhere only. Shows the
  // kRowsMax that grew largest, and says how many more there were. Empty when nothing trended.
  std::string Text() const;

  static constexpr std::size_t kRowsMax = 40;

 private:
  struct Episode {
    std::string topic;
    std::string shown;
    std::string scope;
    Timestamp started_at;
    std::uint64_t peak_authors = 0;
    std::optional<Timestamp> ended_at;
  };
  std::vector<const Episode*> Rows() const;

  std::map<std::string, Episode> episodes_;  // by trend
};

}  // namespace tagswell
