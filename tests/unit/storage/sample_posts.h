// Posts as tests write them, and batches of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/post_batch.h"
#include "proto/post_codec.h"
#include "proto/post_key.h"
#include "storage/store.h"
#include "storage/store_options.h"

namespace tagswell {

inline constexpr Minute kNoon{24'000'000};  // a whole hour in 2015

struct SamplePost {
  std::string id;
  std::string author = "ada";
  Minute minute = kNoon;
  std::vector<std::string> topics = {"rain"};
  std::string lang = "en";
  std::string country = "GB";
  std::string source = "twitter";
};

inline std::string SampleText(const SamplePost& post) {
  return "the text of " + post.id;
}

inline PostBatch BatchOf(const std::vector<SamplePost>& posts, HashSalt salt = kDefaultSalt) {
  PostBatch batch;
  for (const SamplePost& sample : posts) {
    const std::string text = SampleText(sample);
    Post post;
    post.id = sample.id;
    post.source = sample.source;
    post.author = sample.author;
    post.created_at = StartOf(sample.minute);
    post.text = text;
    post.lang = sample.lang;
    post.country = sample.country;
    for (const std::string& topic : sample.topics) post.mentions.push_back({.topic = topic, .spelling = topic});
    EncodeRecord(RecordKind::kPost, post, batch.records);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
    batch.keys.push_back(KeyOf(post.source, post.id, salt));
    batch.newest = std::max(batch.newest, post.created_at);
  }
  return batch;
}

inline StoreOptions SmallStore(const std::filesystem::path& dir) {
  StoreOptions options;
  options.dir = dir;
  options.fsync = FsyncPolicy::kNever;
  options.write_buffer_bytes = 1 << 20;
  options.block_cache_bytes = 8 << 20;
  return options;
}

inline std::unique_ptr<Store> OpenStore(const StoreOptions& options) {
  auto store = Store::Open(options);
  if (!store) {
    ADD_FAILURE() << store.error().code << ": " << store.error().detail;
    return nullptr;
  }
  return std::move(*store);
}

// Appends as the writer does and indexes as the indexer does.
inline Appended AppendAndIndex(Store& store, const std::vector<SamplePost>& posts, Timestamp clock = StartOf(kNoon)) {
  const PostBatch batch = BatchOf(posts);
  const PostBatch* const batches[] = {&batch};
  auto appended = store.log().Append(batches, clock);
  if (!appended) {
    ADD_FAILURE() << appended.error().detail;
    return {};
  }
  if (appended->block) {
    const auto indexed = store.IndexBlock(*appended->block);
    EXPECT_TRUE(indexed.has_value());
  }
  return *appended;
}

inline PostKey KeyOfSample(const std::string& id) {
  return KeyOf("twitter", id, kDefaultSalt);
}

inline bool Holds(Store& store, const std::string& id) {
  const auto found = store.log().Find(KeyOfSample(id));
  EXPECT_TRUE(found.has_value());
  return found && found->has_value() && (*found)->record.post.id == id;
}

}  // namespace tagswell
