// What the engine answers: boards, trends, explanations, its own figures. Nothing here changes it.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "trend/engine.h"

namespace tagswell {

std::vector<TopTopic> Engine::Top(ScopeId scope, Window window, TopOrder order, std::size_t limit) const {
  struct Candidate {
    std::uint64_t count;
    std::uint64_t posts;
    TopicId id;
  };
  const Minute from = TopEnd() - MinutesOf(window);
  const ScopeFilter filter(scopes_, scope);
  const std::uint64_t bit = scope == kWorld ? 0 : std::uint64_t{1} << (Index(scope) % 64);
  const auto better = [this](const Candidate& a, const Candidate& b) {
    return a.count != b.count ? a.count > b.count : topics_[a.id].shown() < topics_[b.id].shown();
  };
  // A heap of the best so far, its worst on top: what cannot beat that is not looked at.
  std::vector<Candidate> best;
  const auto hopeless = [&](std::uint64_t posts) {
    return posts == 0 || (best.size() == limit && posts < best.front().count);
  };
  const auto look_at = [&](TopicId id) {
    if (!groups_.empty() && !groups_.Shows(topics_[id].name)) return;
    const TopicCell& cell = topics_[id].cell;
    const std::uint64_t posts = cell.Posts(filter, from);
    if (hopeless(posts)) return;
    // An estimate of authors may not say more than can be.
    const std::uint64_t count = order == TopOrder::kPosts ? posts : std::min(posts, cell.Authors(filter, from));
    const Candidate candidate{count, posts, id};
    if (best.size() == limit) {
      if (!better(candidate, best.front())) return;
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
    best.push_back(candidate);
    std::push_heap(best.begin(), best.end(), better);
  };
  const auto for_each_bound = [&](auto visit) {
    for (std::size_t i = 0; i < topics_.id_limit(); ++i) {
      const TopicId id{static_cast<std::uint32_t>(i)};
      const TopicTable::Summary& summary = topics_.SummaryOf(id);
      if (summary.posts > 0 && summary.last >= from && (summary.scopes & bit) == bit) visit(summary.posts, id);
    }
  };
  // First those with the most posts of the day: whatever the window, they set the bar high for all others.
  std::vector<std::pair<std::uint32_t, TopicId>> first;
  for_each_bound([&](std::uint32_t posts, TopicId id) {
    if (first.size() == 4 * limit) {
      if (posts <= first.front().first) return;
      std::pop_heap(first.begin(), first.end(), std::greater());
      first.pop_back();
    }
    first.emplace_back(posts, id);
    std::push_heap(first.begin(), first.end(), std::greater());
  });
  std::sort(first.begin(), first.end(), std::greater());
  for (const auto& [posts, id] : first) {
    if (!hopeless(posts)) look_at(id);
  }
  std::sort(first.begin(), first.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  for_each_bound([&](std::uint32_t posts, TopicId id) {
    if (hopeless(posts)) return;
    const auto known =
        std::lower_bound(first.begin(), first.end(), id, [](const auto& a, TopicId b) { return a.second < b; });
    if (known == first.end() || known->second != id) look_at(id);
  });
  std::sort(best.begin(), best.end(), better);
  std::vector<TopTopic> rows;
  rows.reserve(best.size());
  for (const Candidate& candidate : best) {
    const Topic& topic = topics_[candidate.id];
    const std::uint64_t authors =
        order == TopOrder::kAuthors ? candidate.count : std::min(candidate.posts, topic.cell.Authors(filter, from));
    rows.push_back({std::string(topic.shown()), topic.spellings.Best(topic.shown()), candidate.posts, authors});
  }
  return rows;
}

TrendRow Engine::RowOf(const Trend& trend) const {
  return {detector_.book().Describe(trend, TrendEventType::kRank, next_close_), trend.peak_at, trend.peak_authors_1h,
          trend.first_since};
}

std::vector<TrendRow> Engine::Trends(ScopeId scope, std::size_t limit) const {
  std::vector<TrendRow> rows;
  for (const Trend* trend : detector_.book().Board(scope)) {
    if (rows.size() == limit) break;
    rows.push_back(RowOf(*trend));
  }
  return rows;
}

std::vector<Board> Engine::Boards() const {
  absl::flat_hash_map<ScopeId, std::vector<const Trend*>> running;
  detector_.book().ForEach([&](const Trend& trend) {
    if (trend.told()) running[trend.scope].push_back(&trend);
  });
  std::vector<Board> boards;
  for (auto& [scope, trends] : running) {
    std::sort(trends.begin(), trends.end(), [](const Trend* a, const Trend* b) { return a->rank < b->rank; });
    Board& board = boards.emplace_back(Board{std::string(scopes_.Name(scope)), {}});
    for (const Trend* trend : trends) board.rows.push_back(RowOf(*trend));
  }
  return boards;
}

std::vector<TrendRow> Engine::TrendsOf(std::string_view topic) const {
  std::vector<TrendRow> rows;
  const auto id = FindCounted(topic);
  if (!id) return rows;
  detector_.book().ForEach([&](const Trend& trend) {
    if (trend.topic == *id && trend.told()) rows.push_back(RowOf(trend));
  });
  std::sort(rows.begin(), rows.end(),
            [](const TrendRow& a, const TrendRow& b) { return a.state.scope < b.state.scope; });
  return rows;
}

std::optional<TopicExplanation> Engine::Explain(std::string_view topic, ScopeId scope) const {
  const auto id = FindCounted(topic);
  if (!id) return std::nullopt;
  const ScopeFilter filter(scopes_, scope);
  const TopicCell& cell = topics_[*id].cell;
  if (cell.Posts(filter, next_close_ - kWindowMinutesMax) == 0) return std::nullopt;
  TopicExplanation explained;
  if (const Trend* trend = detector_.book().Find(*id, scope); trend != nullptr && trend->told()) {
    explained.state = RowOf(*trend).state;
    return explained;
  }
  Trend none;
  none.topic = *id;
  none.scope = scope;
  const auto judged = detector_.Explain(*id, scope, next_close_);
  if (judged) {
    none.verdict = judged->verdict;
    none.posts_1h = judged->posts_1h;
    none.authors_1h = judged->authors_1h;
    none.expected_1h = judged->expected_1h;
    explained.needed_score = judged->needed_score;
  } else {
    // Too quiet to be watched: what its cell holds is all that is known.
    const Minute from = next_close_ - 60;
    none.posts_1h = cell.Posts(filter, from);
    none.authors_1h = static_cast<double>(cell.Authors(filter, from));
    none.verdict.too_few = true;
  }
  explained.state = detector_.book().Describe(none, TrendEventType::kRank, next_close_);
  explained.state.started_at = {};
  const Verdict& verdict = none.verdict;
  if (blocks_.Find(topics_[*id].shown()) != nullptr) explained.failed.push_back("blocked");
  if (verdict.too_few) explained.failed.push_back("too_few_authors");
  if (verdict.observed.unproven) explained.failed.push_back("too_recent");
  if (verdict.surprise < verdict.bar) explained.failed.push_back("not_surprising");
  if (std::isinf(explained.needed_score)) {
    explained.failed.push_back("scope_too_new");
  } else if (verdict.surprise >= verdict.bar && verdict.surprise < verdict.bar * explained.needed_score) {
    const bool by_others = explained.needed_score <= detector_.book().NeededAmongOthers(scope);
    explained.failed.push_back(by_others ? "crowded_hour" : "below_earlier_peak");
  }
  if (explained.failed.empty()) explained.failed.push_back("not_yet_judged");
  return explained;
}

std::optional<std::vector<TopTopic>> Engine::Windows(std::string_view topic, ScopeId scope) const {
  const auto id = FindCounted(topic);
  if (!id) return std::nullopt;
  const Topic& found = topics_[*id];
  const ScopeFilter filter(scopes_, scope);
  std::vector<TopTopic> rows;
  for (const Window window : kWindows) {
    const Minute from = TopEnd() - MinutesOf(window);
    rows.push_back({std::string(found.shown()), found.spellings.Best(found.shown()), found.cell.Posts(filter, from),
                    found.cell.Authors(filter, from)});
  }
  return rows;
}

EngineStats Engine::Stats() const {
  EngineStats stats;
  stats.watermark = newest_ == kTimestampMin ? kTimestampMin : newest_ - options_.lateness;
  stats.engine_time = std::max(stats.watermark, clock_);
  stats.posts = posts_;
  stats.posts_with_topic = posts_with_topic_;
  stats.mentions = mentions_;
  stats.topics_seen = topics_seen_ranks_.empty()
                          ? topics_seen_.size()
                          : static_cast<std::uint64_t>(std::llround(HyperLogLogEstimate(topics_seen_ranks_)));
  stats.topics_live = topics_.live();
  stats.topics_watched = detector_.watched();
  stats.topics_forgotten = topics_forgotten_;
  stats.mentions_unadmitted = mentions_unadmitted_;
  stats.trends = detector_.book().size();
  stats.late = late_;
  if (watched_bytes_at_ != next_close_) {
    // Nearly all that topics hold is held by those that are watched.
    watched_bytes_ = detector_.memory_bytes();
    detector_.ForEachWatched([this](TopicId topic) { watched_bytes_ += topics_[topic].cell.memory_bytes(); });
    watched_bytes_at_ = next_close_;
  }
  stats.memory_bytes = topics_.memory_bytes() + newcomers_.memory_bytes() + open_.memory_bytes() + watched_bytes_;
  return stats;
}

}  // namespace tagswell
