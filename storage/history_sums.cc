#include <rocksdb/iterator.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/cell_walk.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/hourly_posts.h"

namespace tagswell {
namespace {

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

// Posts by combo of a part of a stored cell.
class CellSums {
 public:
  struct Sum {
    std::uint32_t combo;
    std::int64_t posts;
  };

  // False when the bytes are not a cell.
  bool Take(std::string_view bytes, std::uint32_t from, std::uint32_t to) {
    sums_.clear();
    from_ = from;
    to_ = to;
    coarse_ = false;
    rows_ = 0;
    if (!WalkCell(bytes, *this)) return false;
    std::ranges::sort(sums_, {}, &Sum::combo);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (kept > 0 && sums_[kept - 1].combo == sums_[i].combo) {
        sums_[kept - 1].posts = AddWrapping(sums_[kept - 1].posts, sums_[i].posts);
      } else {
        sums_[kept++] = sums_[i];
      }
    }
    sums_.resize(kept);
    return true;
  }

  const std::vector<Sum>& sums() const { return sums_; }  // by combo
  bool coarse() const { return coarse_; }                 // a minute of that part is
  std::uint64_t rows() const { return rows_; }

  void Exact(const CellRow& row) { Add(row); }
  void Coarse(std::uint32_t minute) { coarse_ |= minute >= from_ && minute < to_; }
  void CoarsePosts(const CellRow& row) { Add(row); }
  void Register(const CellRegister& /*entry*/) { ++rows_; }

 private:
  void Add(const CellRow& row) {
    ++rows_;
    if (row.key.minute() < from_ || row.key.minute() >= to_) return;
    if (!sums_.empty() && sums_.back().combo == row.key.combo()) {
      sums_.back().posts = AddWrapping(sums_.back().posts, row.posts);
    } else {
      sums_.push_back({row.key.combo(), row.posts});
    }
  }

  std::vector<Sum> sums_;
  std::uint32_t from_ = 0;
  std::uint32_t to_ = 0;
  bool coarse_ = false;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::expected<std::vector<History::State::TopicSum>, Error> History::State::SumPosts(std::string_view scope,
                                                                                     Minute from, Minute to,
                                                                                     std::uint64_t read_max) {
  const std::uint32_t first_hour = std::max(HourOf(from), start_hour.load());
  const Minute first = std::max(from, Minute{static_cast<std::int32_t>(first_hour * kMinutesOfCell)});
  TopicNumbers young_names;
  HourlyPosts::Rows young;
  const auto view = Look(scope, [&](const HistoryPending& source, const View& look) {
    source.ForEachSum(first, to, look.in_scope, [&](std::string_view topic, std::int64_t posts) {
      young.push_back({.topic = young_names.NumberOf(topic), .posts = posts});
    });
  });
  if (!view) return std::unexpected(view.error());
  const auto position = database.Get(Family::kHistory, PositionName(), view->snapshot->get());
  if (!position) return std::unexpected(position.error());

  HourlyPosts::Look look(hourly, *position ? DiskPosition(**position) : BlockSeq{0});
  struct Sum {
    std::int64_t posts = 0;
    bool coarse = false;
  };
  std::vector<Sum> sums;  // by the topic's number
  const auto add = [&](const HourlyPosts::Row& row) {
    if (row.topic >= sums.size()) sums.resize(row.topic + row.topic / 2 + 1);
    sums[row.topic].posts = AddWrapping(sums[row.topic].posts, row.posts);
    sums[row.topic].coarse |= row.coarse != 0;
  };
  const auto add_in_scope = [&](const HourlyPosts::Rows& rows) {
    for (const HourlyPosts::Row& row : rows) {
      if (row.combo < view->in_scope.size() && view->in_scope[row.combo]) add(row);
    }
  };
  std::uint64_t rows_read = 0;
  for (std::uint32_t hour = first_hour; hour <= HourOf(to - 1); ++hour) {
    const auto [begin, end] = MinutesIn(hour, from, to);
    const bool whole = end - begin == kMinutesOfCell;
    if (const auto held = whole ? look.Find(hour) : nullptr) {
      rows_read += held->size();
      add_in_scope(*held);
    } else {
      TopicNumbers names;
      auto rows = ReadHour(*view, hour, begin, end, names, rows_read);
      if (!rows) return std::unexpected(rows.error());
      look.Renumber(names, *rows);
      add_in_scope(*rows);
      if (whole) look.Keep(hour, std::move(*rows));
    }
    if (rows_read > read_max) return TooMuchToRead(read_max);
  }
  look.Renumber(young_names, young);
  for (const HourlyPosts::Row& row : young) add(row);

  std::vector<TopicSum> topics;
  look.ForEachName(sums.size(), [&](std::uint32_t topic, const std::string& name) {
    const Sum& sum = sums[topic];
    if (sum.posts > 0)
      topics.push_back({.topic = name, .posts = static_cast<std::uint64_t>(sum.posts), .coarse = sum.coarse});
  });
  return topics;
}

std::expected<HourlyPosts::Rows, Error> History::State::ReadHour(const View& view, std::uint32_t hour,
                                                                 std::uint32_t begin, std::uint32_t end,
                                                                 TopicNumbers& names, std::uint64_t& rows_read) const {
  const std::string lower = CellName(hour, "");
  const std::string upper = CellName(hour + 1, "");
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.snapshot = view.snapshot->get();
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(options, database.family(Family::kHistory)));
  HourlyPosts::Rows rows;
  CellSums cell;
  for (it->Seek(lower); it->Valid(); it->Next()) {
    const std::string_view name = AsView(it->key());
    if (name.size() <= lower.size() || !cell.Take(AsView(it->value()), begin, end)) return CorruptCell();
    rows_read += cell.rows();
    const std::uint32_t topic = names.NumberOf(name.substr(lower.size()));
    for (const CellSums::Sum& sum : cell.sums())
      rows.push_back(
          {.topic = topic, .combo = sum.combo & (kCombosMax - 1), .coarse = cell.coarse(), .posts = sum.posts});
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return rows;
}

}  // namespace tagswell
