// Posts with changes among them, told to an engine in batches that are cut at random, with or without checkpoints: what
// it tells must not depend on any of that.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/trend/saved.h"
#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell {

struct ReplayManner {
  std::uint64_t seed = 1;
  std::size_t batch_max = 1;
  bool reload = false;  // the engine is saved and loaded every now and then
  Duration wait = {};   // behind the last post
};

struct Replayed {
  std::vector<std::string> events;
  std::unique_ptr<Engine> engine;
};

// `changes` stand before the posts at their places.
template <class Change>
Replayed Replay(const std::vector<OwnedPost>& posts, const std::map<std::size_t, Change>& changes,
                const ReplayManner& manner) {
  Replayed told{.events = {}, .engine = std::make_unique<Engine>(EngineOptions{})};
  const auto collect = [&told] {
    for (const TrendEvent& event : told.engine->TakeEvents()) told.events.push_back(EventToJson(event, "e"));
  };
  std::mt19937_64 cuts(manner.seed);
  for (std::size_t at = 0; at < posts.size();) {
    std::size_t end = std::min(posts.size(), at + 1 + cuts() % manner.batch_max);
    if (const auto next = changes.upper_bound(at); next != changes.end()) end = std::min(end, next->first);
    if (const auto here = changes.find(at); here != changes.end()) told.engine->Apply(here->second);
    std::vector<std::vector<std::string>> owned(end - at);
    std::vector<Post> batch;
    for (std::size_t i = at; i < end; ++i) batch.push_back(posts[i].View(owned[i - at]));
    told.engine->Add(batch, {});
    at = end;
    if (!manner.reload || cuts() % 200 != 0) continue;
    collect();
    const std::string bytes = Saved(*told.engine);
    told.engine = std::make_unique<Engine>(EngineOptions{});
    EXPECT_TRUE(told.engine->Load(bytes).has_value());
  }
  if (manner.wait > Duration{0}) told.engine->Advance(posts.back().created_at + manner.wait);
  collect();
  return told;
}

}  // namespace tagswell
