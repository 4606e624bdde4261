#include "server/api/engine_gauges.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tagswell {
namespace {

// Besides the world: the scopes that were met first have a few members each. Bounds what a scrape costs.
constexpr std::size_t kScopesMax = 40;
constexpr std::size_t kTrendsOfScope = 5;

double Seconds(Timestamp time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

BoardFigures FiguresOf(const Engine& engine, std::size_t topics) {
  BoardFigures figures;
  for (const TopTopic& of : engine.Top(kWorld, Window::k1h, TopOrder::kPosts, topics)) {
    figures.topics.push_back({of.topic, static_cast<double>(of.posts), static_cast<double>(of.authors)});
  }
  const std::size_t scopes = std::min(engine.scopes().scope_count(), kScopesMax);
  for (std::size_t i = 0; i < scopes; ++i) {
    const ScopeId scope{static_cast<std::uint16_t>(i)};
    for (const TrendRow& row : engine.Trends(scope, scope == kWorld ? topics : kTrendsOfScope)) {
      figures.trends.push_back({.scope = row.state.scope,
                                .topic = row.state.topic,
                                .rank = static_cast<double>(row.state.rank),
                                .score = row.state.score,
                                .started_at = Seconds(row.state.started_at)});
    }
  }
  return figures;
}

}  // namespace

EngineGauges::EngineGauges(StreamMetrics& metrics, std::size_t topics) : metrics_(metrics), topics_(topics) {
  metrics_.SetBoards([this] {
    const std::lock_guard lock(mutex_);
    return boards_;
  });
}

void EngineGauges::Watch(Pipeline& pipeline) {
  metrics_.SetRefresh([this, &pipeline] {
    metrics_.engine_lag_posts.Set(static_cast<double>(pipeline.lag_posts()));
    metrics_.queue_posts.Set(static_cast<double>(pipeline.queue_posts()));
    metrics_.queue_bytes.Set(static_cast<double>(pipeline.queue_bytes()));
    const StoreStats store = pipeline.store().Stats();
    metrics_.storage_bytes.Set(static_cast<double>(store.sorted_bytes));
    metrics_.storage_free_bytes.Set(static_cast<double>(store.free_bytes));
    if (const auto oldest = pipeline.store().log().OldestPost(); oldest && *oldest)
      metrics_.oldest_post.Set(Seconds(**oldest));
    metrics_.index_bytes.Set(static_cast<double>(store.index_bytes));
    metrics_.memtable_bytes.Set(static_cast<double>(store.memtable_bytes));
    metrics_.cache_bytes.Set(static_cast<double>(store.block_cache_bytes));
    Ask(pipeline);
  });
}

void EngineGauges::Ask(Pipeline& pipeline) {
  pipeline.Ask([this](const Engine& engine) {
    const EngineStats stats = engine.Stats();
    metrics_.topics_live.Set(static_cast<double>(stats.topics_live));
    metrics_.topics_forgotten.Set(static_cast<double>(stats.topics_forgotten));
    metrics_.mentions_unadmitted.Set(static_cast<double>(stats.mentions_unadmitted));
    metrics_.memory_bytes.Set(static_cast<double>(stats.memory_bytes));
    metrics_.trends.Set(static_cast<double>(stats.trends));
    metrics_.trends_waiting.Set(static_cast<double>(stats.trends_waiting));
    if (stats.posts > 0) metrics_.watermark.Set(Seconds(stats.watermark));
    BoardFigures figures = FiguresOf(engine, topics_);
    const std::lock_guard lock(mutex_);
    boards_ = std::move(figures);
  });
}

}  // namespace tagswell
