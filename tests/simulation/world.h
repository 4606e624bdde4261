// What a seed decides before anything runs: the posts, the order and the batches in which they are sent, and how
// unreliable the machine is. The same seed makes the same world.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "proto/post_batch.h"
#include "proto/post_key.h"
#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell::simulation {

inline constexpr HashSalt kSalt{0xAA};

struct World {
  explicit World(std::uint64_t seed);

  std::uint64_t seed;
  std::vector<OwnedPost> posts;                   // by time
  std::vector<std::vector<std::size_t>> orderly;  // places in `posts`, a minute a batch: how nothing ever goes wrong
  // The same posts, out of order within the lateness, in batches of any size.
  std::vector<std::vector<std::size_t>> batches;
  std::vector<std::size_t> taken_back;  // once all is sent
  bool wall_clock = false;              // blocks carry a time of their own besides the posts'
  // Parts in a thousand, a step each.
  std::uint32_t crash = 0;
  std::uint32_t resend = 0;   // an acknowledged batch comes once more
  std::uint32_t engine = 0;   // the engine takes a block
  std::uint32_t indexer = 0;  // the indexer does
  std::uint32_t tear = 0;     // of the crashes: in the middle of a write
  std::uint64_t checkpoint_posts = 0;

  EngineOptions engine_options() const;
  PostBatch BatchOf(const std::vector<std::size_t>& places) const;
  PostKey KeyOfPost(std::size_t place) const;
  // Later than all, without a tag: closes every minute that matters. The second closes what taking back opened.
  PostBatch Last(int which) const;
};

}  // namespace tagswell::simulation
