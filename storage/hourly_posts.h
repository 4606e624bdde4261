// Posts of every topic by hour and combo, as the history on disk has them: what boards of the past are summed from. A
// cache: an hour is kept from the first answer that read it, until something is written to it or others need the room.
// Thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log_block.h"
#include "storage/topic_numbers.h"

namespace tagswell {

class HourlyPosts {
 public:
  struct Row {
    std::uint32_t topic = 0;  // its number
    std::uint32_t combo : 31 = 0;
    std::uint32_t coarse : 1 = 0;  // a minute of it is
    std::int64_t posts = 0;
  };

  // A write to these hours, of all up to block `upto`, is about to be seen by readers.
  void Writes(const std::set<std::uint32_t>& hours, BlockSeq upto);

  // One answer's look, at the store as it holds all up to block `seen`. Others wait for its end. Numbers of topics hold
  // for the one look.
  class Look {
   public:
    Look(HourlyPosts& cache, BlockSeq seen);

    std::uint32_t NumberOf(std::string_view topic);
    const std::string& NameOf(std::uint32_t topic) const { return cache_.topics_.name(topic); }

    // Null when the hour is not held as this look sees it.
    const std::vector<Row>* Find(std::uint32_t hour);
    void Keep(std::uint32_t hour, std::vector<Row> rows);

   private:
    HourlyPosts& cache_;
    const std::lock_guard<std::mutex> lock_;
    const BlockSeq seen_;
  };

 private:
  struct Hour {
    std::uint32_t hour;
    std::vector<Row> rows;
  };
  using Order = std::list<Hour>;  // last asked first

  BlockSeq LastWrite(std::uint32_t hour) const;
  void Erase(Order::iterator hour);

  std::mutex mutex_;
  TopicNumbers topics_;
  Order order_;
  absl::flat_hash_map<std::uint32_t, Order::iterator> hours_;
  std::size_t rows_ = 0;
  absl::flat_hash_map<std::uint32_t, BlockSeq> writes_;  // since the start, by hour
};

}  // namespace tagswell
