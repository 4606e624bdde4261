// The log's part of CheckStore: every block decodes, follows the one before and counts the posts before it, every
// record decodes, every post that stands in a stretch is in its index. Internal to storage/.
#pragma once

#include <rocksdb/iterator.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/post_codec.h"
#include "proto/post_key.h"
#include "storage/database.h"
#include "storage/key_page.h"
#include "storage/log_block.h"
#include "storage/log_start.h"
#include "storage/store_check.h"
#include "storage/stretch_files.h"

namespace tagswell {

inline std::string Number(BlockSeq seq) {
  return std::to_string(static_cast<std::uint64_t>(seq));
}

inline std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

// Damage comes in crowds: a few of a kind tell enough.
inline constexpr std::size_t kToldOfAKind = 5;

// Calls `row` with each row of a family from `from` on; what it says is wrong is damage of `name`. Gives how many.
template <typename Row>
std::uint64_t EachRow(Database& database, StoreCheck& result, Family family, std::string_view from, const char* name,
                      const Row& row) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 2 << 20;
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(options, database.family(family)));
  std::uint64_t rows = 0;
  std::size_t told = 0;
  for (it->Seek({from.data(), from.size()}); it->Valid() && told < kToldOfAKind; it->Next(), ++rows) {
    if (const std::string wrong = row(AsView(it->key()), AsView(it->value())); !wrong.empty()) {
      result.damage.push_back(std::string(name) + ": " + wrong);
      ++told;
    }
  }
  if (!it->status().ok()) result.damage.push_back(std::string(name) + ": " + it->status().ToString());
  return rows;
}

class LogCheck {
 public:
  LogCheck(Database& database, HashSalt salt, const std::function<void(std::string)>& progress, StoreCheck& result)
      : database_(database), salt_(salt), progress_(progress), result_(result) {}

  void Run();

  BlockSeq last() const { return last_; }
  std::uint32_t whole_from_hour() const { return whole_from_hour_; }  // log and history hold all that was written since
  BlockSeq history_upto() const { return history_upto_; }             // what the history on disk covers
  std::int64_t mentions() const { return mentions_; }  // up to there and from then on, less those taken back

 private:
  void Damage(std::string what) { result_.damage.push_back(std::move(what)); }
  void Fact(std::string what) { result_.facts.push_back(std::move(what)); }
  void Start();
  void Stretches();
  std::string Block(std::string_view key, std::string_view value);
  void Count(BlockSeq seq, std::uint32_t index);
  void LoadIndexOf(std::size_t stretch);
  void EndStretch();

  Database& database_;
  const HashSalt salt_;
  const std::function<void(std::string)>& progress_;
  StoreCheck& result_;
  LogStart start_;
  std::uint32_t whole_from_hour_ = 0;
  std::vector<Stretch> stretches_;
  std::size_t stretch_ = 0;  // the one that is being compared
  std::vector<KeyEntry> indexed_;
  std::vector<KeyEntry> expected_;
  BlockSeq last_{0};
  BlockSeq history_upto_{0};
  std::uint64_t posts_ = 0;
  std::int64_t mentions_ = 0;
  Record record_;
};

}  // namespace tagswell
