#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/alias_groups.h"
#include "storage/author_tally.h"
#include "storage/history.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"

namespace tagswell {
namespace {

// Topics whose authors are counted in one look, at least and at most.
constexpr std::size_t kCountedMin = 16;
constexpr std::size_t kCountedMax = 64;

// A topic and how many it may have at most of what the board is ordered by.
struct Candidate {
  std::uint64_t most = 0;
  std::string topic;
};

// Whether a board shows the first of these counts before the second.
bool StandsBefore(std::uint64_t count_a, std::string_view topic_a, std::uint64_t count_b, std::string_view topic_b) {
  return count_a != count_b ? count_a > count_b : topic_a < topic_b;
}

// A sketch may say more than there were: its standard error is 0.8 %.
std::uint64_t AuthorsAtMost(std::uint64_t posts) {
  return posts < kExactAuthorsMax ? posts : posts + posts / 8;
}

}  // namespace

std::expected<std::vector<TopRow>, Error> History::Top(std::string_view scope, Minute from, Minute to, TopBy by,
                                                       std::size_t limit, const TopFilter& filter) const {
  if (to <= from || static_cast<int>(to) <= 0) return BadRange();
  const std::uint32_t first_hour = std::max(HourOf(from), state_->start_hour.load());
  const std::uint32_t last_hour = HourOf(to - 1);
  if (last_hour < first_hour) return std::vector<TopRow>();
  auto sums = state_->SumPosts(scope, from, to, filter.rows_max);
  if (!sums) return std::unexpected(sums.error());

  std::vector<Candidate> candidates;
  candidates.reserve(sums->size());
  for (State::TopicSum& sum : *sums) {
    std::uint64_t most = sum.posts;
    if (by == TopBy::kAuthors) most = sum.coarse ? std::numeric_limits<std::uint64_t>::max() : AuthorsAtMost(most);
    candidates.push_back({.most = most, .topic = std::move(sum.topic)});
  }
  const auto later = [](const Candidate& a, const Candidate& b) {
    return StandsBefore(b.most, ShownTopic(b.topic), a.most, ShownTopic(a.topic));
  };
  std::ranges::make_heap(candidates, later);

  // The candidate that may stand highest first, until none that is left can come in.
  std::uint64_t rows_read = 0;
  std::vector<TopRow> top;
  const auto count = [by](const TopRow& row) { return by == TopBy::kPosts ? row.posts : row.authors; };
  const auto before = [&count](const TopRow& a, const TopRow& b) {
    return StandsBefore(count(a), ShownTopic(a.topic), count(b), ShownTopic(b.topic));
  };
  const auto may_come_in = [&](const Candidate& best) {
    return top.size() < limit ||
           (by == TopBy::kAuthors &&
            StandsBefore(best.most, ShownTopic(best.topic), top.back().authors, ShownTopic(top.back().topic)));
  };
  while (!candidates.empty() && may_come_in(candidates.front())) {
    const std::size_t wanted = by == TopBy::kPosts ? limit - top.size() : std::max(limit, kCountedMin);
    std::vector<std::string> names;
    while (!candidates.empty() && names.size() < std::min(wanted, kCountedMax) && may_come_in(candidates.front())) {
      std::ranges::pop_heap(candidates, later);
      std::string name = std::move(candidates.back().topic);
      candidates.pop_back();
      if (!filter.accepts || filter.accepts(name)) names.push_back(std::move(name));
    }
    const std::vector<std::string_view> asked(names.begin(), names.end());
    const auto view = state_->LookAt(asked, scope, first_hour, last_hour);
    if (!view) return std::unexpected(view.error());
    for (std::string& name : names) {
      auto tally = state_->TallyOf(*view, name, from, to);
      if (!tally) return std::unexpected(tally.error());
      rows_read += tally->rows();
      if (rows_read > filter.rows_max) return TooMuchToRead(filter.rows_max);
      if (tally->posts() == 0) continue;  // taken back a moment ago
      const std::uint64_t authors = tally->authors();
      top.push_back({.topic = std::move(name),
                     .display = {},
                     .posts = tally->posts(),
                     .authors = authors,
                     .authors_exact = tally->exact()});
    }
    std::ranges::sort(top, before);
    if (top.size() > limit) top.resize(limit);
  }
  for (TopRow& row : top) {
    row.display = Display(row.topic);
    row.topic = ShownTopic(row.topic);
  }
  return top;
}

}  // namespace tagswell
