// Posts of every topic by hour and combo, as the history on disk has them: what boards of the past are summed from. A
// cache: an hour is kept from the first answer that read it, until something is written to it or others need the room.
// Holds up to four million rows and half a million names, 100 MB, and a dozen bytes for each hour written since the
// start. Thread-safe; no lock is held while an hour is read.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/log_block.h"
#include "storage/topic_numbers.h"

namespace tagswell {

class HourlyPosts {
 public:
  static constexpr std::size_t kRowsMax = 4'000'000;
  static constexpr std::size_t kTopicsMax = 500'000;

  struct Row {
    std::uint32_t topic = 0;  // its number
    std::uint32_t combo : 31 = 0;
    std::uint32_t coarse : 1 = 0;  // a minute of it is
    std::int64_t posts = 0;
  };
  using Rows = std::vector<Row>;

  // A write to these hours, of all up to block `upto`, is about to be seen by readers.
  void Writes(const std::set<std::uint32_t>& hours, BlockSeq upto);

 private:
  struct Hour {
    std::uint32_t hour;
    std::shared_ptr<const Rows> rows;
  };
  using Order = std::list<Hour>;  // last asked first

  // What shares the numbers of topics.
  struct Generation {
    TopicNumbers topics;
    Order order;
    absl::flat_hash_map<std::uint32_t, Order::iterator> hours;
    std::size_t rows = 0;

    void Erase(Order::iterator hour);
  };

 public:
  // One answer's look, at the store as it holds all up to block `seen`. Numbers of topics hold for the one look.
  class Look {
   public:
    Look(HourlyPosts& cache, BlockSeq seen);

    // Null when the hour is not held as this look sees it.
    std::shared_ptr<const Rows> Find(std::uint32_t hour);
    // Gives rows whose topics have the numbers of `names` those of this look.
    void Renumber(const TopicNumbers& names, Rows& rows);
    void Keep(std::uint32_t hour, Rows rows);

    // Calls visit(number, name) for the numbers below `end`.
    template <class Visit>
    void ForEachName(std::size_t end, Visit visit) const {
      const std::lock_guard lock(cache_.mutex_);
      for (std::uint32_t topic = 0; topic < end && topic < generation_->topics.size(); ++topic)
        visit(topic, generation_->topics.name(topic));
    }

   private:
    HourlyPosts& cache_;
    const BlockSeq seen_;
    std::shared_ptr<Generation> generation_;
  };

 private:
  BlockSeq LastWrite(std::uint32_t hour) const;

  std::mutex mutex_;  // guards all below, and what is in generations
  std::shared_ptr<Generation> now_ = std::make_shared<Generation>();
  absl::flat_hash_map<std::uint32_t, BlockSeq> writes_;  // since the start, by hour
};

}  // namespace tagswell
