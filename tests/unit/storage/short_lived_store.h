// A store that keeps little, and what tests of retention ask of one.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "storage/store_check.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"

namespace tagswell {

inline constexpr int kDay = 24 * 60;
inline constexpr int kPostsDays = 7;
inline StoreOptions ShortLived(const std::filesystem::path& dir) {
  StoreOptions options = SmallStore(dir);
  options.stretch_posts = 5;
  options.retention = {
      .posts = std::chrono::days(kPostsDays), .history = std::chrono::days(3), .events = std::chrono::days(2)};
  return options;
}

// As the indexer does it at a checkpoint.
inline Dropped CheckpointAndDrop(Store& store, Minute now) {
  static int state = 0;
  EXPECT_TRUE(store.history().Flush().has_value());
  EXPECT_TRUE(SaveState(store.checkpoints(), store.log().LastSeq(), "state " + std::to_string(++state)).has_value());
  EXPECT_TRUE(store.EraseRetracted().has_value());
  const auto dropped = store.DropExpired(StartOf(now));
  EXPECT_TRUE(dropped.has_value()) << dropped.error().detail;
  return dropped.value_or(Dropped());
}

inline std::vector<std::string> Damage(const std::filesystem::path& dir) {
  return CheckStore(dir, [](const std::string&) {}).damage;
}

inline std::vector<std::string> IdsOf(Store& store, const std::string& topic) {
  std::vector<std::string> ids;
  std::optional<Position> before;
  for (;;) {
    const auto page = store.log().PostsOf(topic, before, 3);
    EXPECT_TRUE(page.has_value());
    if (!page) return ids;
    for (const StoredPost& post : *page) ids.emplace_back(post.record.post.id);
    if (page->size() < 3) return ids;
    before = page->back().position;
  }
}

inline std::vector<std::string> FirstIdsOf(Store& store, const std::string& topic) {
  std::vector<std::string> ids;
  const auto all = store.log().FirstPostsOf(topic, {}, [&](Position, const Post& post) { ids.emplace_back(post.id); });
  EXPECT_TRUE(all.has_value() && *all);
  return ids;
}

}  // namespace tagswell
