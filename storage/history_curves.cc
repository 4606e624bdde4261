#include <rocksdb/iterator.h>

#include <utility>

#include "storage/history.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/sliding_authors.h"

namespace tagswell {
namespace {

constexpr int kHour = 60;

Minute MinuteAt(std::uint32_t hour, CellKey key) {
  return Minute{static_cast<std::int32_t>(hour * 60 + key.minute())};
}

// Adds the posts that rows of one hour hold to the curve that begins at `from`.
void AddPosts(const HistoryCell& cell, std::uint32_t hour, const std::vector<bool>& in_scope, Minute from,
              std::vector<std::int64_t>& posts) {
  const auto add = [&](const CellRow& row) {
    const int at = MinuteAt(hour, row.key) - from;
    if (at >= 0 && std::cmp_less(at, posts.size()) && row.key.combo() < in_scope.size() && in_scope[row.key.combo()])
      posts[static_cast<std::size_t>(at)] += row.posts;
  };
  for (const CellRow& row : cell.exact()) add(row);
  for (const CellRow& row : cell.coarse_posts()) add(row);
}

// Hands the authors of one hour to `authors`, minute by minute, and takes their count at each minute of the curve.
void SlideOver(const HistoryCell& cell, std::uint32_t hour, const std::vector<bool>& in_scope, Minute from,
               SlidingAuthors& authors, Curve& curve) {
  const auto counts = [&](CellKey key, std::uint32_t minute) {
    return key.minute() == minute && key.combo() < in_scope.size() && in_scope[key.combo()];
  };
  auto row = cell.exact().begin();
  auto entry = cell.registers().begin();
  for (std::uint32_t minute = 0; minute < kHour; ++minute) {
    const Minute now{static_cast<std::int32_t>(hour * kHour + minute)};
    if (const int at = now - from; at >= 0 && std::cmp_less(at, curve.size()))
      curve[static_cast<std::size_t>(at)] = static_cast<std::uint32_t>(authors.Count(now));
    for (; row != cell.exact().end() && row->key.minute() == minute; ++row) {
      if (counts(row->key, minute) && row->posts > 0) authors.AddAuthor(now, row->key.author_code());
    }
    for (; entry != cell.registers().end() && entry->key.minute() == minute; ++entry) {
      if (counts(entry->key, minute)) {
        authors.AddRegister(now, {.place = static_cast<std::uint32_t>(entry->key.author_code()), .rank = entry->rank});
      }
    }
  }
}

}  // namespace

std::expected<std::optional<Minute>, Error> History::First() const {
  std::uint32_t first = kStateHour;
  const auto look_at = [&first](const HistoryPending& rows) {
    first = std::min(first, rows.FirstHour().value_or(first));
  };
  {
    const std::lock_guard lock(state_->mutex);
    look_at(state_->pending);
    if (state_->flushing) look_at(state_->flushing->rows);
  }
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->database.db().NewIterator({}, state_->database.family(Family::kHistory)));
  it->SeekToFirst();
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  if (it->Valid() && it->key().size() > 4)
    first = std::min(first, LoadBig<std::uint32_t>({it->key().data(), it->key().size()}));
  if (first == kStateHour) return std::nullopt;
  first = std::max(first, state_->start_hour.load());
  return Minute{static_cast<std::int32_t>(first * kHour)};
}

std::expected<std::vector<Curve>, Error> History::Curves(std::span<const std::string_view> topics,
                                                         std::string_view scope, Minute from, Minute to, CurveOf what,
                                                         std::uint64_t rows_max) const {
  if (to <= from || static_cast<int>(from) < 0) return BadRange();
  const std::uint32_t first_hour = HourOf(what == CurveOf::kAuthorsOfHour ? from - kHour : from);
  const std::uint32_t last_hour = HourOf(to - 1);
  auto view = state_->LookAt(topics, scope, first_hour, last_hour);
  if (!view) return std::unexpected(view.error());

  const auto minutes = static_cast<std::size_t>(to - from);
  std::vector<Curve> curves;
  curves.reserve(topics.size());
  HistoryCell cell;
  std::uint64_t rows_read = 0;
  for (const std::string_view topic : topics) {
    SlidingAuthors authors(kHour);
    std::vector<std::int64_t> posts(what == CurveOf::kPosts ? minutes : 0);
    Curve curve(minutes);
    for (std::uint32_t hour = first_hour; hour <= last_hour; ++hour) {
      const auto there = state_->ReadCell(*view, hour, topic, cell);
      if (!there) return std::unexpected(there.error());
      rows_read += cell.size();
      if (rows_read > rows_max) return TooMuchToRead(rows_max);
      if (what == CurveOf::kAuthorsOfHour) {
        SlideOver(cell, hour, view->in_scope, from, authors, curve);
      } else {
        AddPosts(cell, hour, view->in_scope, from, posts);
      }
    }
    for (std::size_t i = 0; i < posts.size(); ++i)
      curve[i] = static_cast<std::uint32_t>(std::max<std::int64_t>(posts[i], 0));
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace tagswell
