// The rolling Bloom filters in front of the key files: a generation covers some stretches, and whole generations are
// dropped when they leave the duplicates horizon. Generations double in size up to 64 million posts, so that there are
// few of them to ask however many posts are stored. Where a generation says "maybe", a coarser filter of each of its
// stretches tells which files to look into, so that the price of a false match does not grow with the number of files.
// Three and a half bytes a post: two for the generation, the rest for the stretch. Not thread-safe: the writer thread
// owns it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "proto/post_key.h"
#include "proto/time.h"
#include "storage/blocked_bloom.h"
#include "storage/store_options.h"

namespace tagswell {

class SeenFilters {
 public:
  // Which generations may hold a key: bit i for generation(i).
  using Mask = std::uint64_t;

  struct Generation {
    BlockedBloom filter;
    std::vector<BlockedBloom> stretch_filters;  // in the newest generation the last is the open stretch's
    std::uint32_t first_stretch = 0;
    std::uint32_t stretches = 0;  // closed ones; the newest generation also holds the open stretch
    std::uint64_t keys_max = 0;   // what its filter is made for: a stretch that is longer than expected goes beyond
    std::uint64_t posts = 0;
    Timestamp clock{};  // of the last closed stretch
  };

  SeenFilters(const StoreOptions& options, std::uint32_t first_stretch);

  void Add(std::span<const PostKey> keys);

  // masks[i] = the generations that may hold keys[i]; 0 proves it new. All lines are fetched before the first is read.
  void Probe(std::span<const PostKey> keys, std::span<Mask> masks) const;

  // Whether a stretch of generation(g) may hold the key: about one key in two hundred is a false match.
  bool MayHold(std::size_t g, std::uint32_t stretch, const PostKey& key) const;

  // The open stretch is complete.
  void EndStretch(Timestamp clock);

  // Keys of the generation that opens with the next stretch; 0 when none does. A filter for as many that is offered
  // before spares EndStretch from making one, which takes long when it is large.
  std::uint64_t NextGenerationKeys() const;
  void Offer(BlockedBloom filter) { offered_ = std::move(filter); }

  std::size_t size() const { return generations_.size(); }
  const Generation& generation(std::size_t i) const { return generations_[i]; }  // oldest first
  std::uint64_t memory_bytes() const;

 private:
  void Open(std::uint32_t first_stretch);
  // Of a generation that opens when there are `more` posts.
  std::uint64_t KeysMax(std::uint64_t more) const;
  BlockedBloom StretchFilter() const;

  Duration horizon_;
  std::uint64_t horizon_posts_;
  std::uint32_t stretch_posts_;       // at most
  std::uint64_t last_stretch_posts_;  // the next will be about as long
  std::uint64_t open_stretch_posts_ = 0;
  std::deque<Generation> generations_;
  std::optional<BlockedBloom> offered_;
};

}  // namespace tagswell
